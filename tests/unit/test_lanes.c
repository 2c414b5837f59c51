/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and verifying digests in batches (RFC 8017 8.2, RFC 8463 3). */
#include "crypto/lanes.h"

#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/pkey_parts.h"
#include "tests/unit/guard.h"

TestSuite(lanes);

static const unsigned char digest[32] = "a digest of thirty-two bytes....";

static void load(struct sp_pkey *key, const char *name)
{
	struct sp_error error = {0};
	char path[256];
	size_t size;
	char *text;

	snprintf(path, sizeof(path), "corpus/keys/%s", name);
	text = test_read_file(path, &size);
	cr_assert(text, "%s", path);
	cr_assert_eq(sp_pkey_parse_private(
			     key, sp_span(text, size), name, NULL, &error),
		SP_OK, "%s", error.text);
	free(text);
}

/* A key with only the public half of another. */
static void load_public(struct sp_pkey *key, const struct sp_pkey *private)
{
	unsigned char raw[32], *bytes = raw;
	size_t size = sizeof(raw);

	if (private->type == SP_PKEY_RSA) {
		bytes = NULL;
		size = (size_t)i2d_PUBKEY(private->evp, &bytes);
	} else {
		cr_assert(
			EVP_PKEY_get_raw_public_key(private->evp, raw, &size));
	}
	cr_assert_eq(
		sp_pkey_parse_public(key, private->type, sp_span(bytes, size)),
		SP_REASON_OK);
	if (bytes != raw)
		OPENSSL_free(bytes);
}

static enum sp_job_outcome run_one(struct sp_lanes *lanes, struct sp_job *job)
{
	sp_lanes_submit(lanes, job);
	cr_assert_eq(job->outcome, SP_JOB_PENDING);
	sp_lanes_run(lanes);
	return job->outcome;
}

static struct sp_job sign_job(
	const struct sp_pkey *key, unsigned char *signature)
{
	return (struct sp_job){
		.kind = SP_JOB_SIGN,
		.key = key,
		.hash = SP_SHA256,
		.digest = digest,
		.digest_size = sizeof(digest),
		.signature = signature,
	};
}

static struct sp_job verify_job(const struct sp_pkey *key,
	unsigned char *signature, size_t signature_size)
{
	struct sp_job job = sign_job(key, signature);

	job.kind = SP_JOB_VERIFY;
	job.signature_size = signature_size;
	return job;
}

static const char *const names[] = {"rsa1024.pem", "rsa2048.pem", "rsa3072.pem",
	"rsa4096.pem", "ed25519.pem"};
#define NAMES (sizeof(names) / sizeof(names[0]))

Test(lanes, verifies_what_it_signed_with_every_kind_of_key)
{
	struct sp_lanes *lanes = sp_lanes_open();

	for (size_t i = 0; i < NAMES; i++) {
		for (int hash = SP_SHA256; hash <= SP_SHA1; hash++) {
			unsigned char signature[SP_PKEY_SIGNATURE_BYTES_MAX];
			struct sp_pkey key, public;
			struct sp_job job;

			load(&key, names[i]);
			load_public(&public, &key);
			job = sign_job(&key, signature);
			job.hash = (enum sp_digest_algorithm)hash;
			job.digest_size = sp_digest_bytes(job.hash);
			cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
			cr_assert_eq(job.signature_size, key.signature_bytes);
			job.kind = SP_JOB_VERIFY;
			job.key = &public;
			cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
			sp_pkey_free(&public);
			sp_pkey_free(&key);
		}
	}
	cr_assert_eq(sp_lanes_stats(lanes)->faults, 0);
	sp_lanes_close(lanes);
}

