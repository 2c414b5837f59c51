/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of engine/select.c and engine/selection.c (RFC 6376 5.4, 8.15). */
#include "engine/select.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A message of fields "name:" from a list; "" is a line that is no field. */
static struct sp_message message_of(struct sp_field *fields, const char *list)
{
	struct sp_span rest = sp_span_str(list);
	struct sp_message message = {.fields = fields};

	while (rest.data && *list)
		fields[message.field_count++] =
			(struct sp_field){.name = sp_span_split(&rest, ':')};
	return message;
}

static const char *joined(const struct sp_span *names, size_t count)
{
	static char text[65536];
	size_t size = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		size += (size_t)sprintf(text + size, "%s%.*s", i ? ":" : "",
			SP_SPAN_ARGS(names[i]));
	return text;
}

/* What h= is for a message with these fields. */
static const char *apply(const char *profile, bool oversign, const char *list)
{
	static char text[65536];
	struct sp_field fields[64];
	struct sp_message message = message_of(fields, list);
	struct sp_selection selection;
	struct sp_arena arena = {0};
	struct sp_span *names;
	size_t count;

	cr_assert_eq(sp_selection_init(&selection, profile, oversign, NULL),
		SP_OK, "%s", profile);
	cr_assert_eq(sp_selection_apply(
			     &selection, &message, 1, &arena, &names, &count),
		SP_OK);
	snprintf(text, sizeof(text), "%s", joined(names, count));
	sp_selection_free(&selection);
	sp_arena_free(&arena);
	return text;
}

/* 5.4: what is present, as often as it is present, and nothing else. */
Test(select, signs_the_profile_as_far_as_it_is_present)
{
	cr_expect_str_eq(
		apply("default", false,
			"Return-Path:Received:DKIM-Signature:subject:FROM:To:"
			"X-Mailer:List-Unsubscribe-Post:List-Unsubscribe:"
			"Feedback-ID:List-Id:List-Id:Authentication-Results:"),
		"From:Subject:To:List-Id:List-Id:List-Unsubscribe:"
		"List-Unsubscribe-Post:Feedback-ID");
	cr_expect_str_eq(
		apply("opendkim", false, "From:Message-ID:Subject:Sender"),
		"From:Subject");
	cr_expect_str_eq(apply("OpenDKIM", false, "From:Message-ID:Subject"),
		"From:Subject");
	cr_expect_str_eq(apply("ses", false, "Feedback-ID:From:Sender"),
		"From:Feedback-ID");
}

/* 8.15 */
Test(select, oversigns_what_must_be_unique)
{
	cr_expect_str_eq(apply("default", true, "From:Subject:List-Id"),
		"From:From:Sender:Reply-To:Subject:Subject:Date:Message-ID:To:"
		"Cc:MIME-Version:Content-Type:Content-Transfer-Encoding:"
		"In-Reply-To:References:List-Id");
	cr_expect_str_eq(
		apply("X-A:Subject", true, "From:Subject:Subject:X-A:To"),
		"X-A:Subject:Subject:Subject:From:From");
	cr_expect_str_eq(
		apply("From:Subject", true, "From"), "From:From:Subject");
}

Test(select, signs_lists_as_they_are_asked)
{
	cr_expect_str_eq(
		apply("From:+X-A:?Subject:X-B", true, "X-B:From:Subject"),
		"From:From:X-A:Subject:X-B");
	cr_expect_str_eq(
		apply("+X-A", false, "X-A:X-a:From"), "X-A:X-A:X-A:From");
	cr_expect_str_eq(apply("Subject", false, "Subject"), "Subject:From");
	cr_expect_str_eq(apply("?From", true, "From"), "From");
	cr_expect_str_eq(apply(" From : To ", false, "To:From"), "From:To");
	cr_expect_str_eq(apply("To:+to:From", false, "To:From"), "To:To:From");
}

