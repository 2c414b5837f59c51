/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages and keys from other projects and the RFCs, with the verdicts they
 * must get. The data are not part of this repository: ../shared/conformance,
 * or $SEALPRESS_SHARED/conformance. See its README for the columns.
 */
#include <criterion/criterion.h>

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

#include "canon/header.h"
#include "crypto/base64.h"
#include "tests/unit/post.h"
#include "tests/unit/shared.h"

/* Where "-" stands for a time that does not matter. */
#define USUAL_TIME 1700000000

static struct sp_span read_part(
	const char *folder, struct sp_span id, const char *suffix)
{
	return text_read(shared_path(
		"conformance/%s/%.*s%s", folder, SP_SPAN_ARGS(id), suffix));
}

static int64_t time_of(struct sp_span column)
{
	return sp_span_is(column, "-") ? USUAL_TIME
				       : strtoll(column.data, NULL, 10);
}

/* True when "class[:reason]" has this class. */
static bool class_is(struct sp_span expected, enum sp_verdict verdict)
{
	return sp_span_is(
		sp_span_split(&expected, ':'), sp_verdict_name(verdict));
}

/* "class[:reason][;legacy=class[:reason]]" against one result. */
static void check_result(struct sp_span id, size_t number,
	struct sp_span expected, const struct sp_result *result)
{
	static const char legacy[] = "legacy=";
	struct sp_span rest = expected;
	struct sp_span now = sp_span_split(&rest, ';');

	cr_expect(class_is(now, result->verdict), "%.*s #%zu: %s/%s, not %.*s",
		SP_SPAN_ARGS(id), number, sp_verdict_name(result->verdict),
		sp_reason_name(result->reason), SP_SPAN_ARGS(expected));
	cr_expect(result->legacy);
	if (rest.data)
		now = sp_span_after(rest, strlen(legacy));
	cr_expect(class_is(now, result->legacy_verdict),
		"%.*s #%zu: legacy %s/%s, not %.*s", SP_SPAN_ARGS(id), number,
		sp_verdict_name(result->legacy_verdict),
		sp_reason_name(result->legacy_reason), SP_SPAN_ARGS(expected));
}

static void check_message(struct sp_span id, const struct sp_verify *verify,
	struct sp_span expected)
{
	size_t count = 0;

	if (sp_span_is(expected, "none")) {
		cr_expect_eq(verify->verdict, SP_NONE);
		cr_expect_eq(verify->count, 0);
		return;
	}
	while (expected.data) {
		struct sp_span one = sp_span_split(&expected, ',');

		if (count < verify->count)
			check_result(id, count, one, &verify->results[count]);
		count++;
	}
	cr_expect_eq(verify->count, count, "%.*s: %zu results, not %zu",
		SP_SPAN_ARGS(id), verify->count, count);
}

static void publish(struct post *post, struct sp_span name)
{
	struct sp_span zone =
		text_read(shared_path("conformance/%.*s", SP_SPAN_ARGS(name)));

	post_publish_only(post, zone);
	text_free(zone);
}

Test(conformance, every_signature_of_the_manifest_gets_its_verdict)
{
	enum { ID, SOURCE, KIND, KEYS, EXPECTED, TIME };
	struct shared_table table;
	const struct sp_span *column = table.column;
	struct sp_span keys = {0};
	size_t signatures = 0;
	struct post post;

	shared_table_open(&table, "manifest.tsv");
	post_open(&post);
	post.verify.historical = true;
	post.verify.signatures_max = SP_SIGNATURES_LISTED_MAX;
	while (shared_table_next(&table)) {
		struct sp_span text = read_part("messages", column[ID], ".eml");
		const struct sp_verify *verify;

		if (!sp_span_equal(keys, column[KEYS]))
			publish(&post, column[KEYS]);
		keys = column[KEYS];
		post.verify.now = time_of(column[TIME]);
		verify = post_verify(&post, text);
		check_message(column[ID], verify, column[EXPECTED]);
		signatures += verify->count;
		text_free(text);
	}
	post_close(&post);
	cr_log_warn("%zu signatures", signatures);
	cr_assert_gt(table.rows, 200);
	shared_table_close(&table, "messages");
}

/* --- Signing vectors --- */

/* One vector: everything is in memory. */
struct vector {
	struct sp_arena arena;
	struct sp_span id;
	struct sp_span eml;
	struct sp_span sighdr;
	struct sp_message message;
	struct sp_message header; /* the message that sighdr is by itself */
	struct sp_signature signature;
	enum sp_reason reason;
};

static void vector_init(struct vector *vector, struct sp_span id)
{
	enum sp_reason reason;

	*vector = (struct vector){.id = id};
	vector->eml = read_part("sign", id, ".eml");
	vector->sighdr = read_part("sign", id, ".sighdr");
	cr_assert_eq(sp_message_split(&vector->message, &vector->arena,
			     vector->eml, NULL, &reason),
		SP_OK);
	cr_assert_eq(sp_message_split(&vector->header, &vector->arena,
			     vector->sighdr, NULL, &reason),
		SP_OK);
	cr_assert_eq(vector->header.field_count, 1);
	cr_assert_eq(sp_signature_parse(&vector->signature, &vector->arena,
			     &vector->header.fields[0], &vector->reason),
		SP_OK);
}