Test(lanes, signs_rsa_as_openssl_does_byte_for_byte)
{
	struct sp_lanes *lanes = sp_lanes_open();
	unsigned char ours[SP_PKEY_SIGNATURE_BYTES_MAX];
	unsigned char theirs[SP_PKEY_SIGNATURE_BYTES_MAX];

	for (size_t i = 0; i < NAMES; i++) {
		size_t size = sizeof(theirs);
		EVP_MD_CTX *context = EVP_MD_CTX_new();
		unsigned char hash[32];
		struct sp_pkey key;
		struct sp_job job;

		load(&key, names[i]);
		job = sign_job(&key, ours);
		if (key.type == SP_PKEY_RSA) {
			EVP_Digest(digest, sizeof(digest), hash, NULL,
				EVP_sha256(), NULL);
			job.digest = hash;
		}
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		cr_assert_eq(
			EVP_DigestSignInit(context, NULL,
				key.type == SP_PKEY_RSA ? EVP_sha256() : NULL,
				NULL, key.evp),
			1);
		cr_assert_eq(EVP_DigestSign(context, theirs, &size, digest,
				     sizeof(digest)),
			1);
		cr_assert_eq(size, job.signature_size);
		cr_assert_eq(memcmp(ours, theirs, size), 0);
		EVP_MD_CTX_free(context);
		sp_pkey_free(&key);
	}
	sp_lanes_close(lanes);
}

/* Every bit of the signature, and the digest's. */
Test(lanes, finds_any_change_of_signature_or_digest)
{
	static const char *const small[] = {"rsa1024.pem", "ed25519.pem"};
	struct sp_lanes *lanes = sp_lanes_open();

	for (size_t i = 0; i < 2; i++) {
		unsigned char signature[SP_PKEY_SIGNATURE_BYTES_MAX];
		unsigned char other[32];
		struct sp_pkey key;
		struct sp_job job;
		size_t size;

		load(&key, small[i]);
		job = sign_job(&key, signature);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		size = job.signature_size;
		for (size_t bit = 0; bit < size * 8; bit++) {
			signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
			job = verify_job(&key, signature, size);
			cr_assert_eq(run_one(lanes, &job), SP_JOB_WRONG);
			signature[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		for (size_t at = 0; at < 32; at++) {
			memcpy(other, digest, 32);
			other[at] ^= 1;
			job = verify_job(&key, signature, size);
			job.digest = other;
			cr_assert_eq(run_one(lanes, &job), SP_JOB_WRONG);
		}
		job = verify_job(&key, signature, size);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		cr_assert_eq(ERR_peek_error(), 0);
		sp_pkey_free(&key);
	}
	sp_lanes_close(lanes);
}

/* RFC 8017 8.2.2 step 1; RFC 8032 5.1.7 */
Test(lanes, takes_a_signature_of_another_size_as_wrong)
{
	struct sp_lanes *lanes = sp_lanes_open();

	for (size_t i = 0; i < NAMES; i++) {
		unsigned char signature[2 + SP_PKEY_SIGNATURE_BYTES_MAX] = {0};
		struct sp_pkey key;
		struct sp_job job;
		size_t size;

		load(&key, names[i]);
		job = sign_job(&key, signature + 1);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		size = job.signature_size;
		for (size_t wrong = 0; wrong <= size + 1; wrong++) {
			char *copy = guard_copy(signature + 1, wrong);

			job = verify_job(&key, (unsigned char *)copy, wrong);
			cr_assert_eq(run_one(lanes, &job),
				wrong == size ? SP_JOB_DONE : SP_JOB_WRONG);
			guard_free(copy, wrong);
		}
		/* The same number with a zero in front. */
		job = verify_job(&key, signature, size + 1);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_WRONG);
		sp_pkey_free(&key);
	}
	sp_lanes_close(lanes);
}

/* A signature over any block, by the bare private operation. */
static void sign_block(const struct sp_pkey *key, const unsigned char *block,
	unsigned char *signature)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->evp, NULL);
	size_t size = key->signature_bytes;

	cr_assert_eq(EVP_PKEY_sign_init(context), 1);
	cr_assert_eq(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
	cr_assert_eq(EVP_PKEY_sign(context, signature, &size, block,
			     key->signature_bytes),
		1);
	EVP_PKEY_CTX_free(context);
}

