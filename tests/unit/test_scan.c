/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Body kernels (RFC 6376 3.4.3, 3.4.4): each does what the scalar one does,
 * which does what the naive reading of the RFC does.
 */
#include "canon/scan.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "canon/body.h"
#include "corpus/hostile.h"
#include "tests/unit/guard.h"
#include "tests/unit/naive_canon.h"

TestSuite(scan);

#define TEXT_MAX 256u
#define ALIGNMENTS 64u
#define SMALL_ROOM (SP_BODY_OUT_MIN + ALIGNMENTS)
#define ALPHABET " \t\r\na"

/* An output ending at an unmapped page, and what has been taken from it. */
struct sink {
	struct sp_body body;
	char *memory; /* capacity bytes */
	size_t capacity, room;
	char *out;
	size_t size;
};

static void sink_open(struct sink *sink, size_t capacity, size_t out_bytes)
{
	char *zero = calloc(1, capacity);

	sink->memory = guard_copy(zero, capacity);
	sink->capacity = capacity;
	sink->out = malloc(out_bytes);
	free(zero);
}

static void sink_close(struct sink *sink)
{
	guard_free(sink->memory, sink->capacity);
	free(sink->out);
}

static void sink_begin(struct sink *sink, const struct sp_scan_kernel *kernel,
	enum sp_canon canon, size_t room)
{
	sp_body_init(&sink->body, canon, SP_LENGTH_NONE);
	sink->body.kernel = kernel;
	sink->room = room;
	sink->size = 0;
}

static void sink_take(struct sink *sink, const char *from, size_t size)
{
	if (size > sink->room)
		cr_assert_fail("%zu octets for room %zu", size, sink->room);
	memcpy(sink->out + sink->size, from, size);
	sink->size += size;
}

static void sink_feed(struct sink *sink, struct sp_span in)
{
	char *to = sink->memory + sink->capacity - sink->room;

	while (in.size)
		sink_take(sink, to,
			sp_body_update(&sink->body, &in, to, sink->room));
}

static void sink_end(struct sink *sink)
{
	char *to = sink->memory + sink->capacity - sink->room;
	size_t size;

	while ((size = sp_body_finish(&sink->body, to, sink->room)))
		sink_take(sink, to, size);
}

static void sink_expect(const struct sink *sink, struct sp_span expected)
{
	struct sp_span out = sp_span(sink->out, sink->size);
	size_t same = 0;

	if (sp_span_equal(out, expected) && sink->body.total == expected.size)
		return;
	while (same < out.size && same < expected.size &&
		out.data[same] == expected.data[same])
		same++;
	cr_assert_fail("%s, canon %d: %zu octets for %zu, wrong from %zu on",
		sink->body.kernel->name, sink->body.canon, out.size,
		expected.size, same);
}

/* Begin with zeros; next is where to go on. */
struct scan_case {
	size_t next;
	const struct sp_scan_kernel *kernel;
	enum sp_canon canon;
};

/* The kernels that run here, one after the other, in both canonicalizations:
 * false behind the last. */
static bool next_case(struct scan_case *c)
{
	const struct sp_scan_kernel *kernel;

	while ((kernel = sp_scan_kernels[c->next / 2])) {
		c->kernel = kernel;
		c->canon = c->next++ % 2 ? SP_CANON_RELAXED : SP_CANON_SIMPLE;
		if (sp_scan_runs(kernel))
			return true;
	}
	return false;
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*seed * below >> 32);
}

/* From nothing but white space and line ends to hardly any; CRLF in style 1,
 * no CR in style 2. */
static void draw_text(uint32_t *seed, char *out, size_t size)
{
	uint32_t letters = 1u << draw(seed, 9);
	uint32_t style = draw(seed, 3);

	for (size_t i = 0; i < size; i++) {
		uint32_t at = draw(seed, 4 + letters);

		out[i] = at < 4 ? ALPHABET[at] : (char)(at * 37);
		if (style == 1 && out[i] == '\n' && i)
			out[i - 1] = '\r';
		if (style == 2 && out[i] == '\r')
			out[i] = 'r';
	}
}

