/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical header fields (RFC 6376 3.4.1, 3.4.2, 3.5, 3.7). */
#include "canon/header.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/unit/guard.h"
#include "tests/unit/naive_canon.h"

TestSuite(header);

/* The only field of a message that is nothing else. */
static struct sp_field field_of(struct sp_arena *arena, struct sp_span raw)
{
	struct sp_message message;
	enum sp_reason reason;

	cr_assert_eq(
		sp_message_split(&message, arena, raw, NULL, &reason), SP_OK);
	cr_assert_eq(message.field_count, 1);
	cr_assert_eq(message.fields[0].raw.size, raw.size);
	cr_assert_neq(message.fields[0].name.size, 0);
	return message.fields[0];
}

static void expect(const struct sp_buffer *out, const char *expected, size_t i)
{
	cr_assert_eq(sp_buffer_status(out), SP_OK);
	cr_assert(sp_span_is(sp_buffer_span(out), expected),
		"%zu: '%.*s' is not '%s'", i, (int)out->size, out->data,
		expected);
}

struct sample {
	const char *in, *simple, *relaxed;
};

/* 3.4.2: lower case, unfold, collapse, strip, in this order. */
static const struct sample samples[] = {
	{"A: X\r\n", "A: X\r\n", "a:X\r\n"},
	{"B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
	{"SubJect \t: a\r\n", "SubJect \t: a\r\n", "subject:a\r\n"},
	/* LF means CRLF, and so does the end of the message. */
	{"A: b\n", "A: b\r\n", "a:b\r\n"},
	{"A: b\n c\r\n\td\n", "A: b\r\n c\r\n\td\r\n", "a:b c d\r\n"},
	{"A: b", "A: b\r\n", "a:b\r\n"},
	{"A: b ", "A: b \r\n", "a:b\r\n"},
	/* Nothing but white space. */
	{"A:", "A:\r\n", "a:\r\n"},
	{"A:\r\n", "A:\r\n", "a:\r\n"},
	{"A: \t\r\n \r\n", "A: \t\r\n \r\n", "a:\r\n"},
	{"A:\r\n \r\n b\r\n \r\n", "A:\r\n \r\n b\r\n \r\n", "a:b\r\n"},
	/* White space inside, at folds, before and behind. */
	{"A:b\t c  d\r\n", "A:b\t c  d\r\n", "a:b c d\r\n"},
	{"A:b \r\n \t\r\n\tc\r\n", "A:b \r\n \t\r\n\tc\r\n", "a:b c\r\n"},
	{"A:b : c\r\n", "A:b : c\r\n", "a:b : c\r\n"},
	/* A CR without LF is an ordinary byte. */
	{"A: b\r\r\n", "A: b\r\r\n", "a:b\r\r\n"},
	{"A: b \r c\r", "A: b \r c\r\r\n", "a:b \r c\r\r\n"},
	{"A: \r\r\n \r\n", "A: \r\r\n \r\n", "a:\r\r\n"},
	/* Values keep their case and their bytes. */
	{"A:\xc3\x84 B\x01\r\n", "A:\xc3\x84 B\x01\r\n",
		"a:\xc3\x84 B\x01\r\n"},
	{"X-A!~1_B: c\r\n", "X-A!~1_B: c\r\n", "x-a!~1_b:c\r\n"},
};

Test(header, comes_out_as_the_rfc_says)
{
	struct sp_arena arena = {0};
	struct sp_buffer out = {0};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		size_t size = strlen(samples[i].in);
		char *in = guard_copy(samples[i].in, size);
		struct sp_field field;

		field = field_of(&arena, sp_span(in, size));
		sp_buffer_clear(&out);
		sp_header_canon(&out, SP_CANON_SIMPLE, &field);
		expect(&out, samples[i].simple, i);
		sp_buffer_clear(&out);
		sp_header_canon(&out, SP_CANON_RELAXED, &field);
		expect(&out, samples[i].relaxed, i);
		guard_free(in, size);
	}
	sp_buffer_free(&out);
	sp_arena_free(&arena);
}

/* Fields are hashed one after the other, from one buffer. */
Test(header, is_appended)
{
	struct sp_arena arena = {0};
	struct sp_buffer out = {0};
	struct sp_field field = field_of(&arena, sp_span_str("A: b\r\n c\n"));

	sp_header_canon(&out, SP_CANON_SIMPLE, &field);
	sp_header_canon(&out, SP_CANON_RELAXED, &field);
	sp_header_canon(&out, SP_CANON_RELAXED, &field);
	expect(&out, "A: b\r\n c\r\na:b c\r\na:b c\r\n", 0);
	sp_buffer_free(&out);
	sp_arena_free(&arena);
}

/* The mark ^ stands on both sides of what b= has; it is no part of the
 * field. 3.7: what is left has no CRLF at its end. */
