/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "From " in an mbox (RFC 4155 appendix A): each kernel finds what a loop over
 * all places finds, and reads no byte outside.
 */
#include "io/mark.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "corpus/hostile.h"
#include "io/mbox.h"
#include "tests/unit/guard.h"

#define TEXT_MAX 700u /* more than two turns of the widest kernel */
#define ALIGNMENTS 64u

static size_t naive(const char *text, size_t size, size_t from)
{
	for (size_t at = from; at + SP_MARK_BYTES <= size; at++)
		if (strncmp(text + at, SP_MARK, SP_MARK_BYTES) == 0)
			return at;
	return size;
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*seed * below >> 32);
}

/* Pieces of marks, ends of lines and other things, in all densities. */
static void draw_text(uint32_t *seed, char *out, size_t size)
{
	static const char *const parts[] = {SP_MARK, ">", "\n", "F", "From",
		" ", "F   ", "Fxom ", "FFFF ", "\r\n", "rom "};
	uint32_t others = 1u << draw(seed, 10);
	size_t at = 0;

	while (at < size) {
		uint32_t pick = draw(seed, 11 + others);
		size_t part = pick < 11 ? strlen(parts[pick]) : 1;

		if (part > size - at)
			part = size - at;
		if (pick < 11)
			memcpy(out + at, parts[pick], part);
		else
			out[at] = (char)(pick * 37);
		at += part;
	}
}

static void expect_all(const char *text, size_t size, size_t from)
{
	size_t wanted = naive(text, size, from);

	for (size_t i = 0; sp_mark_kernels[i]; i++) {
		const struct sp_mark_kernel *kernel = sp_mark_kernels[i];
		const char *hit;

		if (!sp_mark_runs(kernel))
			continue;
		hit = kernel->find(text + from, text + size);
		if (hit ? wanted != (size_t)(hit - text) : wanted != size)
			cr_assert_fail("%s: %zu bytes from %zu on: at %td, "
				       "not %zu",
				kernel->name, size, from, hit ? hit - text : -1,
				wanted);
	}
}

/* Texts that begin at every place of a cache line, and that end at an unmapped
 * page. */
Test(mark, kernels_are_equal_at_all_sizes_and_alignments)
{
	static char text[TEXT_MAX];
	char *map = guard_copy(text, TEXT_MAX), *place = NULL;
	uint32_t seed = 7;

	cr_assert_eq(posix_memalign((void **)&place, ALIGNMENTS,
			     ALIGNMENTS + TEXT_MAX),
		0);
	for (size_t size = 0; size <= TEXT_MAX; size++) {
		for (size_t at = 0; at < ALIGNMENTS; at++) {
			draw_text(&seed, text, size);
			memcpy(place + at, text, size);
			memcpy(map + TEXT_MAX - size, text, size);
			expect_all(place + at, size, 0);
			expect_all(map + TEXT_MAX - size, size, 0);
		}
	}
	free(place);
	guard_free(map, TEXT_MAX);
}

/* A lone mark at every place of texts of every size, looked for from there,
 * one byte after it, and from the beginning. */
Test(mark, kernels_find_a_lone_mark_wherever_it_is)
{
	static char text[TEXT_MAX];

	for (size_t size = SP_MARK_BYTES; size <= TEXT_MAX; size += 3) {
		char *map = guard_copy(text, size);

		for (size_t at = 0; at + SP_MARK_BYTES <= size; at++) {
			memset(map, "x>F "[at % 4], size);
			memcpy(map + at, SP_MARK, SP_MARK_BYTES);
			expect_all(map, size, 0);
			expect_all(map, size, at);
			expect_all(map, size, at + 1);
		}
		guard_free(map, size);
	}
}

/* A mark that is cut off is none, however it is cut. */
Test(mark, kernels_do_not_see_what_lies_behind_the_end)
{
	static char text[TEXT_MAX + SP_MARK_BYTES];

	for (size_t size = 0; size <= TEXT_MAX; size++) {
		for (size_t cut = 1; cut < SP_MARK_BYTES && cut <= size;
			cut++) {
			memset(text, '.', sizeof(text));
			memcpy(text + size - cut, SP_MARK, SP_MARK_BYTES);
			expect_all(text, size, 0);
		}
	}
}

/* All that is in each, one behind the other, and to its very end. */
Test(mark, kernels_are_equal_on_hostile_bodies)
{
	struct sp_buffer body = {0};

	for (size_t i = 0; i < HOSTILE_BODIES; i++) {
		char *map;
		size_t at = 0;

		sp_buffer_clear(&body);
		hostile_add(&body, i, 1u << 16);
		/* Few of them have a mark. */
		sp_buffer_add_str(&body, i % 2 ? SP_MARK : "From");
		map = guard_copy(body.data, body.size);
		while (at < body.size) {
			expect_all(map, body.size, at);
			at = naive(map, body.size, at) + 1;
		}
		guard_free(map, body.size);
	}
	sp_buffer_free(&body);
}

static void expect_cap(const char *cap, enum sp_cpu_level level)
{
	struct sp_error error;
	const struct sp_mark_kernel *kernel;

	cr_assert_eq(sp_cpu_cap(cap, &error), SP_OK);
	kernel = sp_mark_kernel();
	cr_assert(sp_mark_runs(kernel));
	for (size_t i = 0; sp_mark_kernels[i] != kernel; i++)
		cr_assert_not(sp_mark_runs(sp_mark_kernels[i]));
	if (level == SP_CPU_SCALAR || sp_cpu_detect() == SP_CPU_SCALAR)
		cr_assert_eq(kernel, &sp_mark_scalar);
	else if (level == SP_CPU_AVX2)
		cr_assert_str_eq(kernel->name, "avx2");
}

Test(mark, chooses_scalar_under_its_cap)
{
	expect_cap("scalar", SP_CPU_SCALAR);
}

Test(mark, chooses_avx2_at_most_under_its_cap)
{
	expect_cap("avx2", SP_CPU_AVX2);
}

Test(mark, chooses_the_best_without_a_cap)
{
	expect_cap("auto", SP_CPU_AUTO);
}

/* Cutting and unquoting do not depend on where a body is split. */
Test(mark, unquoting_is_equal_over_all_splits)
{
	static char text[160], whole[TEXT_MAX], parts[TEXT_MAX];
	uint32_t seed = 8;

	for (int round = 0; round < 200; round++) {
		enum sp_mbox_kind kind = (enum sp_mbox_kind)(round % 5);
		unsigned state = 0;
		size_t size;

		draw_text(&seed, text, sizeof(text));
		size = sp_mbox_unquote(
			kind, &state, whole, sp_span(text, sizeof(text)));
		size += sp_mbox_unquote_end(&state, whole + size);
		for (size_t cut = 0; cut <= sizeof(text); cut++) {
			size_t got;

			state = 0;
			got = sp_mbox_unquote(
				kind, &state, parts, sp_span(text, cut));
			got += sp_mbox_unquote(kind, &state, parts + got,
				sp_span(text + cut, sizeof(text) - cut));
			got += sp_mbox_unquote_end(&state, parts + got);
			cr_assert(sp_span_equal(
				sp_span(parts, got), sp_span(whole, size)));
		}
	}
}
