/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as CSV (RFC 4180): a header line, then one line per signature with
 * the columns of its message repeated; a message without signature has one
 * line. Bytes that are not UTF-8 become U+FFFD.
 */
#include "cli/report.h"

#include "cli/csv.h"
#include "cli/json.h"

static void add_value(struct sp_buffer *out, struct sp_span text)
{
	sp_buffer_add_char(out, ',');
	sp_csv_value(out, text);
}

static void add_name(struct sp_buffer *out, const char *name)
{
	add_value(out, name ? sp_span_str(name) : sp_span(NULL, 0));
}

static void add_number(struct sp_buffer *out, uint64_t number)
{
	sp_buffer_add_char(out, ',');
	sp_json_number(out, number);
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

static void add_bool(struct sp_buffer *out, bool value)
{
	sp_buffer_add_char(out, ',');
	sp_json_bool(out, value);
}

/* The columns both kinds of report begin with. */
static void add_place(struct sp_buffer *out, const struct sp_mail *mail)
{
	sp_csv_value(out, mail->path);
	add_number(out, mail->index);
	add_number(out, mail->offset);
	add_number(out, mail->bytes_total);
}

static const char verify_header[] =
	"path,index,offset,bytes,message_id,from_domain,message_result,"
	"message_reason,signature,domain,selector,identity,algorithm,canon,b,"
	"key_bits,key_source,key_dnssec,key_first_seen,key_last_seen,"
	"key_testing,timestamp,"
	"future_timestamp,expiration,body_length,body_total,result,reason,"
	"body_hash,aligned,legacy_result,legacy_reason\r\n";
#define VERIFY_SIGNATURE_COLUMNS 24

static const char sign_header[] =
	"path,index,offset,bytes,message_result,message_reason,copied,"
	"signature,domain,selector,algorithm,signature_bytes\r\n";
#define SIGN_SIGNATURE_COLUMNS 5

static void add_nothing(struct sp_buffer *out, int columns)
{
	for (int i = 0; i < columns; i++)
		sp_buffer_add_char(out, ',');
}

static void add_message(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_verify *verify = record->verify;
	struct sp_span none = {NULL, 0};

	add_place(out, record->mail);
	add_value(out, verify ? verify->message_id : none);
	add_value(out, verify ? verify->from_domain : none);
	add_name(out, sp_record_result(record, false));
	add_name(out, sp_reason_name(sp_record_reason(record)));
}

static void add_key(struct sp_buffer *out, const struct sp_result *result)
{
	bool known = result->key_source != SP_KEY_SOURCE_NONE;

	if (result->key_bits)
		add_number(out, result->key_bits);
	else
		add_nothing(out, 1);
	add_name(out, sp_key_source_name(result->key_source));
	add_name(out, known ? sp_dnssec_name(result->key_dnssec) : NULL);
	add_time(out, result->key_first_seen);
	add_time(out, result->key_last_seen);
	add_bool(out, result->key_testing);
}

static void add_result(
	struct sp_buffer *out, const struct sp_result *result, size_t number)
{
	bool algorithm = result->algorithm != SP_ALGORITHM_UNKNOWN;
	bool canon = result->reason != SP_REASON_CANON;
	bool legacy = result->legacy;

	add_number(out, number);
	add_value(out, result->domain);
	add_value(out, result->selector);
	add_value(out, result->identity);
	add_name(out, algorithm ? sp_algorithm_name(result->algorithm) : NULL);
	add_name(out,
		canon ? sp_canon_name(result->header_canon, result->body_canon)
		      : NULL);
	add_value(out, result->b);
	add_key(out, result);
	add_time(out, result->timestamp);
	add_bool(out, result->future);
	add_time(out, result->expiration);
	add_length(out, result->body_length);
	add_length(out, result->body_total);
	add_name(out, sp_verdict_name(result->verdict));
	add_name(out, sp_reason_name(result->reason));
	add_name(out, sp_body_hash_name(result->body_hash));
	add_name(out, sp_alignment_name(result->alignment));
	add_name(out, legacy ? sp_verdict_name(result->legacy_verdict) : NULL);
	add_name(out, legacy ? sp_reason_name(result->legacy_reason) : NULL);
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
		add_nothing(out, VERIFY_SIGNATURE_COLUMNS);
		sp_buffer_add_str(out, "\r\n");
	}
}

static void add_signed_message(
	struct sp_buffer *out, const struct sp_record *record)
{
	add_place(out, record->mail);
	add_name(out, sp_record_result(record, true));
	add_name(out, sp_reason_name(record->reason));
	add_bool(out, record->copied);
}

static void add_signed(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_sign *sign = record->sign;
	size_t count = record->reason == SP_REASON_OK ? sign->item_count : 0;

	for (size_t i = 0; i < count; i++) {
		const struct sp_sign_item *item = &sign->items[i];

		add_signed_message(out, record);
		add_number(out, i);
		add_value(out, item->key->domain);
		add_value(out, item->key->selector);
		add_name(out, sp_algorithm_name(item->algorithm));
		add_number(out, item->field_bytes);
		sp_buffer_add_str(out, "\r\n");
	}
	if (count == 0) {
		add_signed_message(out, record);
		add_nothing(out, SIGN_SIGNATURE_COLUMNS);
		sp_buffer_add_str(out, "\r\n");
	}
}

static void add_header(struct sp_buffer *out, bool signing)
{
	sp_buffer_add_str(out, signing ? sign_header : verify_header);
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
