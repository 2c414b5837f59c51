/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields and body of a message (RFC 5322 2.1, 2.2; canon/message.h). */
#include "canon/message.h"

#include <criterion/criterion.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "tests/unit/guard.h"

TestSuite(message);

static enum sp_reason split(struct sp_message *message, struct sp_arena *arena,
	struct sp_span bytes, const struct sp_message_limits *limits)
{
	enum sp_reason reason;

	cr_assert_eq(sp_message_split(message, arena, bytes, limits, &reason),
		SP_OK);
	return reason;
}

/* What must hold for any message, whatever the reason. */
static void check_parts(const struct sp_message *message, struct sp_span bytes)
{
	const char *at = bytes.data;

	for (size_t i = 0; i < message->field_count; i++) {
		const struct sp_field *field = &message->fields[i];

		cr_assert_eq(field->raw.data, at);
		at += field->raw.size;
		cr_assert_eq(field->value.data + field->value.size, at);
		if (field->name.size) {
			cr_assert_eq(field->name.data, field->raw.data);
			cr_assert_eq(field->value.data[-1], ':');
		} else {
			cr_assert_eq(field->value.size, 0);
		}
	}
	cr_assert_eq(message->header.data, bytes.data);
	cr_assert_eq(message->header.data + message->header.size, at);
}

/* "name{raw}" of each field, then "=body", or "-" when there is no body. */
static void show(struct sp_buffer *out, const struct sp_message *message)
{
	sp_buffer_clear(out);
	for (size_t i = 0; i < message->field_count; i++) {
		sp_buffer_add(out, message->fields[i].name);
		sp_buffer_add_char(out, '{');
		sp_buffer_add(out, message->fields[i].raw);
		sp_buffer_add_char(out, '}');
	}
	sp_buffer_add_char(out, message->has_body ? '=' : '-');
	sp_buffer_add(out, message->body);
	sp_buffer_add_char(out, '\0');
}

struct sample {
	const char *in, *parts;
	enum sp_reason reason;
};

static const struct sample samples[] = {
	{"A: b\r\n\r\nbody", "A{A: b\r\n}=body", SP_REASON_OK},
	{"A: b\n\nbody\n", "A{A: b\n}=body\n", SP_REASON_OK},
	{"A: b\r\n\r\n", "A{A: b\r\n}=", SP_REASON_OK},
	/* A header without body, with and without line end. */
	{"A: b\r\n", "A{A: b\r\n}-", SP_REASON_OK},
	{"A: b", "A{A: b}-", SP_REASON_OK},
	{"A:", "A{A:}-", SP_REASON_OK},
	{"A:\n B:\n", "A{A:\n B:\n}-", SP_REASON_OK},
	/* Folding, also by lines that are blank but not empty. */
	{"A: b\r\n\tc\r\n  \r\n d\r\nB: e\r\n\r\n",
		"A{A: b\r\n\tc\r\n  \r\n d\r\n}B{B: e\r\n}=", SP_REASON_OK},
	/* A mix of line ends. */
	{"A: b\nB: c\r\n d\n\r\nx\ny\r\n", "A{A: b\n}B{B: c\r\n d\n}=x\ny\r\n",
		SP_REASON_OK},
	{"A: b\r\nB: c\n\nx", "A{A: b\r\n}B{B: c\n}=x", SP_REASON_OK},
	/* A CR without LF is an ordinary byte. */
	{"A: b\r\r\nB: c\rD: e\n\r\r\n\n",
		"A{A: b\r\r\n}B{B: c\rD: e\n}{\r\r\n}=", SP_REASON_OK},
	{"A: b\r\n\r", "A{A: b\r\n}{\r}-", SP_REASON_OK},
	/* White space before the colon is obsolete, RFC 5322 4.5. */
	{"A : b\n\n", "A{A : b\n}=", SP_REASON_OK},
	{"A \t : b\n\n", "A{A \t : b\n}=", SP_REASON_OK},
	{"A\n : b\nB:\n\n", "{A\n : b\n}B{B:\n}=", SP_REASON_OK},
	/* Names are printable ASCII without colon and space, 2.2. */
	{"!\"~: b\n\n", "!\"~{!\"~: b\n}=", SP_REASON_OK},
	{"A b: c\nB: d\n\n", "{A b: c\n}B{B: d\n}=", SP_REASON_OK},
	{"\xc3\xa4: b\nA\x7f: b\n\x01:\nB: d\n\n",
		"{\xc3\xa4: b\n}{A\x7f: b\n}{\x01:\n}B{B: d\n}=", SP_REASON_OK},
	{": b\nB: d\n\n", "{: b\n}B{B: d\n}=", SP_REASON_OK},
	/* Junk lines, each with what is folded below it. */
	{"From a@b Mon Jan  1 00:00:00 2024\nA: b\n\nx",
		"{From a@b Mon Jan  1 00:00:00 2024\n}A{A: b\n}=x",
		SP_REASON_OK},
	{">From a@b Mon Jan  1 00:00:00 2024\nA: b\n\nx",
		"{>From a@b Mon Jan  1 00:00:00 2024\n}A{A: b\n}=x",
		SP_REASON_OK},
	{"A: b\njunk\n more\nB: c\n\n",
		"A{A: b\n}{junk\n more\n}B{B: c\n}=", SP_REASON_OK},
	{" b\n c\nA: d\n\n", "{ b\n c\n}A{A: d\n}=", SP_REASON_OK},
	{"A: b\njunk", "A{A: b\n}{junk}-", SP_REASON_OK},
	/* The body may look like anything. */
	{"A: b\n\n\n\nB: c\n", "A{A: b\n}=\n\nB: c\n", SP_REASON_OK},
	/* No header field at all. */
	{"\r\nbody", "-", SP_REASON_MESSAGE_SYNTAX},
	{"junk\nmore junk\n\nbody", "{junk\n}{more junk\n}-",
		SP_REASON_MESSAGE_SYNTAX},
	{"junk", "{junk}-", SP_REASON_MESSAGE_SYNTAX},
	{" \n", "{ \n}-", SP_REASON_MESSAGE_SYNTAX},
	{"", "-", SP_REASON_MESSAGE_EMPTY},
};

