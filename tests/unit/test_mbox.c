/* SPDX-License-Identifier: Apache-2.0 */
/* The mbox formats (mbox(5), RFC 4155). */
#include "io/mbox.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/unit/guard.h"

/* Appendix A of RFC 4155, and what the other kinds of mbox do. */
Test(mbox, a_separator_stands_first_or_below_an_empty_line)
{
	static const struct {
		const char *text;
		size_t from;
		bool at_start;
		size_t found; /* SIZE_MAX: none */
	} cases[] = {
		{"", 0, true, SIZE_MAX},
		{"From a\n", 0, true, 0},
		{"From a\n", 0, false, SIZE_MAX},
		{"From a\n", 1, true, SIZE_MAX},
		{"From", 0, true, SIZE_MAX},
		{"from a\n", 0, true, SIZE_MAX},
		{"From:\n", 0, true, SIZE_MAX},
		{"\nFrom a\n", 0, true, 1},
		{"\nFrom a\n", 0, false, SIZE_MAX},
		{"\r\nFrom a\n", 0, true, 2},
		{"\r\nFrom a\n", 0, false, SIZE_MAX},
		{"\n\nFrom a\n", 0, false, 2},
		{"\n\r\nFrom a\n", 0, false, 3},
		{"x\n\nFrom a\n", 0, false, 3},
		{"x\nFrom a\n", 0, true, SIZE_MAX},
		{"x\r\n\r\nFrom a\n", 0, true, 5},
		{"x\r\n\nFrom a\n", 0, true, 4},
		{"x\n\r\nFrom a\n", 0, true, 4},
		{"x\n\r\r\nFrom a\n", 0, true, SIZE_MAX},
		{"x\r\rFrom a\n", 0, true, SIZE_MAX},
		{"x\n \nFrom a\n", 0, true, SIZE_MAX},
		{"x\n\n>From a\n", 0, true, SIZE_MAX},
		{"x\n\n From a\n", 0, true, SIZE_MAX},
		{"x\nFrom b\n\nFrom a\n", 0, true, 10},
		{"x\n\nFrom a\n\nFrom b\n", 3, true, 3},
		{"x\n\nFrom a\n\nFrom b\n", 4, true, 11},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t size = strlen(cases[i].text);
		char *text = guard_copy(cases[i].text, size);
		size_t wanted =
			cases[i].found == SIZE_MAX ? size : cases[i].found;

		cr_expect_eq(sp_mbox_find(sp_span(text, size), cases[i].from,
				     cases[i].at_start),
			wanted, "case %zu", i);
		guard_free(text, size);
	}
}

static bool span_is(struct sp_span span, const char *text)
{
	return sp_span_is(span, text);
}

