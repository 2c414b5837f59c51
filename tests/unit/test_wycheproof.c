/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vectors of Wycheproof and ed25519-speccheck: known signatures, and many
 * that look right and are not. They are not part of the tree: without them
 * (tests/unit/shared.h) the tests pass and say so.
 */
#include "crypto/lanes.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/parse.h"
#include "tests/unit/shared.h"

TestSuite(wycheproof);

/* A file of vectors, or NULL with a word when it is not there. */
static json_t *load(const char *name)
{
	const char *path = shared_path("vectors/%s", name);
	json_t *root = json_load_file(path, 0, NULL);

	if (!root)
		fprintf(stderr, "%s: not there, skipped\n", path);
	return root;
}

struct bytes {
	unsigned char *data; /* malloc'd, so that ASan sees its end */
	size_t size;
};

static struct bytes from_hex(const json_t *object, const char *name)
{
	const char *hex = json_string_value(json_object_get(object, name));
	struct bytes bytes = {0};
	unsigned value;

	cr_assert(hex, "%s", name);
	bytes.size = strlen(hex) / 2;
	bytes.data = malloc(bytes.size ? bytes.size : 1);
	for (size_t i = 0; i < bytes.size; i++) {
		cr_assert_eq(sscanf(hex + 2 * i, "%2x", &value), 1);
		bytes.data[i] = (unsigned char)value;
	}
	return bytes;
}

static struct sp_span span_of(struct bytes bytes)
{
	return sp_span(bytes.data, bytes.size);
}

/* What all cases need; one per test. */
struct bench {
	struct sp_lanes *lanes;
	struct sp_hasher *hasher;
	unsigned cases, valid, acceptable;
};

static void bench_open(struct bench *bench)
{
	*bench = (struct bench){
		.lanes = sp_lanes_open(),
		.hasher = sp_hasher_open(),
	};
}

static void bench_close(struct bench *bench, const char *name)
{
	sp_lanes_close(bench->lanes);
	sp_hasher_close(bench->hasher);
	fprintf(stderr, "%s: %u cases, %u of them valid, %u acceptable\n", name,
		bench->cases, bench->valid, bench->acceptable);
}

/* Runs a file of groups, if it is there. */
static void run(const char *name,
	void (*run_group)(struct bench *bench, const json_t *group))
{
	json_t *root = load(name);
	const json_t *group;
	struct bench bench;
	size_t i;

	if (!root)
		return;
	bench_open(&bench);
	json_array_foreach(json_object_get(root, "testGroups"), i, group)
		run_group(&bench, group);
	cr_assert_gt(bench.valid + bench.acceptable, 0);
	bench_close(&bench, name);
	json_decref(root);
}

/* The answer of OpenSSL alone: the key by its own parser, the message whole. */
static bool openssl_says(EVP_PKEY *evp, const EVP_MD *md, struct bytes message,
	struct bytes signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool right;

	cr_assert_eq(EVP_DigestVerifyInit(context, NULL, md, NULL, evp), 1);
	right = EVP_DigestVerify(context, signature.data, signature.size,
			message.data, message.size) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	return right;
}

static bool we_say(struct bench *bench, const struct sp_pkey *key,
	struct sp_span digest, struct bytes signature)
{
	struct sp_job job = {
		.kind = SP_JOB_VERIFY,
		.key = key,
		.hash = SP_SHA256,
		.digest = (const unsigned char *)digest.data,
		.digest_size = digest.size,
		.signature = signature.data,
		.signature_size = signature.size,
	};

	sp_lanes_submit(bench->lanes, &job);
	sp_lanes_run(bench->lanes);
	cr_assert(job.outcome == SP_JOB_DONE || job.outcome == SP_JOB_WRONG);
	return job.outcome == SP_JOB_DONE;
}

