/* SPDX-License-Identifier: Apache-2.0 */
/* Records as JSON, one object per line (docs/sealpress.1, "REPORTS"). */
#include "cli/report.h"

#include "base/utf8.h"
#include "cli/json.h"
#include "cli/report_columns.h"
#include "crypto/base64.h"
#include "io/request.h"

/*
 * U+FFFD in "path" loses bytes, and a file has to be found again: its exact
 * name follows in base64 where that happens.
 */
static void add_path(struct sp_buffer *out, struct sp_span path)
{
	char *encoded;

	sp_buffer_add_str(out, "\"path\":");
	sp_json_string(out, path);
	if (sp_utf8_valid(path))
		return;
	sp_buffer_add_str(out, ",\"path_base64\":\"");
	encoded = sp_buffer_reserve(out, SP_BASE64_ENCODED_BYTES(path.size));
	if (encoded)
		out->size += sp_base64_encode(encoded, path);
	sp_buffer_add_char(out, '"');
}

/* As it came: a number or a string; null for a record that has none. */
static void add_id(struct sp_buffer *out, const struct sp_request *request)
{
	sp_buffer_add_str(out, "\"id\":");
	if (request->id_is_number)
		sp_buffer_add(out, request->id);
	else
		sp_json_string_or_null(out, request->id);
	sp_buffer_add_char(out, ',');
}

static void add_place(struct sp_buffer *out, const struct sp_mail *mail)
{
	sp_buffer_add_char(out, '{');
	if (mail->request)
		add_id(out, mail->request);
	add_path(out, mail->path);
	sp_buffer_add_str(out, ",\"index\":");
	sp_json_number(out, mail->index);
	sp_buffer_add_str(out, ",\"offset\":");
	sp_json_number(out, mail->offset);
	sp_buffer_add_str(out, ",\"bytes\":");
	sp_json_number(out, mail->bytes_total);
	if (!mail->request || !mail->request->fault)
		return;
	sp_buffer_add_str(out, ",\"detail\":");
	sp_json_string(out, sp_span_str(mail->request->fault));
}

/* A name of ours, which needs no escape, or null. */
static void add_name(struct sp_buffer *out, const char *name)
{
	if (!name) {
		sp_buffer_add_str(out, "null");
		return;
	}
	sp_buffer_add_char(out, '"');
	sp_buffer_add_str(out, name);
	sp_buffer_add_char(out, '"');
}

static void add_time(struct sp_buffer *out, int64_t time)
{
	sp_json_time(out, time);
}

static void add_length(struct sp_buffer *out, uint64_t length)
{
	if (length == SP_LENGTH_NONE)
		sp_buffer_add_str(out, "null");
	else
		sp_json_number(out, length);
}

static void add_text(struct sp_buffer *out, struct sp_span text)
{
	sp_json_string_or_null(out, text);
}

static void add_size(struct sp_buffer *out, uint64_t size)
{
	if (size)
		sp_json_number(out, size);
	else
		sp_buffer_add_str(out, "null");
}

static void add_flag(struct sp_buffer *out, bool value)
{
	sp_json_bool(out, value);
}

static void add_hash(struct sp_buffer *out, const unsigned char *hash)
{
	char text[2 + SP_RECORD_HASH_LETTERS] = {'"'};

	if (!hash) {
		sp_buffer_add_str(out, "null");
		return;
	}
	sp_record_hash(text + 1, hash);
	text[sizeof(text) - 1] = '"';
	sp_buffer_add(out, sp_span(text, sizeof(text)));
}

#define ADD(kind, name, column, value) \
	sp_buffer_add_str(out, ",\"" #name "\":"); \
	add_##kind(out, value);

static void add_result(struct sp_buffer *out, const struct sp_result *result)
{
	size_t start = out->size;

	SP_RESULT_COLUMNS(ADD)
	if (result->legacy) {
		SP_LEGACY_COLUMNS(ADD)
	}
	sp_buffer_add_char(out, '}');
	if (!out->failed)
		out->data[start] = '{'; /* in place of the first comma */
}

static void add_verified(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_verify *verify = record->verify;
	struct sp_span none = {NULL, 0};

	add_place(out, record->mail);
	sp_buffer_add_str(out, ",\"message_id\":");
	sp_json_string_or_null(out, verify ? verify->message_id : none);
	sp_buffer_add_str(out, ",\"from_domain\":");
	sp_json_string_or_null(out, verify ? verify->from_domain : none);
	sp_buffer_add_str(out, ",\"result\":");
	add_name(out, sp_record_result(record, false));
	sp_buffer_add_str(out, ",\"reason\":");
	add_name(out, sp_reason_name(sp_record_reason(record)));
	sp_buffer_add_str(out, ",\"signatures\":[");
	for (size_t i = 0; verify && i < verify->count; i++) {
		if (i)
			sp_buffer_add_char(out, ',');
		add_result(out, &verify->results[i]);
	}
	sp_buffer_add_str(out, "]}\n");
}

static void add_item(struct sp_buffer *out, const struct sp_sign_item *item)
{
	sp_buffer_add_str(out, "{\"domain\":");
	sp_json_string(out, item->key->domain);
	sp_buffer_add_str(out, ",\"selector\":");
	sp_json_string(out, item->key->selector);
	sp_buffer_add_str(out, ",\"algorithm\":");
	add_name(out, sp_algorithm_name(item->algorithm));
	sp_buffer_add_str(out, ",\"bytes\":");
	sp_json_number(out, item->field_bytes);
	sp_buffer_add_char(out, '}');
}

static void add_signed(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_sign *sign = record->sign;
	size_t count = record->reason == SP_REASON_OK ? sign->item_count : 0;

	add_place(out, record->mail);
	sp_buffer_add_str(out, ",\"result\":");
	add_name(out, sp_record_result(record, true));
	sp_buffer_add_str(out, ",\"reason\":");
	add_name(out, sp_reason_name(record->reason));
	if (record->copied)
		sp_buffer_add_str(out, ",\"copied\":true");
	sp_buffer_add_str(out, ",\"signatures\":[");
	for (size_t i = 0; i < count; i++) {
		if (i)
			sp_buffer_add_char(out, ',');
		add_item(out, &sign->items[i]);
	}
	sp_buffer_add_str(out, "]}\n");
}

static void add_record(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	if (signing)
		add_signed(out, record);
	else
		add_verified(out, record);
}

static void add_headers(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	(void)signing;
	if (record->reason != SP_REASON_OK)
		return;
	sp_buffer_add_char(out, '{');
	add_path(out, record->mail->path);
	sp_buffer_add_str(out, ",\"index\":");
	sp_json_number(out, record->mail->index);
	sp_buffer_add_str(out, ",\"header\":");
	sp_json_string(out, record->sign->fields);
	sp_buffer_add_str(out, "}\n");
}

/* Without the line end. */
static void answer(
	struct sp_buffer *out, const struct sp_record *record, bool signing)
{
	add_record(out, record, signing);
	if (!out->failed)
		out->size--;
}

void sp_answer_signed(const struct sp_record *record, struct sp_buffer *out)
{
	answer(out, record, true);
}

void sp_answer_verified(const struct sp_record *record, struct sp_buffer *out)
{
	answer(out, record, false);
}

const struct sp_report_format sp_report_ndjson = {
	.name = "ndjson",
	.record = add_record,
};

const struct sp_report_format sp_report_headers = {
	.name = "headers",
	.record = add_headers,
};
