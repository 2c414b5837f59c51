/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical forms that others publish: the examples of RFC 6376 3.4.5, which
 * are in corpus/vectors/canon, and the cases of the shared conformance data,
 * if that is there (its README describes canon.tsv). Each body goes through
 * in pieces of several sizes, each header field as stored.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "canon/body.h"
#include "canon/header.h"
#include "tests/unit/shared.h"

TestSuite(canon_conformance);

#define PATH_MAX_BYTES 512u
#define OWN "corpus/vectors/canon/rfc6376-3.4.5"

static void add_body(struct sp_buffer *out, enum sp_canon canon, uint64_t limit,
	struct sp_span text, size_t piece_bytes)
{
	char piece[1024];
	struct sp_body body;
	size_t size;

	sp_body_init(&body, canon, limit);
	while (text.size) {
		struct sp_span in = text;

		if (in.size > piece_bytes)
			in.size = piece_bytes;
		text = sp_span_after(text, in.size);
		while (in.size) {
			size = sp_body_update(&body, &in, piece, sizeof(piece));
			sp_buffer_add(out, sp_span(piece, size));
		}
	}
	while ((size = sp_body_finish(&body, piece, sizeof(piece))))
		sp_buffer_add(out, sp_span(piece, size));
}

static void expect(const struct sp_buffer *out, struct sp_span expected,
	const char *id, size_t piece_bytes)
{
	cr_assert_eq(sp_buffer_status(out), SP_OK);
	cr_assert(sp_span_equal(sp_buffer_span(out), expected),
		"%s in pieces of %zu: '%.*s'", id, piece_bytes, (int)out->size,
		out->data);
}

static void expect_body(enum sp_canon canon, uint64_t limit, struct sp_span in,
	struct sp_span expected, const char *id)
{
	static const size_t pieces[] = {1, 2, 3, 5, 7, 16, 61, 1000, SIZE_MAX};
	struct sp_buffer out = {0};

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		sp_buffer_clear(&out);
		add_body(&out, canon, limit, in, pieces[i]);
		expect(&out, expected, id, pieces[i]);
	}
	sp_buffer_free(&out);
}

/* All fields of the header block, one after the other. */
static void expect_header(enum sp_canon canon, struct sp_span in,
	struct sp_span expected, const char *id)
{
	struct sp_arena arena = {0};
	struct sp_buffer out = {0};
	struct sp_message message;
	enum sp_reason reason;

	cr_assert_eq(
		sp_message_split(&message, &arena, in, NULL, &reason), SP_OK);
	cr_assert_eq(reason, SP_REASON_OK, "%s", id);
	for (size_t i = 0; i < message.field_count; i++)
		sp_header_canon(&out, canon, &message.fields[i]);
	expect(&out, expected, id, in.size);
	sp_buffer_free(&out);
	sp_arena_free(&arena);
}

/* The same message as Unix stores it: its canonical form does not change. */
static struct sp_span with_lf(struct sp_span text)
{
	char *out = malloc(text.size + 1);
	size_t size = 0;

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] != '\r')
			out[size++] = text.data[i];
	return sp_span(out, size);
}

static void expect_example(struct sp_span text, enum sp_canon canon)
{
	const char *name = canon == SP_CANON_RELAXED ? "relaxed" : "simple";
	struct sp_arena arena = {0};
	struct sp_span header, body;
	struct sp_message message;
	enum sp_reason reason;
	char path[PATH_MAX_BYTES];

	cr_assert_eq(
		sp_message_split(&message, &arena, text, NULL, &reason), SP_OK);
	snprintf(path, sizeof(path), OWN ".header-%s", name);
	header = text_read(path);
	expect_header(canon, message.header, header, path);
	snprintf(path, sizeof(path), OWN ".body-%s", name);
	body = text_read(path);
	expect_body(canon, SP_LENGTH_NONE, message.body, body, path);
	text_free(header);
	text_free(body);
	sp_arena_free(&arena);
}

/* RFC 6376 3.4.5, examples 1 to 3. */
Test(canon_conformance, equals_the_examples_of_the_rfc)
{
	struct sp_span crlf = text_read(OWN ".eml");
	struct sp_span lf = with_lf(crlf);

	expect_example(crlf, SP_CANON_SIMPLE);
	expect_example(crlf, SP_CANON_RELAXED);
	expect_example(lf, SP_CANON_SIMPLE);
	expect_example(lf, SP_CANON_RELAXED);
	text_free(crlf);
	text_free(lf);
}

static void expect_case(const struct sp_span *column)
{
	enum { ID, WHICH, ALGORITHM, L };
	char id[128];
	enum sp_canon canon = sp_span_is(column[ALGORITHM], "relaxed")
				      ? SP_CANON_RELAXED
				      : SP_CANON_SIMPLE;
	uint64_t limit = SP_LENGTH_NONE;
	struct sp_span in, out;

	cr_assert_neq(column[L].size, 0, "a line of canon.tsv is short");
	if (!sp_span_is(column[L], "-"))
		limit = strtoull(column[L].data, NULL, 10);
	snprintf(id, sizeof(id), "%.*s", SP_SPAN_ARGS(column[ID]));
	in = text_read(shared_path("conformance/canon/%s.in", id));
	out = text_read(shared_path("conformance/canon/%s.out", id));
	if (sp_span_is(column[WHICH], "body"))
		expect_body(canon, limit, in, out, id);
	else if (sp_span_is(column[WHICH], "header"))
		expect_header(canon, in, out, id);
	else
		cr_assert_fail("%s is of an unknown kind", id);
	text_free(in);
	text_free(out);
}

Test(canon_conformance, equals_the_shared_cases)
{
	struct shared_table table;

	shared_table_open(&table, "canon.tsv");
	while (shared_table_next(&table))
		expect_case(table.column);
	shared_table_close(&table, "canonical forms");
}
