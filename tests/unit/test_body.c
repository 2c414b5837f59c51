/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical body (RFC 6376 3.4.3, 3.4.4, 3.4.5). */
#include "canon/body.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "canon/scan.h"
#include "tests/unit/guard.h"
#include "tests/unit/naive_canon.h"

TestSuite(body);

#define INPUT_MAX 4096u
#define OUTPUT_MAX (2 * INPUT_MAX + 4)
#define ALPHABET " \t\r\na"

/* A body on its way through an output of room bytes, which end at an unmapped
 * page. */
struct run {
	const struct sp_scan_kernel *kernel;
	struct sp_body body;
	char *memory; /* INPUT_MAX bytes */
	char *window; /* the last room of them */
	size_t room;
	char out[OUTPUT_MAX];
	size_t size;
};

static void run_begin(
	struct run *run, enum sp_canon canon, uint64_t limit, size_t room)
{
	sp_body_init(&run->body, canon, limit);
	run->body.kernel = run->kernel;
	run->room = room;
	run->window = run->memory + INPUT_MAX - room;
	run->size = 0;
}

static void run_take(struct run *run, size_t size)
{
	if (size > run->room || run->size + size > sizeof(run->out))
		cr_assert_fail("%zu octets for room %zu", size, run->room);
	memcpy(run->out + run->size, run->window, size);
	run->size += size;
}

static void run_feed(struct run *run, const char *data, size_t size)
{
	struct sp_span in = sp_span(data, size);
	size_t calls = 0;

	while (in.size) {
		run_take(run, sp_body_update(
				      &run->body, &in, run->window, run->room));
		if (++calls > 2 * size + INPUT_MAX)
			cr_assert_fail("no progress");
	}
}

static void run_end(struct run *run)
{
	size_t size;

	while ((size = sp_body_finish(&run->body, run->window, run->room)))
		run_take(run, size);
}

static const char *shown(char *out, struct sp_span text)
{
	char *at = out;

	for (size_t i = 0; i < text.size; i++)
		at += sprintf(at, text.data[i] < ' ' ? "\\x%02x" : "%c",
			(unsigned char)text.data[i]);
	*at = '\0';
	return out;
}

static void run_expect(
	const struct run *run, struct sp_span in, struct sp_span expected)
{
	static char text[3][4 * OUTPUT_MAX + 1];
	struct sp_span out = sp_span(run->out, run->size);
	uint64_t total = expected.size;

	if (run->body.limit < expected.size)
		expected.size = (size_t)run->body.limit;
	if (run->body.total != total || !sp_span_equal(out, expected))
		cr_assert_fail(
			"%s, canon %d of '%s': '%s' of %llu octets, not '%s'",
			run->kernel->name, run->body.canon, shown(text[0], in),
			shown(text[1], out),
			(unsigned long long)run->body.total,
			shown(text[2], expected));
}

/* The input in up to three pieces, cut at a and b. */
static void expect_cut(struct run *run, struct sp_span in, size_t a, size_t b,
	struct sp_span expected)
{
	run_feed(run, in.data, a);
	run_feed(run, in.data + a, b - a);
	run_feed(run, in.data + b, in.size - b);
	run_end(run);
	run_expect(run, in, expected);
}

static void expect_bytewise(
	struct run *run, struct sp_span in, struct sp_span expected)
{
	for (size_t i = 0; i < in.size; i++)
		run_feed(run, in.data + i, 1);
	run_end(run);
	run_expect(run, in, expected);
}

/* Whatever may be asked of a body is asked of it with every kernel. */
static void with_every_kernel(void (*check)(struct run *run))
{
	struct run *run = malloc(sizeof(*run));
	char *zero = calloc(1, INPUT_MAX);

	run->memory = guard_copy(zero, INPUT_MAX);
	free(zero);
	for (size_t i = 0; sp_scan_kernels[i]; i++) {
		run->kernel = sp_scan_kernels[i];
		if (sp_scan_runs(run->kernel))
			check(run);
	}
	guard_free(run->memory, INPUT_MAX);
	free(run);
}

#define BODY_TEST(name) \
	static void name(struct run *run); \
	Test(body, name) \
	{ \
		with_every_kernel(name); \
	} \
	static void name(struct run *run)

struct sample {
	const char *in, *simple, *relaxed;
};

