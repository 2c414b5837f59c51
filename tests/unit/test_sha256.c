/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by every kernel that this machine has (FIPS 180-4), against
 * OpenSSL's EVP.
 */
#include "crypto/sha256.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "crypto/digest.h"
#include "tests/unit/guard.h"

TestSuite(sha256);

#define PLANS_MAX (SP_SHA256_KERNELS_MAX + 2u)
#define LENGTH_MAX 300u
#define TEXT_BYTES 70000u
#define JOBS_MAX 80u

static uint32_t seed = 1;

static uint32_t random_below(uint32_t limit)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % limit;
}

static char text[TEXT_BYTES];

static void make_text(void)
{
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)random_below(256);
}

/*
 * A plan of each kernel alone, this machine's own, and one in which each kernel
 * has some number of lanes where it is the best.
 */
struct plans {
	struct sp_sha256_plan list[PLANS_MAX];
	char names[PLANS_MAX][40];
	size_t count;
};

static void plans_make(struct plans *plans)
{
	struct sp_sha256_kernel kernels[SP_SHA256_KERNELS_MAX];
	size_t count = sp_sha256_kernels(kernels);

	make_text();
	plans->count = 0;
	if (!count)
		cr_skip_test("no SHA-256 kernels for this processor");
	for (size_t i = 0; i < count; i++) {
		snprintf(plans->names[i], sizeof(plans->names[i]), "%s",
			kernels[i].name);
		sp_sha256_plan(&plans->list[i], &kernels[i], 1);
	}
	snprintf(plans->names[count], sizeof(plans->names[count]), "own");
	sp_sha256_plan(&plans->list[count], kernels, count);
	for (size_t i = 0; i < count; i++)
		kernels[i].cost = 300 + 180 * kernels[i].lanes;
	snprintf(plans->names[count + 1], sizeof(plans->names[count]), "all");
	sp_sha256_plan(&plans->list[count + 1], kernels, count);
	plans->count = count + 2;
}

static bool is_digest_of(
	const unsigned char *digest, const void *data, size_t size)
{
	unsigned char expected[32];

	cr_assert(EVP_Digest(data, size, expected, NULL, EVP_sha256(), NULL));
	return memcmp(digest, expected, 32) == 0;
}

static void run_and_compare(struct sp_hasher *hasher, const char *name,
	const struct sp_span *inputs, size_t count)
{
	struct sp_digest_job jobs[JOBS_MAX], *list[JOBS_MAX];

	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct sp_digest_job){.input = inputs[i]};
		list[i] = &jobs[i];
	}
	cr_assert_eq(sp_hasher_run(hasher, list, count), SP_OK);
	for (size_t i = 0; i < count; i++)
		cr_assert(is_digest_of(jobs[i].digest, inputs[i].data,
				  inputs[i].size),
			"%s: input %zu of %zu, %zu bytes", name, i, count,
			inputs[i].size);
}

/* 5.1.1; each ends right before an unmapped page. */
Test(sha256, whole_inputs_of_every_length_in_every_lane)
{
	struct plans plans;
	char *copies[LENGTH_MAX + 1];

	plans_make(&plans);
	for (size_t i = 0; i <= LENGTH_MAX; i++)
		copies[i] = guard_copy(text + i, i);
	for (size_t p = 0; p < plans.count; p++) {
		struct sp_hasher *hasher = sp_hasher_open_plan(&plans.list[p]);

		for (size_t first = 0; first <= LENGTH_MAX; first++) {
			struct sp_span inputs[SP_SHA256_LANES + 1];
			size_t count = 1 + first % (SP_SHA256_LANES + 1);

			for (size_t i = 0; i < count; i++) {
				size_t size =
					(first + i * 37) % (LENGTH_MAX + 1);

				inputs[i] = sp_span(copies[size], size);
			}
			run_and_compare(hasher, plans.names[p], inputs, count);
		}
		sp_hasher_close(hasher);
	}
	for (size_t i = 0; i <= LENGTH_MAX; i++)
		guard_free(copies[i], i);
}