Test(select, signs_all_but_what_changes)
{
	cr_expect_str_eq(
		apply("all", false,
			"X-Z:Received:ARC-Seal:arc-x:Comments:From::X-A:"
			"Delivered-To:To:X-Z:Bcc:Status"),
		"From:To:X-Z:X-A:X-Z");
	/* RFC 5322 2.2 allows ";" in names, h= does not. */
	cr_expect_str_eq(apply("all", false, "X-A:X;B:From:;"), "From:X-A");
	cr_expect_str_eq(apply("all", true, "From:X-A"),
		"From:From:Date:Sender:Reply-To:To:Cc:Message-ID:In-Reply-To:"
		"References:Subject:MIME-Version:Content-Type:"
		"Content-Transfer-Encoding:X-A");
}

Test(select, refuses_bad_names_with_words)
{
	static const char *const cases[] = {"", "From:", ":From", "A B", "+",
		"A;B", "\xc3\xbc", "From::To", "A\x7f", "default:X-A",
		"From:+ALL"};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_selection selection;
		struct sp_error error = {0};

		cr_expect_eq(
			sp_selection_init(&selection, cases[i], true, &error),
			SP_CONFIG, "%s", cases[i]);
		cr_expect_not_null(strstr(error.text, "profile"));
		sp_selection_free(&selection);
	}
}

Test(select, refuses_more_names_than_there_may_be)
{
	char *text = malloc(SP_HEADER_NAMES_MAX * 8);
	struct sp_selection selection;
	struct sp_error error = {0};
	size_t size = 0;

	for (unsigned i = 0; i + 1 < SP_HEADER_NAMES_MAX; i++)
		size += (size_t)sprintf(text + size, "%sX%u", i ? ":" : "", i);
	cr_expect_eq(sp_selection_init(&selection, text, true, &error), SP_OK);
	sp_selection_free(&selection);
	sprintf(text + size, ":Y");
	cr_expect_eq(
		sp_selection_init(&selection, text, true, &error), SP_CONFIG);
	sp_selection_free(&selection);
	free(text);
}

Test(select, says_when_a_message_needs_too_many_names)
{
	size_t room = SP_HEADER_NAMES_MAX + 1;
	struct sp_field *fields = calloc(room, sizeof(*fields));
	struct sp_message message = {.fields = fields};
	struct sp_selection selection;
	struct sp_arena arena = {0};
	struct sp_span *names;
	size_t count;

	for (size_t i = 0; i < room; i++)
		fields[i].name = sp_span_str(i ? "X" : "From");
	cr_assert_eq(sp_selection_init(&selection, "all", false, NULL), SP_OK);
	message.field_count = room - 1;
	cr_assert_eq(sp_selection_apply(
			     &selection, &message, 1, &arena, &names, &count),
		SP_OK);
	cr_expect_eq(count, SP_HEADER_NAMES_MAX);
	message.field_count = room;
	cr_assert_eq(sp_selection_apply(
			     &selection, &message, 1, &arena, &names, &count),
		SP_OK);
	cr_expect_eq(count, 0);
	sp_selection_free(&selection);
	sp_arena_free(&arena);
	free(fields);
}

/* Which fields h= means, as their places in the message: "4 2". */
static const char *fields_of(const char *h, const char *list)
{
	static char text[256];
	struct sp_field fields[64];
	struct sp_message message = message_of(fields, list);
	const struct sp_field *chosen[64];
	struct sp_span names[64], rest = sp_span_str(h);
	struct sp_arena arena = {0};
	size_t name_count = 0, count, size = 0;

	while (rest.data)
		names[name_count++] = sp_span_split(&rest, ':');
	cr_assert_eq(sp_select_fields(&message, &arena, names, name_count,
			     chosen, &count),
		SP_OK);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		size += (size_t)sprintf(
			text + size, "%s%td", i ? " " : "", chosen[i] - fields);
	sp_arena_free(&arena);
	return text;
}

