/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of verified messages in the formats of --report. The yardstick is
 * snprintf(3) of the same number of fields.
 */
#include "cli/report.h"

#include <inttypes.h>

#include "bench/bench.h"

#define RECORDS 64u

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

static void print_records(void *arg)
{
	struct state *state = arg;
	char line[512];

	for (unsigned i = 0; i < RECORDS; i++) {
		snprintf(line, sizeof(line),
			"%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %.*s %.*s %s "
			"%.*s %.*s %.*s %u %" PRId64 " %" PRIu64,
			state->mail.path.data, state->mail.index,
			state->mail.offset, state->mail.bytes_total,
			SP_SPAN_ARGS(state->verify.message_id),
			SP_SPAN_ARGS(state->verify.from_domain), "pass",
			SP_SPAN_ARGS(state->result.domain),
			SP_SPAN_ARGS(state->result.selector),
			SP_SPAN_ARGS(state->result.identity),
			state->result.key_bits, state->result.timestamp,
			state->result.body_total);
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