static const struct sample signatures[] = {
	/* At the end. */
	{"S: a=1; b=^Zm9v^\r\n", "S: a=1; b=", "s:a=1; b="},
	{"S: a=1; b=^Zm9v\r\n^", "S: a=1; b=", "s:a=1; b="},
	{"S: a=1; b=^Zm9v^", "S: a=1; b=", "s:a=1; b="},
	{"S: a=1; b=^ Zm\r\n\t9v \r\n^", "S: a=1; b=", "s:a=1; b="},
	{"S: a=1;\n\tb=^\n\tZm\n\t9v^;\n", "S: a=1;\r\n\tb=;", "s:a=1; b=;"},
	/* In the middle. */
	{"S: b=^Zm9v^; a=1\r\n", "S: b=; a=1", "s:b=; a=1"},
	{"S: a=1;\r\n\tb=^ Zm\r\n 9v\r\n ^;\r\n  c = 2 ;\r\n",
		"S: a=1;\r\n\tb=;\r\n  c = 2 ;", "s:a=1; b=; c = 2 ;"},
	/* The white space around the tag stays, the value's goes. */
	{"S: a=1;  b  =^  Zm9v  ^;  c=2  \r\n", "S: a=1;  b  =;  c=2  ",
		"s:a=1; b =; c=2"},
	{"S:\tb=^Zm9v^ ; a=1 \n", "S:\tb= ; a=1 ", "s:b= ; a=1"},
	/* Nothing there yet: the signer's case. */
	{"S : a=1;\r\n b=^^", "S : a=1;\r\n b=", "s:a=1; b="},
	{"S : a=1;\r\n b=^^\r\n", "S : a=1;\r\n b=", "s:a=1; b="},
	{"S: b=^^; a=1\n", "S: b=; a=1", "s:b=; a=1"},
};

/* Takes the marks out of text and returns what stood between them. */
static struct sp_span unmark(char *text)
{
	char *first = strchr(text, '^'), *second;

	memmove(first, first + 1, strlen(first));
	second = strchr(first, '^');
	memmove(second, second + 1, strlen(second));
	return sp_span_between(first, second);
}

Test(header, of_a_signature_goes_without_the_value_of_b)
{
	struct sp_arena arena = {0};
	struct sp_buffer out = {0};

	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]);
		i++) {
		char text[128];
		struct sp_span b_value;
		struct sp_field field;

		snprintf(text, sizeof(text), "%s", signatures[i].in);
		b_value = unmark(text);
		field = field_of(&arena, sp_span_str(text));
		sp_buffer_clear(&out);
		sp_header_canon_signature(
			&out, SP_CANON_SIMPLE, &field, b_value);
		expect(&out, signatures[i].simple, i);
		sp_buffer_clear(&out);
		sp_header_canon_signature(
			&out, SP_CANON_RELAXED, &field, b_value);
		expect(&out, signatures[i].relaxed, i);
	}
	sp_buffer_free(&out);
	sp_arena_free(&arena);
}

static void expect_naive(struct sp_arena *arena, struct sp_buffer *out,
	const char *in, size_t size)
{
	struct sp_field field = field_of(arena, sp_span(in, size));
	char expected[2 * 512 + 4] = "";

	for (int canon = 0; canon < 2; canon++) {
		size_t n = naive_field(expected, canon, in, size);

		sp_buffer_clear(out);
		sp_header_canon(out, canon, &field);
		if (out->size != n || memcmp(out->data, expected, n) != 0)
			cr_assert_fail("canon %d of '%.*s': '%.*s'", canon,
				(int)size, in, (int)out->size, out->data);
	}
}

/* Every value of up to seven bytes that can stand in a field. */
Test(header, equals_the_naive_reference_on_every_short_value)
{
	struct sp_arena arena = {0};
	struct sp_buffer out = {0};

	for (size_t size = 0, count = 1; size <= 7; size++, count *= 5) {
		for (size_t n = 0; n < count; n++) {
			char in[16] = "N :";
			bool whole = true;

			for (size_t i = 0, rest = n; i < size; i++, rest /= 5)
				in[3 + i] = " \t\r\na"[rest % 5];
			for (size_t i = 3; i + 1 < 3 + size; i++)
				if (in[i] == '\n' && !sp_is_wsp(in[i + 1]))
					whole = false;
			if (whole)
				expect_naive(&arena, &out, in, 3 + size);
		}
		sp_arena_reset(&arena);
	}
	sp_buffer_free(&out);
	sp_arena_free(&arena);
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*seed * below >> 32);
}

/* A name and random tokens behind it; every line end is a fold. */
static size_t draw_field(uint32_t *seed, char *out, size_t room)
{
	static const char *const tokens[] = {
		" ", "\t", "  ", "\r", "\r\n ", "\n\t", "\r\n\t \r\n "};
	size_t size = (size_t)sprintf(out, "Some-Name:");
	size_t most = size + draw(seed, (uint32_t)(room - size - 8));
	uint32_t letters = 1 + draw(seed, 100);

	while (size < most) {
		uint32_t at = draw(seed, 7 + letters);

		if (at < 7)
			size += (size_t)sprintf(out + size, "%s", tokens[at]);
		else
			out[size++] = (char)('!' + draw(seed, 220));
	}
	return size;
}

Test(header, equals_the_naive_reference_on_random_values)
{
	struct sp_arena arena = {0};
	struct sp_buffer out = {0};
	uint32_t seed = 3;

	for (int round = 0; round < 20000; round++) {
		char in[512];
		size_t size = draw_field(&seed, in, sizeof(in));

		expect_naive(&arena, &out, in, size);
		sp_arena_reset(&arena);
	}
	sp_buffer_free(&out);
	sp_arena_free(&arena);
}
