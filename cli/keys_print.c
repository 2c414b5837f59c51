/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and names of an archive as text, JSON lines and CSV. The last two have
 * all there is, under the names of the columns, and "keys import" reads them.
 */
#include "cli/keys.h"

#include <time.h>

#include "base/utf8.h"
#include "cli/csv.h"
#include "cli/json.h"
#include "crypto/base64.h"

const char *const sp_keys_form_names[] = {
	[SP_KEYS_TEXT] = "text",
	[SP_KEYS_NDJSON] = "ndjson",
	[SP_KEYS_CSV] = "csv",
	NULL,
};

void sp_keys_date(char *out, int64_t time)
{
	time_t seconds = (time_t)time;
	struct tm tm;

	snprintf(out, SP_KEYS_DATE_BYTES, "-");
	/* Years beyond four digits are nobody's. */
	if (time >= 0 && time < 253402300800 && gmtime_r(&seconds, &tm))
		strftime(out, SP_KEYS_DATE_BYTES, "%Y-%m-%d", &tm);
}

void sp_keys_describe(struct sp_buffer *out, struct sp_span value)
{
	struct sp_keyrecord record;

	if (sp_keyrecord_parse(&record, value))
		sp_buffer_add_str(out, "unknown:out-of-memory");
	else if (record.reason == SP_REASON_KEY_REVOKED)
		sp_buffer_add_str(out, "revoked");
	else if (record.reason)
		sp_buffer_add_format(
			out, "unusable:%s", sp_reason_name(record.reason));
	else if (record.key.type == SP_PKEY_RSA)
		sp_buffer_add_format(out, "rsa-%u", record.key.bits);
	else
		sp_buffer_add_str(out, sp_pkey_type_name(record.key.type));
	if (record.testing)
		sp_buffer_add_str(out, ",testing");
	sp_keyrecord_free(&record);
}

void sp_keys_print_header(struct sp_buffer *out, enum sp_keys_form form)
{
	if (form == SP_KEYS_CSV)
		sp_buffer_add_str(out,
			"name,value,value_base64,first_seen,last_seen,source,"
			"dnssec,note\r\n");
}

static void print_text(struct sp_buffer *out, const struct sp_archive_key *key)
{
	char first[SP_KEYS_DATE_BYTES], last[SP_KEYS_DATE_BYTES];

	sp_keys_date(first, key->first_seen);
	sp_keys_date(last, key->last_seen);
	sp_text_add(out, key->name);
	sp_buffer_add_format(out, " %s %s ", first, last);
	sp_keys_describe(out, key->value);
	sp_buffer_add_char(out, ' ');
	sp_text_add(out, key->source.size ? key->source : sp_span_str("-"));
	sp_buffer_add_format(out, " %s", sp_dnssec_name(key->dnssec));
	if (key->note.size) {
		sp_buffer_add_str(out, " # ");
		sp_text_add(out, key->note);
	}
	sp_buffer_add_char(out, '\n');
}

static void add_base64(struct sp_buffer *out, struct sp_span bytes)
{
	char *encoded =
		sp_buffer_reserve(out, SP_BASE64_ENCODED_BYTES(bytes.size));

	if (encoded)
		out->size += sp_base64_encode(encoded, bytes);
}

static void print_json(struct sp_buffer *out, const struct sp_archive_key *key)
{
	sp_buffer_add_str(out, "{\"name\":");
	sp_json_string(out, key->name);
	sp_buffer_add_str(out, ",\"value\":");
	sp_json_string(out, key->value);
	if (!sp_utf8_valid(key->value)) {
		sp_buffer_add_str(out, ",\"value_base64\":\"");
		add_base64(out, key->value);
		sp_buffer_add_char(out, '"');
	}
	sp_buffer_add_str(out, ",\"first_seen\":");
	sp_json_integer(out, key->first_seen);
	sp_buffer_add_str(out, ",\"last_seen\":");
	sp_json_integer(out, key->last_seen);
	sp_buffer_add_str(out, ",\"source\":");
	sp_json_string(out, key->source);
	sp_buffer_add_format(out,
		",\"dnssec\":\"%s\",\"note\":", sp_dnssec_name(key->dnssec));
	sp_json_string(out, key->note);
	sp_buffer_add_str(out, "}\n");
}

