/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever the seeds and messages, Ed25519 signatures made in lanes are
 * OpenSSL's, byte for byte (RFC 8032 5.1.6: there is one).
 *
 * Input: seeds of four keys; then for each job a byte, of which the low two
 * bits say the key and the others the length of the message, and the message.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pkey_parts.h"
#include "tests/unit/lane_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEYS 4u
#define SEED_BYTES 32u

struct work {
	struct sp_job jobs[SP_ED25519_BATCH], *list[SP_ED25519_BATCH];
	unsigned char messages[SP_ED25519_BATCH][SP_ED25519_MESSAGE_BYTES_MAX];
	unsigned char signatures[SP_ED25519_BATCH][SP_ED25519_SIGNATURE_BYTES];
	size_t count;
};

static size_t read_keys(struct sp_pkey *keys, const uint8_t *data, size_t size)
{
	unsigned char seeds[KEYS][SEED_BYTES] = {{0}};

	if (size > sizeof(seeds))
		size = sizeof(seeds);
	if (size > 0)
		memcpy(seeds[0], data, size);
	for (unsigned i = 0; i < KEYS; i++) {
		EVP_PKEY *evp = EVP_PKEY_new_raw_private_key(
			EVP_PKEY_ED25519, NULL, seeds[i], SEED_BYTES);

		assert(sp_pkey_adopt(&keys[i], SP_PKEY_ED25519, evp, true));
		if (!keys[i].ed25519)
			keys[i].ed25519 = sp_ed25519_key_open(evp, true);
		assert(keys[i].ed25519);
	}
	return size;
}

/* At least one job, and a message that the input is too short for ends there.
 */
static void read_jobs(struct work *work, const struct sp_pkey *keys,
	const uint8_t *data, size_t size)
{
	work->count = 0;
	do {
		unsigned head = size > 0 ? *data : 0;
		size_t i = work->count++;
		size_t length =
			(head >> 2) % (SP_ED25519_MESSAGE_BYTES_MAX + 1);

		data += size > 0;
		size -= size > 0;
		length = length < size ? length : size;
		if (length > 0)
			memcpy(work->messages[i], data, length);
		data += length;
		size -= length;
		work->jobs[i] = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = &keys[head % KEYS],
			.digest = work->messages[i],
			.digest_size = length,
			.signature = work->signatures[i],
		};
		work->list[i] = &work->jobs[i];
	} while (size > 0 && work->count < SP_ED25519_BATCH);
}

static void check(const struct sp_job *job)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char wanted[SP_ED25519_SIGNATURE_BYTES];
	size_t size = sizeof(wanted);

	assert(EVP_DigestSignInit(context, NULL, NULL, NULL, job->key->evp));
	assert(EVP_DigestSign(
		context, wanted, &size, job->digest, job->digest_size));
	EVP_MD_CTX_free(context);
	assert(job->outcome == SP_JOB_DONE && job->signature_size == size);
	assert(memcmp(job->signature, wanted, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_ed25519_table base;
	static struct work work;
	static bool built;
	const struct lane_ops *const *ops = lane_ops_all();
	struct sp_pkey keys[KEYS];
	size_t taken = read_keys(keys, data, size);

	while (ops[1]) /* the fastest */
		ops++;
	if (!built)
		built = (*ops)->kernel->build(&base, NULL);
	read_jobs(&work, keys, data + taken, size - taken);
	(*ops)->kernel->sign(&base, work.list, work.count);
	for (size_t i = 0; i < work.count; i++)
		check(&work.jobs[i]);
	for (unsigned i = 0; i < KEYS; i++)
		sp_pkey_free(&keys[i]);
	return 0;
}
