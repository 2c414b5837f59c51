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
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/lanes.h"
#include "crypto/rsa.h"
#include "tests/unit/lane_ops.h"
#include "tests/unit/memcheck.h"
#include "tests/unit/times.h"

#define BITS 1024u
#define JOBS 4u /* a private pass */
#define KEYS 32u
#define SLOW 6000u /* turns of a leak's loop */

static const struct sp_rsa_kernel *inner; /* what a kernel here is made of */
static uint64_t begun_ns, took_ns; /* of the pass that ran last */

static void timed_power(struct sp_rsa_private_pass *pass)
{
	begun_ns = sp_clock_ns();
	inner->power(pass);
}

static void timed_join(struct sp_rsa_private_pass *pass)
{
	inner->join(pass);
	took_ns = sp_clock_ns() - begun_ns;
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

/* The bit that the leaky kernel looks at is set in every second key. */
static void make_keys(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct sp_error error;
		bool leaks;

		do {
			sp_pkey_free(&keys[i]);
			if (sp_pkey_generate(&keys[i], SP_PKEY_RSA, BITS,
				    &error) != SP_OK)
				abort();
			if (!keys[i].rsa)
				keys[i].rsa = sp_rsa_open(keys[i].evp, true);
			if (!keys[i].rsa || !keys[i].rsa->private_half)
				abort();
			leaks = keys[i].rsa->private_half->prime[0]
					.exponent[0] &
				4;
		} while (leaks != (i % 2 == 0));
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

/* Signing that is timed: with one key or digest (class 0) or many (class 1). */
struct timed {
	struct sp_lanes *lanes;
	bool by_key;
};

static double time_signing(void *context, unsigned class)
{
	struct timed *timed = context;
	unsigned char digest[32], random;

	/* Drawn for both classes, so that they differ in nothing else. */
	if (RAND_bytes(&random, 1) != 1 ||
		RAND_bytes(digest, sizeof(digest)) != 1)
		abort();
	if (class == 0 || timed->by_key)
		memset(digest, 0xff, sizeof(digest));
	if (class == 0 || !timed->by_key)
		random = 0;
	sign(timed->lanes, &keys[random % KEYS], digest);
	return (double)took_ns;
}

static bool check_times(bool by_key)
{
	struct timed with_leak = {
		.lanes = sp_lanes_open_with(by_key ? &leaky : &leaky_block),
		.by_key = by_key,
	};
	struct timed without = {
		.lanes = sp_lanes_open_with(&sound),
		.by_key = by_key,
	};
	bool apart = times_tell_apart(by_key ? "keys" : "digests", time_signing,
		&with_leak, &without);

	sp_lanes_close(with_leak.lanes);
	sp_lanes_close(without.lanes);
	return apart;
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