Test(scan, lists_the_scalar_kernel_last)
{
	size_t count = 0;

	while (sp_scan_kernels[count])
		count++;
	cr_assert_gt(count, 0);
	cr_assert_eq(sp_scan_kernels[count - 1], &sp_scan_scalar);
	cr_assert(sp_scan_runs(&sp_scan_scalar));
	for (size_t i = 0; i < count; i++)
		printf("%s: %s\n", sp_scan_kernels[i]->name,
			sp_scan_runs(sp_scan_kernels[i]) ? "runs"
							 : "does not run here");
}

/* What a cap does not allow is not chosen, whatever the machine has. */
static void expect_cap(const char *cap, enum sp_cpu_level level)
{
	struct sp_error error;
	const struct sp_scan_kernel *kernel;

	cr_assert_eq(sp_cpu_cap(cap, &error), SP_OK);
	kernel = sp_scan_kernel();
	cr_assert(sp_scan_runs(kernel));
	cr_assert_eq(kernel, sp_scan_kernel());
	for (size_t i = 0; sp_scan_kernels[i] != kernel; i++)
		cr_assert_not(sp_scan_runs(sp_scan_kernels[i]));
	if (level == SP_CPU_SCALAR || sp_cpu_detect() == SP_CPU_SCALAR)
		cr_assert_eq(kernel, &sp_scan_scalar);
	else if (level == SP_CPU_AVX2)
		cr_assert_str_eq(kernel->name, "avx2");
}

Test(scan, chooses_scalar_under_its_cap)
{
	expect_cap("scalar", SP_CPU_SCALAR);
}

Test(scan, chooses_avx2_at_most_under_its_cap)
{
	expect_cap("avx2", SP_CPU_AVX2);
}

Test(scan, chooses_the_best_without_a_cap)
{
	expect_cap("auto", SP_CPU_AUTO);
}

/* Input and output end at unmapped pages; beginnings go through all places in
 * a line of the cache. */
Test(scan, kernels_are_equal_at_all_sizes_and_alignments)
{
	static char text[TEXT_MAX], expected[2 * TEXT_MAX + 4];
	char *map = guard_copy(text, TEXT_MAX), *free_place = NULL;
	struct sink sink;
	uint32_t seed = 4;
	size_t cases = 0;

	cr_assert_eq(posix_memalign((void **)&free_place, ALIGNMENTS,
			     ALIGNMENTS + TEXT_MAX),
		0);
	sink_open(&sink, SMALL_ROOM, sizeof(expected));
	for (size_t size = 0; size <= TEXT_MAX; size++) {
		for (size_t at = 0; at < 2 * ALIGNMENTS; at++) {
			char *in = at < ALIGNMENTS ? free_place + at
						   : map + TEXT_MAX - size;

			draw_text(&seed, text, size);
			memcpy(in, text, size);
			for (struct scan_case c = {0}; next_case(&c);) {
				size_t n = naive_body(
					expected, c.canon, text, size);

				sink_begin(&sink, c.kernel, c.canon,
					SP_BODY_OUT_MIN + at % ALIGNMENTS);
				sink_feed(&sink, sp_span(in, size));
				sink_end(&sink);
				sink_expect(&sink, sp_span(expected, n));
				cases++;
			}
		}
	}
	printf("%zu cases\n", cases);
	sink_close(&sink);
	free(free_place);
	guard_free(map, TEXT_MAX);
}

/* Every string of four that matter, at every place about the ends of blocks. */
Test(scan, kernels_are_equal_where_blocks_meet)
{
	static const char *const fillings[] = {"a", " ", "\n", "a\r\n", "\r"};
	static char text[TEXT_MAX], expected[2 * TEXT_MAX + 4];
	struct sink sink;

	sink_open(&sink, 4 * TEXT_MAX, sizeof(expected));
	for (size_t n = 0; n < 625 * 5; n++) {
		const char *filling = fillings[n / 625];

		for (size_t at = 58; at < 66; at++) {
			size_t rest = n % 625;

			for (size_t i = 0; i < TEXT_MAX; i++)
				text[i] = filling[i % strlen(filling)];
			for (size_t i = 0; i < 4; i++, rest /= 5)
				text[at + i] = ALPHABET[rest % 5];
			for (struct scan_case c = {0}; next_case(&c);) {
				size_t size = naive_body(
					expected, c.canon, text, TEXT_MAX);

				sink_begin(&sink, c.kernel, c.canon,
					sink.capacity);
				sink_feed(&sink, sp_span(text, TEXT_MAX));
				sink_end(&sink);
				sink_expect(&sink, sp_span(expected, size));
			}
		}
	}
	sink_close(&sink);
}

