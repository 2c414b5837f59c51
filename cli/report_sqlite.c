/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as two tables of a SQLite database: a row per message, in the order
 * of the input, and a row per signature (docs/sealpress.1, "REPORTS"). Workers
 * write rows down as bytes (io/rows.h); the commit puts them into the file.
 */
#include "cli/report.h"

#include "cli/utf8.h"

enum table { MESSAGES, SIGNATURES };

static const char verify_sql[] =
	"PRAGMA application_id=0x53505256;" /* "SPRV" */
	"PRAGMA user_version=1;"
	"CREATE TABLE messages(id INTEGER PRIMARY KEY,path,message_index,"
	"offset,bytes,message_id,from_domain,result,reason);"
	"CREATE TABLE signatures(message REFERENCES messages,signature,"
	"domain,selector,identity,algorithm,canon,b,key_bits,key_source,"
	"key_dnssec,key_first_seen,key_last_seen,key_testing,timestamp,"
	"future_timestamp,expiration,body_length,body_total,result,reason,"
	"body_hash,aligned,legacy_result,legacy_reason,"
	"PRIMARY KEY(message,signature)) WITHOUT ROWID;";

static const char *const verify_inserts[] = {
	[MESSAGES] = "INSERT INTO messages VALUES(?,?,?,?,?,?,?,?,?)",
	[SIGNATURES] = "INSERT INTO signatures VALUES(?,?,?,?,?,?,?,?,?,?,?,?,"
		       "?,?,?,?,?,?,?,?,?,?,?,?,?)",
};

static const char sign_sql[] =
	"PRAGMA application_id=0x53505253;" /* "SPRS" */
	"PRAGMA user_version=1;"
	"CREATE TABLE messages(id INTEGER PRIMARY KEY,path,message_index,"
	"offset,bytes,result,reason,copied);"
	"CREATE TABLE signatures(message REFERENCES messages,signature,"
	"domain,selector,algorithm,bytes,"
	"PRIMARY KEY(message,signature)) WITHOUT ROWID;";

static const char *const sign_inserts[] = {
	[MESSAGES] = "INSERT INTO messages VALUES(?,?,?,?,?,?,?,?)",
	[SIGNATURES] = "INSERT INTO signatures VALUES(?,?,?,?,?,?)",
};

static void add_text(struct sp_buffer *out, struct sp_span text)
{
	bool blob =
		!sp_utf8_valid(text) || sp_span_find(text, '\0') < text.size;

	sp_rows_text(out, text, blob);
}

static void add_text_or_null(struct sp_buffer *out, struct sp_span text)
{
	if (text.size)
		add_text(out, text);
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

/* The columns both kinds of report begin with. */
static void begin_message(struct sp_buffer *out, const struct sp_mail *mail)
{
	sp_rows_begin(out, MESSAGES);
	sp_rows_next(out);
	add_text(out, mail->path);
	add_number(out, mail->index);
	add_number(out, mail->offset);
	add_number(out, mail->bytes_total);
}

static void begin_signature(struct sp_buffer *out, size_t number,
	struct sp_span domain, struct sp_span selector)
{
	sp_rows_begin(out, SIGNATURES);
	sp_rows_last(out);
	add_number(out, number);
	add_text_or_null(out, domain);
	add_text_or_null(out, selector);
}

static void add_key(struct sp_buffer *out, const struct sp_result *result)
{
	bool known = result->key_source != SP_KEY_SOURCE_NONE;

	if (result->key_bits)
		add_number(out, result->key_bits);
	else
		sp_rows_null(out);
	add_name(out, sp_key_source_name(result->key_source));
	add_name(out, known ? sp_dnssec_name(result->key_dnssec) : NULL);
	add_time(out, result->key_first_seen);
	add_time(out, result->key_last_seen);
	sp_rows_integer(out, result->key_testing);
}

static void add_result(
	struct sp_buffer *out, const struct sp_result *result, size_t number)
{
	bool algorithm = result->algorithm != SP_ALGORITHM_UNKNOWN;
	bool canon = result->reason != SP_REASON_CANON;
	bool legacy = result->legacy;

	begin_signature(out, number, result->domain, result->selector);
	add_text_or_null(out, result->identity);
	add_name(out, algorithm ? sp_algorithm_name(result->algorithm) : NULL);
	add_name(out,
		canon ? sp_canon_name(result->header_canon, result->body_canon)
		      : NULL);
	add_text_or_null(out, result->b);
	add_key(out, result);
	add_time(out, result->timestamp);
	sp_rows_integer(out, result->future);
	add_time(out, result->expiration);
	add_length(out, result->body_length);
	add_length(out, result->body_total);
	add_name(out, sp_verdict_name(result->verdict));
	add_name(out, sp_reason_name(result->reason));
	add_name(out, sp_body_hash_name(result->body_hash));
	add_name(out, sp_alignment_name(result->alignment));
	add_name(out, legacy ? sp_verdict_name(result->legacy_verdict) : NULL);
	add_name(out, legacy ? sp_reason_name(result->legacy_reason) : NULL);
	sp_rows_end(out);
}

static void add_verified(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_verify *verify = record->verify;
	struct sp_span none = {NULL, 0};

	begin_message(out, record->mail);
	add_text_or_null(out, verify ? verify->message_id : none);
	add_text_or_null(out, verify ? verify->from_domain : none);
	add_name(out, sp_record_result(record, false));
	add_name(out, sp_reason_name(sp_record_reason(record)));
	sp_rows_end(out);
	for (size_t i = 0; verify && i < verify->count; i++)
		add_result(out, &verify->results[i], i);
}

static void add_signed(struct sp_buffer *out, const struct sp_record *record)
{
	const struct sp_sign *sign = record->sign;
	size_t count = record->reason == SP_REASON_OK ? sign->item_count : 0;

	begin_message(out, record->mail);
	add_name(out, sp_record_result(record, true));
	add_name(out, sp_reason_name(record->reason));
	sp_rows_integer(out, record->copied);
	sp_rows_end(out);
	for (size_t i = 0; i < count; i++) {
		const struct sp_sign_item *item = &sign->items[i];

		begin_signature(out, i, item->key->domain, item->key->selector);
		add_name(out, sp_algorithm_name(item->algorithm));
		add_number(out, item->field_bytes);
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
