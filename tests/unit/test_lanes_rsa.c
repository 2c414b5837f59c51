/* SPDX-License-Identifier: Apache-2.0 */
/* RSA in the lanes: exact padding, SHA-1, faults, sizes (RFC 8017 8.2). */
#include "crypto/lanes.h"

#include <openssl/rsa.h>

#include "tests/unit/jobs.h"
#include "tests/unit/keys.h"
#include "tests/unit/parse.h"

TestSuite(lanes_rsa);

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

/* What stands before the digest in the block, right and wrong. */
#define OID 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02
static const unsigned char sha256[] = {
	0x30, 0x31, 0x30, 0x0d, OID, 0x01, 0x05, 0x00, 0x04, 0x20};
static const unsigned char no_null[] = {
	0x30, 0x2f, 0x30, 0x0b, OID, 0x01, 0x04, 0x20};
static const unsigned char long_length[] = {
	0x30, 0x81, 0x31, 0x30, 0x0d, OID, 0x01, 0x05, 0x00, 0x04, 0x20};
static const unsigned char sha512[] = {
	0x30, 0x31, 0x30, 0x0d, OID, 0x03, 0x05, 0x00, 0x04, 0x20};

/* RFC 8017 9.2: the padded block, compared whole. */
static const struct {
	const char *what;
	const unsigned char *info;
	size_t info_size;
	size_t behind; /* garbage behind the digest */
	unsigned char lead, type, pad;
	enum sp_job_outcome outcome;
} blocks[] = {
	{"right", sha256, sizeof(sha256), 0, 0, 1, 0xff, SP_JOB_DONE},
	{"no NULL", no_null, sizeof(no_null), 0, 0, 1, 0xff, SP_JOB_WRONG},
	{"no DigestInfo", NULL, 0, 0, 0, 1, 0xff, SP_JOB_WRONG},
	{"long form of a length", long_length, sizeof(long_length), 0, 0, 1,
		0xff, SP_JOB_WRONG},
	{"OID of SHA-512", sha512, sizeof(sha512), 0, 0, 1, 0xff, SP_JOB_WRONG},
	{"garbage behind", sha256, sizeof(sha256), 8, 0, 1, 0xff, SP_JOB_WRONG},
	{"block type 2", sha256, sizeof(sha256), 0, 0, 2, 0xff, SP_JOB_WRONG},
	{"other padding", sha256, sizeof(sha256), 0, 0, 1, 0xfe, SP_JOB_WRONG},
	{"first byte", sha256, sizeof(sha256), 0, 1, 1, 0xff, SP_JOB_WRONG},
};

Test(lanes_rsa, accepts_only_the_exact_digest_info)
{
	struct sp_lanes *lanes = sp_lanes_open();
	struct sp_pkey key;

	key_load(&key, "rsa2048.pem");
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		unsigned char block[256], signature[256];
		size_t at = 256 - blocks[i].behind - 32 - blocks[i].info_size;
		struct sp_job job;

		memset(block, 0x55, sizeof(block));
		memset(block, blocks[i].pad, at);
		block[0] = blocks[i].lead;
		block[1] = blocks[i].type;
		block[at - 1] = 0;
		if (blocks[i].info)
			memcpy(block + at, blocks[i].info, blocks[i].info_size);
		memcpy(block + at + blocks[i].info_size, job_digest, 32);
		sign_block(&key, block, signature);
		job = verify_job(&key, signature, 256);
		cr_expect_eq(run_one(lanes, &job), blocks[i].outcome, "%s",
			blocks[i].what);
	}
	sp_pkey_free(&key);
	sp_lanes_close(lanes);
}

/* RFC 6376 3.3.1, for verdicts from before RFC 8301. */
Test(lanes_rsa, keeps_sha1_and_sha256_of_one_key_apart)
{
	struct sp_lanes *lanes = sp_lanes_open();
	unsigned char signatures[2][256];
	struct sp_job jobs[8];
	struct sp_pkey key;

	key_load(&key, "rsa2048.pem");
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

static const char *const names[] = {
	"rsa1024.pem", "rsa2048.pem", "rsa3072.pem", "rsa4096.pem"};

/*
 * lanes.c relies on OpenSSL checking what the Chinese remainder theorem gave
 * it. A wrong dP makes every such result wrong, and one that leaked would give
 * away a factor; what comes out must be right all the same.
 */
Test(lanes_rsa, lets_no_faulty_rsa_signature_out)
{
	struct sp_lanes *lanes = sp_lanes_open();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unsigned char wrong[SP_PKEY_SIGNATURE_BYTES_MAX];
		unsigned char right[SP_PKEY_SIGNATURE_BYTES_MAX];
		struct sp_pkey faulty, key;
		struct sp_job job;

		key_damaged(&faulty, names[i], OSSL_PKEY_PARAM_RSA_EXPONENT1);
		key_load(&key, names[i]);
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
Test(lanes_rsa, verifies_with_keys_that_are_too_small_to_hold_a_digest)
{
	static const unsigned char tiny[] = {0x30, 0x10, 0x02, 0x09, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x03, 0x01,
		0x00, 0x01};
	struct sp_lanes *lanes = sp_lanes_open();
	unsigned char signature[16] = {1};
	struct sp_pkey key;
	struct sp_job job;

	cr_assert_eq(
		parse_public(&key, SP_PKEY_RSA, sp_span(tiny, sizeof(tiny))),
		SP_REASON_OK);
	cr_assert_eq(key.bits, 72);
	job = verify_job(&key, signature, key.signature_bytes);
	cr_assert_eq(run_one(lanes, &job), SP_JOB_WRONG);
	sp_pkey_free(&key);
	sp_lanes_close(lanes);
}
