/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kernels do for header fields (RFC 5322 2.2; RFC 6376 3.4.2): each does
 * what the scalar code does.
 */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "canon/message.h"
#include "canon/scan.h"
#include "tests/unit/guard.h"

TestSuite(scan_header);

#define TEXT_MAX 256u
#define ALIGNMENTS 64u
/* More than one block has room for. */
#define LONG_LINE \
	"a-name-longer-than-sixty-four-bytes-that-no-block-ever-has-all-of:g"

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*seed * below >> 32);
}

/* The kernels that run here, one after the other; NULL behind the last. */
static const struct sp_scan_kernel *next_kernel(size_t *next)
{
	const struct sp_scan_kernel *kernel;

	while ((kernel = sp_scan_kernels[(*next)++]))
		if (sp_scan_runs(kernel))
			return kernel;
	return NULL;
}

/* Size bytes of a value as canon/scan.h wants it. */
static void draw_value(uint32_t *seed, char *out, size_t size)
{
	static const char *const tokens[] = {
		" ", "\t", "\n ", "\r\n\t", "\r", "\r\r\n ", "  "};
	uint32_t letters = 1u << draw(seed, 8);
	char text[2 * TEXT_MAX];
	size_t n = 0;

	while (n < size) {
		uint32_t at = draw(seed, 7 + letters);

		if (at < 7)
			n += (size_t)sprintf(text + n, "%s", tokens[at]);
		else
			text[n++] = (char)('!' + draw(seed, 220));
	}
	memcpy(out, text, size);
	if (size)
		out[0] = out[size - 1] = '!';
}

Test(scan_header, kernels_unfold_equally_at_all_sizes_and_alignments)
{
	static char zero[2 * TEXT_MAX + SP_SCAN_ROOM], expected[sizeof(zero)];
	static char place[ALIGNMENTS + TEXT_MAX];
	char *map = guard_copy(zero, TEXT_MAX);
	char *out = guard_copy(zero, sizeof(zero));
	uint32_t seed = 7;

	for (size_t size = 0; size <= TEXT_MAX; size++) {
		for (size_t at = 0; at < 2 * ALIGNMENTS; at++) {
			char *in = at < ALIGNMENTS ? place + at
						   : map + TEXT_MAX - size;
			struct sp_span text = sp_span(in, size);
			const struct sp_scan_kernel *kernel;
			size_t want;

			draw_value(&seed, in, size);
			want = (size_t)(sp_scan_unfold_scalar(expected, text) -
					expected);
			for (size_t k = 0; (kernel = next_kernel(&k));) {
				char *to = out + 2 * TEXT_MAX - size;
				char *end = kernel->unfold(to, text);

				cr_assert(
					sp_span_equal(sp_span_between(to, end),
						sp_span(expected, want)),
					"%s: '%.*s' is '%.*s'", kernel->name,
					SP_SPAN_ARGS(text), (int)(end - to),
					to);
			}
		}
	}
	guard_free(map, TEXT_MAX);
	guard_free(out, sizeof(zero));
}

Test(scan_header, kernels_mark_every_byte_for_what_it_is)
{
	static char zero[4 * SP_SCAN_MARKED];
	char *in = guard_copy(zero, sizeof(zero));
	struct sp_scan_marks marks[4];

	for (int c = 0; c < 256; c++) {
		for (size_t at = 0; at < sizeof(zero); at++) {
			const struct sp_scan_kernel *kernel;
			uint64_t bit = 1ULL << at % SP_SCAN_MARKED;
			bool other = c <= ' ' || c >= 127 || c == ':';

			memset(in, other ? 'a' : ':', sizeof(zero));
			in[at] = (char)c;
			for (size_t k = 0; (kernel = next_kernel(&k));) {
				const struct sp_scan_marks *got =
					&marks[at / SP_SCAN_MARKED];

				if (!kernel->mark)
					continue;
				kernel->mark(marks, in, 4);
				cr_assert_eq(got->lf, c == '\n' ? bit : 0);
				cr_assert_eq(got->white,
					c == ' ' || c == '\t' ? bit : 0);
				cr_assert_eq(got->other, other ? bit : ~bit,
					"%s: byte %d", kernel->name, c);
			}
		}
	}
	guard_free(in, sizeof(zero));
}

/* Lines that are fields, continue them, are junk, or empty. */
static size_t draw_header(uint32_t *seed, char *out, size_t size)
{
	static const char *const lines[] = {"A: b", "Subject: c d", " folded",
		"\tfolded: x", "junk", "B\t : c", ": d", "\xc3\xa4: e",
		"F:", LONG_LINE, "a\rb: c", "H: \r"};
	uint32_t count = 8 + draw(seed, 40);
	size_t n = 0;

	while (n < size) {
		uint32_t at = draw(seed, count);
		char text[128];
		size_t more = (size_t)sprintf(text, "%s%s",
			at ? lines[(at - 1) % 12] : "",
			draw(seed, 2) ? "\n" : "\r\n");

		more = more < size - n ? more : size - n;
		memcpy(out + n, text, more);
		n += more;
	}
	return n;
}

static void expect_same_fields(const struct sp_scan_kernel *kernel,
	struct sp_span bytes, const struct sp_message_limits *limits)
{
	struct sp_arena arena = {.chunk_bytes = 4096};
	struct sp_message truth, got;
	enum sp_reason reason, expected;

	cr_assert_eq(sp_message_split_by(&sp_scan_scalar, &truth, &arena, bytes,
			     limits, &expected),
		SP_OK);
	cr_assert_eq(sp_message_split_by(
			     kernel, &got, &arena, bytes, limits, &reason),
		SP_OK);
	cr_assert_eq(reason, expected, "%s: %d for %d", kernel->name, reason,
		expected);
	cr_assert_eq(got.field_count, truth.field_count, "%s", kernel->name);
	for (size_t i = 0; i < got.field_count; i++)
		cr_assert(memcmp(&got.fields[i], &truth.fields[i],
				  sizeof(got.fields[i])) == 0,
			"%s: field %zu of '%.*s'", kernel->name, i,
			SP_SPAN_ARGS(bytes));
	cr_assert(got.header.data == truth.header.data &&
		  got.header.size == truth.header.size &&
		  got.body.data == truth.body.data &&
		  got.body.size == truth.body.size &&
		  got.body_offset == truth.body_offset &&
		  got.has_body == truth.has_body && got.crlf == truth.crlf);
	sp_arena_free(&arena);
}

/* The message ends at an unmapped page; limits of about what there is. */
Test(scan_header, kernels_split_equally)
{
	static char zero[4 * TEXT_MAX];
	char *memory = guard_copy(zero, sizeof(zero));
	uint32_t seed = 8;

	for (int round = 0; round < 6000; round++) {
		size_t size = draw(&seed, sizeof(zero) + 1);
		char *in = memory + sizeof(zero) - size;
		struct sp_message_limits limits = {
			.fields_max = draw(&seed, 2) ? draw(&seed, 12) : 0,
			.header_bytes_max =
				draw(&seed, 2) ? draw(&seed, 400) : 0,
		};
		const struct sp_scan_kernel *kernel;

		draw_header(&seed, in, size);
		for (size_t k = 0; (kernel = next_kernel(&k));)
			expect_same_fields(kernel, sp_span(in, size), &limits);
	}
	guard_free(memory, sizeof(zero));
}
