/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of many messages at once against OpenSSL's EVP with contexts that
 * are used again: GB/s of each kernel alone and of the plan that mixes them,
 * and their ratios to EVP. Interleaved (A, B, C, A, B, C, ...), medians.
 *
 *	build/release/bench/bench_sha256 [ROUNDS]
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/digest.h"
#include "crypto/sha256.h"

#define ROUNDS_MAX 1001u
#define PIECE_BYTES 8192u /* what engine/bodyhash.c gives a stream at once */
#define HEADERS 64u
#define HEADER_BYTES 1536u
#define MESSAGE_BYTES_MAX 102400u
#define ROUND_BYTES 4000000u /* at least, hashed in one go */
#define RUNNERS_MAX (SP_SHA256_KERNELS_MAX + 2u)

static struct {
	const char *name;
	struct sp_hasher *hasher;
	double rates[ROUNDS_MAX];
} runners[RUNNERS_MAX];
static size_t runners_count;
static char text[SP_HASHER_STREAMS][MESSAGE_BYTES_MAX];
static struct sp_digest_job jobs[HEADERS], *list[HEADERS];

static void add_runner(const char *name, const struct sp_sha256_plan *plan)
{
	runners[runners_count].name = name;
	runners[runners_count].hasher = sp_hasher_open_plan(plan);
	assert(runners[runners_count].hasher);
	runners_count++;
}

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* SP_HASHER_STREAMS messages of size bytes, side by side in pieces. */
static size_t hash_streams(struct sp_hasher *hasher, size_t size)
{
	enum sp_status status = SP_OK;

	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++)
		status |= sp_hasher_begin(hasher, i, SP_SHA256);
	for (size_t at = 0; at < size; at += PIECE_BYTES) {
		size_t left = size - at;
		struct sp_span pieces[SP_HASHER_STREAMS];

		for (unsigned i = 0; i < SP_HASHER_STREAMS; i++)
			pieces[i] = sp_span(text[i] + at,
				left < PIECE_BYTES ? left : PIECE_BYTES);
		status |= sp_hasher_update(hasher, pieces, SP_HASHER_STREAMS);
	}
	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++) {
		unsigned char digest[SP_DIGEST_BYTES_MAX];

		status |= sp_hasher_finish(hasher, i, digest);
	}
	assert(status == SP_OK);
	return SP_HASHER_STREAMS * size;
}

/* Whole inputs, shorter and longer than HEADER_BYTES by steps of spread. */
static size_t hash_headers(struct sp_hasher *hasher, size_t spread)
{
	size_t total = 0;

	for (size_t i = 0; i < HEADERS; i++) {
		size_t size = HEADER_BYTES + (i * 29 % HEADERS) * spread -
			      HEADERS / 2 * spread;

		jobs[i].input = sp_span(text[i % SP_HASHER_STREAMS], size);
		list[i] = &jobs[i];
		total += size;
	}
	if (sp_hasher_run(hasher, list, HEADERS) != SP_OK)
		abort();
	return total;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *what,
	size_t (*hash)(struct sp_hasher *, size_t), size_t size, size_t rounds)
{
	double base = 0;

	for (size_t round = 0; round < rounds; round++) {
		for (size_t i = 0; i < runners_count; i++) {
			double begin = now_seconds();
			size_t bytes = 0;

			while (bytes < ROUND_BYTES)
				bytes += hash(runners[i].hasher, size);
			runners[i].rates[round] =
				(double)bytes / (now_seconds() - begin) / 1e9;
		}
	}
	printf("| %s |", what);
	for (size_t i = 0; i < runners_count; i++) {
		double *rates = runners[i].rates;

		qsort(rates, rounds, sizeof(rates[0]), ascending);
		if (i == 0)
			base = rates[rounds / 2];
		printf(" %.2f (%.2f) |", rates[rounds / 2],
			rates[rounds / 2] / base);
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	struct sp_sha256_kernel kernels[SP_SHA256_KERNELS_MAX];
	size_t count = sp_sha256_kernels(kernels);
	size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 101;
	struct sp_sha256_plan plan;

	assert(rounds > 0 && rounds <= ROUNDS_MAX);
	for (size_t i = 0; i < MESSAGE_BYTES_MAX; i++)
		for (unsigned k = 0; k < SP_HASHER_STREAMS; k++)
			text[k][i] = (char)((i + k) * 2654435761u >> 13);
	add_runner("EVP", NULL);
	for (size_t i = 0; i < count; i++) {
		sp_sha256_plan(&plan, &kernels[i], 1);
		add_runner(kernels[i].name, &plan);
	}
	if (count) {
		sp_sha256_plan(&plan, kernels, count);
		add_runner("plan", &plan);
	}
	printf("| GB/s (ratio to EVP) |");
	for (size_t i = 0; i < runners_count; i++)
		printf(" %s |", runners[i].name);
	printf("\n|---|");
	for (size_t i = 0; i < runners_count; i++)
		printf("---|");
	printf("\n");
	measure("16 messages of 2 KB", hash_streams, 2048, rounds);
	measure("16 messages of 16 KB", hash_streams, 16384, rounds);
	measure("16 messages of 100 KB", hash_streams, 102400, rounds);
	measure("64 headers of 1.5 KB", hash_headers, 0, rounds);
	measure("64 headers of 0.5 to 2.5 KB", hash_headers, 32, rounds);
	for (size_t i = 0; i < runners_count; i++)
		sp_hasher_close(runners[i].hasher);
	return 0;
}