/* RFC 8017 9.2: the padded block, compared whole. */
Test(lanes, accepts_only_the_exact_digest_info)
{
	static const struct {
		const char *what;
		size_t info_size; /* of the DigestInfo before the digest */
		unsigned char info[24];
		size_t behind; /* garbage behind, taken from the padding */
		unsigned char lead, type, pad;
		enum sp_job_outcome outcome;
	} cases[] = {
		{"right", 19,
			{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
				0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
				0x04, 0x20},
			0, 0, 1, 0xff, SP_JOB_DONE},
		{"no NULL", 17,
			{0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
				0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20},
			0, 0, 1, 0xff, SP_JOB_WRONG},
		{"no DigestInfo", 0, {0}, 0, 0, 1, 0xff, SP_JOB_WRONG},
		{"long form of a length", 20,
			{0x30, 0x81, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
				0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
				0x00, 0x04, 0x20},
			0, 0, 1, 0xff, SP_JOB_WRONG},
		{"OID of SHA-512", 19,
			{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
				0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00,
				0x04, 0x20},
			0, 0, 1, 0xff, SP_JOB_WRONG},
		{"garbage behind", 19,
			{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
				0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
				0x04, 0x20},
			8, 0, 1, 0xff, SP_JOB_WRONG},
		{"block type 2", 19,
			{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
				0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
				0x04, 0x20},
			0, 0, 2, 0xff, SP_JOB_WRONG},
		{"other padding", 19,
			{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
				0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
				0x04, 0x20},
			0, 0, 1, 0xfe, SP_JOB_WRONG},
		{"first byte", 19,
			{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48,
				0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
				0x04, 0x20},
			0, 1, 1, 0xff, SP_JOB_WRONG},
	};
	struct sp_lanes *lanes = sp_lanes_open();
	struct sp_pkey key;

	load(&key, "rsa2048.pem");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char block[256], signature[256];
		size_t at = 256 - cases[i].behind - 32 - cases[i].info_size;
		struct sp_job job;

		memset(block, 0x55, sizeof(block));
		memset(block, cases[i].pad, at);
		block[0] = cases[i].lead;
		block[1] = cases[i].type;
		block[at - 1] = 0;
		memcpy(block + at, cases[i].info, cases[i].info_size);
		memcpy(block + at + cases[i].info_size, digest, 32);
		sign_block(&key, block, signature);
		job = verify_job(&key, signature, 256);
		cr_expect_eq(run_one(lanes, &job), cases[i].outcome, "%s",
			cases[i].what);
	}
	sp_pkey_free(&key);
	sp_lanes_close(lanes);
}

/* RFC 6376 3.3.1, for verdicts from before RFC 8301. */
Test(lanes, keeps_sha1_and_sha256_of_one_key_apart)
{
	struct sp_lanes *lanes = sp_lanes_open();
	unsigned char signatures[2][256];
	struct sp_job jobs[8];
	struct sp_pkey key;

	load(&key, "rsa2048.pem");
	for (int i = 0; i < 2; i++) {
		jobs[i] = sign_job(&key, signatures[i]);
		jobs[i].hash = (enum sp_digest_algorithm)i;
		jobs[i].digest_size = sp_digest_bytes(jobs[i].hash);
		sp_lanes_submit(lanes, &jobs[i]);
	}
	sp_lanes_run(lanes);
	cr_assert_eq(jobs[0].outcome, SP_JOB_DONE);
	cr_assert_eq(jobs[1].outcome, SP_JOB_DONE);
	for (int i = 0; i < 8; i++) {
		jobs[i] = verify_job(&key, signatures[i & 1], 256);
		jobs[i].hash = (enum sp_digest_algorithm)(i >> 1 & 1);
		jobs[i].digest_size = sp_digest_bytes(jobs[i].hash);
		sp_lanes_submit(lanes, &jobs[i]);
	}
	sp_lanes_run(lanes);
	for (int i = 0; i < 8; i++)
		cr_assert_eq(jobs[i].outcome,
			(i & 1) == (i >> 1 & 1) ? SP_JOB_DONE : SP_JOB_WRONG);
	sp_pkey_free(&key);
	sp_lanes_close(lanes);
}

