/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA in lanes against OpenSSL with a context kept per key: bench_rsa
 * [ROUNDS]. Each round times both ways one after the other, so that what the
 * machine does to one it does to the other; the medians and their ratio are
 * printed.
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cpu.h"
#include "crypto/lanes.h"
#include "crypto/rsa_kernel.h"

#define JOBS_MAX 64u
#define ROUNDS_MAX 1000u
#define WAYS 2u

static const unsigned batches[] = {1, 2, 4, 8, 16, 64};
#define BATCHES (sizeof(batches) / sizeof(batches[0]))

static double now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *samples, unsigned count)
{
	qsort(samples, count, sizeof(*samples), compare);
	return samples[count / 2];
}

/* Microseconds of this thread that a batch took. */
static double run(struct sp_lanes *lanes, struct sp_job *jobs, unsigned count)
{
	double begin = now_us();

	for (unsigned i = 0; i < count; i++)
		sp_lanes_submit(lanes, &jobs[i]);
	sp_lanes_run(lanes);
	for (unsigned i = 0; i < count; i++)
		if (jobs[i].outcome != SP_JOB_DONE)
			abort();
	return now_us() - begin;
}

/* rounds batches each way, in turns. */
static void compare_ways(struct sp_lanes *const ways[WAYS], const char *what,
	struct sp_job *jobs, unsigned count, unsigned rounds)
{
	static double samples[WAYS][ROUNDS_MAX];
	double us[WAYS];

	for (unsigned round = 0; round < rounds; round++)
		for (unsigned way = 0; way < WAYS; way++)
			samples[way][round] = run(ways[way], jobs, count);
	for (unsigned way = 0; way < WAYS; way++)
		us[way] = median(samples[way], rounds);
	printf("%-15s batch %2u: OpenSSL %8.1f us %9.0f/s, lanes %8.1f us "
	       "%9.0f/s, ratio %.2f\n",
		what, count, us[0], count / us[0] * 1e6, us[1],
		count / us[1] * 1e6, us[0] / us[1]);
}

static void bench_size(
	struct sp_lanes *const ways[WAYS], unsigned bits, unsigned rounds)
{
	static unsigned char digests[JOBS_MAX][32];
	static unsigned char signatures[JOBS_MAX][512];
	struct sp_job jobs[JOBS_MAX];
	struct sp_error error = {0};
	struct sp_pkey key;
	char text[64];

	snprintf(text, sizeof(text), "corpus/keys/rsa%u.pem", bits);
	if (sp_pkey_open(&key, text,
		    &(struct sp_pkey_open_options){
			    .insecure_permissions = true},
		    &error) != SP_OK) {
		fprintf(stderr, "%s\n", error.text);
		exit(2);
	}
	for (int kind = SP_JOB_SIGN; kind <= SP_JOB_VERIFY; kind++) {
		snprintf(text, sizeof(text), "rsa%u %s", bits,
			kind == SP_JOB_SIGN ? "sign" : "verify");
		for (unsigned i = 0; i < JOBS_MAX; i++) {
			memset(digests[i], (int)i, sizeof(digests[i]));
			jobs[i] = (struct sp_job){
				.kind = (enum sp_job_kind)kind,
				.key = &key,
				.hash = SP_SHA256,
				.digest = digests[i],
				.digest_size = sizeof(digests[i]),
				.signature = signatures[i],
				.signature_size = key.signature_bytes,
			};
		}
		for (unsigned i = 0; i < BATCHES; i++)
			compare_ways(ways, text, jobs, batches[i],
				rounds * (kind == SP_JOB_SIGN ? 1 : 10));
	}
	sp_pkey_free(&key);
}

int main(int argc, char **argv)
{
	const struct sp_rsa_kernel *kernel = sp_rsa_kernel();
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 15;
	struct sp_lanes *ways[WAYS] = {
		sp_lanes_open_with(NULL), sp_lanes_open_with(kernel)};

	if (rounds == 0 || rounds * 10 > ROUNDS_MAX || !ways[0] || !ways[1])
		return 2;
	printf("kernel %s, %s\n", kernel ? kernel->name : "none",
		OpenSSL_version(OPENSSL_VERSION));
	for (unsigned bits = 1024; bits <= 4096; bits += 1024)
		bench_size(ways, bits, rounds);
	sp_lanes_close(ways[0]);
	sp_lanes_close(ways[1]);
	return 0;
}