Test(sha256, whole_inputs_at_every_alignment)
{
	struct plans plans;

	plans_make(&plans);
	for (size_t p = 0; p < plans.count; p++) {
		struct sp_hasher *hasher = sp_hasher_open_plan(&plans.list[p]);
		struct sp_span inputs[64];

		for (size_t i = 0; i < 64; i++)
			inputs[i] = sp_span(text + i, 1000 + i);
		run_and_compare(hasher, plans.names[p], inputs, 64);
		sp_hasher_close(hasher);
	}
}

Test(sha256, whole_inputs_of_uneven_lengths_however_many)
{
	struct plans plans;

	plans_make(&plans);
	for (size_t p = 0; p < plans.count; p++) {
		struct sp_hasher *hasher = sp_hasher_open_plan(&plans.list[p]);
		struct sp_span inputs[JOBS_MAX];

		for (size_t count = 0; count <= JOBS_MAX; count++) {
			for (size_t i = 0; i < count; i++) {
				uint32_t limit = 1 + (5000u >> i % 8);

				inputs[i] = sp_span(text + random_below(900),
					random_below(limit));
			}
			run_and_compare(hasher, plans.names[p], inputs, count);
		}
		sp_hasher_close(hasher);
	}
}

/* Stream i has a message of size - i % 4 bytes, cut at the same place. */
static void compare_split(struct sp_hasher *hasher, const char *name,
	char *const *copies, size_t size, size_t split)
{
	struct sp_span heads[SP_HASHER_STREAMS], tails[SP_HASHER_STREAMS];
	unsigned char digest[32];

	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++) {
		size_t bytes = size - i % 4;
		size_t cut = split < bytes ? split : bytes;

		heads[i] = sp_span(copies[i % 4], cut);
		tails[i] = sp_span(copies[i % 4] + cut, bytes - cut);
		cr_assert_eq(sp_hasher_begin(hasher, i, SP_SHA256), SP_OK);
	}
	cr_assert_eq(sp_hasher_update(hasher, heads, SP_HASHER_STREAMS), SP_OK);
	cr_assert_eq(sp_hasher_update(hasher, tails, SP_HASHER_STREAMS), SP_OK);
	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++) {
		cr_assert_eq(sp_hasher_finish(hasher, i, digest), SP_OK);
		cr_assert(is_digest_of(digest, copies[i % 4], size - i % 4),
			"%s: stream %u, %zu bytes cut at %zu", name, i, size,
			split);
	}
}

Test(sha256, streams_cut_anywhere_around_block_ends)
{
	static const size_t sizes[] = {4, 56, 64, 66, 120, 128, 131, 195, 258};
	struct plans plans;

	plans_make(&plans);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		char *copies[4];

		for (size_t i = 0; i < 4; i++)
			copies[i] = guard_copy(text + 100 * i, sizes[s] - i);
		for (size_t p = 0; p < plans.count; p++) {
			struct sp_hasher *hasher =
				sp_hasher_open_plan(&plans.list[p]);

			for (size_t cut = 0; cut <= sizes[s]; cut++)
				compare_split(hasher, plans.names[p], copies,
					sizes[s], cut);
			sp_hasher_close(hasher);
		}
		for (size_t i = 0; i < 4; i++)
			guard_free(copies[i], sizes[s] - i);
	}
}

/* What a stream of the next test is at: text from first up to at. */
struct progress {
	size_t first;
	size_t at;
	size_t end;
};

static void begin(
	struct sp_hasher *hasher, struct progress *progress, unsigned i)
{
	progress->first = progress->at = random_below(TEXT_BYTES / 2);
	progress->end = progress->first +
			random_below(1 + (TEXT_BYTES / 2 >> random_below(10)));
	cr_assert_eq(sp_hasher_begin(hasher, i, SP_SHA256), SP_OK);
}

static void next_piece(struct progress *progress, struct sp_span *piece)
{
	size_t left = progress->end - progress->at;
	size_t size = random_below(1 + (8192u >> random_below(12)));

	*piece = sp_span(text + progress->at, size < left ? size : left);
	progress->at += piece->size;
}

