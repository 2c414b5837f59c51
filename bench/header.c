/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header block (RFC 5322 2.2; RFC 6376 3.4.1, 3.4.2): found and split, and
 * every field made canonical. The yardstick is OpenSSL's SHA-256 of the same
 * bytes: what has to be done to them in any case.
 */
#include "canon/header.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "bench/bench.h"
#include "bench/letters.h"
#include "canon/scan.h"

struct state {
	struct letters letters;
	struct sp_message messages[LETTERS_MAX];
	struct sp_arena arena, kept; /* kept: what messages point to */
	struct sp_buffer out;
	EVP_MD_CTX *evp;
};

static void split_all(struct state *state, struct sp_arena *arena)
{
	for (size_t i = 0; i < state->letters.count; i++) {
		enum sp_reason reason;

		bench_need(
			sp_message_split(&state->messages[i], arena,
				state->letters.at[i], NULL, &reason) == SP_OK &&
				reason == SP_REASON_OK,
			"splitting fails");
	}
}

static void canon_all(struct state *state)
{
	for (size_t i = 0; i < state->letters.count; i++) {
		struct sp_message *message = &state->messages[i];

		sp_buffer_clear(&state->out);
		for (size_t k = 0; k < message->field_count; k++)
			sp_header_canon(&state->out, SP_CANON_RELAXED,
				&message->fields[k]);
	}
}

static void split(void *arg)
{
	struct state *state = arg;

	sp_arena_reset(&state->arena);
	split_all(state, &state->arena);
}

static void canonicalize(void *arg)
{
	canon_all(arg);
}

static void both(void *arg)
{
	split(arg);
	canon_all(arg);
}

static void hash(void *arg)
{
	struct state *state = arg;
	unsigned char digest[32];

	for (size_t i = 0; i < state->letters.count; i++)
		bench_need(
			EVP_DigestInit_ex2(state->evp, NULL, NULL) == 1 &&
				EVP_DigestUpdate(state->evp,
					state->messages[i].header.data,
					state->messages[i].header.size) == 1 &&
				EVP_DigestFinal_ex(state->evp, digest, NULL) ==
					1,
			"OpenSSL does not hash");
}

static void measure(struct bench *bench, const char *name, void (*ours)(void *))
{
	static struct state state;
	struct bench_item item = {
		.group = "canon",
		.baseline = "openssl-sha256",
		.unit = BENCH_LATENCY,
		.work = LETTERS_MAX,
		.ours = ours,
		.base = hash,
	};

	snprintf(item.name, sizeof(item.name), "%s", name);
	bench_variant(&item, sp_scan_kernel()->name);
	if (!bench_wants(bench, &item))
		return;
	letters_open(&state.letters, LETTERS_MAX, false);
	state.evp = EVP_MD_CTX_new();
	bench_need(state.evp && EVP_DigestInit_ex2(
					state.evp, EVP_sha256(), NULL) == 1,
		"out of memory");
	split_all(&state, &state.kept);
	bench_measure(bench, &item, &state);
	EVP_MD_CTX_free(state.evp);
	sp_buffer_free(&state.out);
	sp_arena_free(&state.arena);
	sp_arena_free(&state.kept);
	letters_close(&state.letters);
}

void bench_header(struct bench *bench)
{
	measure(bench, "header", both);
	measure(bench, "header-split", split);
	measure(bench, "header-canon", canonicalize);
}
