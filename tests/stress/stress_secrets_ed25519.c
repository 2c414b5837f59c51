/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does signing with Ed25519 lanes leak the key? Two ways to find out, each
 * with a leaky signer beside it that must be found out:
 *
 * - The kernel over its plain C model runs under valgrind's memcheck, the
 *   key's bytes marked undefined. It complains where a branch or an address
 *   depends on them.
 * - The kernel itself is timed with one key and with many, in turn at random;
 *   Welch's t tells whether the two could take the same time.
 */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/pkey_parts.h"
#include "tests/unit/lane_ops.h"
#include "tests/unit/memcheck.h"
#include "tests/unit/times.h"

#define KEYS 64u

/* Signs with a branch on the key: what must not go unnoticed. */
static void leaky_sign(const struct sp_ed25519_table *base,
	struct sp_job *const *jobs, size_t count)
{
	volatile unsigned slow = 0;

	if (jobs[0]->key->ed25519->scalar[1] & 1)
		while (slow < 500)
			slow++;
	lane_ops_model.kernel->sign(base, jobs, count);
}

typedef void sign_function(const struct sp_ed25519_table *base,
	struct sp_job *const *jobs, size_t count);

static void make_key(struct sp_pkey *key, unsigned i)
{
	unsigned char seed[32];

	memset(seed, (int)i, sizeof(seed));
	if (!sp_pkey_adopt(key, SP_PKEY_ED25519,
		    EVP_PKEY_new_raw_private_key(
			    EVP_PKEY_ED25519, NULL, seed, 32),
		    true))
		abort();
	if (!key->ed25519)
		key->ed25519 = sp_ed25519_key_open(key->evp, true);
	if (!key->ed25519)
		abort();
}

static void make_jobs(struct sp_job *jobs, struct sp_job **list,
	unsigned char (*signatures)[64], const struct sp_pkey *key,
	unsigned count)
{
	static const unsigned char digest[32] =
		"thirty-two bytes to be signed...";

	for (unsigned i = 0; i < count; i++) {
		jobs[i] = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = key,
			.digest = digest,
			.digest_size = sizeof(digest),
			.signature = signatures[i],
		};
		list[i] = &jobs[i];
	}
}

/* In the child, under valgrind: signs a batch of 11 with secret keys. */
static int sign_secretly(sign_function *sign)
{
	static struct sp_ed25519_table base;
	unsigned char signatures[11][64];
	struct sp_job jobs[11], *list[11];
	struct sp_pkey key;

	make_key(&key, 5);
	make_jobs(jobs, list, signatures, &key, 11);
	lane_ops_model.kernel->build(&base, NULL);
	(void)VALGRIND_MAKE_MEM_UNDEFINED(key.ed25519->scalar, 32);
	(void)VALGRIND_MAKE_MEM_UNDEFINED(key.ed25519->prefix, 32);
	sign(&base, list, 11);
	return 0;
}

/* The branch of leaky_sign, at the real kernel's side. */
static sign_function *real;
static void leaky_real(const struct sp_ed25519_table *base,
	struct sp_job *const *jobs, size_t count)
{
	volatile unsigned slow = 0;

	real(base, jobs, count);
	if (jobs[0]->key->ed25519->scalar[1] & 1)
		while (slow < 1000)
			slow++;
}

/* Signing that is timed, always with the first key or with any other. */
struct timed {
	sign_function *sign;
	struct sp_pkey keys[KEYS];
};

static double time_signing(void *context, unsigned class)
{
	const struct timed *timed = context;
	unsigned char signatures[8][64], random;
	struct sp_job jobs[8], *list[8];
	/* All keys are used from one place: caches must not tell them apart. */
	struct sp_ed25519_key used;
	struct sp_pkey key = timed->keys[0];
	uint64_t begun;

	if (RAND_bytes(&random, 1) != 1)
		abort();
	used = *timed->keys[class ? 1 + random % (KEYS - 1) : 0].ed25519;
	key.ed25519 = &used;
	make_jobs(jobs, list, signatures, &key, 8);
	begun = sp_clock_ns();
	timed->sign(sp_ed25519_base(), list, 8);
	return (double)(sp_clock_ns() - begun);
}

static bool check_times(void)
{
	const struct sp_ed25519_kernel *kernel = sp_ed25519_kernel();
	struct timed sound, leaky;
	bool apart;

	if (!kernel) {
		printf("no kernel to time\n");
		return true;
	}
	for (unsigned i = 0; i < KEYS; i++)
		make_key(&sound.keys[i], i);
	sound.sign = real = kernel->sign;
	leaky = sound;
	leaky.sign = leaky_real;
	apart = times_tell_apart("keys", time_signing, &leaky, &sound);
	for (unsigned i = 0; i < KEYS; i++)
		sp_pkey_free(&sound.keys[i]);
	return apart;
}

int main(int count, char **arguments)
{
	bool good;

	if (count > 1)
		return sign_secretly(strcmp(arguments[1], "leaky") == 0
					     ? leaky_sign
					     : lane_ops_model.kernel->sign);
	if (SANITIZED) {
		printf("instrumented: nothing to be seen\n");
		return 0;
	}
	good = memcheck_tells_apart(arguments[0]);
	return !(check_times() && good);
}