static void hash(struct bench *bench, struct sp_digest_job *job,
	struct bytes message, enum sp_digest_algorithm algorithm)
{
	*job = (struct sp_digest_job){
		.input = span_of(message),
		.algorithm = algorithm,
	};
	cr_assert_eq(sp_hasher_run(
			     bench->hasher, (struct sp_digest_job *[]){job}, 1),
		SP_OK);
}

static bool is_result(const json_t *test, const char *word)
{
	return strcmp(json_string_value(json_object_get(test, "result")),
		       word) == 0;
}

/* Counts the case and holds our answer against the vector's and OpenSSL's. */
static void judge(
	struct bench *bench, const json_t *test, bool ours, bool theirs)
{
	int id = (int)json_integer_value(json_object_get(test, "tcId"));

	bench->cases++;
	bench->valid += is_result(test, "valid");
	bench->acceptable += is_result(test, "acceptable");
	cr_expect_eq(ours, theirs, "case %d: not as OpenSSL", id);
	if (!is_result(test, "acceptable"))
		cr_expect_eq(ours, is_result(test, "valid"), "case %d", id);
}

static void verify_rsa_case(struct bench *bench, const struct sp_pkey *key,
	EVP_PKEY *evp, const json_t *test)
{
	struct bytes message = from_hex(test, "msg");
	struct bytes signature = from_hex(test, "sig");
	struct sp_digest_job job;

	hash(bench, &job, message, SP_SHA256);
	judge(bench, test,
		we_say(bench, key, sp_span(job.digest, 32), signature),
		openssl_says(evp, EVP_sha256(), message, signature));
	free(message.data);
	free(signature.data);
}

static void verify_rsa_group(struct bench *bench, const json_t *group)
{
	struct bytes info = from_hex(group, "publicKeyDer");
	struct bytes bare = from_hex(group, "publicKeyAsn");
	const unsigned char *at = info.data;
	EVP_PKEY *evp = d2i_PUBKEY(NULL, &at, (long)info.size);
	struct sp_pkey keys[2];
	const json_t *test;
	size_t i;

	cr_assert(evp);
	cr_assert_eq(parse_public(&keys[0], SP_PKEY_RSA, span_of(info)),
		SP_REASON_OK);
	cr_assert_eq(parse_public(&keys[1], SP_PKEY_RSA, span_of(bare)),
		SP_REASON_OK);
	json_array_foreach(json_object_get(group, "tests"), i, test)
		verify_rsa_case(bench, &keys[i & 1], evp, test);
	sp_pkey_free(&keys[0]);
	sp_pkey_free(&keys[1]);
	EVP_PKEY_free(evp);
	free(info.data);
	free(bare.data);
}

Test(wycheproof, verifies_rsa_pkcs1)
{
	static const char *const names[] = {
		"rsa_signature_2048_sha256_test.json",
		"rsa_signature_4096_sha256_test.json",
		"rsa_signature_8192_sha256_test.json",
	};

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		run(names[n], verify_rsa_group);
}

static void sign_rsa_case(struct bench *bench, const struct sp_pkey *key,
	enum sp_digest_algorithm algorithm, const json_t *test)
{
	struct bytes message = from_hex(test, "msg");
	struct bytes expected = from_hex(test, "sig");
	unsigned char signature[SP_PKEY_SIGNATURE_BYTES_MAX];
	struct sp_digest_job digest;
	struct sp_job job = {
		.kind = SP_JOB_SIGN,
		.key = key,
		.hash = algorithm,
		.digest = digest.digest,
		.digest_size = sp_digest_bytes(algorithm),
		.signature = signature,
	};

	bench->cases++;
	bench->valid += is_result(test, "valid");
	bench->acceptable += is_result(test, "acceptable");
	hash(bench, &digest, message, algorithm);
	sp_lanes_submit(bench->lanes, &job);
	sp_lanes_run(bench->lanes);
	cr_assert_eq(job.outcome, SP_JOB_DONE);
	cr_assert_eq(job.signature_size, expected.size);
	cr_expect_eq(memcmp(signature, expected.data, expected.size), 0);
	free(message.data);
	free(expected.data);
}

