/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of verified messages in the formats of --report. The yardstick is
 * snprintf(3) of the same values with a blank behind each.
 */
#include "cli/report.h"

#include <inttypes.h>

#include "bench/bench.h"
#include "cli/report_columns.h"

#define RECORDS 64u
#define LINE_BYTES 1024u

/* For snprintf(3), by the kinds of cli/report_columns.h. */
#define FORMAT(kind, name, column, value) FORMAT_##kind " "
#define FORMAT_path "%.*s"
#define FORMAT_text "%.*s"
#define FORMAT_name "%s"
#define FORMAT_number "%" PRIu64
#define FORMAT_size "%" PRIu64
#define FORMAT_length "%" PRIu64
#define FORMAT_time "%" PRId64
#define FORMAT_flag "%d"
#define FORMAT_hash "%.*s"

#define VALUE(kind, name, column, value) , VALUE_##kind(value)
#define VALUE_path(value) SP_SPAN_ARGS(value)
#define VALUE_text(value) SP_SPAN_ARGS(value)
#define VALUE_name(value) text_of(value)
#define VALUE_number(value) (uint64_t)(value)
#define VALUE_size(value) (uint64_t)(value)
#define VALUE_length(value) (uint64_t)(value)
#define VALUE_time(value) (int64_t)(value)
#define VALUE_flag(value) (int)(value)
#define VALUE_hash(value) SP_RECORD_HASH_LETTERS, letters_of(letters, value)

struct state {
	const struct sp_report_format *format;
	struct sp_mail mail;
	struct sp_verify verify;
	struct sp_result result;
	struct sp_record record;
	struct sp_buffer out;
};

static void write_records(void *arg)
{
	struct state *state = arg;

	sp_buffer_clear(&state->out);
	for (unsigned i = 0; i < RECORDS; i++) {
		state->mail.index = i;
		state->format->record(&state->out, &state->record, false);
	}
	bench_need(sp_buffer_status(&state->out) == SP_OK, "out of memory");
}

static const char *text_of(const char *name)
{
	return name ? name : "";
}

static const char *letters_of(
	char letters[SP_RECORD_HASH_LETTERS], const unsigned char *hash)
{
	sp_record_hash(letters, hash);
	return letters;
}

static void print_records(void *arg)
{
	struct state *state = arg;
	const struct sp_record *record = &state->record;
	const struct sp_result *result = &state->result;
	char letters[SP_RECORD_HASH_LETTERS];
	char line[LINE_BYTES];

	for (unsigned i = 0; i < RECORDS; i++) {
		state->mail.index = i;
		snprintf(line, sizeof(line),
			SP_VERIFIED_COLUMNS(FORMAT) SP_RESULT_COLUMNS(FORMAT)
				SP_VERIFIED_COLUMNS(VALUE)
					SP_RESULT_COLUMNS(VALUE));
		__asm__ volatile("" : : "r"(line) : "memory");
	}
}

static void set_state(struct state *state)
{
	state->result = (struct sp_result){
		.verdict = SP_PASS,
		.reason = SP_REASON_OK,
		.domain = sp_span_str("example.com"),
		.selector = sp_span_str("s2048"),
		.identity = sp_span_str("@example.com"),
		.b = sp_span_str("dGhpcyBp"),
		.algorithm = SP_ALGORITHM_RSA_SHA256,
		.header_canon = SP_CANON_RELAXED,
		.body_canon = SP_CANON_RELAXED,
		.key_bits = 2048,
		.key_source = SP_KEY_SOURCE_FILE,
		.timestamp = 1700000000,
		.expiration = 1701209600,
		.body_length = SP_LENGTH_NONE,
		.body_total = SP_LENGTH_NONE,
		.body_hash = SP_BODY_HASH_MATCH,
		.alignment = SP_ALIGNED_STRICT,
	};
	state->verify = (struct sp_verify){
		.verdict = SP_PASS,
		.reason = SP_REASON_OK,
		.results = &state->result,
		.count = 1,
		.from_domain = sp_span_str("example.com"),
		.message_id = sp_span_str("<0123456789abcdef@example.com>"),
	};
	state->mail = (struct sp_mail){
		.form = SP_MAIL_MBOX,
		.path = sp_span_str("archive/2023/letters.mbox"),
		.offset = 123456789,
		.bytes_total = 20480,
	};
	state->record = (struct sp_record){
		.mail = &state->mail,
		.verify = &state->verify,
		.reason = SP_REASON_OK,
	};
}

void bench_report(struct bench *bench)
{
	static const struct sp_report_format *const formats[] = {
		&sp_report_ndjson, &sp_report_csv};
	static struct state state;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct bench_item item = {
			.group = "engine",
			.name = "report",
			.baseline = "snprintf",
			.unit = BENCH_LATENCY,
			.work = RECORDS,
			.ours = write_records,
			.base = print_records,
		};

		bench_variant(&item, formats[i]->name);
		if (!bench_wants(bench, &item))
			continue;
		set_state(&state);
		state.format = formats[i];
		bench_measure(bench, &item, &state);
	}
	sp_buffer_free(&state.out);
}