Test(message, splits_into_fields_and_body)
{
	struct sp_arena arena = {0};
	struct sp_buffer shown = {0};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *sample = &samples[i];
		size_t size = strlen(sample->in);
		char *in = guard_copy(sample->in, size);
		struct sp_message message;

		cr_assert_eq(split(&message, &arena, sp_span(in, size), NULL),
			sample->reason, "%zu", i);
		show(&shown, &message);
		cr_assert_str_eq(shown.data, sample->parts, "%zu", i);
		check_parts(&message, sp_span(in, size));
		if (sample->reason == SP_REASON_OK)
			cr_assert_eq(
				message.body_offset, size - message.body.size);
		guard_free(in, size);
	}
	sp_buffer_free(&shown);
	sp_arena_free(&arena);
}

Test(message, takes_nul_for_an_ordinary_byte)
{
	static const char in[] = "A: \0b\n\0c: d\n\nx\0";
	struct sp_span bytes = sp_span(in, sizeof(in) - 1);
	struct sp_arena arena = {0};
	struct sp_message message;

	cr_assert_eq(split(&message, &arena, bytes, NULL), SP_REASON_OK);
	cr_assert_eq(message.field_count, 2);
	cr_assert_eq(message.fields[0].value.size, 4);
	cr_assert_eq(message.fields[1].name.size, 0);
	cr_assert_eq(message.body.size, 2);
	check_parts(&message, bytes);
	sp_arena_free(&arena);
}

Test(message, says_how_the_first_line_ends)
{
	static const struct {
		const char *in;
		bool crlf;
	} cases[] = {{"A: b\r\nC: d\n", true}, {"A: b\nC: d\r\n", false},
		{"A: b", false}, {"A: b\r", false}, {"\n", false},
		{"\r\n", true}, {"", false}};
	struct sp_arena arena = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_message message;

		split(&message, &arena, sp_span_str(cases[i].in), NULL);
		cr_assert_eq(message.crlf, cases[i].crlf, "%zu", i);
	}
	sp_arena_free(&arena);
}

Test(message, keeps_its_limits)
{
	static const struct {
		const char *in;
		struct sp_message_limits limits;
		size_t fields;
		enum sp_reason reason;
	} cases[] = {
		{"A: b\nC: d\n\nx", {10, 2}, 2, SP_REASON_OK},
		{"A: b\r\nC: d\r\n\r\nx", {12, 2}, 2, SP_REASON_OK},
		{"A: b\nC: d\n\nx", {9, 0}, 1, SP_REASON_HEADER_TOO_LARGE},
		{"A: b\nC: d", {8, 0}, 1, SP_REASON_HEADER_TOO_LARGE},
		{"A: b\nC: d", {9, 0}, 2, SP_REASON_OK},
		{"A: b\n c\n\n", {7, 0}, 0, SP_REASON_HEADER_TOO_LARGE},
		{"A: b\nC: d\n\nx", {0, 1}, 1, SP_REASON_TOO_MANY_FIELDS},
		{"A: b\nC: d\nE: f\n\n", {0, 1}, 1, SP_REASON_TOO_MANY_FIELDS},
		{"A: b\njunk\n\nx", {0, 1}, 1, SP_REASON_TOO_MANY_FIELDS},
		{"A: b\n junk\n\nx", {0, 1}, 1, SP_REASON_OK},
	};
	struct sp_arena arena = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_span bytes = sp_span_str(cases[i].in);
		struct sp_message message;

		cr_assert_eq(split(&message, &arena, bytes, &cases[i].limits),
			cases[i].reason, "%zu", i);
		cr_assert_eq(message.field_count, cases[i].fields, "%zu", i);
		check_parts(&message, bytes);
		if (cases[i].reason != SP_REASON_OK) {
			cr_assert_eq(message.body.size, 0);
			cr_assert_not(message.has_body);
		}
	}
	sp_arena_free(&arena);
}

