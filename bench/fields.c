/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DKIM-Signature fields (RFC 6376 3.5): parsed and written. The yardstick is
 * OpenSSL's SHA-256 of the same bytes.
 */
#include <stdio.h>

#include <openssl/evp.h>

#include "bench/bench.h"
#include "engine/signature.h"

#define BATCH 64u

struct state {
	struct sp_arena arena;
	struct sp_buffer text; /* the field to parse */
	struct sp_buffer out;
	struct sp_field field;
	EVP_MD_CTX *evp;
};

static const char *const header_names[] = {"From", "Sender", "Reply-To",
	"Subject", "Date", "Message-ID", "To", "MIME-Version", "Content-Type",
	"List-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help",
	"Feedback-ID", "CFBL-Address", "From", "Subject", "Date", "To"};
#define NAMES (sizeof(header_names) / sizeof(header_names[0]))

static void write_field(struct sp_buffer *out)
{
	static const char bytes[256];
	struct sp_span names[NAMES];
	const struct sp_signature_fields fields = {
		.algorithm = SP_ALGORITHM_RSA_SHA256,
		.header_canon = SP_CANON_RELAXED,
		.body_canon = SP_CANON_RELAXED,
		.domain = sp_span_str("example.com"),
		.selector = sp_span_str("s2048"),
		.names = names,
		.name_count = NAMES,
		.body_hash = sp_span(bytes, 32),
		.body_length = SP_LENGTH_NONE,
		.timestamp = 1700000000,
		.expiration = 1701209600,
	};

	for (size_t i = 0; i < NAMES; i++)
		names[i] = sp_span_str(header_names[i]);
	sp_signature_write(out, &fields);
	sp_signature_write_b(out, 0, sp_span(bytes, sizeof(bytes)), false);
}

static void parse(void *arg)
{
	struct state *state = arg;

	sp_arena_reset(&state->arena);
	for (unsigned i = 0; i < BATCH; i++) {
		struct sp_signature signature;
		enum sp_reason reason;

		bench_need(sp_signature_parse(&signature, &state->arena,
				   &state->field, &reason) == SP_OK &&
				   reason == SP_REASON_OK,
			"parsing fails");
	}
}

static void write_all(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < BATCH; i++) {
		sp_buffer_clear(&state->out);
		write_field(&state->out);
	}
}

static void hash(void *arg)
{
	struct state *state = arg;
	unsigned char digest[32];

	for (unsigned i = 0; i < BATCH; i++)
		bench_need(
			EVP_DigestInit_ex2(state->evp, NULL, NULL) == 1 &&
				EVP_DigestUpdate(state->evp, state->text.data,
					state->text.size) == 1 &&
				EVP_DigestFinal_ex(state->evp, digest, NULL) ==
					1,
			"OpenSSL does not hash");
}

static void open_state(struct state *state)
{
	struct sp_span raw;
	size_t colon;

	write_field(&state->text);
	raw = sp_buffer_span(&state->text);
	colon = sp_span_find(raw, ':');
	state->field = (struct sp_field){
		.raw = raw,
		.name = sp_span(raw.data, colon),
		.value = sp_span_after(raw, colon + 1),
	};
	state->evp = EVP_MD_CTX_new();
	bench_need(state->evp && EVP_DigestInit_ex2(
					 state->evp, EVP_sha256(), NULL) == 1,
		"out of memory");
}

void bench_fields(struct bench *bench)
{
	static const struct {
		const char *name;
		void (*ours)(void *);
	} cases[] = {
		{"signature-parse", parse}, {"signature-write", write_all}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct state state = {.evp = NULL};
		struct bench_item item = {
			.group = "engine",
			.variant = "field",
			.baseline = "openssl-sha256",
			.unit = BENCH_LATENCY,
			.work = BATCH,
			.ours = cases[i].ours,
			.base = hash,
		};

		snprintf(item.name, sizeof(item.name), "%s", cases[i].name);
		if (!bench_wants(bench, &item))
			continue;
		open_state(&state);
		bench_measure(bench, &item, &state);
		EVP_MD_CTX_free(state.evp);
		sp_buffer_free(&state.text);
		sp_buffer_free(&state.out);
		sp_arena_free(&state.arena);
	}
}