static void sign_rsa_group(struct bench *bench, const json_t *group)
{
	const char *sha = json_string_value(json_object_get(group, "sha"));
	const char *pem =
		json_string_value(json_object_get(group, "privateKeyPem"));
	enum sp_digest_algorithm algorithm =
		strcmp(sha, "SHA-1") == 0 ? SP_SHA1 : SP_SHA256;
	struct sp_error error = {0};
	struct sp_pkey key;
	const json_t *test;
	size_t i;

	if (algorithm == SP_SHA256 && strcmp(sha, "SHA-256") != 0)
		return; /* no hash of DKIM */
	cr_assert_eq(sp_pkey_parse_private(
			     &key, sp_span_str(pem), sha, NULL, &error),
		SP_OK, "%s", error.text);
	json_array_foreach(json_object_get(group, "tests"), i, test)
		sign_rsa_case(bench, &key, algorithm, test);
	sp_pkey_free(&key);
}

Test(wycheproof, signs_rsa_pkcs1)
{
	static const char *const names[] = {
		"rsa_pkcs1_1024_sig_gen_test.json",
		"rsa_pkcs1_2048_sig_gen_test.json",
		"rsa_pkcs1_4096_sig_gen_test.json",
	};

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		run(names[n], sign_rsa_group);
}

/* Our answer on raw values, beside OpenSSL's. */
static void ed25519_answers(struct bench *bench, struct bytes public,
	struct bytes message, struct bytes signature, bool *ours, bool *theirs)
{
	EVP_PKEY *evp = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_ED25519, NULL, public.data, public.size);
	struct sp_pkey key;

	cr_assert(evp);
	cr_assert_eq(parse_public(&key, SP_PKEY_ED25519, span_of(public)),
		SP_REASON_OK);
	*ours = we_say(bench, &key, span_of(message), signature);
	*theirs = openssl_says(evp, NULL, message, signature);
	sp_pkey_free(&key);
	EVP_PKEY_free(evp);
}

static void verify_ed25519_group(struct bench *bench, const json_t *group)
{
	struct bytes public =
		from_hex(json_object_get(group, "publicKey"), "pk");
	const json_t *test;
	size_t i;

	json_array_foreach(json_object_get(group, "tests"), i, test)
	{
		struct bytes message = from_hex(test, "msg");
		struct bytes signature = from_hex(test, "sig");
		bool ours, theirs;

		ed25519_answers(
			bench, public, message, signature, &ours, &theirs);
		judge(bench, test, ours, theirs);
		free(message.data);
		free(signature.data);
	}
	free(public.data);
}

Test(wycheproof, verifies_ed25519)
{
	run("ed25519_test.json", verify_ed25519_group);
}

/* Small-order points, S >= L, non-canonical encodings: verifiers differ here,
 * and we go with OpenSSL. */
Test(wycheproof, answers_as_openssl_where_ed25519_verifiers_differ)
{
	static const char name[] = "ed25519_speccheck_cases.json";
	json_t *root = load(name);
	const json_t *test;
	struct bench bench;
	size_t i;

	if (!root)
		return;
	bench_open(&bench);
	json_array_foreach(root, i, test)
	{
		struct bytes public = from_hex(test, "pub_key");
		struct bytes message = from_hex(test, "message");
		struct bytes signature = from_hex(test, "signature");
		bool ours, theirs;

		ed25519_answers(
			&bench, public, message, signature, &ours, &theirs);
		cr_expect_eq(ours, theirs, "case %zu", i);
		bench.cases++;
		bench.valid += theirs;
		free(public.data);
		free(message.data);
		free(signature.data);
	}
	cr_assert_gt(bench.cases, 0);
	bench_close(&bench, name);
	json_decref(root);
}
