/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsers against the collected cases of other implementations: records.tsv,
 * and the signature fields of the messages in manifest.tsv and sign.tsv.
 * Columns are told in the README of that folder.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/base64.h"
#include "engine/keyrecord.h"
#include "engine/signature.h"
#include "tests/unit/guard.h"
#include "tests/unit/shared.h"

/* "\\ \r \n \t \xHH"; returns the size. */
static size_t unescape(char *out, struct sp_span text)
{
	size_t size = 0;

	for (size_t i = 0; i < text.size; i++) {
		unsigned byte = (unsigned char)text.data[i];

		if (byte == '\\' && i + 1 < text.size) {
			char c = text.data[++i];

			byte = c == 'r'   ? '\r'
			       : c == 'n' ? '\n'
			       : c == 't' ? '\t'
					  : (unsigned char)c;
			if (c == 'x') {
				char hex[3] = {
					text.data[i + 1], text.data[i + 2]};

				byte = (unsigned)strtoul(hex, NULL, 16);
				i += 2;
			}
		}
		out[size++] = (char)byte;
	}
	return size;
}

static struct sp_field field_of(struct sp_span raw)
{
	size_t colon = sp_span_find(raw, ':');

	return (struct sp_field){.raw = raw,
		.name = sp_span(raw.data, colon),
		.value = sp_span_after(raw, colon + 1)};
}

static enum sp_reason parse_signature(
	struct sp_signature *signature, struct sp_span raw)
{
	static struct sp_arena arena;
	struct sp_field field = field_of(raw);
	enum sp_reason reason;

	sp_arena_reset(&arena);
	cr_assert_eq(
		sp_signature_parse(signature, &arena, &field, &reason), SP_OK);
	return reason;
}

static enum sp_reason parse_case(struct sp_span kind, struct sp_span text)
{
	struct sp_signature signature;
	struct sp_tags tags;
	char field[4096];

	if (sp_span_is(kind, "taglist"))
		return sp_tags_parse(&tags, text);
	if (sp_span_is(kind, "keyrecord"))
		return sp_keyrecord_check(text);
	cr_assert(sp_span_is(kind, "signature"), "unknown kind");
	return parse_signature(&signature,
		sp_span(field,
			(size_t)snprintf(field, sizeof(field),
				"DKIM-Signature: %.*s", SP_SPAN_ARGS(text))));
}

Test(records_conformance, parsers_agree_with_other_projects)
{
	struct shared_table table;

	shared_table_open(&table, "records.tsv");
	while (shared_table_next(&table)) {
		char text[2048];
		struct sp_span *column = table.column;
		size_t size = unescape(text, column[4]);
		char *copy = guard_copy(text, size);
		enum sp_reason reason =
			parse_case(column[2], sp_span(copy, size));
		const char *said = reason == SP_REASON_OK ? "valid"
				   : reason == SP_REASON_KEY_REVOKED
					   ? "revoked"
					   : "invalid";

		cr_expect(sp_span_is(column[3], "lenient") ||
				  sp_span_is(column[3], said),
			"%.*s: %s", SP_SPAN_ARGS(column[0]),
			sp_reason_name(reason));
		guard_free(copy, size);
	}
	shared_table_close(&table, "records");
}

/* What a verdict of the manifest means for the signature field alone. */
static enum sp_reason expected_reason(struct sp_span id, struct sp_span verdict)
{
	static const struct {
		const char *verdict;
		enum sp_reason reason;
	} faults[] = {
		{"permerror:syntax", SP_REASON_TAG_SYNTAX},
		{"permerror:version", SP_REASON_VERSION},
		{"permerror:missing-tag", SP_REASON_TAG_MISSING},
		{"permerror:algorithm", SP_REASON_ALGORITHM},
		{"permerror:canonicalization", SP_REASON_CANON},
		{"permerror:identity", SP_REASON_DOMAIN_MISMATCH},
		{"permerror:from-not-signed", SP_REASON_FROM_NOT_SIGNED},
		{"permerror:query", SP_REASON_QUERY},
	};

	/* The key is missing, too, but i= comes first: "=-b" (2.11). */
	if (sp_span_is(id, "james-jdkim.FAIL_illegalargumentexception"))
		return SP_REASON_TAG_SYNTAX;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (sp_span_is(verdict, faults[i].verdict))
			return faults[i].reason;
	return SP_REASON_OK;
}