static void vector_free(struct vector *vector)
{
	text_free(vector->eml);
	text_free(vector->sighdr);
	sp_arena_free(&vector->arena);
}

/* Small keys cannot be loaded for signing: OpenSSL reads all of them here. */
static void load_key(struct sp_pkey *key, struct sp_span id)
{
	static uint64_t number = UINT64_C(1) << 63;
	struct sp_span pem = read_part("sign", id, ".pem");
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
	EVP_PKEY *evp = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	cr_assert_not_null(evp, "%.*s", SP_SPAN_ARGS(id));
	*key = (struct sp_pkey){
		.type = EVP_PKEY_get_base_id(evp) == EVP_PKEY_RSA
				? SP_PKEY_RSA
				: SP_PKEY_ED25519,
		.bits = (unsigned)EVP_PKEY_get_bits(evp),
		.signature_bytes = (size_t)EVP_PKEY_get_size(evp),
		.private_half = true,
		.id = number++,
		.evp = evp,
	};
	BIO_free(bio);
	text_free(pem);
}

static void expect_base64(struct sp_span id, const char *what,
	struct sp_span bytes, struct sp_span expected)
{
	char text[SP_BASE64_ENCODED_BYTES(SP_PKEY_SIGNATURE_BYTES_MAX)];
	size_t size = sp_base64_encode(text, bytes);

	cr_expect(sp_span_equal(sp_span(text, size), expected),
		"%.*s: %s is %.*s", SP_SPAN_ARGS(id), what, (int)size, text);
}

static void check_body(struct vector *vector, struct sp_bodyhash *stage,
	struct sp_span expected)
{
	const struct sp_signature *signature = &vector->signature;
	struct sp_body_digest digest = {
		.canon = signature->body_canon,
		.limit = signature->body_length,
		.algorithm = sp_algorithm_digest(signature->algorithm),
	};
	struct sp_body_job job = {vector->message.body, &digest};

	cr_assert_eq(sp_bodyhash_run(stage, &job, 1), SP_OK);
	expect_base64(vector->id, "bh",
		sp_span(digest.digest, sp_digest_bytes(digest.algorithm)),
		expected);
}

static void hash_header(struct vector *vector, struct sp_hasher *hasher,
	struct sp_digest_job *job)
{
	const struct sp_signature *signature = &vector->signature;
	const struct sp_field **fields = SP_ARENA_ARRAY(
		&vector->arena, const struct sp_field *, signature->name_count);
	struct sp_buffer text = {0};
	size_t count;

	cr_assert_eq(sp_select_fields(&vector->message, &vector->arena,
			     signature->names, signature->name_count, fields,
			     &count),
		SP_OK);
	for (size_t i = 0; i < count; i++)
		sp_header_canon(&text, signature->header_canon, fields[i]);
	sp_header_canon_signature(&text, signature->header_canon,
		signature->field, signature->b_area);
	job->input = sp_buffer_span(&text);
	job->algorithm = sp_algorithm_digest(signature->algorithm);
	cr_assert_eq(sp_hasher_run(hasher, &job, 1), SP_OK);
	sp_buffer_free(&text);
}

static void check_b(struct vector *vector, struct sp_stages *stages,
	struct sp_span expected)
{
	unsigned char signature[SP_PKEY_SIGNATURE_BYTES_MAX];
	struct sp_digest_job header = {0};
	struct sp_pkey key;
	struct sp_job job;

	load_key(&key, vector->id);
	hash_header(vector, sp_bodyhash_hasher(stages->bodyhash), &header);
	job = (struct sp_job){
		.kind = SP_JOB_SIGN,
		.key = &key,
		.hash = header.algorithm,
		.digest = header.digest,
		.digest_size = sp_digest_bytes(header.algorithm),
		.signature = signature,
		.signature_size = key.signature_bytes,
	};
	sp_lanes_submit(stages->lanes, &job);
	sp_lanes_run(stages->lanes);
	cr_expect_eq(job.outcome, SP_JOB_DONE);
	expect_base64(vector->id, "b", sp_span(signature, job.signature_size),
		expected);
	sp_pkey_free(&key);
}

Test(conformance, every_signing_vector_gives_its_hash_and_signature)
{
	enum { ID, ALGORITHM, C, D, S, I, H, T, X, L, BH, B };
	struct shared_table table;
	const struct sp_span *column = table.column;
	struct sp_stages stages;

	shared_table_open(&table, "sign.tsv");
	cr_assert_eq(sp_stages_init(&stages, NULL), SP_OK);
	while (shared_table_next(&table)) {
		struct vector vector;

		vector_init(&vector, column[ID]);
		check_body(&vector, stages.bodyhash, column[BH]);
		check_b(&vector, &stages, column[B]);
		vector_free(&vector);
	}
	sp_stages_free(&stages);
	cr_assert_gt(table.rows, 30);
	shared_table_close(&table, "signing vectors");
}