Test(mbox, a_message_is_cut_into_from_line_message_and_tail)
{
	static const struct {
		enum sp_mbox_kind kind;
		const char *text, *from_line, *stored, *tail, *bytes, *sender;
	} cases[] = {
		{SP_MBOX_RD, "From a@b Thu\nA: b\n\nx\n\n", "From a@b Thu\n",
			"A: b\n\nx\n", "\n", NULL, "a@b"},
		{SP_MBOX_RD, "From a@b\r\nA: b\r\n\r\nx\r\n\r\n",
			"From a@b\r\n", "A: b\r\n\r\nx\r\n", "\r\n", NULL,
			"a@b"},
		{SP_MBOX_RD, "From - Thu\nA: b\n\nx", "From - Thu\n",
			"A: b\n\nx", "", NULL, ""},
		{SP_MBOX_RD, "From MAILER-DAEMON Thu\nA: b\n\nx\n\n\n",
			"From MAILER-DAEMON Thu\n", "A: b\n\nx\n\n", "\n", NULL,
			""},
		{SP_MBOX_RD, "From a", "From a", "", "", NULL, "a"},
		{SP_MBOX_RD, "From a\n", "From a\n", "", "", NULL, "a"},
		{SP_MBOX_RD, "From a\n\n", "From a\n", "", "\n", NULL, "a"},
		{SP_MBOX_RD, "From a\nA: b\n\n", "From a\n", "A: b\n", "\n",
			NULL, "a"},
		{SP_MBOX_AUTO, "From a\n>From b\n\n>From c\n>>From d\n>Fromm\n",
			"From a\n", ">From b\n\n>From c\n>>From d\n>Fromm\n",
			"", ">From b\n\nFrom c\n>From d\n>Fromm\n", "a"},
		{SP_MBOX_O, "From a\nA: b\n\n>From c\n>>From d\n\n", "From a\n",
			"A: b\n\n>From c\n>>From d\n", "\n",
			"A: b\n\nFrom c\n>>From d\n", "a"},
		{SP_MBOX_CL, "From a\nContent-Length: 8\n\n>From c\n\n",
			"From a\n", "Content-Length: 8\n\n>From c\n", "\n",
			"Content-Length: 8\n\nFrom c\n", "a"},
		{SP_MBOX_CL2, "From a\ncontent-length : 9 \n\n>From c\n\n",
			"From a\n", "content-length : 9 \n\n>From c\n\n", "",
			NULL, "a"},
		{SP_MBOX_CL2, "From a\nContent-Length: 99\n\nx\n\n", "From a\n",
			"Content-Length: 99\n\nx\n", "\n", NULL, "a"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sp_arena arena = {0};
		struct sp_mail mail = {0};
		size_t size = strlen(cases[i].text);
		char *text = guard_copy(cases[i].text, size);

		cr_assert_eq(sp_mbox_cut(&mail, &arena, sp_span(text, size),
				     1000, cases[i].kind, true),
			SP_OK);
		cr_expect(span_is(mail.from_line, cases[i].from_line),
			"from_line of %zu", i);
		cr_expect(span_is(mail.stored, cases[i].stored),
			"stored of %zu", i);
		cr_expect(span_is(mail.tail, cases[i].tail), "tail of %zu", i);
		cr_expect(span_is(mail.bytes, cases[i].bytes ? cases[i].bytes
							     : cases[i].stored),
			"bytes of %zu", i);
		cr_expect(span_is(mail.envelope.mail_from, cases[i].sender),
			"sender of %zu", i);
		cr_expect_eq(mail.offset, 1000 + mail.from_line.size);
		cr_expect_eq(mail.bytes_total, mail.stored.size);
		sp_arena_free(&arena);
		guard_free(text, size);
	}
}

Test(mbox, a_separator_line_without_end_is_cut)
{
	size_t size = 3 * SP_MBOX_FROM_BYTES_MAX;
	char *text = malloc(size);
	struct sp_arena arena = {0};
	struct sp_mail mail = {0};

	memset(text, 'x', size);
	memcpy(text, "From ", 5);
	cr_assert_eq(sp_mbox_cut(&mail, &arena, sp_span(text, size), 0,
			     SP_MBOX_RD, true),
		SP_OK);
	cr_expect_eq(mail.from_line.size, SP_MBOX_FROM_BYTES_MAX);
	cr_expect_eq(mail.stored.size, size - SP_MBOX_FROM_BYTES_MAX);
	sp_arena_free(&arena);
	free(text);
}

/* Random text of the bytes that matter here. */
static size_t random_body(char *out, size_t room)
{
	static const char *const bits[] = {"From ", ">From ", ">>From ", ">",
		"\n", "\r\n", "F", "From", " ", "x", ">>>", "From:"};
	size_t size = 0;

	for (int bit = rand() % 40; bit > 0; bit--) {
		const char *text = bits[(unsigned)rand() % 12];

		if (size + strlen(text) > room)
			break;
		memcpy(out + size, text, strlen(text));
		size += strlen(text);
	}
	return size;
}

static size_t unquote_in_pieces(
	enum sp_mbox_kind kind, char *out, struct sp_span body, size_t piece)
{
	unsigned state = 0;
	size_t size = 0;

	for (size_t at = 0; at < body.size; at += piece) {
		size_t part = body.size - at < piece ? body.size - at : piece;
		/* Overlapping as allowed: input at the end of the room. */
		char room[512];
		char *in = room + SP_MBOX_HELD_MAX;
		size_t got;

		memcpy(in, body.data + at, part);
		got = sp_mbox_unquote(kind, &state, room, sp_span(in, part));
		cr_assert_leq(got, part + SP_MBOX_HELD_MAX);
		memcpy(out + size, room, got);
		size += got;
	}
	return size + sp_mbox_unquote_end(&state, out + size);
}

Test(mbox, what_rd_quotes_it_unquotes_in_any_pieces)
{
	char body[400], back[800];

	srand(1);
	for (int round = 0; round < 3000; round++) {
		struct sp_span text =
			sp_span(body, random_body(body, sizeof(body)));
		struct sp_buffer quoted = {0};
		unsigned state = 0;
		struct sp_span q;

		sp_mbox_quote(&quoted, &state, text);
		q = sp_buffer_span(&quoted);
		cr_assert_eq(sp_mbox_needs_quoting(text), q.size != text.size);
		cr_assert_eq(
			sp_mbox_is_quoted(SP_MBOX_RD, q), q.size != text.size);
		for (size_t piece = 1; piece < 12; piece++) {
			size_t size =
				unquote_in_pieces(SP_MBOX_RD, back, q, piece);

			cr_assert(sp_span_equal(sp_span(back, size), text),
				"round %d, pieces of %zu", round, piece);
		}
		sp_buffer_free(&quoted);
	}
}

Test(mbox, quoting_in_pieces_equals_quoting_at_once)
{
	char body[400];

	srand(2);
	for (int round = 0; round < 3000; round++) {
		struct sp_span text =
			sp_span(body, random_body(body, sizeof(body)));
		struct sp_buffer whole = {0}, parts = {0};
		unsigned state = 0;

		sp_mbox_quote(&whole, &state, text);
		state = 0;
		while (text.size) {
			size_t size = 1 + (size_t)rand() % text.size;

			/* No piece ends inside a mark. */
			while (size < text.size &&
				sp_mbox_partial_mark(sp_span(text.data, size)))
				size++;
			sp_mbox_quote(&parts, &state, sp_span(text.data, size));
			text = sp_span_after(text, size);
		}
		cr_assert(sp_span_equal(
			sp_buffer_span(&whole), sp_buffer_span(&parts)));
		sp_buffer_free(&whole);
		sp_buffer_free(&parts);
	}
}

Test(mbox, is_quoted_means_that_unquoting_changes_something)
{
	static const enum sp_mbox_kind kinds[] = {
		SP_MBOX_AUTO, SP_MBOX_RD, SP_MBOX_O, SP_MBOX_CL, SP_MBOX_CL2};
	char body[400], back[800];

	srand(3);
	for (int round = 0; round < 3000; round++) {
		struct sp_span text =
			sp_span(body, random_body(body, sizeof(body)));

		for (size_t k = 0; k < 5; k++) {
			size_t size =
				unquote_in_pieces(kinds[k], back, text, 7);

			cr_assert_eq(sp_mbox_is_quoted(kinds[k], text),
				size != text.size);
		}
	}
}

Test(mbox, content_length_is_digits_in_a_field_of_its_own)
{
	static const struct {
		const char *header;
		int64_t length; /* -1: none */
	} cases[] = {
		{"Content-Length: 5\n\n", 5},
		{"A: b\r\nCONTENT-length:\t 07\r\n\r\n", 7},
		{"Content-Length: 5", 5},
		{"Content-Length:\n\n", -1},
		{"Content-Length: -5\n\n", -1},
		{"Content-Length: 5 6\n\n", -1},
		{"Content-Length: 9999999999999999999\n\n", -1},
		{"A: b\n Content-Length: 5\n\n", -1},
		{"X-Content-Length: 5\n\n", -1},
		{"", -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t length = 0;
		bool found = sp_mbox_content_length(
			sp_span_str(cases[i].header), &length);

		cr_expect_eq(found, cases[i].length >= 0, "case %zu", i);
		cr_expect(!found || length == (uint64_t)cases[i].length);
	}
}

/* The date is asctime's (mbox(5)); the sender is one word. */
Test(mbox, from_lines_are_one_line)
{
	static const struct {
		const char *sender;
		int64_t time;
		bool crlf;
		const char *line;
	} cases[] = {
		{"a@b", 0, false, "From a@b Thu Jan  1 00:00:00 1970\n"},
		{"", 1700000000, true,
			"From MAILER-DAEMON Tue Nov 14 22:13:20 2023\r\n"},
		{"a b\nc\t\x7f", -1, false,
			"From a-b-c-- Wed Dec 31 23:59:59 1969\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sp_mail mail = {
			.envelope.mail_from = sp_span_str(cases[i].sender)};
		struct sp_buffer out = {0};

		sp_mbox_from_line(&out, &mail, cases[i].time, cases[i].crlf);
		cr_expect(sp_span_is(sp_buffer_span(&out), cases[i].line),
			"%.*s", SP_SPAN_ARGS(sp_buffer_span(&out)));
		sp_buffer_free(&out);
	}
}