Test(scan, kernels_are_equal_over_all_splits)
{
	static char text[TEXT_MAX], expected[2 * TEXT_MAX + 4];
	struct sink sink;
	uint32_t seed = 5;

	sink_open(&sink, 4 * TEXT_MAX, sizeof(expected));
	for (int round = 0; round < 60; round++) {
		draw_text(&seed, text, TEXT_MAX);
		if (round % 2) /* nothing but the end of a line, and empty */
			memset(text + TEXT_MAX / 2, "\n \r\t"[round / 2 % 4],
				TEXT_MAX / 2);
		for (struct scan_case c = {0}; next_case(&c);) {
			size_t size =
				naive_body(expected, c.canon, text, TEXT_MAX);

			for (size_t cut = 0; cut <= TEXT_MAX; cut++) {
				sink_begin(&sink, c.kernel, c.canon,
					cut % 2 ? sink.capacity
						: SP_BODY_OUT_MIN);
				sink_feed(&sink, sp_span(text, cut));
				sink_feed(&sink,
					sp_span(text + cut, TEXT_MAX - cut));
				sink_end(&sink);
				sink_expect(&sink, sp_span(expected, size));
			}
		}
	}
	sink_close(&sink);
}

/* Stretches of a body that need no copy, the rest as ever; the sink says
 * afterwards how much that was. */
static size_t feed_same(struct sink *sink, struct sp_span in, size_t most)
{
	size_t octets = 0;

	while (in.size) {
		struct sp_span same = sp_body_same(&sink->body, &in, 1, most);
		struct sp_span piece = in;

		if (piece.size > most)
			piece.size = most;
		memcpy(sink->out + sink->size, same.data, same.size);
		sink->size += same.size;
		octets += same.size;
		in = sp_span_after(in, piece.size);
		sink_feed(sink, piece);
	}
	return octets;
}

/* The same text in pieces, through an output of room, by all kernels; and as
 * far as they can without a copy. */
static void expect_equal(struct sp_span text, size_t piece, size_t room)
{
	char *expected = malloc(2 * text.size + 4);
	struct sink sink;

	sink_open(&sink, room, 2 * text.size + 4);
	for (struct scan_case c = {0}; next_case(&c);) {
		struct sp_span rest = text;
		size_t size =
			naive_body(expected, c.canon, text.data, text.size);

		sink_begin(&sink, c.kernel, c.canon, room);
		feed_same(&sink, text, piece);
		sink_end(&sink);
		sink_expect(&sink, sp_span(expected, size));
		sink_begin(&sink, c.kernel, c.canon, room);
		while (rest.size) {
			size_t next = rest.size < piece ? rest.size : piece;

			sink_feed(&sink, sp_span(rest.data, next));
			rest = sp_span_after(rest, next);
		}
		sink_end(&sink);
		sink_expect(&sink, sp_span(expected, size));
	}
	sink_close(&sink);
	free(expected);
}

/* A quarter of a megabyte each. */
Test(scan, kernels_are_equal_on_hostile_bodies)
{
	struct sp_buffer body = {0};

	for (size_t i = 0; i < HOSTILE_BODIES; i++) {
		struct sp_span text;

		sp_buffer_clear(&body);
		hostile_add(&body, i, 1u << 18);
		text = sp_buffer_span(&body);
		expect_equal(text, text.size, 8192);
		expect_equal(text, 1000, SP_BODY_OUT_MIN);
	}
	sp_buffer_free(&body);
}