/* More keys than there are slots, all kinds in one run, twice. */
Test(lanes, runs_mixed_jobs_of_more_keys_than_it_keeps)
{
	enum { KEYS = 200, JOBS = 3 * KEYS };
	static struct sp_pkey keys[KEYS], public[KEYS];
	static unsigned char signatures[JOBS][256];
	static struct sp_job jobs[JOBS];
	struct sp_lanes *lanes = sp_lanes_open();
	const struct sp_lanes_stats *stats = sp_lanes_stats(lanes);

	for (int i = 0; i < KEYS; i++) {
		if (i % 40 == 7)
			load(&keys[i], "rsa2048.pem");
		else if (i % 40 == 9)
			load(&keys[i], "rsa1024.pem");
		else
			cr_assert_eq(sp_pkey_generate(&keys[i], SP_PKEY_ED25519,
					     0, NULL),
				SP_OK);
		load_public(&public[i], &keys[i]);
	}
	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < KEYS; i++) {
			jobs[i] = sign_job(&keys[i], signatures[i]);
			sp_lanes_submit(lanes, &jobs[i]);
		}
		sp_lanes_run(lanes);
		for (int i = 0; i < KEYS; i++)
			cr_assert_eq(jobs[i].outcome, SP_JOB_DONE);
		/* Verify each with its own key and with another's. */
		for (int i = 0; i < JOBS; i++) {
			int key = i < KEYS ? i : (i * 7 + 1) % KEYS;

			if (i < 2 * KEYS)
				jobs[i] = verify_job(&public[key],
					signatures[i % KEYS],
					keys[i % KEYS].signature_bytes);
			else
				jobs[i] = sign_job(&keys[key], signatures[i]);
			sp_lanes_submit(lanes, &jobs[i]);
		}
		sp_lanes_run(lanes);
		for (int i = 0; i < KEYS; i++)
			cr_assert_eq(jobs[i].outcome, SP_JOB_DONE, "%d", i);
		for (int i = KEYS; i < 2 * KEYS; i++) {
			int key = (i * 7 + 1) % KEYS, own = i - KEYS;
			bool same = EVP_PKEY_eq(public[key].evp,
					    keys[own].evp) == 1;

			cr_assert_eq(jobs[i].outcome,
				same ? SP_JOB_DONE : SP_JOB_WRONG, "%d", i);
		}
		for (int i = 2 * KEYS; i < JOBS; i++)
			cr_assert_eq(jobs[i].outcome, SP_JOB_DONE);
	}
	cr_assert_eq(stats->signed_rsa + stats->signed_ed25519, 4 * KEYS);
	cr_assert_eq(stats->verified_rsa + stats->verified_ed25519, 4 * KEYS);
	cr_assert_gt(stats->signed_rsa, 0);
	cr_assert_gt(stats->verified_ed25519, 0);
	cr_assert_eq(stats->faults, 0);
	cr_assert_eq(stats->runs, 4);
	for (int i = 0; i < KEYS; i++) {
		sp_pkey_free(&keys[i]);
		sp_pkey_free(&public[i]);
	}
	sp_lanes_close(lanes);
}

/* A new key at the address of a freed one must not meet its context. */
Test(lanes, forgets_a_key_that_was_freed)
{
	struct sp_lanes *lanes = sp_lanes_open();
	unsigned char signature[SP_PKEY_SIGNATURE_BYTES_MAX], first[64];
	struct sp_pkey key;
	struct sp_job job;

	memset(first, 0, sizeof(first));
	for (int turn = 0; turn < 200; turn++) {
		cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_ED25519, 0, NULL),
			SP_OK);
		job = sign_job(&key, signature);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		cr_assert_neq(memcmp(signature, first, 64), 0);
		memcpy(first, signature, 64);
		job = verify_job(&key, signature, 64);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		sp_pkey_free(&key);
	}
	sp_lanes_run(lanes);
	sp_lanes_close(lanes);
	sp_lanes_close(NULL);
}

