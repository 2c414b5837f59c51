/* SPDX-License-Identifier: Apache-2.0 */
/* The stage that hashes bodies (engine/bodyhash.h). */
#include <criterion/criterion.h>

#include <openssl/evp.h>
#include <stdlib.h>

#include "corpus/hostile.h"
#include "crypto/base64.h"
#include "engine/bodyhash.h"
#include "tests/unit/guard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sp_bodyhash *stage;

static void setup(void)
{
	stage = sp_bodyhash_open();
	cr_assert_not_null(stage);
}

static void teardown(void)
{
	sp_bodyhash_close(stage);
}

TestSuite(bodyhash, .init = setup, .fini = teardown);

/* The same digest the simple way: all at once, and OpenSSL. */
static void reference(struct sp_body_digest *digest, struct sp_span body)
{
	struct sp_body canon;
	size_t room = 2 * body.size + 2 * SP_BODY_OUT_MIN;
	char *out = malloc(room);
	size_t size;

	cr_assert_not_null(out);
	sp_body_init(&canon, digest->canon, digest->limit);
	size = sp_body_update(&canon, &body, out, room);
	cr_assert_eq(body.size, 0);
	size += sp_body_finish(&canon, out + size, room - size);
	digest->total = canon.total;
	cr_assert(EVP_Digest(out, size, digest->digest, NULL,
		digest->algorithm == SP_SHA1 ? EVP_sha1() : EVP_sha256(),
		NULL));
	free(out);
}

/* Words, spaces and empty lines, different for every seed. Every third body is
 * lines that need no copy, but for some bytes. */
static struct sp_span make_body(size_t size, unsigned seed)
{
	static const char alphabet[] = "abc  \t\r\n\n\r.";
	static const char line[] = "as it is\r\n";
	char *data = malloc(size + 1);
	uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;

	cr_assert_not_null(data);
	for (size_t i = 0; i < size; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		data[i] = seed % 3 == 1 && state >> 51
				  ? line[i % (sizeof(line) - 1)]
				  : alphabet[(state >> 40) %
					     (sizeof(alphabet) - 1)];
	}
	return sp_span(data, size);
}

static void free_body(struct sp_span body)
{
	free((void *)(uintptr_t)body.data);
}

static void expect_same(const struct sp_body_digest *got,
	const struct sp_body_digest *want, const char *what, size_t number)
{
	cr_expect(got->done, "%s %zu", what, number);
	cr_expect_eq(got->total, want->total, "%s %zu: total %llu", what,
		number, (unsigned long long)got->total);
	cr_expect_arr_eq(got->digest, want->digest,
		sp_digest_bytes(want->algorithm), "%s %zu: digest", what,
		number);
}

