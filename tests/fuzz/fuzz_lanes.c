/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs of all kinds in one run of the lanes, keys and sizes mixed: what is
 * signed is byte for byte OpenSSL's, and only that is found right. (RFC 8017
 * 8.2 has one signature for a digest and key; RFC 8032 one with this R.)
 *
 * Input: four bytes for each job: its kind and key; its digest; where a
 * signature is damaged, and how (0: not at all).
 */
#include <assert.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/lanes.h"
#include "tests/unit/guard.h"
#include "tests/unit/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS = 7, FILES = 5, DIGESTS = 8, JOBS = 24, COMMAND_BYTES = 4 };

struct signature {
	unsigned char bytes[SP_PKEY_SIGNATURE_BYTES_MAX];
	size_t size; /* 0: not made yet */
};

static struct sp_pkey keys[KEYS], public[KEYS];
static unsigned char digests[DIGESTS][32];
static struct signature right[KEYS][DIGESTS];

static void load(struct sp_pkey *key, const char *path)
{
	size_t size;
	char *text = test_read_file(path, &size);

	assert(text && sp_pkey_parse_private(key, sp_span(text, size), path,
			       NULL, NULL) == SP_OK);
	free(text);
}

static void open_once(void)
{
	static const char *const files[FILES] = {"corpus/keys/ed25519.pem",
		"corpus/keys/rsa1024.pem", "corpus/keys/rsa2048.pem",
		"corpus/keys/rsa3072.pem", "corpus/keys/rsa4096.pem"};

	if (keys[0].evp)
		return;
	for (unsigned i = 0; i < FILES; i++)
		load(&keys[i], files[i]);
	/* Lanes that mix keys: any second ones will do. */
	assert(sp_pkey_generate(&keys[FILES], SP_PKEY_RSA, 1024, NULL) ==
		SP_OK);
	assert(sp_pkey_generate(&keys[FILES + 1], SP_PKEY_ED25519, 0, NULL) ==
		SP_OK);
	for (unsigned i = 0; i < KEYS; i++) {
		unsigned char raw[32], *bytes = NULL;
		size_t size = sizeof(raw);

		if (keys[i].type == SP_PKEY_RSA)
			size = (size_t)i2d_PUBKEY(keys[i].evp, &bytes);
		else
			assert(EVP_PKEY_get_raw_public_key(
				keys[i].evp, raw, &size));
		assert(parse_public(&public[i], keys[i].type,
			       sp_span(bytes ? bytes : raw, size)) ==
			SP_REASON_OK);
		OPENSSL_free(bytes);
	}
	for (unsigned i = 0; i < DIGESTS; i++)
		memset(digests[i], (int)(i * 37), sizeof(digests[i]));
}

/* OpenSSL's, whole digests of 20 or 32 bytes. */
static const struct signature *signature_of(
	const struct sp_job *job, struct signature *made)
{
	EVP_PKEY_CTX *rsa = EVP_PKEY_CTX_new(job->key->evp, NULL);
	EVP_MD_CTX *other = EVP_MD_CTX_new();

	if (made->size)
		goto out;
	made->size = sizeof(made->bytes);
	if (job->key->type == SP_PKEY_RSA) {
		assert(EVP_PKEY_sign_init(rsa) == 1);
		assert(EVP_PKEY_CTX_set_signature_md(
			       rsa, job->hash == SP_SHA1 ? EVP_sha1()
							 : EVP_sha256()) == 1);
		assert(EVP_PKEY_sign(rsa, made->bytes, &made->size, job->digest,
			       job->digest_size) == 1);
	} else {
		assert(EVP_DigestSignInit(
			       other, NULL, NULL, NULL, job->key->evp) == 1);
		assert(EVP_DigestSign(other, made->bytes, &made->size,
			       job->digest, job->digest_size) == 1);
	}
out:
	EVP_MD_CTX_free(other);
	EVP_PKEY_CTX_free(rsa);
	return made;
}

/* Returns what the job is to say; *to is its signature's room. */
static enum sp_job_outcome read_job(
	struct sp_job *job, const uint8_t *command, unsigned char *to)
{
	const unsigned key = (command[0] >> 1) % KEYS,
		       at = command[1] % DIGESTS;
	const struct signature *wanted;
	size_t where = command[2] * 256u + command[3] / 8u;

	*job = (struct sp_job){
		.kind = (enum sp_job_kind)(command[0] & 1),
		.key = &keys[key],
		.hash = at % 4 == 3 ? SP_SHA1 : SP_SHA256,
		.digest = digests[at],
		.signature = to,
	};
	job->digest_size = sp_digest_bytes(job->hash);
	wanted = signature_of(job, &right[key][at]);
	if (job->kind == SP_JOB_SIGN)
		return SP_JOB_DONE;
	job->key = command[1] & 64 ? &keys[key] : &public[key];
	job->signature_size = wanted->size - (command[1] >> 7);
	memcpy(to, wanted->bytes, wanted->size);
	to[where % wanted->size] ^= (unsigned char)(command[3] & 7) << 5;
	return memcmp(to, wanted->bytes, wanted->size) == 0 &&
			       job->signature_size == wanted->size
		       ? SP_JOB_DONE
		       : SP_JOB_WRONG;
}

static void check(const struct sp_job *job, const uint8_t *command,
	enum sp_job_outcome wanted)
{
	const struct signature *theirs =
		&right[(command[0] >> 1) % KEYS][command[1] % DIGESTS];

	assert(job->outcome == wanted);
	if (job->kind == SP_JOB_VERIFY)
		return;
	assert(job->signature_size == theirs->size);
	assert(memcmp(job->signature, theirs->bytes, theirs->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_lanes *lanes;
	static unsigned char room[JOBS][SP_PKEY_SIGNATURE_BYTES_MAX];
	struct sp_job jobs[JOBS];
	enum sp_job_outcome wanted[JOBS];
	size_t count = size / COMMAND_BYTES;

	open_once();
	if (!lanes)
		lanes = sp_lanes_open();
	assert(lanes);
	if (count > JOBS)
		count = JOBS;
	for (size_t i = 0; i < count; i++) {
		wanted[i] =
			read_job(&jobs[i], data + COMMAND_BYTES * i, room[i]);
		sp_lanes_submit(lanes, &jobs[i]);
	}
	sp_lanes_run(lanes);
	for (size_t i = 0; i < count; i++)
		check(&jobs[i], data + COMMAND_BYTES * i, wanted[i]);
	assert(sp_lanes_stats(lanes)->faults == 0);
	return 0;
}
