/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that come again (engine/repeats.h): digests are the same with what
 * was kept as without (RFC 6376 3.7), whatever is kept.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "engine/bodyhash.h"

#define BODY_MAX 40000u
#define JOBS_MAX 40u
#define BODIES_MAX 600u

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*seed * below >> 32);
}

static void fill(uint32_t *seed, char *out, size_t size)
{
	static const char alphabet[] = "abcdef  \t\r\n\n\r.";

	for (size_t i = 0; i < size; i++)
		out[i] = alphabet[draw(seed, sizeof(alphabet) - 1)];
}

/* A batch of bodies, each in memory of its own size, and what is wanted. */
struct batch {
	char *bodies[JOBS_MAX];
	struct sp_body_job jobs[2 * JOBS_MAX];
	struct sp_body_digest digests[2 * JOBS_MAX];
	size_t body_count;
	size_t count;
};

static void want(struct batch *batch, uint32_t *seed, struct sp_span body)
{
	static const uint64_t limits[] = {
		SP_LENGTH_NONE, SP_LENGTH_NONE, SP_LENGTH_NONE, 5000, 0};
	struct sp_body_digest *digest = &batch->digests[batch->count];

	*digest = (struct sp_body_digest){
		.canon = draw(seed, 4) ? SP_CANON_RELAXED : SP_CANON_SIMPLE,
		.limit = limits[draw(seed, 5)],
		.algorithm = draw(seed, 8) ? SP_SHA256 : SP_SHA1,
	};
	batch->jobs[batch->count++] = (struct sp_body_job){body, digest};
}

/*
 * The next body: one of some letters, whole, cut off, with another tail, with
 * one byte changed somewhere; or one that has never been.
 */
static struct sp_span next_body(
	struct batch *batch, uint32_t *seed, char letters[][BODY_MAX])
{
	size_t size = 1 + draw(seed, BODY_MAX);
	const char *letter = letters[draw(seed, 6)];
	uint32_t kind = draw(seed, 8);
	char *body;

	if (kind < 4)
		size = BODY_MAX - 7 * (size_t)(letter - letters[0]) / BODY_MAX;
	body = malloc(size);
	cr_assert_not_null(body);
	memcpy(body, letter, size);
	if (kind == 3)
		body[draw(seed, (uint32_t)size)] ^= 1;
	if (kind == 5)
		fill(seed, body + size - size / 5, size / 5);
	if (kind == 6)
		fill(seed, body + size / 2, size - size / 2);
	if (kind == 7)
		fill(seed, body, size);
	batch->bodies[batch->body_count++] = body;
	return sp_span(body, size);
}

static void expect_as_without(
	struct sp_bodyhash *fresh, const struct sp_body_job *job)
{
	struct sp_body_digest alone = *job->digest;

	alone.done = false;
	cr_assert_eq(sp_bodyhash_begin(fresh, &alone, 1), SP_OK);
	cr_assert_eq(sp_bodyhash_update(fresh, job->body), SP_OK);
	cr_assert_eq(sp_bodyhash_finish(fresh), SP_OK);
	cr_assert(job->digest->done);
	cr_assert_eq(job->digest->total, alone.total);
	cr_assert_arr_eq(job->digest->digest, alone.digest,
		sp_digest_bytes(alone.algorithm));
}

/* Large bodies are hashed by streaming, which knows nothing of repeats. */
Test(repeats, digests_are_the_same_with_what_was_kept_as_without)
{
	static char letters[6][BODY_MAX];
	static struct batch batch;
	struct sp_bodyhash *stage = sp_bodyhash_open();
	struct sp_bodyhash *fresh = sp_bodyhash_open();
	const struct sp_repeats_stats *stats = sp_bodyhash_repeats(stage);
	uint32_t seed = 11;

	for (size_t i = 0; i < 6; i++)
		fill(&seed, letters[i], BODY_MAX);
	/* Two newsletters that begin alike. */
	memcpy(letters[5], letters[4], BODY_MAX / 3);
	for (size_t done = 0; done < BODIES_MAX;) {
		size_t size = 1 + draw(&seed, JOBS_MAX);

		batch = (struct batch){0};
		for (; batch.body_count < size; done++) {
			struct sp_span body = next_body(&batch, &seed, letters);

			want(&batch, &seed, body);
			if (draw(&seed, 4) == 0)
				want(&batch, &seed, body);
		}
		cr_assert_eq(
			sp_bodyhash_run(stage, batch.jobs, batch.count), SP_OK);
		for (size_t i = 0; i < batch.count; i++)
			expect_as_without(fresh, &batch.jobs[i]);
		for (size_t i = 0; i < batch.body_count; i++)
			free(batch.bodies[i]);
	}
	printf("%llu whole, %llu begun, %llu bytes\n",
		(unsigned long long)stats->whole,
		(unsigned long long)stats->begun,
		(unsigned long long)stats->bytes);
	cr_assert_gt(stats->whole, 20);
	sp_bodyhash_close(stage);
	sp_bodyhash_close(fresh);
}