/* How bodies come: each stream at its own place, none waiting for another. */
Test(sha256, streams_begin_and_end_while_others_go_on)
{
	struct plans plans;

	plans_make(&plans);
	for (size_t p = 0; p < plans.count; p++) {
		struct sp_hasher *hasher = sp_hasher_open_plan(&plans.list[p]);
		struct progress progress[SP_HASHER_STREAMS];
		struct sp_span pieces[SP_HASHER_STREAMS];

		for (unsigned i = 0; i < SP_HASHER_STREAMS; i++)
			begin(hasher, &progress[i], i);
		for (size_t turn = 0; turn < 1500; turn++) {
			unsigned width = 1 + random_below(SP_HASHER_STREAMS);

			for (unsigned i = 0; i < width; i++)
				next_piece(&progress[i], &pieces[i]);
			cr_assert_eq(
				sp_hasher_update(hasher, pieces, width), SP_OK);
			for (unsigned i = 0; i < width; i++) {
				struct progress *now = &progress[i];
				unsigned char digest[32];

				if (now->at < now->end)
					continue;
				cr_assert_eq(
					sp_hasher_finish(hasher, i, digest),
					SP_OK);
				cr_assert(
					is_digest_of(digest, text + now->first,
						now->end - now->first),
					"%s: turn %zu, stream %u",
					plans.names[p], turn, i);
				begin(hasher, now, i);
			}
		}
		sp_hasher_close(hasher);
	}
}

/* 5.1.1: a count of bits in 64 bits, most significant byte first. */
Test(sha256, the_padding_holds_the_length_of_large_messages)
{
	struct sp_sha256_end end;
	static const unsigned char bits[8] = {
		0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xb8};

	cr_assert_eq(sp_sha256_end(&end, text, 0x123456789abcdeb8 / 8), 1);
	cr_assert_eq(memcmp(end.blocks + 56, bits, 8), 0);
	cr_assert_eq(end.blocks[0x17], 0x80);
	cr_assert_eq(sp_sha256_end(&end, text, 56), 2);
	cr_assert_eq(end.blocks[56], 0x80);
	cr_assert_eq(end.blocks[126], 56 * 8 >> 8);
	cr_assert_eq(end.blocks[127], 56 * 8 & 255);
}

Test(sha256, the_plan_takes_what_costs_least_for_so_many)
{
	static const struct sp_sha256_kernel kernels[] = {
		{.name = "one", .lanes = 1, .cost = 440},
		{.name = "two", .lanes = 2, .cost = 650},
		{.name = "sixteen", .lanes = 16, .cost = 3160},
	};
	struct sp_sha256_plan plan;

	sp_sha256_plan(&plan, kernels, 3);
	cr_assert_eq(plan.best[1].lanes, 1);
	for (unsigned n = 2; n <= 9; n++)
		cr_assert_eq(plan.best[n].lanes, 2, "%u", n);
	for (unsigned n = 10; n <= 16; n++)
		cr_assert_eq(plan.best[n].lanes, 16, "%u", n);
	sp_sha256_plan(&plan, kernels + 2, 1);
	cr_assert_eq(plan.best[1].lanes, 16);
}

Test(sha256, no_kernel_goes_beyond_the_cpu_level)
{
	struct sp_sha256_kernel kernels[SP_SHA256_KERNELS_MAX];
	struct sp_error error;
	size_t all = sp_sha256_kernels(kernels);
	size_t count;

	cr_assert(all <= SP_SHA256_KERNELS_MAX);
	cr_assert_eq(sp_cpu_cap("scalar", &error), SP_OK);
	cr_assert_eq(sp_sha256_kernels(kernels), 0);
	cr_assert_eq(sp_cpu_cap("avx2", &error), SP_OK);
	count = sp_sha256_kernels(kernels);
	cr_assert(count <= all);
	for (size_t i = 0; i < count; i++)
		cr_assert(kernels[i].needs == SP_FEATURE_SHANI ||
				  kernels[i].needs == SP_FEATURE_AVX2,
			"%s", kernels[i].name);
	cr_assert_eq(sp_cpu_cap("auto", &error), SP_OK);
	cr_assert_eq(sp_sha256_kernels(kernels), all);
}
