/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and verifying digests in batches (RFC 8017 8.2, RFC 8463 3). */
#include "crypto/lanes.h"

#include <openssl/err.h>

#include "tests/unit/jobs.h"
#include "tests/unit/keys.h"

TestSuite(lanes);

/* Is the signature right by OpenSSL alone, without contexts kept by us? */
static bool openssl_says(const struct sp_pkey *key, const struct sp_job *job)
{
	bool right;

	if (key->type == SP_PKEY_RSA) {
		EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->evp, NULL);

		cr_assert_eq(EVP_PKEY_verify_init(context), 1);
		cr_assert_eq(
			EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()),
			1);
		right = EVP_PKEY_verify(context, job->signature,
				job->signature_size, job->digest,
				job->digest_size) == 1;
		EVP_PKEY_CTX_free(context);
	} else {
		EVP_MD_CTX *context = EVP_MD_CTX_new();

		cr_assert_eq(EVP_DigestVerifyInit(
				     context, NULL, NULL, NULL, key->evp),
			1);
		right = EVP_DigestVerify(context, job->signature,
				job->signature_size, job->digest,
				job->digest_size) == 1;
		EVP_MD_CTX_free(context);
	}
	return right;
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

			key_load(&key, names[i]);
			key_public(&public, &key);
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

		key_load(&key, names[i]);
		job = sign_job(&key, ours);
		if (key.type == SP_PKEY_RSA) {
			EVP_Digest(job_digest, sizeof(job_digest), hash, NULL,
				EVP_sha256(), NULL);
			job.digest = hash;
		}
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		cr_assert_eq(
			EVP_DigestSignInit(context, NULL,
				key.type == SP_PKEY_RSA ? EVP_sha256() : NULL,
				NULL, key.evp),
			1);
		cr_assert_eq(EVP_DigestSign(context, theirs, &size, job_digest,
				     sizeof(job_digest)),
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

		key_load(&key, small[i]);
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
			memcpy(other, job_digest, 32);
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

		key_load(&key, names[i]);
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
			key_load(&keys[i], "rsa2048.pem");
		else if (i % 40 == 9)
			key_load(&keys[i], "rsa1024.pem");
		else
			cr_assert_eq(sp_pkey_generate(&keys[i], SP_PKEY_ED25519,
					     0, NULL),
				SP_OK);
		key_public(&public[i], &keys[i]);
	}
	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < KEYS; i++) {
			jobs[i] = sign_job(&keys[i], signatures[i]);
			sp_lanes_submit(lanes, &jobs[i]);
		}
		sp_lanes_run(lanes);
		for (int i = 0; i < KEYS; i++) {
			cr_assert_eq(jobs[i].outcome, SP_JOB_DONE);
			cr_assert(openssl_says(&keys[i], &jobs[i]), "%d", i);
		}
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
	unsigned char signature[SP_PKEY_SIGNATURE_BYTES_MAX];
	struct sp_pkey key;
	struct sp_job job;

	for (int turn = 0; turn < 200; turn++) {
		cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_ED25519, 0, NULL),
			SP_OK);
		job = sign_job(&key, signature);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		cr_assert(openssl_says(&key, &job));
		job = verify_job(&key, signature, 64);
		cr_assert_eq(run_one(lanes, &job), SP_JOB_DONE);
		sp_pkey_free(&key);
	}
	sp_lanes_run(lanes);
	sp_lanes_close(lanes);
	sp_lanes_close(NULL);
}

/* A private half that has no use for OpenSSL: the job fails, nothing else. */
Test(lanes, reports_a_signature_that_cannot_be_made)
{
	struct sp_lanes *lanes = sp_lanes_open();
	unsigned char signature[256];
	struct sp_pkey private, key;
	struct sp_job job;

	key_load(&private, "rsa2048.pem");
	key_public(&key, &private);
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
