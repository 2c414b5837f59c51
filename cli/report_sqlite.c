/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as two tables of a SQLite database: a row per message, in the order
 * of the input, and a row per signature (docs/sealpress.1, "REPORTS"). Workers
 * write rows down as bytes (io/rows.h); the commit puts them into the file.
 */
#include "cli/report.h"

#include "base/utf8.h"
#include "cli/report_columns.h"

enum table { MESSAGES, SIGNATURES };

#define COLUMN(kind, name, column, value) "," #column
#define MARK(kind, name, column, value) ",?"
#define ADD(kind, name, column, value) add_##kind(out, value);

#define CREATE(messages, signatures) \
	"PRAGMA user_version=1;" \
	"CREATE TABLE messages(id INTEGER PRIMARY KEY" messages ");" \
	"CREATE TABLE signatures(message REFERENCES " \
	"messages,signature" signatures \
	",PRIMARY KEY(message,signature)) WITHOUT ROWID;"

static const char verify_sql[] =
	"PRAGMA application_id=0x53505256;" /* "SPRV" */
	CREATE(SP_VERIFIED_COLUMNS(COLUMN),
		SP_RESULT_COLUMNS(COLUMN) SP_LEGACY_COLUMNS(COLUMN));

static const char *const verify_inserts[] = {
	[MESSAGES] =
		"INSERT INTO messages VALUES(?" SP_VERIFIED_COLUMNS(MARK) ")",
	[SIGNATURES] = "INSERT INTO signatures VALUES(?,?" SP_RESULT_COLUMNS(
		MARK) SP_LEGACY_COLUMNS(MARK) ")",
};

static const char sign_sql[] = "PRAGMA application_id=0x53505253;" /* "SPRS" */
	CREATE(SP_SIGNED_COLUMNS(COLUMN), SP_ITEM_COLUMNS(COLUMN));

static const char *const sign_inserts[] = {
	[MESSAGES] =
		"INSERT INTO messages VALUES(?" SP_SIGNED_COLUMNS(MARK) ")",
	[SIGNATURES] =
		"INSERT INTO signatures VALUES(?,?" SP_ITEM_COLUMNS(MARK) ")",
};

static void add_path(struct sp_buffer *out, struct sp_span text)
{
	bool blob =
		!sp_utf8_valid(text) || sp_span_find(text, '\0') < text.size;

	sp_rows_text(out, text, blob);
}

static void add_text(struct sp_buffer *out, struct sp_span text)
{
	if (text.size)
		add_path(out, text);
	else
		sp_rows_null(out);
}

static void add_name(struct sp_buffer *out, const char *name)
{
	if (name)
		sp_rows_text(out, sp_span_str(name), false);
	else
		sp_rows_null(out);
}

static void add_number(struct sp_buffer *out, uint64_t number)
{
	sp_rows_integer(out, number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

static void add_time(struct sp_buffer *out, int64_t time)
{
	if (time == SP_TIME_NONE)
		sp_rows_null(out);
	else
		sp_rows_integer(out, time);
}

static void add_length(struct sp_buffer *out, uint64_t length)
{
	if (length == SP_LENGTH_NONE)
		sp_rows_null(out);
	else
		add_number(out, length);
}

static void add_size(struct sp_buffer *out, uint64_t size)
{
	if (size)
		add_number(out, size);
	else
		sp_rows_null(out);
}

static void add_flag(struct sp_buffer *out, bool value)
{
	sp_rows_integer(out, value);
}

static void add_hash(struct sp_buffer *out, const unsigned char *hash)
{
	char text[SP_RECORD_HASH_LETTERS];

	if (!hash) {
		sp_rows_null(out);
		return;
	}
	sp_record_hash(text, hash);
	sp_rows_text(out, sp_span(text, sizeof(text)), false);
}

static void begin_message(struct sp_buffer *out)
{
	sp_rows_begin(out, MESSAGES);
	sp_rows_next(out);
}

static void begin_signature(struct sp_buffer *out, size_t number)
{
	sp_rows_begin(out, SIGNATURES);
	sp_rows_last(out);
	add_number(out, number);
}

static void add_result(
	struct sp_buffer *out, const struct sp_result *result, size_t number)
{
	begin_signature(out, number);
	SP_RESULT_COLUMNS(ADD)
	SP_LEGACY_COLUMNS(ADD)
	sp_rows_end(out);
}

static void add_verified(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_verify *verify = record->verify;

	begin_message(out);
	SP_VERIFIED_COLUMNS(ADD)
	sp_rows_end(out);
	for (size_t i = 0; verify && i < verify->count; i++)
		add_result(out, &verify->results[i], i);
}

static void add_signed(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_sign *sign = record->sign;
	size_t count = record->reason == SP_REASON_OK ? sign->item_count : 0;

	begin_message(out);
	SP_SIGNED_COLUMNS(ADD)
	sp_rows_end(out);
	for (size_t i = 0; i < count; i++) {
		const struct sp_sign_item *item = &sign->items[i];

		begin_signature(out, i);
		SP_ITEM_COLUMNS(ADD)
		sp_rows_end(out);
	}
}

static void add_record(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	if (signing)
		add_signed(out, record);
	else
		add_verified(out, record);
}

static const struct sp_rows_schema *schema(bool signing)
{
	static const struct sp_rows_schema verify = {
		.sql = verify_sql, .inserts = verify_inserts, .count = 2};
	static const struct sp_rows_schema sign = {
		.sql = sign_sql, .inserts = sign_inserts, .count = 2};

	return signing ? &sign : &verify;
}

const struct sp_report_format sp_report_sqlite = {
	.name = "sqlite",
	.record = add_record,
	.schema = schema,
};
