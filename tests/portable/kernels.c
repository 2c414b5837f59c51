/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels of canon/ against the naive reading of RFC 6376 3.4, for
 * processors that have no Criterion: what tests/unit/test_scan.c proves, in a
 * program that needs nothing but libc. Prints TAP.
 */
#include <stdio.h>
#include <stdlib.h>

#include "canon/body.h"
#include "canon/message.h"
#include "canon/scan.h"
#include "corpus/hostile.h"
#include "tests/unit/guard.h"
#include "tests/unit/naive_canon.h"

#define TEXT_MAX 256u
#define ALIGNMENTS 64u
#define LONG_BYTES (1u << 16)
#define ALPHABET " \t\r\na"
/* More than one block has room for. */
#define LONG_LINE \
	"a-name-longer-than-sixty-four-bytes-that-no-block-ever-has-all-of:\n"

static unsigned tests;
static unsigned failures;

static void report(bool ok, const char *what, const char *kernel)
{
	failures += !ok;
	printf("%sok %u - %s: %s\n", ok ? "" : "not ", ++tests, kernel, what);
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

/* The text in two pieces, through an output of room that ends at the end of
 * memory, byte for byte what is expected? */
static bool comes_out(const struct sp_scan_kernel *kernel, enum sp_canon canon,
	struct sp_span text, size_t cut, char *memory_end, size_t room)
{
	static char expected[2 * LONG_BYTES + 4], out[2 * LONG_BYTES + 4];
	size_t want = naive_body(expected, canon, text.data, text.size);
	struct sp_span pieces[] = {
		sp_span(text.data, cut), sp_span_after(text, cut)};
	char *to = memory_end - room;
	size_t size = 0, got;
	struct sp_body body;

	sp_body_init(&body, canon, SP_LENGTH_NONE);
	body.kernel = kernel;
	for (int i = 0; i < 2; i++) {
		struct sp_span same =
			sp_body_same(&body, &pieces[i], 1, cut + 1);

		memcpy(out + size, same.data, same.size);
		size += same.size;
		while (pieces[i].size) {
			got = sp_body_update(&body, &pieces[i], to, room);
			memcpy(out + size, to, got);
			size += got;
		}
	}
	while ((got = sp_body_finish(&body, to, room))) {
		memcpy(out + size, to, got);
		size += got;
	}
	return size == want && body.total == want &&
	       memcmp(out, expected, want) == 0;
}

static bool at_all_sizes_and_alignments(
	const struct sp_scan_kernel *kernel, char *end)
{
	static char text[TEXT_MAX], place[ALIGNMENTS + TEXT_MAX];
	char *map = guard_copy(text, TEXT_MAX);
	uint32_t seed = 4;
	bool ok = true;

	for (size_t size = 0; size <= TEXT_MAX; size++) {
		for (size_t at = 0; at < 2 * ALIGNMENTS; at++) {
			char *in = at < ALIGNMENTS ? place + at
						   : map + TEXT_MAX - size;

			draw_text(&seed, in, size);
			for (int canon = 0; canon < 2; canon++)
				ok &= comes_out(kernel, canon,
					sp_span(in, size), size, end,
					SP_BODY_OUT_MIN + at % ALIGNMENTS);
		}
	}
	guard_free(map, TEXT_MAX);
	return ok;
}

static bool over_all_splits(const struct sp_scan_kernel *kernel, char *end)
{
	static char text[TEXT_MAX];
	uint32_t seed = 5;
	bool ok = true;

	for (int round = 0; round < 40; round++) {
		draw_text(&seed, text, TEXT_MAX);
		for (size_t cut = 0; cut <= TEXT_MAX; cut++)
			ok &= comes_out(kernel, round % 2,
				sp_span(text, TEXT_MAX), cut, end,
				SP_BODY_OUT_MIN);
	}
	return ok;
}

static bool on_long_texts(
	const struct sp_scan_kernel *kernel, char *end, size_t room)
{
	static char text[LONG_BYTES];
	uint32_t seed = 6;
	bool ok = true;

	for (int round = 0; round < 60; round++) {
		draw_text(&seed, text, LONG_BYTES);
		ok &= comes_out(kernel, round % 2, sp_span(text, LONG_BYTES),
			draw(&seed, LONG_BYTES), end, room);
	}
	return ok;
}

static bool on_hostile_bodies(const struct sp_scan_kernel *kernel, char *end)
{
	struct sp_buffer body = {0};
	bool ok = true;

	for (size_t i = 0; i < HOSTILE_BODIES; i++) {
		struct sp_span text;

		sp_buffer_clear(&body);
		hostile_add(&body, i, LONG_BYTES / 2);
		text = sp_buffer_span(&body);
		ok &= comes_out(kernel, i % 2, text, i * 100, end, 8192);
	}
	sp_buffer_free(&body);
	return ok;
}

/* Lines of a header and other lines, until they are as many bytes. */
static void draw_header(uint32_t *seed, char *out, size_t size)
{
	static const char *const lines[] = {"A: b\n", "Subject: c  d\r\n",
		" e\r\n", "\tf\n", "junk\n", "B\t : g\r\n", ": h\n", "\n",
		LONG_LINE};

	while (size) {
		const char *line = lines[draw(seed, 9)];
		size_t bytes = strlen(line) < size ? strlen(line) : size;

		memcpy(out, line, bytes);
		out += bytes;
		size -= bytes;
	}
}

/* Fields found and unfolded as the scalar code does it? */
static bool finds_fields(const struct sp_scan_kernel *kernel,
	struct sp_arena *arena, struct sp_span bytes)
{
	struct sp_message truth, got;
	enum sp_reason reasons[2];
	bool ok = sp_message_split_by(&sp_scan_scalar, &truth, arena, bytes,
			  NULL, &reasons[0]) == SP_OK &&
		  sp_message_split_by(kernel, &got, arena, bytes, NULL,
			  &reasons[1]) == SP_OK &&
		  reasons[0] == reasons[1] &&
		  truth.field_count == got.field_count &&
		  truth.body_offset == got.body_offset;

	for (size_t i = 0; ok && i < got.field_count; i++) {
		static char out[LONG_BYTES], expected[LONG_BYTES];
		struct sp_span text = sp_field_value_trimmed(&got.fields[i]);
		size_t want = (size_t)(sp_scan_unfold_scalar(expected, text) -
				       expected);

		ok = memcmp(&got.fields[i], &truth.fields[i],
			     sizeof(got.fields[i])) == 0 &&
		     kernel->unfold(out, text) == out + want &&
		     memcmp(out, expected, want) == 0;
	}
	return ok;
}

static bool in_headers(const struct sp_scan_kernel *kernel, char *end)
{
	struct sp_arena arena = {.chunk_bytes = 4096};
	uint32_t seed = 7;
	bool ok = true;

	for (int round = 0; round < 2000; round++) {
		size_t size = draw(&seed, 2048);

		draw_header(&seed, end - size, size);
		ok &= finds_fields(kernel, &arena, sp_span(end - size, size));
		sp_arena_reset(&arena);
	}
	sp_arena_free(&arena);
	return ok;
}

int main(void)
{
	static char zero[8192];
	char *memory = guard_copy(zero, sizeof(zero));
	char *end = memory + sizeof(zero);

	for (size_t i = 0; sp_scan_kernels[i]; i++) {
		const struct sp_scan_kernel *kernel = sp_scan_kernels[i];

		if (!sp_scan_runs(kernel))
			continue;
		report(at_all_sizes_and_alignments(kernel, end),
			"all sizes and alignments", kernel->name);
		report(over_all_splits(kernel, end), "all splits",
			kernel->name);
		report(on_long_texts(kernel, end, sizeof(zero)), "long texts",
			kernel->name);
		report(on_hostile_bodies(kernel, end), "hostile bodies",
			kernel->name);
		report(in_headers(kernel, end), "headers", kernel->name);
	}
	guard_free(memory, sizeof(zero));
	printf("1..%u\n", tests);
	return failures != 0;
}