/* 5.4.2 */
Test(select, takes_the_lowest_field_first)
{
	cr_expect_str_eq(fields_of("A:b:a:A:B:a", "a:B:A:c:a"), "4 1 2 0");
	cr_expect_str_eq(fields_of("from:x:to", "To:From"), "1 0");
	cr_expect_str_eq(fields_of("x", "To:From"), "");
	cr_expect_str_eq(fields_of("", "To::From"), "");
	cr_expect_str_eq(fields_of("a", ""), "");
}

/* The slow and plain reading of 5.4.2, to compare with. */
static size_t select_plainly(const struct sp_message *message,
	const struct sp_span *names, size_t name_count,
	const struct sp_field **fields)
{
	bool *used = calloc(message->field_count + 1, sizeof(*used));
	size_t count = 0;

	for (size_t n = 0; n < name_count; n++) {
		for (size_t i = message->field_count; i-- > 0;) {
			if (used[i] || !names[n].size ||
				!sp_span_equal_nocase(
					names[n], message->fields[i].name))
				continue;
			used[i] = true;
			fields[count++] = &message->fields[i];
			break;
		}
	}
	free(used);
	return count;
}

/* The same numbers each time. */
static size_t below(size_t bound)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(state >> 33) % bound;
}

Test(select, equals_the_plain_reading_on_random_messages)
{
	static const char *const pool[] = {"", "a", "A", "b", "B", "ab", "aB",
		"c", "received", "Received"};
	struct sp_arena arena = {0};

	for (int round = 0; round < 2000; round++) {
		struct sp_field fields[40];
		struct sp_message message = {.fields = fields};
		const struct sp_field *got[40], *wanted[40];
		struct sp_span names[40];
		size_t name_count = below(40), count;

		message.field_count = below(40);
		for (size_t i = 0; i < message.field_count; i++)
			fields[i].name = sp_span_str(pool[below(COUNT(pool))]);
		for (size_t i = 0; i < name_count; i++)
			names[i] = sp_span_str(pool[below(COUNT(pool))]);
		cr_assert_eq(sp_select_fields(&message, &arena, names,
				     name_count, got, &count),
			SP_OK);
		cr_assert_eq(count,
			select_plainly(&message, names, name_count, wanted));
		for (size_t i = 0; i < count; i++)
			cr_assert_eq(got[i], wanted[i]);
		sp_arena_reset(&arena);
	}
	sp_arena_free(&arena);
}

/* As large as the limits allow; quadratic work would take seconds. */
Test(select, stays_fast_on_the_largest_messages)
{
	struct sp_field *fields = calloc(SP_FIELDS_MAX, sizeof(*fields));
	struct sp_message message = {fields, SP_FIELDS_MAX, {0}, {0}, 0, 0, 0};
	struct sp_span names[SP_HEADER_NAMES_MAX];
	const struct sp_field *chosen[SP_HEADER_NAMES_MAX];
	char text[SP_HEADER_NAMES_MAX][8];
	struct sp_arena arena = {0};
	clock_t begin = clock();
	size_t count = 0;

	for (unsigned i = 0; i < SP_HEADER_NAMES_MAX; i++) {
		sprintf(text[i], "x%u", i);
		names[i] = sp_span_str(text[i]);
	}
	for (unsigned i = 0; i < SP_FIELDS_MAX; i++)
		fields[i].name = names[i * 7 % SP_HEADER_NAMES_MAX];
	for (int round = 0; round < 20; round++) {
		cr_assert_eq(sp_select_fields(&message, &arena, names,
				     SP_HEADER_NAMES_MAX, chosen, &count),
			SP_OK);
		sp_arena_reset(&arena);
	}
	cr_expect_eq(count, SP_HEADER_NAMES_MAX);
	cr_expect_lt(clock() - begin, 2 * CLOCKS_PER_SEC);
	sp_arena_free(&arena);
	free(fields);
}
