/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of Ed25519 signatures, right, wrong and odd, through the
 * lanes of two threads: every verdict, and every signature made, must be
 * OpenSSL's. Keys come back often enough to get tables and to lose them.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pkey_parts.h"
#include "tests/unit/ed25519_cases.h"

#define THREADS 2u
#define CASES 5000u /* per thread, when the second argument does not say */
#define KEPT 64u /* cases at hand, a new one in each turn */
#define JOBS 24u /* per turn; that one, and old ones in runs of a key */
#define SIGNERS 16u
#define SIGNED 5u /* per turn */

static atomic_uint_fast64_t cases, right_cases, verdicts, signatures, wrong;

/* What a thread has at hand. */
struct desk {
	struct sp_lanes *lanes;
	uint64_t random;
	struct ed25519_case cases[KEPT];
	struct sp_pkey keys[KEPT];
	bool right[KEPT];
	struct sp_pkey signers[SIGNERS];
	EVP_MD_CTX *contexts[SIGNERS];
};

static void complain(const struct desk *desk, const char *what)
{
	fprintf(stderr, "%s is wrong, about state %016llx\n", what,
		(unsigned long long)desk->random);
	atomic_fetch_add(&wrong, 1);
}

static uint64_t next(struct desk *desk)
{
	desk->random ^= desk->random << 13;
	desk->random ^= desk->random >> 7;
	desk->random ^= desk->random << 17;
	return desk->random;
}

static void new_case(struct desk *desk, unsigned i)
{
	sp_pkey_free(&desk->keys[i]);
	ed25519_case_make(&desk->cases[i], &desk->random);
	ed25519_case_key(&desk->keys[i], &desk->cases[i]);
	desk->right[i] = ed25519_case_is_right(&desk->cases[i]);
	atomic_fetch_add(&cases, 1);
	atomic_fetch_add(&right_cases, desk->right[i]);
}

static void verify(struct desk *desk, unsigned turn)
{
	struct sp_job jobs[JOBS];
	unsigned from[JOBS];

	for (unsigned i = 0; i < JOBS; i++) {
		from[i] = i == 0  ? turn % KEPT
			  : i < 8 ? (unsigned)(next(desk) % KEPT)
				  : from[i - 1 - i % 2];
		jobs[i] = ed25519_case_job(
			&desk->keys[from[i]], &desk->cases[from[i]]);
		sp_lanes_submit(desk->lanes, &jobs[i]);
	}
	sp_lanes_run(desk->lanes);
	for (unsigned i = 0; i < JOBS; i++)
		if (jobs[i].outcome !=
			(desk->right[from[i]] ? SP_JOB_DONE : SP_JOB_WRONG))
			complain(desk, "a verdict");
	atomic_fetch_add(&verdicts, JOBS);
}

static void sign(struct desk *desk)
{
	unsigned char messages[SIGNED][32], made[SIGNED][64], wanted[64];
	struct sp_job jobs[SIGNED];
	unsigned from[SIGNED];

	for (unsigned i = 0; i < SIGNED; i++) {
		for (unsigned j = 0; j < 32; j++)
			messages[i][j] = (unsigned char)next(desk);
		from[i] = (unsigned)(next(desk) % SIGNERS);
		jobs[i] = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = &desk->signers[from[i]],
			.digest = messages[i],
			.digest_size = 32,
			.signature = made[i],
		};
		sp_lanes_submit(desk->lanes, &jobs[i]);
	}
	sp_lanes_run(desk->lanes);
	for (unsigned i = 0; i < SIGNED; i++) {
		size_t size = sizeof(wanted);

		if (EVP_DigestSignInit(desk->contexts[from[i]], NULL, NULL,
			    NULL, NULL) != 1 ||
			EVP_DigestSign(desk->contexts[from[i]], wanted, &size,
				messages[i], 32) != 1 ||
			jobs[i].outcome != SP_JOB_DONE ||
			memcmp(wanted, made[i], 64) != 0)
			complain(desk, "a signature");
	}
	atomic_fetch_add(&signatures, SIGNED);
}

static void make_signers(struct desk *desk)
{
	struct sp_error error;

	for (unsigned i = 0; i < SIGNERS; i++) {
		desk->contexts[i] = EVP_MD_CTX_new();
		if (sp_pkey_generate(&desk->signers[i], SP_PKEY_ED25519, 0,
			    &error) != SP_OK ||
			EVP_DigestSignInit(desk->contexts[i], NULL, NULL, NULL,
				desk->signers[i].evp) != 1)
			abort();
	}
}

static unsigned turns = CASES; /* set before the threads begin */

static void *work(void *seed)
{
	struct desk *desk = calloc(1, sizeof(*desk));

	if (!desk)
		abort();
	desk->lanes = sp_lanes_open();
	desk->random = *(const uint64_t *)seed;
	make_signers(desk);
	for (unsigned i = 0; i < KEPT; i++)
		new_case(desk, i);
	for (unsigned turn = KEPT; turn < turns; turn++) {
		new_case(desk, turn % KEPT);
		verify(desk, turn);
		sign(desk);
	}
	for (unsigned i = 0; i < KEPT; i++)
		sp_pkey_free(&desk->keys[i]);
	for (unsigned i = 0; i < SIGNERS; i++) {
		sp_pkey_free(&desk->signers[i]);
		EVP_MD_CTX_free(desk->contexts[i]);
	}
	sp_lanes_close(desk->lanes);
	free(desk);
	return NULL;
}

int main(int count, char **arguments)
{
	uint64_t seeds[THREADS];
	pthread_t threads[THREADS];

	if (count > 2)
		turns = (unsigned)strtoul(arguments[2], NULL, 0);
	for (unsigned i = 0; i < THREADS; i++) {
		seeds[i] = count > 1 ? strtoull(arguments[1], NULL, 0) : 1;
		seeds[i] += 1000 * (i + 1);
		if (pthread_create(&threads[i], NULL, work, &seeds[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("%llu cases (%llu right), %llu verdicts, %llu signatures, "
	       "%llu wrong\n",
		(unsigned long long)cases, (unsigned long long)right_cases,
		(unsigned long long)verdicts, (unsigned long long)signatures,
		(unsigned long long)wrong);
	return wrong != 0;
}