/* Messages whole, header and all: what is in them matters, not what it is. */
Test(scan, kernels_are_equal_on_every_vector)
{
	static const char *const patterns[] = {"corpus/vectors/*.eml",
		"corpus/vectors/*/*.eml", "corpus/fuzz/body/*",
		"corpus/fuzz/message/*"};
	size_t files = 0;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		glob_t found;

		if (glob(patterns[i], 0, NULL, &found))
			continue;
		for (size_t k = 0; k < found.gl_pathc; k++) {
			size_t size;
			char *text = test_read_file(found.gl_pathv[k], &size);

			cr_assert_not_null(text);
			expect_equal(sp_span(text, size), size, 8192);
			expect_equal(sp_span(text, size), 100, SP_BODY_OUT_MIN);
			free(text);
			files++;
		}
		globfree(&found);
	}
	cr_assert_gt(files, 0);
	printf("%zu files\n", files);
}

Test(scan, what_needs_no_copy_is_what_a_copy_would_be)
{
	static char zero[TEXT_MAX], expected[2 * TEXT_MAX + 4];
	char *map = guard_copy(zero, TEXT_MAX);
	struct sink sink;
	uint32_t seed = 9;

	sink_open(&sink, 4 * TEXT_MAX, sizeof(expected));
	for (int round = 0; round < 20000; round++) {
		size_t size = draw(&seed, TEXT_MAX + 1);
		char *in = map + TEXT_MAX - size;

		draw_text(&seed, in, size);
		for (struct scan_case c = {0}; next_case(&c);) {
			size_t want = naive_body(expected, c.canon, in, size);

			sink_begin(&sink, c.kernel, c.canon, sink.capacity);
			feed_same(&sink, sp_span(in, size),
				1 + draw(&seed, TEXT_MAX));
			sink_end(&sink);
			sink_expect(&sink, sp_span(expected, want));
		}
	}
	sink_close(&sink);
	guard_free(map, TEXT_MAX);
}

/* All but a few bytes of a text with CRLF is taken as it stands, by whoever
 * can; nothing where there is LF, or in relaxed a TAB, in every block. */
Test(scan, what_needs_no_copy_is_found)
{
	static char text[TEXT_MAX];
	struct sink sink;

	sink_open(&sink, 4 * TEXT_MAX, 2 * TEXT_MAX + 4);
	for (struct scan_case c = {0}; next_case(&c);) {
		for (size_t i = 0; i < TEXT_MAX; i++)
			text[i] = "some words\r\n"[i % 12];
		sink_begin(&sink, c.kernel, c.canon, sink.capacity);
		cr_assert_eq(feed_same(&sink, sp_span(text, TEXT_MAX),
				     TEXT_MAX) >= TEXT_MAX / 2,
			c.kernel->same_simple != NULL);
		for (size_t i = 0; i < TEXT_MAX; i += 12)
			text[i + 10 < TEXT_MAX ? i + 10 : i] = '\t';
		sink_begin(&sink, c.kernel, c.canon, sink.capacity);
		cr_assert_lt(
			feed_same(&sink, sp_span(text, TEXT_MAX), TEXT_MAX),
			12);
	}
	sink_close(&sink);
}

/* A kernel says what it takes, and takes nothing where there is no room. */
Test(scan, kernels_keep_to_what_they_are_given)
{
	static char text[TEXT_MAX], zero[2 * SP_SCAN_ROOM];
	char *out = guard_copy(zero, sizeof(zero));
	uint32_t seed = 6;

	for (size_t room = 0; room <= 2 * SP_SCAN_ROOM; room++) {
		draw_text(&seed, text, TEXT_MAX);
		for (struct scan_case c = {0}; next_case(&c);) {
			sp_scan_bulk *bulk = c.canon == SP_CANON_RELAXED
						     ? c.kernel->relaxed
						     : c.kernel->simple;
			struct sp_span in = sp_span(text, TEXT_MAX);
			char *end = out + 2 * SP_SCAN_ROOM;
			char *to = bulk(&in, end - room, end);

			cr_assert(to >= end - room && to <= end);
			cr_assert_eq(in.data + in.size, text + TEXT_MAX);
			cr_assert(in.data >= text && in.size > 0);
			if (room < SP_SCAN_ROOM || !c.kernel->needs)
				cr_assert_eq(in.size, TEXT_MAX);
			else
				cr_assert_lt(in.size, TEXT_MAX);
		}
	}
	guard_free(out, 2 * SP_SCAN_ROOM);
}