/* The RSA-2048 key, or so, with a fault in one half of the CRT. */
static void make_faulty(struct sp_pkey *key, const char *name)
{
	static const char *const parts[] = {OSSL_PKEY_PARAM_RSA_N,
		OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *numbers[8] = {0};
	struct sp_pkey good;
	OSSL_PARAM *params;
	EVP_PKEY *evp = NULL;

	load(&good, name);
	for (int i = 0; i < 8; i++) {
		cr_assert(
			EVP_PKEY_get_bn_param(good.evp, parts[i], &numbers[i]));
		if (i == 5)
			cr_assert(BN_add_word(numbers[i], 2));
		cr_assert(OSSL_PARAM_BLD_push_BN(build, parts[i], numbers[i]));
	}
	params = OSSL_PARAM_BLD_to_param(build);
	cr_assert_eq(EVP_PKEY_fromdata_init(context), 1);
	cr_assert_eq(
		EVP_PKEY_fromdata(context, &evp, EVP_PKEY_KEYPAIR, params), 1);
	sp_pkey_adopt(key, evp, true);
	for (int i = 0; i < 8; i++)
		BN_free(numbers[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(context);
	sp_pkey_free(&good);
}

/*
 * lanes.c relies on OpenSSL checking what the Chinese remainder theorem gave
 * it. A wrong dP makes every such result wrong, and one that leaked would give
 * away a factor; what comes out must be right all the same.
 */
Test(lanes, lets_no_faulty_rsa_signature_out)
{
	struct sp_lanes *lanes = sp_lanes_open();

	for (size_t i = 0; i < NAMES - 1; i++) {
		unsigned char wrong[SP_PKEY_SIGNATURE_BYTES_MAX];
		unsigned char right[SP_PKEY_SIGNATURE_BYTES_MAX];
		struct sp_pkey faulty, key;
		struct sp_job job;

		make_faulty(&faulty, names[i]);
		load(&key, names[i]);
		job = sign_job(&key, right);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		job = sign_job(&faulty, wrong);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		cr_assert_eq(memcmp(wrong, right, key.signature_bytes), 0);
		sp_pkey_free(&faulty);
		sp_pkey_free(&key);
	}
	sp_lanes_close(lanes);
}

/* Small keys load (RFC 8301 is the engine's); using them must not go wrong. */
Test(lanes, verifies_with_keys_that_are_too_small_to_hold_a_digest)
{
	static const unsigned char tiny[] = {0x30, 0x10, 0x02, 0x09, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x03, 0x01,
		0x00, 0x01};
	struct sp_lanes *lanes = sp_lanes_open();
	unsigned char signature[16] = {1};
	struct sp_pkey key;
	struct sp_job job;

	cr_assert_eq(sp_pkey_parse_public(
			     &key, SP_PKEY_RSA, sp_span(tiny, sizeof(tiny))),
		SP_REASON_OK);
	cr_assert_eq(key.bits, 72);
	job = verify_job(&key, signature, key.signature_bytes);
	cr_assert_eq(run_one(lanes, &job), SP_JOB_WRONG);
	sp_pkey_free(&key);
	sp_lanes_close(lanes);
}

/* A private half that has no use for OpenSSL: the job fails, nothing else. */
Test(lanes, reports_a_signature_that_cannot_be_made)
{
	struct sp_lanes *lanes = sp_lanes_open();
	unsigned char signature[256];
	struct sp_pkey private, key;
	struct sp_job job;

	load(&private, "rsa2048.pem");
	load_public(&key, &private);
	key.private_half = true; /* a lie */
	memset(signature, 0x55, sizeof(signature));
	job = sign_job(&key, signature);
	cr_assert_eq(run_one(lanes, &job), SP_JOB_ERROR);
	cr_assert_eq(signature[0], 0);
	cr_assert_eq(sp_lanes_stats(lanes)->faults, 0);
	cr_assert_eq(ERR_peek_error(), 0);
	job = sign_job(&private, signature);
	cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
	sp_pkey_free(&key);
	sp_pkey_free(&private);
	sp_lanes_close(lanes);
}
