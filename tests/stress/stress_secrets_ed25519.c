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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/pkey_parts.h"
#include "tests/unit/lane_ops.h"
#include "tests/unit/memcheck.h"

#define KEYS 64u
#define BATCHES 100000u
#define T2_MAX 25.0 /* of t squared: once in a million by chance */

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

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Mean and variance, as they come (Welford). */
struct class
{
	double count, mean, squares;
};

static void class_add(struct class *class, double value)
{
	double delta = value - class->mean;

	class->count++;
	class->mean += delta / class->count;
	class->squares += delta * (value - class->mean);
}

/* t squared */
static double welch(const struct class *a, const struct class *b)
{
	double variance = a->squares / (a->count - 1) / a->count +
			  b->squares / (b->count - 1) / b->count;

	return (a->mean - b->mean) * (a->mean - b->mean) / variance;
}

/* t squared of class 0, always the first key, against class 1, any other. */
static double time_signing(sign_function *sign,
	const struct sp_ed25519_table *base, const struct sp_pkey *keys,
	unsigned batches)
{
	unsigned char signatures[8][64];
	struct sp_job jobs[8], *list[8];
	/* All keys are used from one place: caches must not tell them apart. */
	struct sp_ed25519_key used;
	struct sp_pkey key = keys[0];
	struct class classes[2] = {{0}};
	uint64_t random = 88172645463325252;
	double limit = 1;

	for (unsigned i = 0; i < batches; i++) {
		double from, taken;
		unsigned which;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		which = random >> 20 & 1;
		used = *keys[which ? 1 + (random >> 30) % (KEYS - 1) : 0]
				.ed25519;
		key.ed25519 = &used;
		make_jobs(jobs, list, signatures, &key, 8);
		from = seconds();
		sign(base, list, 8);
		taken = seconds() - from;
		/* Interrupts say nothing: leave out what takes far longer
		 * than the quickest of the first thousand. */
		if (i < 1000)
			limit = taken * 1.5 < limit ? taken * 1.5 : limit;
		else if (taken < limit)
			class_add(&classes[which], taken);
	}
	return welch(&classes[0], &classes[1]);
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

static int check_time(void)
{
	const struct sp_ed25519_kernel *kernel = sp_ed25519_kernel();
	struct sp_pkey keys[KEYS];
	double clean, leaky;

	if (!kernel) {
		printf("no kernel to time\n");
		return 0;
	}
	for (unsigned i = 0; i < KEYS; i++)
		make_key(&keys[i], i);
	real = kernel->sign;
	clean = time_signing(real, sp_ed25519_base(), keys, BATCHES);
	leaky = time_signing(leaky_real, sp_ed25519_base(), keys, BATCHES / 10);
	for (unsigned i = 0; i < KEYS; i++)
		sp_pkey_free(&keys[i]);
	printf("t squared %.2f, with a leak %.2f\n", clean, leaky);
	return clean > T2_MAX || leaky < T2_MAX;
}

int main(int count, char **arguments)
{
	if (count > 1)
		return sign_secretly(strcmp(arguments[1], "leaky") == 0
					     ? leaky_sign
					     : lane_ops_model.kernel->sign);
	if (SANITIZED) {
		printf("instrumented: nothing to be seen\n");
		return 0;
	}
	return check_time() + !memcheck_tells_apart(arguments[0]);
}