/* 3.4.3 and 3.4.4, and what they leave to be decided: canon/body.h. */
static const struct sample samples[] = {
	{"", "\r\n", ""},
	{"\r\n", "\r\n", ""},
	{"\n", "\r\n", ""},
	{"\n\r\n\n", "\r\n", ""},
	{"a", "a\r\n", "a\r\n"},
	{"a\r\n\r\n\r\n", "a\r\n", "a\r\n"},
	{"a\n\nb\n\n", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n"},
	{"\r\n\r\na", "\r\n\r\na\r\n", "\r\n\r\na\r\n"},
	{" ", " \r\n", ""},
	{" \t\r\n\t\r\n", " \t\r\n\t\r\n", ""},
	{"a\n \n", "a\r\n \r\n", "a\r\n"},
	{"a\n \nb", "a\r\n \r\nb\r\n", "a\r\n\r\nb\r\n"},
	{"a\n  ", "a\r\n  \r\n", "a\r\n"},
	{" \t a\t\tb \t\r\n", " \t a\t\tb \t\r\n", " a b\r\n"},
	{"a \r\n b", "a \r\n b\r\n", "a\r\n b\r\n"},
	{"\r", "\r\r\n", "\r\r\n"},
	{"a\r", "a\r\r\n", "a\r\r\n"},
	{"\n\r", "\r\n\r\r\n", "\r\n\r\r\n"},
	{"a\rb\r\n", "a\rb\r\n", "a\rb\r\n"},
	{"a\r\r\n", "a\r\r\n", "a\r\r\n"},
	{"\r\r\n", "\r\r\n", "\r\r\n"},
	{"a \r\r\n", "a \r\r\n", "a \r\r\n"},
	{"a \r \r\n", "a \r \r\n", "a \r\r\n"},
	{"a \r  b\n", "a \r  b\r\n", "a \r b\r\n"},
	{"a\r\n\r\r\n", "a\r\n\r\r\n", "a\r\n\r\r\n"},
	{"\xe4\xf6 \x80\xff\v\f\x01\n", "\xe4\xf6 \x80\xff\v\f\x01\r\n",
		"\xe4\xf6 \x80\xff\v\f\x01\r\n"},
	{"0123456789 0123456789  0123456789\t0123456789 \n",
		"0123456789 0123456789  0123456789\t0123456789 \r\n",
		"0123456789 0123456789 0123456789 0123456789\r\n"},
	{"        0123456\t\t\t7 !  !\t! !\n",
		"        0123456\t\t\t7 !  !\t! !\r\n",
		" 0123456 7 ! ! ! !\r\n"},
};

static void expect_all_cuts(struct run *run, enum sp_canon canon,
	struct sp_span in, struct sp_span expected)
{
	for (size_t a = 0; a <= in.size; a++) {
		for (size_t b = a; b <= in.size; b++) {
			run_begin(run, canon, SP_LENGTH_NONE, SP_BODY_OUT_MIN);
			expect_cut(run, in, a, b, expected);
		}
	}
	run_begin(run, canon, SP_LENGTH_NONE, SP_BODY_OUT_MIN);
	expect_bytewise(run, in, expected);
}

BODY_TEST(comes_out_as_the_rfc_says_however_it_is_cut)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *sample = &samples[i];
		size_t size = strlen(sample->in);
		char *in = guard_copy(sample->in, size);

		expect_all_cuts(run, SP_CANON_SIMPLE, sp_span(in, size),
			sp_span_str(sample->simple));
		expect_all_cuts(run, SP_CANON_RELAXED, sp_span(in, size),
			sp_span_str(sample->relaxed));
		guard_free(in, size);
	}
}

/* NUL is an ordinary byte, on either side of white space. */
BODY_TEST(may_hold_nul_bytes)
{
	run_begin(run, SP_CANON_RELAXED, SP_LENGTH_NONE, SP_BODY_OUT_MIN);
	expect_bytewise(run, sp_span("\0 \0\t\t\0\n \0", 9),
		sp_span("\0 \0 \0\r\n \0\r\n", 11));
}

/* 3.4.5, l=: it counts canonical octets and may end anywhere. */
BODY_TEST(stops_at_the_limit_and_counts_on)
{
	struct sp_span in = sp_span_str("a \n\nb c");

	for (uint64_t limit = 0; limit <= 12; limit++) {
		run_begin(run, SP_CANON_RELAXED, limit, SP_BODY_OUT_MIN);
		expect_bytewise(run, in, sp_span_str("a\r\n\r\nb c\r\n"));
		run_begin(run, SP_CANON_SIMPLE, limit, SP_BODY_OUT_MIN);
		expect_cut(run, in, 1, 3, sp_span_str("a \r\n\r\nb c\r\n"));
	}
	run_begin(run, SP_CANON_SIMPLE, 0, SP_BODY_OUT_MIN);
	run_end(run);
	run_expect(run, sp_span("", 0), sp_span_str("\r\n"));
}

static void expect_naive(
	struct run *run, enum sp_canon canon, struct sp_span in, bool all_cuts)
{
	char text[32] = "";
	struct sp_span expected =
		sp_span(text, naive_body(text, canon, in.data, in.size));

	for (size_t cut = 0; cut <= (all_cuts ? in.size : 0); cut++) {
		run_begin(run, canon, SP_LENGTH_NONE, SP_BODY_OUT_MIN);
		expect_cut(run, in, cut, in.size, expected);
		run_begin(run, canon, cut, SP_BODY_OUT_MIN);
		expect_cut(run, in, cut, in.size, expected);
	}
	run_begin(run, canon, in.size / 2, SP_BODY_OUT_MIN);
	expect_bytewise(run, in, expected);
	run_begin(run, canon, SP_LENGTH_NONE, SP_BODY_OUT_MIN);
	expect_bytewise(run, in, expected);
}

