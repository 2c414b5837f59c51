/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does signing with RSA in eight lanes leak the key? Two ways to find out, each
 * with a leaky kernel beside it that must be found out:
 *
 * - The lanes sign with the kernel's plain C model under valgrind's memcheck,
 *   the private context marked undefined. It complains where a branch or an
 *   address depends on it.
 * - The kernel itself is timed with one key and with many, and with one digest
 *   and with many, in turn at random; Welch's t tells whether the two could
 *   take the same time.
 */
#include <math.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/lanes.h"
#include "crypto/rsa.h"
#include "tests/unit/lane_ops.h"
#include "tests/unit/memcheck.h"

#define BITS 1024u
#define JOBS 4u /* a private pass */
#define KEYS 32u
#define BATCHES 100000u
#define T_MAX 4.5
#define SLOW 6000u /* turns of a leak's loop */

static const struct sp_rsa_kernel *inner; /* what a kernel here is made of */
static double begun_ns, took_ns; /* of the pass that ran last */

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void timed_power(struct sp_rsa_private_pass *pass)
{
	begun_ns = now_ns();
	inner->power(pass);
}

static void timed_join(struct sp_rsa_private_pass *pass)
{
	inner->join(pass);
	took_ns = now_ns() - begun_ns;
	/* A signature is no secret. */
	(void)VALGRIND_MAKE_MEM_DEFINED(
		pass->signature, sizeof(pass->signature));
}

/* Branches on a bit of the exponent: what must not go unnoticed. */
static void leaky_power(struct sp_rsa_private_pass *pass)
{
	volatile unsigned slow = 0;

	timed_power(pass);
	if (pass->exponent[0].lane[0] & 4)
		while (slow < SLOW)
			slow++;
}

/* The same with the digest. */
static void leaky_block_power(struct sp_rsa_private_pass *pass)
{
	volatile unsigned slow = 0;

	timed_power(pass);
	if (pass->block[0].lane[0] & 4)
		while (slow < SLOW)
			slow++;
}

static void inner_open(struct sp_rsa_public_pass *pass)
{
	inner->open(pass);
}

static const struct sp_rsa_kernel sound = {
	"sound", timed_power, timed_join, inner_open};
static const struct sp_rsa_kernel leaky = {
	"leaky", leaky_power, timed_join, inner_open};
static const struct sp_rsa_kernel leaky_block = {
	"leaky", leaky_block_power, timed_join, inner_open};

static struct sp_pkey keys[KEYS];

/* The bit that the leaky kernel looks at is set in the first key. */
static void make_keys(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct sp_error error;
		bool again;

		do {
			sp_pkey_free(&keys[i]);
			if (sp_pkey_generate(&keys[i], SP_PKEY_RSA, BITS,
				    &error) != SP_OK)
				abort();
			if (!keys[i].rsa)
				keys[i].rsa = sp_rsa_open(keys[i].evp, true);
			if (!keys[i].rsa || !keys[i].rsa->private_half)
				abort();
			again = i == 0 && !(keys[i].rsa->private_half->prime[0]
							  .exponent[0] &
						  4);
		} while (again);
	}
}

static void sign(struct sp_lanes *lanes, const struct sp_pkey *key,
	const unsigned char *digest)
{
	static unsigned char signatures[JOBS][SP_PKEY_SIGNATURE_BYTES_MAX];
	struct sp_job jobs[JOBS];

	for (unsigned i = 0; i < JOBS; i++) {
		jobs[i] = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = key,
			.hash = SP_SHA256,
			.digest = digest,
			.digest_size = 32,
			.signature = signatures[i],
		};
		sp_lanes_submit(lanes, &jobs[i]);
	}
	sp_lanes_run(lanes);
	if (sp_lanes_stats(lanes)->faults)
		abort();
}

/* In the child, under valgrind. */
static int sign_secretly(const struct sp_rsa_kernel *kernel)
{
	static const unsigned char digest[32] = "what everybody may know";
	struct sp_lanes *lanes = sp_lanes_open_with(kernel);
	struct sp_rsa_private *secret;

	inner = lane_ops_model.rsa;
	make_keys(1);
	secret = (struct sp_rsa_private *)keys[0].rsa->private_half;
	(void)VALGRIND_MAKE_MEM_UNDEFINED(secret, sizeof(*secret));
	sign(lanes, &keys[0], digest);
	(void)VALGRIND_MAKE_MEM_DEFINED(secret, sizeof(*secret));
	sp_pkey_free(&keys[0]);
	sp_lanes_close(lanes);
	return 0;
}

static double samples[2][BATCHES], pooled[BATCHES];
static size_t counts[2];

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Welch's t of the two classes, without samples above the limit: those were
 * interrupted.
 */
static double welch(double limit)
{
	double mean[2], error[2];

	for (unsigned class = 0; class < 2; class ++) {
		double sum = 0, squares = 0, n = 0;

		for (size_t i = 0; i < counts[class]; i++) {
			double x = samples[class][i], change;

			if (x > limit)
				continue;
			n++;
			change = x - sum;
			sum += change / n;
			squares += change * (x - sum);
		}
		mean[class] = sum;
		error[class] = squares / (n - 1) / n;
	}
	return (mean[0] - mean[1]) / sqrt(error[0] + error[1]);
}

/* Times the kernel with one key or digest (class 0) and with many (class 1). */
static double time_classes(
	const struct sp_rsa_kernel *kernel, bool by_key, unsigned batches)
{
	struct sp_lanes *lanes = sp_lanes_open_with(kernel);
	unsigned char digest[32];

	counts[0] = counts[1] = 0;
	for (unsigned i = 0; i < batches; i++) {
		unsigned char random[2];
		unsigned class, key = 0;

		memset(digest, 0xff, sizeof(digest));
		if (RAND_bytes(random, sizeof(random)) != 1)
			abort();
		class = random[0] & 1;
		if (class == 1 && by_key)
			key = random[1] % KEYS;
		if (class == 1 && !by_key &&
			RAND_bytes(digest, sizeof(digest)) != 1)
			abort();
		sign(lanes, &keys[key], digest);
		samples[class][counts[class]++] = pooled[i] = took_ns;
	}
	sp_lanes_close(lanes);
	qsort(pooled, batches, sizeof(pooled[0]), compare);
	return welch(pooled[batches / 10 * 9]);
}

static bool check_times(bool by_key)
{
	const char *what = by_key ? "keys" : "digests";
	double found = time_classes(
		by_key ? &leaky : &leaky_block, by_key, BATCHES / 10);
	double t = time_classes(&sound, by_key, BATCHES);

	printf("%s: leaky kernel |t| = %.1f, kernel |t| = %.1f "
	       "in %u batches\n",
		what, fabs(found), fabs(t), BATCHES);
	return fabs(found) > T_MAX && fabs(t) < T_MAX;
}

int main(int argc, char **argv)
{
	bool good;

	if (argc > 1)
		return sign_secretly(
			strcmp(argv[1], "leaky") == 0 ? &leaky : &sound);
	if (SANITIZED) {
		printf("nothing to be seen under a sanitizer\n");
		return 0;
	}
	good = memcheck_tells_apart(argv[0]);
	inner = sp_rsa_kernel();
	if (!inner) {
		printf("no kernel to be timed here\n");
		return !good;
	}
	make_keys(KEYS);
	good = check_times(true) && good;
	good = check_times(false) && good;
	for (unsigned i = 0; i < KEYS; i++)
		sp_pkey_free(&keys[i]);
	return !good;
}
