/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA in eight lanes against OpenSSL, and many threads with the same keys:
 * stress_rsa [SECONDS]. Batches of random jobs are signed in lanes; OpenSSL
 * must find every signature right (there is only one right signature, so the
 * bytes are OpenSSL's). Then some are damaged, and both must give the same
 * answers. The public keys have been used by nobody at first, so that the
 * threads meet where their contexts are made.
 */
#include <assert.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/lanes.h"
#include "crypto/rsa.h"
#include "tests/unit/parse.h"

enum { THREADS = 4, KEYS = 12, JOBS = 40 };

static struct sp_pkey keys[KEYS], public[KEYS];
static time_t end;

struct worker {
	pthread_t thread;
	struct sp_lanes *ours, *theirs;
	uint32_t random[2 * JOBS];
	struct sp_job jobs[JOBS];
	unsigned char digests[JOBS][32];
	unsigned char signatures[JOBS][SP_PKEY_SIGNATURE_BYTES_MAX];
	enum sp_job_outcome outcomes[JOBS];
};

static void make_keys(void)
{
	static const unsigned bits[] = {1024, 2048, 1024, 2048, 1024, 1024,
		2048, 1024, 1024, 1536, 3072, 4096};

	for (unsigned i = 0; i < KEYS; i++) {
		unsigned char *bytes = NULL;
		enum sp_status made =
			sp_pkey_generate(&keys[i], SP_PKEY_RSA, bits[i], NULL);
		int size = i2d_PUBKEY(keys[i].evp, &bytes);
		enum sp_reason parsed = parse_public(
			&public[i], SP_PKEY_RSA, sp_span(bytes, (size_t)size));

		assert(made == SP_OK && parsed == SP_REASON_OK);
		OPENSSL_free(bytes);
	}
}

static void fill(struct worker *worker, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		/* The slow large keys come but now and then. */
		unsigned key = worker->random[i] % (8 * KEYS);

		if (key >= KEYS)
			key %= KEYS - 3;
		worker->jobs[i] = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = &keys[key],
			.hash = (enum sp_digest_algorithm)(
				worker->random[i] >> 31),
			.digest = worker->digests[i],
			.signature = worker->signatures[i],
		};
		worker->jobs[i].digest_size =
			sp_digest_bytes(worker->jobs[i].hash);
	}
}

static void run(struct sp_lanes *lanes, struct sp_job *jobs, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		sp_lanes_submit(lanes, &jobs[i]);
	sp_lanes_run(lanes);
}

static void sign_and_verify(struct worker *worker, unsigned count)
{
	struct sp_job *jobs = worker->jobs;

	fill(worker, count);
	run(worker->ours, jobs, count);
	for (unsigned i = 0; i < count; i++) {
		assert(jobs[i].outcome == SP_JOB_DONE);
		jobs[i].kind = SP_JOB_VERIFY;
		jobs[i].key = &public[jobs[i].key - keys];
	}
	run(worker->theirs, jobs, count);
	for (unsigned i = 0; i < count; i++)
		assert(jobs[i].outcome == SP_JOB_DONE);
	for (unsigned i = 0; i < count; i++) {
		uint32_t random = worker->random[JOBS + i];
		size_t at = random >> 3 & 1023;

		if (at < jobs[i].signature_size)
			jobs[i].signature[at] ^= 1u << (random & 7);
	}
	run(worker->theirs, jobs, count);
	for (unsigned i = 0; i < count; i++)
		worker->outcomes[i] = jobs[i].outcome;
	run(worker->ours, jobs, count);
	for (unsigned i = 0; i < count; i++)
		assert(jobs[i].outcome == worker->outcomes[i]);
}

static void *work(void *context)
{
	struct worker *worker = context;
	int drawn = 1;

	while (time(NULL) < end && drawn == 1) {
		drawn = RAND_bytes((unsigned char *)worker->random,
				sizeof(worker->random)) == 1 &&
			RAND_bytes(worker->digests[0],
				sizeof(worker->digests)) == 1;
		sign_and_verify(worker, 1 + worker->random[0] / 7 % JOBS);
	}
	assert(drawn == 1);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS];
	uint64_t signatures = 0, in_lanes = 0, faults = 0;

	make_keys();
	end = time(NULL) + (argc > 1 ? strtol(argv[1], NULL, 10) : 10);
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].ours = sp_lanes_open();
		workers[i].theirs = sp_lanes_open_with(NULL);
		assert(workers[i].ours && workers[i].theirs);
		if (pthread_create(
			    &workers[i].thread, NULL, work, &workers[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < THREADS; i++) {
		const struct sp_lanes_stats *stats;

		pthread_join(workers[i].thread, NULL);
		stats = sp_lanes_stats(workers[i].ours);
		signatures += stats->signed_rsa;
		in_lanes += stats->eight_lanes;
		faults += stats->faults;
		sp_lanes_close(workers[i].ours);
		sp_lanes_close(workers[i].theirs);
	}
	for (unsigned i = 0; i < KEYS; i++) {
		sp_pkey_free(&keys[i]);
		sp_pkey_free(&public[i]);
	}
	printf("%llu signatures, %llu jobs in lanes, %llu faults\n",
		(unsigned long long)signatures, (unsigned long long)in_lanes,
		(unsigned long long)faults);
	return faults != 0;
}