/* Reasons are advisory where a field has several faults. */
static bool same(enum sp_reason wanted, enum sp_reason got)
{
	if (wanted == SP_REASON_TAG_SYNTAX)
		return got == SP_REASON_TAG_SYNTAX ||
		       got == SP_REASON_TAG_DUPLICATE ||
		       got == SP_REASON_EXPIRY_ORDER;
	if (wanted == SP_REASON_OK)
		return got == SP_REASON_OK || got == SP_REASON_KEY_NOT_FOUND;
	return got == wanted;
}

/* Takes the next header field off *rest; false at the end of the header. */
static bool take_field(struct sp_span *rest, struct sp_span *raw)
{
	size_t size = 0;

	if (!rest->size || rest->data[0] == '\r' || rest->data[0] == '\n')
		return false;
	do {
		struct sp_span tail = sp_span_after(*rest, size);
		size_t line = sp_span_find(tail, '\n');

		size += line < tail.size ? line + 1 : line;
	} while (size < rest->size && sp_is_wsp(rest->data[size]));
	*raw = sp_span(rest->data, size);
	*rest = sp_span_after(*rest, size);
	return true;
}

static bool is_signature(struct sp_span raw)
{
	struct sp_span name =
		sp_span_trim(sp_span(raw.data, sp_span_find(raw, ':')));

	return name.size < raw.size &&
	       sp_span_is_nocase(name, "DKIM-Signature");
}

/* Compares each signature of one message; returns how many there were. */
static size_t expect_message(const struct shared_table *table)
{
	const char *name = shared_path("conformance/messages/%.*s.eml",
		SP_SPAN_ARGS(table->column[0]));
	struct sp_span text = text_read(name);
	struct sp_span rest = text, raw, verdicts = table->column[4];
	size_t count = 0;

	while (take_field(&rest, &raw)) {
		struct sp_span verdict;
		struct sp_signature signature;
		enum sp_reason got;

		if (!is_signature(raw))
			continue;
		verdict = sp_span_split(&verdicts, ',');
		got = parse_signature(&signature, raw);
		cr_expect(same(expected_reason(table->column[0], verdict), got),
			"%s, signature %zu: %.*s, not %s", name, count,
			SP_SPAN_ARGS(verdict), sp_reason_name(got));
		count++;
	}
	cr_expect(!verdicts.data || sp_span_is(verdicts, "none"), "%s", name);
	text_free(text);
	return count;
}

Test(records_conformance, signature_fields_have_the_expected_faults)
{
	struct shared_table table;
	size_t count = 0;

	shared_table_open(&table, "manifest.tsv");
	while (shared_table_next(&table))
		count += expect_message(&table);
	cr_log_warn("%zu signature fields", count);
	shared_table_close(&table, "messages");
}

static void expect_base64(
	const char *id, struct sp_span text, struct sp_span bytes)
{
	char encoded[4096];

	cr_expect(sp_span_equal(text,
			  sp_span(encoded, sp_base64_encode(encoded, bytes))),
		"%s", id);
}

Test(records_conformance, signing_vectors_are_read_as_told)
{
	struct shared_table table;

	shared_table_open(&table, "sign.tsv");
	while (shared_table_next(&table)) {
		struct sp_span *column = table.column;
		struct sp_signature signature;
		struct sp_span text;
		char id[128];

		snprintf(id, sizeof(id), "%.*s", SP_SPAN_ARGS(column[0]));
		text = text_read(shared_path("conformance/sign/%s.sighdr", id));
		cr_expect_eq(parse_signature(&signature, text), SP_REASON_OK,
			"%s", id);
		cr_expect(sp_span_is(column[1],
				  sp_algorithm_name(signature.algorithm)),
			"%s", id);
		cr_expect(sp_span_equal(column[3], signature.domain), "%s", id);
		cr_expect(
			sp_span_equal(column[4], signature.selector), "%s", id);
		if (!sp_span_is(column[5], "-"))
			cr_expect(sp_span_equal(column[5], signature.identity),
				"%s", id);
		if (!sp_span_is(column[7], "-"))
			cr_expect_eq(strtoll(column[7].data, NULL, 10),
				signature.timestamp, "%s", id);
		expect_base64(id, column[10], signature.body_hash);
		expect_base64(id, column[11], signature.b);
		text_free(text);
	}
	shared_table_close(&table, "signing vectors");
}