/* RFC 6376 3.4.3 and 3.4.4 give these hashes. */
Test(bodyhash, hashes_of_the_empty_body_are_those_of_the_rfc)
{
	static const struct {
		enum sp_canon canon;
		enum sp_digest_algorithm algorithm;
		const char *base64;
	} cases[] = {
		{SP_CANON_SIMPLE, SP_SHA1, "uoq1oCgLlTqpdDX/iUbLy7J1Wic="},
		{SP_CANON_SIMPLE, SP_SHA256,
			"frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="},
		{SP_CANON_RELAXED, SP_SHA1, "2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
		{SP_CANON_RELAXED, SP_SHA256,
			"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_body_digest digest = {
			.canon = cases[i].canon,
			.limit = SP_LENGTH_NONE,
			.algorithm = cases[i].algorithm,
		};
		struct sp_body_job job = {sp_span(NULL, 0), &digest};
		char text[64];
		size_t size;

		cr_assert_eq(sp_bodyhash_run(stage, &job, 1), SP_OK);
		size = sp_base64_encode(
			text, sp_span(digest.digest,
				      sp_digest_bytes(digest.algorithm)));
		cr_expect(sp_span_is(sp_span(text, size), cases[i].base64),
			"case %zu: %.*s", i, (int)size, text);
	}
}

#define MANY 100u

/* Of all lengths, so that streams end and are refilled at different turns. */
static void make_jobs(struct sp_body_job *jobs, struct sp_body_digest *digests)
{
	for (unsigned i = 0; i < MANY; i++) {
		size_t size = i % 7 == 0 ? i : (size_t)i * i * 23 % 70001;

		digests[i] = (struct sp_body_digest){
			.canon = i % 2 ? SP_CANON_RELAXED : SP_CANON_SIMPLE,
			.limit = i % 5 == 0 ? i * 101u : SP_LENGTH_NONE,
			.algorithm = i % 3 ? SP_SHA256 : SP_SHA1,
		};
		jobs[i].body = make_body(size, i);
		jobs[i].digest = &digests[i];
	}
}

Test(bodyhash, many_bodies_side_by_side_hash_like_each_by_itself)
{
	struct sp_body_job jobs[MANY];
	struct sp_body_digest digests[MANY];

	make_jobs(jobs, digests);
	for (size_t count = 0; count <= MANY; count += count < 20 ? 1 : 16) {
		for (unsigned i = 0; i < MANY; i++)
			digests[i].done = false;
		cr_assert_eq(sp_bodyhash_run(stage, jobs, count), SP_OK);
		for (unsigned i = 0; i < MANY; i++)
			cr_assert_eq(digests[i].done, i < count);
	}
	cr_assert_eq(sp_bodyhash_run(stage, jobs, MANY), SP_OK);
	for (unsigned i = 0; i < MANY; i++) {
		struct sp_body_digest want = digests[i];

		reference(&want, jobs[i].body);
		expect_same(&digests[i], &want, "job", i);
		free_body(jobs[i].body);
	}
}

/* Nothing of these may be lost where pieces meet. */
Test(bodyhash, hostile_bodies_hash_like_each_by_itself)
{
	static struct sp_body_digest digests[HOSTILE_BODIES];
	static struct sp_body_job jobs[HOSTILE_BODIES];
	static struct sp_buffer bodies[HOSTILE_BODIES];

	for (size_t i = 0; i < HOSTILE_BODIES; i++) {
		hostile_add(&bodies[i], i, 20000 + i);
		digests[i] = (struct sp_body_digest){
			.canon = i % 3 ? SP_CANON_RELAXED : SP_CANON_SIMPLE,
			.limit = i % 5 ? SP_LENGTH_NONE : 8192,
			.algorithm = SP_SHA256,
		};
		jobs[i].body = sp_buffer_span(&bodies[i]);
		jobs[i].digest = &digests[i];
	}
	cr_assert_eq(sp_bodyhash_run(stage, jobs, HOSTILE_BODIES), SP_OK);
	for (size_t i = 0; i < HOSTILE_BODIES; i++) {
		struct sp_body_digest want = digests[i];

		reference(&want, jobs[i].body);
		expect_same(&digests[i], &want, "hostile body", i);
		sp_buffer_free(&bodies[i]);
	}
}

/* RFC 6376 3.5, l= */
Test(bodyhash, a_limit_cuts_the_hash_and_not_the_total)
{
	struct sp_body_digest digests[2] = {
		{.canon = SP_CANON_SIMPLE, .limit = 3, .algorithm = SP_SHA256},
		{.canon = SP_CANON_SIMPLE, .limit = 99, .algorithm = SP_SHA256},
	};
	struct sp_body_job jobs[2] = {
		{sp_span_str("abcdef\r\n"), &digests[0]},
		{sp_span_str("abcdef\r\n"), &digests[1]},
	};
	unsigned char want[SP_DIGEST_BYTES_MAX];

	cr_assert_eq(sp_bodyhash_run(stage, jobs, 2), SP_OK);
	cr_expect_eq(digests[0].total, 8);
	cr_expect_eq(digests[1].total, 8);
	cr_assert(EVP_Digest("abc", 3, want, NULL, EVP_sha256(), NULL));
	cr_expect_arr_eq(digests[0].digest, want, sizeof(want));
	cr_assert(EVP_Digest("abcdef\r\n", 8, want, NULL, EVP_sha256(), NULL));
	cr_expect_arr_eq(digests[1].digest, want, sizeof(want));
}

Test(bodyhash, reads_no_byte_past_the_body)
{
	for (size_t size = 0; size < 300; size++) {
		struct sp_span body = make_body(size, 1);
		char *copy = guard_copy(body.data, size);
		struct sp_body_digest digest = {
			.canon = SP_CANON_RELAXED,
			.limit = SP_LENGTH_NONE,
			.algorithm = SP_SHA256,
		};
		struct sp_body_job job = {sp_span(copy, size), &digest};

		cr_assert_eq(sp_bodyhash_run(stage, &job, 1), SP_OK);
		guard_free(copy, size);
		free_body(body);
	}
}

static void stream(struct sp_body_digest *digests, size_t count,
	struct sp_span body, size_t piece)
{
	cr_assert_eq(sp_bodyhash_begin(stage, digests, count), SP_OK);
	while (body.size) {
		size_t size = piece < body.size ? piece : body.size;

		cr_assert_eq(
			sp_bodyhash_update(stage, sp_span(body.data, size)),
			SP_OK);
		body = sp_span_after(body, size);
	}
	cr_assert_eq(sp_bodyhash_finish(stage), SP_OK);
}

Test(bodyhash, any_cut_of_a_streamed_body_hashes_the_same)
{
	static const size_t pieces[] = {
		1, 2, 3, 7, 255, 256, 8191, 8192, 8193, 20000, 1000000};
	struct sp_span body = make_body(100000, 42);

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct sp_body_digest digests[SP_HASHER_STREAMS];

		for (size_t j = 0; j < COUNT(digests); j++)
			digests[j] = (struct sp_body_digest){
				.canon = j % 2 ? SP_CANON_RELAXED
					       : SP_CANON_SIMPLE,
				.limit = j % 4 ? SP_LENGTH_NONE : 5000 * j,
				.algorithm = j % 3 ? SP_SHA256 : SP_SHA1,
			};
		stream(digests, COUNT(digests), body, pieces[i]);
		for (size_t j = 0; j < COUNT(digests); j++) {
			struct sp_body_digest want = digests[j];

			reference(&want, body);
			expect_same(&digests[j], &want, "piece", pieces[i]);
		}
	}
	free_body(body);
}

