/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of many messages at once against OpenSSL's EVP with a context used
 * again (FIPS 180-4): every kernel alone, and "mixed", the plan that is used,
 * by how many messages there are and how long they are.
 */
#include "crypto/sha256.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "bench/bench.h"
#include "crypto/digest.h"

#define PIECE_BYTES 8192u /* what engine/bodyhash.c gives a stream at once */
#define HEADERS 64u
#define HEADER_BYTES 1536u
#define MESSAGE_BYTES_MAX 102400u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct state {
	struct sp_hasher *hasher;
	EVP_MD_CTX *evp;
	unsigned count; /* messages */
	size_t size; /* of each */
	char text[SP_HASHER_STREAMS][MESSAGE_BYTES_MAX];
	struct sp_digest_job jobs[HEADERS], *list[HEADERS];
};

static void need(bool right)
{
	bench_need(right, "SHA-256 fails");
}

/* The messages side by side, in pieces. */
static void hash_streams(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < state->count; i++)
		need(sp_hasher_begin(state->hasher, i, SP_SHA256) == SP_OK);
	for (size_t at = 0; at < state->size; at += PIECE_BYTES) {
		size_t left = state->size - at;
		struct sp_span pieces[SP_HASHER_STREAMS];

		for (unsigned i = 0; i < state->count; i++)
			pieces[i] = sp_span(state->text[i] + at,
				left < PIECE_BYTES ? left : PIECE_BYTES);
		need(sp_hasher_update(state->hasher, pieces, state->count) ==
			SP_OK);
	}
	for (unsigned i = 0; i < state->count; i++) {
		unsigned char digest[SP_DIGEST_BYTES_MAX];

		need(sp_hasher_finish(state->hasher, i, digest) == SP_OK);
	}
}

static void hash_headers(void *arg)
{
	struct state *state = arg;

	need(sp_hasher_run(state->hasher, state->list, HEADERS) == SP_OK);
}

static void hash_one(struct state *state, const void *data, size_t size)
{
	unsigned char digest[32];

	need(EVP_DigestInit_ex2(state->evp, NULL, NULL) == 1 &&
		EVP_DigestUpdate(state->evp, data, size) == 1 &&
		EVP_DigestFinal_ex(state->evp, digest, NULL) == 1);
}

static void evp_streams(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < state->count; i++)
		hash_one(state, state->text[i], state->size);
}

static void evp_headers(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < HEADERS; i++)
		hash_one(state, state->jobs[i].input.data,
			state->jobs[i].input.size);
}

/* Headers between 0.5 and 2.5 KB. */
static double set_headers(struct state *state)
{
	double total = 0;

	for (size_t i = 0; i < HEADERS; i++) {
		size_t size = HEADER_BYTES + (i * 29 % HEADERS) * 32 -
			      HEADERS / 2 * 32;

		state->jobs[i].input =
			sp_span(state->text[i % SP_HASHER_STREAMS], size);
		state->list[i] = &state->jobs[i];
		total += (double)size;
	}
	return total;
}

static struct state *open_state(void)
{
	struct state *state = calloc(1, sizeof(*state));

	need(state != NULL);
	state->evp = EVP_MD_CTX_new();
	need(state->evp &&
		EVP_DigestInit_ex2(state->evp, EVP_sha256(), NULL) == 1);
	for (size_t i = 0; i < MESSAGE_BYTES_MAX; i++)
		for (unsigned k = 0; k < SP_HASHER_STREAMS; k++)
			state->text[k][i] = (char)((i + k) * 2654435761u >> 13);
	return state;
}

static void measure(struct bench *bench, struct bench_item *item,
	const struct sp_sha256_plan *plan, unsigned count, size_t size)
{
	struct state *state;

	if (!bench_wants(bench, item))
		return;
	state = open_state();
	state->hasher = plan ? sp_hasher_open_plan(plan) : sp_hasher_open();
	need(state->hasher != NULL);
	state->count = count;
	state->size = size;
	item->work =
		count > 0 ? (double)count * (double)size : set_headers(state);
	bench_measure(bench, item, state);
	sp_hasher_close(state->hasher);
	EVP_MD_CTX_free(state->evp);
	free(state);
}

static void measure_variant(struct bench *bench, const char *variant,
	const struct sp_sha256_plan *plan)
{
	static const struct {
		const char *name;
		unsigned count;
		size_t size;
	} cases[] = {
		{"sha256-16x2k", 16, 2048},
		{"sha256-16x16k", 16, 16384},
		{"sha256-16x100k", 16, MESSAGE_BYTES_MAX},
		{"sha256-headers", 0, 0},
		/* The fill of the lanes is the plan's affair. */
		{"sha256-1x16k", 1, 16384},
		{"sha256-2x16k", 2, 16384},
		{"sha256-4x16k", 4, 16384},
		{"sha256-8x16k", 8, 16384},
	};

	for (size_t i = 0; i < (plan ? 4 : COUNT(cases)); i++) {
		struct bench_item item = {
			.group = "crypto",
			.baseline = "openssl-evp",
			.unit = BENCH_BYTES,
			.ours = cases[i].count ? hash_streams : hash_headers,
			.base = cases[i].count ? evp_streams : evp_headers,
		};

		snprintf(item.name, sizeof(item.name), "%s", cases[i].name);
		bench_variant(&item, variant);
		measure(bench, &item, plan, cases[i].count, cases[i].size);
	}
}

void bench_sha256(struct bench *bench)
{
	struct sp_sha256_kernel kernels[SP_SHA256_KERNELS_MAX];
	size_t count = sp_sha256_kernels(kernels);

	measure_variant(bench, count ? "mixed" : "openssl", NULL);
	for (size_t i = 0; i < count; i++) {
		struct sp_sha256_plan plan;

		sp_sha256_plan(&plan, &kernels[i], 1);
		measure_variant(bench, kernels[i].name, &plan);
	}
}
