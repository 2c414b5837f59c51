/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as CSV (RFC 4180): a header line, then one line per signature with
 * the columns of its message repeated; a message without signature has one
 * line. Bytes that are not UTF-8 become U+FFFD.
 */
#include "cli/report.h"

#include "cli/csv.h"
#include "cli/json.h"
#include "cli/report_columns.h"

/* The first column, and the only one without a comma before it. */
static void add_path(struct sp_buffer *out, struct sp_span path)
{
	sp_csv_value(out, path);
}

static void add_text(struct sp_buffer *out, struct sp_span text)
{
	sp_buffer_add_char(out, ',');
	sp_csv_value(out, text);
}

static void add_name(struct sp_buffer *out, const char *name)
{
	add_text(out, name ? sp_span_str(name) : sp_span(NULL, 0));
}

static void add_number(struct sp_buffer *out, uint64_t number)
{
	sp_buffer_add_char(out, ',');
	sp_json_number(out, number);
}

static void add_size(struct sp_buffer *out, uint64_t size)
{
	sp_buffer_add_char(out, ',');
	if (size)
		sp_json_number(out, size);
}

static void add_time(struct sp_buffer *out, int64_t time)
{
	sp_buffer_add_char(out, ',');
	if (time != SP_TIME_NONE)
		sp_json_integer(out, time);
}

static void add_length(struct sp_buffer *out, uint64_t length)
{
	sp_buffer_add_char(out, ',');
	if (length != SP_LENGTH_NONE)
		sp_json_number(out, length);
}

static void add_flag(struct sp_buffer *out, bool value)
{
	sp_buffer_add_char(out, ',');
	sp_json_bool(out, value);
}

static void add_hash(struct sp_buffer *out, const unsigned char *hash)
{
	char text[SP_RECORD_HASH_LETTERS];

	sp_buffer_add_char(out, ',');
	if (!hash)
		return;
	sp_record_hash(text, hash);
	sp_buffer_add(out, sp_span(text, sizeof(text)));
}

#define HEADER(kind, name, column, value) "," #name
#define ADD(kind, name, column, value) add_##kind(out, value);
#define ONE(kind, name, column, value) +1

/* Each begins with a comma too many. */
static const char verify_header[] =
	SP_VERIFIED_COLUMNS(HEADER) ",signature" SP_RESULT_COLUMNS(HEADER)
		SP_LEGACY_COLUMNS(HEADER) "\r\n";
static const char sign_header[] =
	SP_SIGNED_COLUMNS(HEADER) ",signature" SP_ITEM_COLUMNS(HEADER) "\r\n";

static void add_nothing(struct sp_buffer *out, int columns)
{
	for (int i = 0; i < columns; i++)
		sp_buffer_add_char(out, ',');
}

static void add_message(struct sp_buffer *out, const struct sp_record *record)
{
	SP_VERIFIED_COLUMNS(ADD)
}

static void add_result(
	struct sp_buffer *out, const struct sp_result *result, size_t number)
{
	add_number(out, number);
	SP_RESULT_COLUMNS(ADD)
	SP_LEGACY_COLUMNS(ADD)
	sp_buffer_add_str(out, "\r\n");
}

static void add_verified(struct sp_buffer *out, const struct sp_record *record)
{
	size_t count = record->verify ? record->verify->count : 0;

	for (size_t i = 0; i < count; i++) {
		add_message(out, record);
		add_result(out, &record->verify->results[i], i);
	}
	if (count == 0) {
		add_message(out, record);
		add_nothing(
			out, 1 SP_RESULT_COLUMNS(ONE) SP_LEGACY_COLUMNS(ONE));
		sp_buffer_add_str(out, "\r\n");
	}
}

static void add_signed_message(
	struct sp_buffer *out, const struct sp_record *record)
{
	SP_SIGNED_COLUMNS(ADD)
}

static void add_signed(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_sign *sign = record->sign;
	size_t count = record->reason == SP_REASON_OK ? sign->item_count : 0;

	for (size_t i = 0; i < count; i++) {
		const struct sp_sign_item *item = &sign->items[i];

		add_signed_message(out, record);
		add_number(out, i);
		SP_ITEM_COLUMNS(ADD)
		sp_buffer_add_str(out, "\r\n");
	}
	if (count == 0) {
		add_signed_message(out, record);
		add_nothing(out, 1 SP_ITEM_COLUMNS(ONE));
		sp_buffer_add_str(out, "\r\n");
	}
}

static void add_header(struct sp_buffer *out, bool signing)
{
	sp_buffer_add_str(out, (signing ? sign_header : verify_header) + 1);
}

static void add_record(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	if (signing)
		add_signed(out, record);
	else
		add_verified(out, record);
}

const struct sp_report_format sp_report_csv = {
	.name = "csv",
	.header = add_header,
	.record = add_record,
};