Test(bodyhash, a_body_that_broke_off_leaves_nothing_behind)
{
	struct sp_body_digest broken = {
		.limit = SP_LENGTH_NONE, .algorithm = SP_SHA1};
	struct sp_body_digest digest = {
		.limit = SP_LENGTH_NONE, .algorithm = SP_SHA256};
	struct sp_body_digest want = digest;
	struct sp_body_job job = {sp_span_str("whole\n"), &digest};

	reference(&want, job.body);
	cr_assert_eq(sp_bodyhash_begin(stage, &broken, 1), SP_OK);
	cr_assert_eq(sp_bodyhash_update(stage, sp_span_str("half")), SP_OK);
	cr_assert_eq(sp_bodyhash_run(stage, &job, 1), SP_OK);
	expect_same(&digest, &want, "run after", 0);
	cr_assert_eq(sp_bodyhash_begin(stage, &broken, 1), SP_OK);
	cr_assert_eq(sp_bodyhash_update(stage, sp_span_str("half")), SP_OK);
	stream(&digest, 1, job.body, 2);
	expect_same(&digest, &want, "stream after", 0);
	cr_expect_not(broken.done);
}

/* A last CR makes all the empty lines above it count (RFC 6376 3.4.3). */
Test(bodyhash, empty_lines_above_a_last_cr_need_not_fit_one_piece)
{
	static char body[100001];
	struct sp_body_digest want = {
		.canon = SP_CANON_SIMPLE, .limit = SP_LENGTH_NONE};
	struct sp_body_digest got = want;
	struct sp_body_job job = {sp_span(body, sizeof(body)), &got};

	memset(body, '\n', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\r';
	reference(&want, job.body);
	cr_assert_eq(sp_bodyhash_run(stage, &job, 1), SP_OK);
	want.done = true;
	expect_same(&got, &want, "at once", 0);

	cr_assert_eq(sp_bodyhash_begin(stage, &got, 1), SP_OK);
	cr_assert_eq(sp_bodyhash_update(stage, job.body), SP_OK);
	cr_assert_eq(sp_bodyhash_finish(stage), SP_OK);
	expect_same(&got, &want, "streamed", 0);
}

Test(bodyhash, equal_wishes_share_one_digest)
{
	struct sp_body_digest list[2];
	size_t count = 0;
	struct sp_body_digest *first = sp_body_digest_want(
		list, &count, 2, SP_CANON_SIMPLE, SP_LENGTH_NONE, SP_SHA256);

	cr_assert_eq(first, &list[0]);
	cr_expect_eq(sp_body_digest_want(list, &count, 2, SP_CANON_SIMPLE,
			     SP_LENGTH_NONE, SP_SHA256),
		first);
	cr_expect_eq(sp_body_digest_want(list, &count, 2, SP_CANON_RELAXED,
			     SP_LENGTH_NONE, SP_SHA256),
		&list[1]);
	cr_expect_eq(count, 2);
	cr_expect_null(sp_body_digest_want(
		list, &count, 2, SP_CANON_SIMPLE, 7, SP_SHA256));
	cr_expect_null(sp_body_digest_want(
		list, &count, 2, SP_CANON_SIMPLE, SP_LENGTH_NONE, SP_SHA1));
	cr_expect_eq(count, 2);
}