/* Runs one job for the body; the number of bytes not hashed. */
static uint64_t run_one(
	struct sp_bodyhash *stage, const char *text, size_t size)
{
	const struct sp_repeats_stats *stats = sp_bodyhash_repeats(stage);
	struct sp_body_digest digest = {
		.canon = SP_CANON_RELAXED,
		.limit = SP_LENGTH_NONE,
	};
	/* Elsewhere each time, as in a run. */
	char *copy = malloc(size);
	struct sp_body_job job = {sp_span(copy, size), &digest};
	uint64_t before = stats->bytes;

	memcpy(copy, text, size);
	cr_assert_eq(sp_bodyhash_run(stage, &job, 1), SP_OK);
	cr_assert(digest.done);
	free(copy);
	return stats->bytes - before;
}

Test(repeats, the_third_of_equal_bodies_is_not_hashed)
{
	static char text[20000], other[20000];
	struct sp_bodyhash *stage = sp_bodyhash_open();
	uint32_t seed = 12;

	fill(&seed, text, sizeof(text));
	fill(&seed, other, sizeof(other));
	cr_expect_eq(run_one(stage, text, sizeof(text)), 0);
	cr_expect_eq(run_one(stage, text, sizeof(text)), 0);
	cr_expect_eq(run_one(stage, text, sizeof(text)), sizeof(text));
	/* Others between them do not matter, as long as they are few. */
	for (int i = 0; i < 5; i++) {
		other[0] = (char)('a' + i);
		cr_expect_eq(run_one(stage, other, sizeof(other)), 0);
	}
	cr_expect_eq(run_one(stage, text, sizeof(text)), sizeof(text));
	text[19999] ^= 1;
	cr_expect_lt(run_one(stage, text, sizeof(text)), sizeof(text));
	sp_bodyhash_close(stage);
}

/* With kernels only: EVP does not give its states away. */
Test(repeats, what_differs_in_its_tail_goes_on_from_where_it_does)
{
	static char text[20000];
	struct sp_hasher *hasher = sp_hasher_open();
	struct sp_bodyhash *stage = sp_bodyhash_open();
	struct sp_sha256 state;
	uint32_t seed = 13;
	bool saves;

	cr_assert_eq(sp_hasher_begin(hasher, 0, SP_SHA256), SP_OK);
	saves = sp_hasher_save(hasher, 0, &state);
	fill(&seed, text, sizeof(text));
	for (int i = 0; i < 6; i++) {
		size_t kept;

		fill(&seed, text + 18000, 2000);
		kept = run_one(stage, text, sizeof(text) - 100u * (unsigned)i);
		if (i >= 3)
			cr_expect_eq(kept, saves ? 17 * 1024 : 0);
	}
	sp_bodyhash_close(stage);
	sp_hasher_close(hasher);
}

/* All begin alike and differ further on: keeping them is hardly tried. */
Test(repeats, what_never_comes_again_is_hardly_kept)
{
	static char text[20000];
	struct sp_bodyhash *stage = sp_bodyhash_open();
	const struct sp_repeats_stats *stats = sp_bodyhash_repeats(stage);
	uint32_t seed = 15;
	int found = 0;

	fill(&seed, text, sizeof(text));
	for (int i = 0; i < 400; i++) {
		fill(&seed, text + 100, sizeof(text) - 100);
		cr_assert_eq(run_one(stage, text, sizeof(text)), 0);
	}
	cr_expect_lt(stats->kept_bytes, 60 * sizeof(text));
	/* A newsletter that comes then is found soon. */
	for (int i = 0; i < 100; i++)
		found += run_one(stage, text, sizeof(text)) == sizeof(text);
	cr_expect_gt(found, 60);
	sp_bodyhash_close(stage);
}

/* A body too large to be kept is still not hashed twice in one run. */
Test(repeats, large_bodies_are_compared_inside_a_run)
{
	size_t size = SP_REPEATS_BODY_BYTES + 1;
	char *text = malloc(size), *copy = malloc(size);
	struct sp_bodyhash *stage = sp_bodyhash_open();
	struct sp_body_digest digests[2] = {
		{.limit = SP_LENGTH_NONE}, {.limit = SP_LENGTH_NONE}};
	struct sp_body_job jobs[2] = {{sp_span(text, size), &digests[0]},
		{sp_span(copy, size), &digests[1]}};
	uint32_t seed = 14;

	fill(&seed, text, size);
	memcpy(copy, text, size);
	for (unsigned i = 0; i < 3; i++) {
		cr_assert_eq(sp_bodyhash_run(stage, jobs, 2), SP_OK);
		cr_expect_eq(sp_bodyhash_repeats(stage)->whole, i + 1);
		cr_expect_arr_eq(digests[0].digest, digests[1].digest, 32);
	}
	sp_bodyhash_close(stage);
	free(text);
	free(copy);
}