static void print_csv(struct sp_buffer *out, const struct sp_archive_key *key)
{
	bool lossy = !sp_utf8_valid(key->value);

	sp_csv_value(out, key->name);
	sp_buffer_add_char(out, ',');
	sp_csv_value(out, key->value);
	sp_buffer_add_char(out, ',');
	if (lossy)
		add_base64(out, key->value);
	sp_buffer_add_format(out, ",%lld,%lld,", (long long)key->first_seen,
		(long long)key->last_seen);
	sp_csv_value(out, key->source);
	sp_buffer_add_format(out, ",%s,", sp_dnssec_name(key->dnssec));
	sp_csv_value(out, key->note);
	sp_buffer_add_str(out, "\r\n");
}

void sp_keys_print(struct sp_buffer *out, const struct sp_archive_key *key,
	enum sp_keys_form form)
{
	switch (form) {
	case SP_KEYS_TEXT:
		print_text(out, key);
		break;
	case SP_KEYS_NDJSON:
		print_json(out, key);
		break;
	case SP_KEYS_CSV:
		print_csv(out, key);
		break;
	}
}

void sp_keys_print_names_header(struct sp_buffer *out, enum sp_keys_form form)
{
	if (form == SP_KEYS_CSV)
		sp_buffer_add_str(
			out, "name,signatures,first_used,last_used,answer\r\n");
}

/* In CSV, where none is an empty field. */
static void add_time(struct sp_buffer *out, int64_t time)
{
	if (time != SP_TIME_NONE)
		sp_json_integer(out, time);
}

static void print_name_json(
	struct sp_buffer *out, const struct sp_archive_name *name)
{
	const char *answer = sp_answer_name(name->answer);

	sp_buffer_add_str(out, "{\"name\":");
	sp_json_string(out, name->name);
	sp_buffer_add_str(out, ",\"signatures\":");
	sp_json_number(out, name->signatures);
	sp_buffer_add_str(out, ",\"first_used\":");
	sp_json_time(out, name->first_used);
	sp_buffer_add_str(out, ",\"last_used\":");
	sp_json_time(out, name->last_used);
	sp_buffer_add_format(out, ",\"answer\":%s%s%s}\n", answer ? "\"" : "",
		answer ? answer : "null", answer ? "\"" : "");
}

static void print_name_csv(
	struct sp_buffer *out, const struct sp_archive_name *name)
{
	const char *answer = sp_answer_name(name->answer);

	sp_csv_value(out, name->name);
	sp_buffer_add_format(
		out, ",%llu,", (unsigned long long)name->signatures);
	add_time(out, name->first_used);
	sp_buffer_add_char(out, ',');
	add_time(out, name->last_used);
	sp_buffer_add_format(out, ",%s\r\n", answer ? answer : "");
}

void sp_keys_print_name(struct sp_buffer *out,
	const struct sp_archive_name *name, enum sp_keys_form form)
{
	char first[SP_KEYS_DATE_BYTES], last[SP_KEYS_DATE_BYTES];
	const char *answer = sp_answer_name(name->answer);

	if (form == SP_KEYS_NDJSON) {
		print_name_json(out, name);
		return;
	}
	if (form == SP_KEYS_CSV) {
		print_name_csv(out, name);
		return;
	}
	sp_keys_date(first, name->first_used);
	sp_keys_date(last, name->last_used);
	sp_text_add(out, name->name);
	sp_buffer_add_format(out, " %llu %s %s",
		(unsigned long long)name->signatures, first, last);
	if (answer)
		sp_buffer_add_format(out, " %s", answer);
	sp_buffer_add_char(out, '\n');
}
