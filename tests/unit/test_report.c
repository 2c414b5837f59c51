/* SPDX-License-Identifier: Apache-2.0 */
/* Records as NDJSON, CSV and text: names, null, escapes. */
#include <criterion/criterion.h>

#include <errno.h>

#include "base/utf8.h"
#include "cli/console.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/report.h"

static const char *text_of(struct sp_buffer *out)
{
	sp_buffer_add_char(out, '\0');
	cr_assert_eq(sp_buffer_status(out), SP_OK);
	return out->data;
}

/* RFC 3629 section 4; the edges of each row, and what lies beyond them. */
Test(report, utf8_is_what_rfc_3629_allows)
{
	static const char *const good[] = {"a", "\x7f", "\xc2\x80", "\xdf\xbf",
		"\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const bad[] = {"\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80",
		"\xe1\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5",
		"\xff", "\xf1\x80\x80\x41"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect_eq(sp_utf8_bytes(sp_span_str(good[i])),
			strlen(good[i]), "good %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(
			sp_utf8_bytes(sp_span_str(bad[i])), 0, "bad %zu", i);
	cr_expect_eq(sp_utf8_bytes(sp_span("", 0)), 0);
}

/* RFC 8259 section 7. */
Test(report, json_strings_escape_what_they_must)
{
	static const struct {
		struct sp_span in;
		const char *out;
	} cases[] = {
		{{"", 0}, "\"\""},
		{{"plain <a@b>", 11}, "\"plain <a@b>\""},
		{{"\"\\/", 3}, "\"\\\"\\\\/\""},
		{{"a\r\n\tb", 5}, "\"a\\r\\n\\tb\""},
		{{"\0\x1f\x7f", 3}, "\"\\u0000\\u001f\\u007f\""},
		{{"\xc3\xa9", 2}, "\"\xc3\xa9\""},
		{{"a\xff\xfe", 3}, "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
		{{"\xe2\x82", 2}, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_buffer out = {.data = NULL};

		sp_json_string(&out, cases[i].in);
		cr_expect_str_eq(text_of(&out), cases[i].out);
		sp_buffer_free(&out);
	}
}

Test(report, json_numbers_are_exact)
{
	struct sp_buffer out = {.data = NULL};

	sp_json_number(&out, 0);
	sp_buffer_add_char(&out, ' ');
	sp_json_number(&out, UINT64_MAX);
	sp_buffer_add_char(&out, ' ');
	sp_json_integer(&out, INT64_MIN);
	sp_buffer_add_char(&out, ' ');
	sp_json_integer(&out, -1);
	cr_expect_str_eq(text_of(&out),
		"0 18446744073709551615 -9223372036854775808 -1");
	sp_buffer_free(&out);
}

/* A name in mail must not steer the terminal it is shown on. */
Test(report, text_shows_control_bytes_instead_of_obeying_them)
{
	struct sp_buffer out = {.data = NULL};

	sp_text_add(&out, sp_span_str("a\033[2Jb\nc\xff\xc3\xa9\xc2\x9b"));
	cr_expect_str_eq(
		text_of(&out), "a\\x1B[2Jb\\x0Ac\\xFF\xc3\xa9\\xC2\\x9B");
	sp_buffer_free(&out);
}

struct sample {
	struct sp_mail mail;
	struct sp_result result;
	struct sp_verify verify;
	struct sp_record record;
};

/* Thirty bytes of a hash. */
#define ZEROS \
	"00000000000000000000000000000000" \
	"0000000000000000000000000000"

static void make_sample(struct sample *sample)
{
	*sample = (struct sample){
		.mail = {.form = SP_MAIL_MBOX,
			.path = sp_span_str("in,box"),
			.index = 3,
			.offset = 100,
			.bytes_total = 5120},
		.result = {.verdict = SP_PASS,
			.reason = SP_REASON_OK,
			.domain = sp_span_str("example.com"),
			.selector = sp_span_str("s1"),
			.identity = sp_span_str("\"a,b\"@example.com"),
			.b = sp_span_str("AbCd+/12"),
			.algorithm = SP_ALGORITHM_RSA_SHA256,
			.header_canon = SP_CANON_RELAXED,
			.body_canon = SP_CANON_SIMPLE,
			.key_bits = 2048,
			.key_sha256 = {0x01, [31] = 0xef},
			.key_source = SP_KEY_SOURCE_ARCHIVE,
			.key_ttl = SP_TIME_NONE,
			.key_first_seen = 1600000000,
			.key_last_seen = SP_TIME_NONE,
			.timestamp = 1700000000,
			.expiration = SP_TIME_NONE,
			.body_length = 10,
			.body_total = 25,
			.body_hash = SP_BODY_HASH_MATCH,
			.alignment = SP_ALIGNED_STRICT},
		.verify = {.verdict = SP_PASS,
			.reason = SP_REASON_OK,
			.count = 1,
			.from_domain = sp_span_str("example.com"),
			.message_id = sp_span_str("<1@x>")},
	};
	sample->verify.results = &sample->result;
	sample->record = (struct sp_record){
		.mail = &sample->mail, .verify = &sample->verify};
}

static void expect_record(const struct sp_report_format *format,
	const struct sp_record *record, const char *expected)
{
	struct sp_buffer out = {.data = NULL};

	format->record(&out, record, record->sign != NULL);
	cr_expect_str_eq(text_of(&out), expected);
	sp_buffer_free(&out);
}

Test(report, ndjson_has_the_names_of_the_manual)
{
	struct sample sample;

	make_sample(&sample);
	expect_record(&sp_report_ndjson, &sample.record,
		"{\"path\":\"in,box\",\"index\":3,\"offset\":100,"
		"\"bytes\":5120,\"message_id\":\"<1@x>\","
		"\"from_domain\":\"example.com\",\"result\":\"pass\","
		"\"reason\":\"ok\",\"signatures\":[{"
		"\"domain\":\"example.com\",\"selector\":\"s1\","
		"\"identity\":\"\\\"a,b\\\"@example.com\","
		"\"algorithm\":\"rsa-sha256\",\"canon\":\"relaxed/simple\","
		"\"b\":\"AbCd+/12\",\"key_bits\":2048,"
		"\"key_sha256\":\"01" ZEROS "ef\","
		"\"key_source\":\"archive\",\"key_dnssec\":\"unknown\","
		"\"key_ttl\":null,"
		"\"key_first_seen\":1600000000,\"key_last_seen\":null,"
		"\"key_testing\":false,\"timestamp\":1700000000,"
		"\"future_timestamp\":false,\"expiration\":null,"
		"\"body_length\":10,\"body_total\":25,\"result\":\"pass\","
		"\"reason\":\"ok\",\"body_hash\":\"match\","
		"\"aligned\":\"strict\"}]}\n");
}

Test(report, ndjson_says_null_for_what_is_not_known)
{
	struct sample sample;

	make_sample(&sample);
	sample.result = (struct sp_result){
		.verdict = SP_PERMERROR,
		.reason = SP_REASON_CANON,
		.key_ttl = 3600,
		.key_first_seen = SP_TIME_NONE,
		.key_last_seen = SP_TIME_NONE,
		.timestamp = SP_TIME_NONE,
		.expiration = SP_TIME_NONE,
		.body_length = SP_LENGTH_NONE,
		.body_total = SP_LENGTH_NONE,
		.legacy = true,
		.legacy_verdict = SP_PERMERROR,
		.legacy_reason = SP_REASON_CANON,
	};
	sample.verify = (struct sp_verify){
		.verdict = SP_PERMERROR,
		.reason = SP_REASON_CANON,
		.results = &sample.result,
		.count = 1,
	};
	expect_record(&sp_report_ndjson, &sample.record,
		"{\"path\":\"in,box\",\"index\":3,\"offset\":100,"
		"\"bytes\":5120,\"message_id\":null,\"from_domain\":null,"
		"\"result\":\"permerror\","
		"\"reason\":\"canonicalization-unknown\",\"signatures\":[{"
		"\"domain\":null,\"selector\":null,\"identity\":null,"
		"\"algorithm\":null,\"canon\":null,\"b\":null,"
		"\"key_bits\":null,\"key_sha256\":null,"
		"\"key_source\":null,\"key_dnssec\":null,"
		"\"key_ttl\":3600,"
		"\"key_first_seen\":null,\"key_last_seen\":null,"
		"\"key_testing\":false,\"timestamp\":null,"
		"\"future_timestamp\":false,\"expiration\":null,"
		"\"body_length\":null,\"body_total\":null,"
		"\"result\":\"permerror\","
		"\"reason\":\"canonicalization-unknown\","
		"\"body_hash\":\"not-checked\",\"aligned\":\"no\","
		"\"legacy_result\":\"permerror\","
		"\"legacy_reason\":\"canonicalization-unknown\"}]}\n");
}

Test(report, ndjson_keeps_the_exact_name_of_a_path_that_is_not_utf8)
{
	struct sample sample;

	make_sample(&sample);
	sample.mail.path = sp_span_str("\xff/x");
	sample.record.verify = NULL;
	sample.record.reason = SP_REASON_UNREADABLE;
	expect_record(&sp_report_ndjson, &sample.record,
		"{\"path\":\"\xef\xbf\xbd/x\",\"path_base64\":\"/y94\","
		"\"index\":3,\"offset\":100,\"bytes\":5120,"
		"\"message_id\":null,\"from_domain\":null,"
		"\"result\":\"temperror\",\"reason\":\"unreadable\","
		"\"signatures\":[]}\n");
}

static size_t columns_of(const char *line)
{
	size_t columns = 1;
	bool quoted = false;

	for (; *line; line++) {
		quoted ^= *line == '"';
		columns += *line == ',' && !quoted;
	}
	return columns;
}

/* RFC 4180 section 2: quotes, doubled quotes, CRLF, as many columns always. */
Test(report, csv_quotes_and_has_the_columns_of_its_header)
{
	struct sample sample;
	struct sp_buffer header = {.data = NULL};
	struct sp_buffer none = {.data = NULL};

	make_sample(&sample);
	sp_report_csv.header(&header, false);
	cr_expect(sp_span_starts(sp_buffer_span(&header), "path,index,"));
	expect_record(&sp_report_csv, &sample.record,
		"\"in,box\",3,100,5120,<1@x>,example.com,pass,ok,0,"
		"example.com,s1,\"\"\"a,b\"\"@example.com\",rsa-sha256,"
		"relaxed/simple,AbCd+/12,2048,01" ZEROS "ef,archive,unknown,,"
		"1600000000,,false,1700000000,"
		"false,,10,25,pass,ok,match,strict,,\r\n");
	sample.verify.count = 0;
	sp_report_csv.record(&none, &sample.record, false);
	cr_expect_eq(columns_of(text_of(&header)), columns_of(text_of(&none)));
	cr_expect_eq(columns_of(header.data), 34);
	sp_buffer_free(&header);
	sp_buffer_free(&none);
}

Test(report, text_warns_of_a_body_that_is_signed_in_part)
{
	struct sample sample;

	make_sample(&sample);
	expect_record(&sp_report_line, &sample.record,
		"in,box:message 3: pass (pass ok d=example.com s=s1 "
		"a=rsa-sha256 warning: l= covers 10 of 25 octets of the "
		"body)\n");
}

Test(report, text_names_the_trouble_of_an_unreadable_file)
{
	struct sample sample;

	make_sample(&sample);
	sample.mail.form = SP_MAIL_FILE;
	sample.mail.trouble = EACCES;
	sample.record.verify = NULL;
	sample.record.reason = SP_REASON_UNREADABLE;
	expect_record(&sp_report_notice, &sample.record,
		"sealpress: in,box: temperror unreadable (Permission "
		"denied)\n");
}

static void make_signed(struct sample *sample, struct sp_sign *sign,
	struct sp_sign_item *item, struct sp_signing_key *key)
{
	make_sample(sample);
	*key = (struct sp_signing_key){.domain = sp_span_str("example.com"),
		.selector = sp_span_str("s1")};
	*item = (struct sp_sign_item){.key = key,
		.algorithm = SP_ALGORITHM_ED25519_SHA256,
		.field_bytes = 321};
	*sign = (struct sp_sign){.items = item,
		.item_count = 1,
		.fields = sp_span_str("DKIM-Signature: v=1\r\n")};
	sample->record.verify = NULL;
	sample->record.sign = sign;
}

Test(report, signed_messages_have_records_too)
{
	struct sample sample;
	struct sp_sign sign;
	struct sp_sign_item item;
	struct sp_signing_key key;

	make_signed(&sample, &sign, &item, &key);
	expect_record(&sp_report_ndjson, &sample.record,
		"{\"path\":\"in,box\",\"index\":3,\"offset\":100,"
		"\"bytes\":5120,\"result\":\"signed\",\"reason\":\"ok\","
		"\"signatures\":[{\"domain\":\"example.com\","
		"\"selector\":\"s1\",\"algorithm\":\"ed25519-sha256\","
		"\"bytes\":321}]}\n");
	expect_record(&sp_report_csv, &sample.record,
		"\"in,box\",3,100,5120,signed,ok,false,0,example.com,s1,"
		"ed25519-sha256,321\r\n");
	expect_record(&sp_report_headers, &sample.record,
		"{\"path\":\"in,box\",\"index\":3,"
		"\"header\":\"DKIM-Signature: v=1\\r\\n\"}\n");
}

Test(report, unsigned_messages_say_why)
{
	struct sample sample;
	struct sp_sign sign;
	struct sp_sign_item item;
	struct sp_signing_key key;

	make_signed(&sample, &sign, &item, &key);
	sample.record.reason = SP_REASON_NO_KEY_FOR_SENDER;
	sample.record.copied = true;
	expect_record(&sp_report_ndjson, &sample.record,
		"{\"path\":\"in,box\",\"index\":3,\"offset\":100,"
		"\"bytes\":5120,\"result\":\"skipped\","
		"\"reason\":\"no-key-for-sender\",\"copied\":true,"
		"\"signatures\":[]}\n");
	expect_record(&sp_report_notice, &sample.record,
		"sealpress: in,box:message 3: skipped no-key-for-sender "
		"(copied as it was)\n");
	expect_record(&sp_report_headers, &sample.record, "");
	sample.record.reason = SP_REASON_FROM_MISSING;
	cr_expect_str_eq(sp_record_result(&sample.record, true), "error");
}

Test(report, formats_are_known_by_name_and_need_a_path)
{
	static const char *const bad[] = {
		"ndjson", "ndjson:", "xml:a", ":a", "", "sqlite:-"};
	struct sp_reports reports = {.count = 0};
	struct sp_error error;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_eq(sp_reports_add(&reports, bad[i], &error),
			SP_CONFIG, "%s", bad[i]);
	cr_assert_eq(sp_reports_add(&reports, "csv:a:b", &error), SP_OK);
	cr_expect_str_eq(reports.report[0].path, "a:b");
	while (reports.count < SP_REPORTS_MAX - SP_REPORTS_OWN)
		cr_assert_eq(sp_reports_add(&reports, "text:-", &error), SP_OK);
	cr_expect_eq(sp_reports_add(&reports, "text:c", &error), SP_CONFIG);
}

Test(report, the_bar_fits_the_terminal)
{
	struct sp_progress_state state = {
		.messages = 500,
		.bytes = 5000000,
		.totals = {.bytes = 10000000},
		.elapsed_s = 10,
	};
	char bar[256];

	sp_progress_format(bar, sizeof(bar), 100, "signing", &state);
	cr_expect_str_eq(bar,
		"signing [##########..........]  50% 500 messages, 50/s, 0.5 "
		"MB/s, 0:10 left");
	for (size_t width = 0; width < 120; width++) {
		sp_progress_format(bar, sizeof(bar), width, "signing", &state);
		cr_expect(width == 0 || strlen(bar) < width);
	}
	state.totals.bytes = 0;
	sp_progress_format(bar, sizeof(bar), 100, "signing", &state);
	cr_expect_str_eq(bar, "signing 500 messages, 50/s, 0.5 MB/s");
}