static void fill(struct sp_buffer *text, const char *field, size_t count)
{
	sp_buffer_clear(text);
	for (size_t i = 0; i < count; i++)
		sp_buffer_add_str(text, field);
}

/* The default limits are those of base/limits.h, to the field and the byte. */
Test(message, has_default_limits)
{
	struct sp_arena arena = {0};
	struct sp_buffer text = {0};
	struct sp_message message;

	fill(&text, "A:\n", SP_FIELDS_MAX);
	cr_assert_eq(split(&message, &arena, sp_buffer_span(&text), NULL),
		SP_REASON_OK);
	cr_assert_eq(message.field_count, SP_FIELDS_MAX);
	check_parts(&message, sp_buffer_span(&text));
	sp_buffer_add_str(&text, "A:\n");
	cr_assert_eq(split(&message, &arena, sp_buffer_span(&text), NULL),
		SP_REASON_TOO_MANY_FIELDS);

	fill(&text, "A: 345678901234\n", SP_HEADER_BYTES_MAX / 16);
	cr_assert_eq(text.size, SP_HEADER_BYTES_MAX);
	cr_assert_eq(split(&message, &arena, sp_buffer_span(&text),
			     &(struct sp_message_limits){0, 100000}),
		SP_REASON_OK);
	sp_buffer_add_str(&text, "\n");
	cr_assert_eq(split(&message, &arena, sp_buffer_span(&text),
			     &(struct sp_message_limits){0, 100000}),
		SP_REASON_OK);
	text.data[text.size - 1] = ' ';
	cr_assert_eq(split(&message, &arena, sp_buffer_span(&text),
			     &(struct sp_message_limits){0, 100000}),
		SP_REASON_HEADER_TOO_LARGE);
	sp_buffer_free(&text);
	sp_arena_free(&arena);
}

/* RFC 6376 3.4.2, 5.4: names compare without regard to case. */
Test(message, finds_fields_by_name)
{
	static const char in[] = "To: 1\nCc: 2\nTO : 3\n: 4\nTox: 5\nto: 6\n";
	struct sp_arena arena = {0};
	struct sp_message message;
	const struct sp_field *field;
	char found[8] = "";
	size_t from = 0;

	split(&message, &arena, sp_span_str(in), NULL);
	while ((field = sp_message_find(&message, sp_span_str("tO"), from))) {
		from = (size_t)(field - message.fields) + 1;
		strncat(found, sp_field_value_trimmed(field).data, 1);
	}
	cr_assert_str_eq(found, "136");
	cr_assert_null(sp_message_find(&message, sp_span_str("Bcc"), 0));
	cr_assert_null(sp_message_find(&message, sp_span(NULL, 0), 0));
	cr_assert_null(sp_message_find(&message, sp_span_str("to"), 99));
	sp_arena_free(&arena);
}

Test(message, trims_values_at_both_ends_only)
{
	static const struct {
		const char *in, *value;
	} cases[] = {
		{"A: b  c \r\n", "b  c"},
		{"A:\r\n b\r\n  c\r\n \r\n", "b\r\n  c"},
		{"A:", ""},
		{"A: \t\r\n", ""},
	};
	struct sp_arena arena = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_message message;

		split(&message, &arena, sp_span_str(cases[i].in), NULL);
		cr_assert(sp_span_is(sp_field_value_trimmed(&message.fields[0]),
				  cases[i].value),
			"%zu", i);
	}
	sp_arena_free(&arena);
}

/* Fields need what they are, not what there might have been. */
Test(message, keeps_no_room_for_fields_that_are_not_there)
{
	struct sp_span text = sp_span_str("A: b\n\n");
	struct sp_arena arena = {0};
	struct sp_message message;
	enum sp_reason reason;

	for (size_t i = 0; i < 1000; i++) {
		cr_assert_eq(
			sp_message_split(&message, &arena, text, NULL, &reason),
			SP_OK);
		cr_assert_eq(message.field_count, 1);
	}
	cr_expect_leq(sp_arena_bytes(&arena), 1000 * sizeof(struct sp_field));
	sp_arena_free(&arena);
}