BODY_TEST(equals_the_naive_reference_on_every_short_input)
{
	for (size_t size = 0, count = 1; size <= 7; size++, count *= 5) {
		for (size_t n = 0; n < count; n++) {
			char in[8];

			for (size_t i = 0, rest = n; i < size; i++, rest /= 5)
				in[i] = ALPHABET[rest % 5];
			expect_naive(run, SP_CANON_SIMPLE, sp_span(in, size),
				size < 7);
			expect_naive(run, SP_CANON_RELAXED, sp_span(in, size),
				size < 7);
		}
	}
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*seed * below >> 32);
}

/* Long lines, short lines, blank lines: how often a letter stands there. */
static size_t draw_body(uint32_t *seed, char *out)
{
	size_t size = draw(seed, INPUT_MAX + 1);
	uint32_t letters = 1u << draw(seed, 10);

	for (size_t i = 0; i < size; i++) {
		uint32_t at = draw(seed, 4 + letters);

		out[i] = at < 4 ? ALPHABET[at] : (char)('!' + at % 90);
	}
	return size;
}

BODY_TEST(equals_the_naive_reference_on_random_input)
{
	static char in[INPUT_MAX], expected[OUTPUT_MAX];
	uint32_t seed = 6376;

	for (int round = 0; round < 3000; round++) {
		enum sp_canon canon = draw(&seed, 2);
		size_t size = draw_body(&seed, in), at = 0;
		size_t expected_size = naive_body(expected, canon, in, size);
		uint32_t piece_max = 1u << draw(&seed, 13);
		uint64_t limit = draw(&seed, 2)
					 ? SP_LENGTH_NONE
					 : draw(&seed, (uint32_t)size + 8);

		run_begin(
			run, canon, limit, SP_BODY_OUT_MIN + draw(&seed, 1000));
		while (at < size) {
			size_t piece = 1 + draw(&seed, piece_max);

			if (piece > size - at)
				piece = size - at;
			run_feed(run, in + at, piece);
			at += piece;
		}
		run_end(run);
		run_expect(run, sp_span(in, size),
			sp_span(expected, expected_size));
	}
}

/* Megabytes of empty lines are held back as a number, and let out in pieces
 * the output has room for; a last CR waits until the end of the body. */
Test(body, lets_held_back_empty_lines_out_piece_by_piece)
{
	static const size_t lines = 3000000;
	static const char *const ends[] = {"a", "\r", " \r", "\r\n", " "};
	static const size_t added[][2] = {
		{3, 3}, {3, 3}, {4, 4}, {0, 0}, {3, 0}};
	static const uint64_t limits[] = {SP_LENGTH_NONE, 5000001, 0};
	char *in = malloc(lines);
	char out[SP_BODY_OUT_MIN];

	memset(in, '\n', lines);
	for (size_t k = 0; k < 2 * 5 * 3; k++) {
		enum sp_canon canon = k % 2;
		const char *end = ends[k / 2 % 5];
		uint64_t expected = added[k / 2 % 5][canon];
		uint64_t limit = limits[k / 10], octets = 0;
		struct sp_body body;
		struct sp_span data = sp_span(in, lines);
		size_t size;

		if (expected)
			expected += 2 * lines;
		else if (canon == SP_CANON_SIMPLE)
			expected = 2;
		sp_body_init(&body, canon, limit);
		while (data.size)
			octets +=
				sp_body_update(&body, &data, out, sizeof(out));
		cr_assert_eq(octets, 0);
		data = sp_span_str(end);
		while (data.size) {
			size = sp_body_update(&body, &data, out, sizeof(out));
			cr_assert_leq(size, sizeof(out));
			octets += size;
		}
		while ((size = sp_body_finish(&body, out, sizeof(out)))) {
			cr_assert_leq(size, sizeof(out));
			octets += size;
		}
		cr_assert_eq(body.total, expected, "%zu", k);
		cr_assert_eq(octets, expected < limit ? expected : limit);
	}
	free(in);
}

/* No byte of the input is read, and none of the output written, outside. */
BODY_TEST(keeps_inside_its_memory_at_every_size)
{
	static char text[600], expected[2 * 600 + 4];
	uint32_t seed = 1;

	for (size_t size = 0; size <= sizeof(text); size++) {
		for (int canon = 0; canon < 2; canon++) {
			size_t n;
			char *in;

			for (size_t i = 0; i < size; i++)
				text[i] = "\t  abcdefghij"[draw(&seed, 13)];
			in = guard_copy(text, size);
			n = naive_body(expected, canon, text, size);
			run_begin(run, canon, SP_LENGTH_NONE, SP_BODY_OUT_MIN);
			expect_cut(run, sp_span(in, size), 0, size,
				sp_span(expected, n));
			guard_free(in, size);
		}
	}
}
