/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of a signature and of a long text (RFC 4648 4) against OpenSSL. */
#include "crypto/base64.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "bench/bench.h"

#define BYTES_MAX 12288u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct state {
	size_t size;
	unsigned char bytes[BYTES_MAX];
	char text[SP_BASE64_ENCODED_BYTES(BYTES_MAX) + 1];
	unsigned char decoded[SP_BASE64_DECODED_BYTES(
		SP_BASE64_ENCODED_BYTES(BYTES_MAX))];
};

static void encode(void *arg)
{
	struct state *state = arg;

	(void)sp_base64_encode(state->text, sp_span(state->bytes, state->size));
	__asm__ volatile("" ::: "memory");
}

static void encode_by_openssl(void *arg)
{
	struct state *state = arg;

	EVP_EncodeBlock(
		(unsigned char *)state->text, state->bytes, (int)state->size);
}

static struct sp_span text_of(const struct state *state)
{
	return sp_span(state->text, SP_BASE64_ENCODED_BYTES(state->size));
}

static void decode(void *arg)
{
	struct state *state = arg;
	size_t size;

	bench_need(sp_base64_decode(state->decoded, &size, text_of(state)) &&
			   size == state->size,
		"base64 fails");
}

static void decode_by_openssl(void *arg)
{
	struct state *state = arg;

	EVP_DecodeBlock(state->decoded, (unsigned char *)state->text,
		(int)text_of(state).size);
}

void bench_base64(struct bench *bench)
{
	static struct state state;
	static const struct {
		const char *name;
		size_t size;
		void (*ours)(void *), (*base)(void *);
	} cases[] = {
		{"base64-encode-256", 256, encode, encode_by_openssl},
		{"base64-encode-12k", BYTES_MAX, encode, encode_by_openssl},
		{"base64-decode-256", 256, decode, decode_by_openssl},
		{"base64-decode-12k", BYTES_MAX, decode, decode_by_openssl},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct bench_item item = {
			.group = "crypto",
			.variant = "base64",
			.baseline = "openssl",
			.unit = BENCH_BYTES,
			.work = (double)cases[i].size,
			.ours = cases[i].ours,
			.base = cases[i].base,
		};

		snprintf(item.name, sizeof(item.name), "%s", cases[i].name);
		if (!bench_wants(bench, &item))
			continue;
		for (size_t k = 0; k < BYTES_MAX; k++)
			state.bytes[k] = (unsigned char)(k * 2654435761u >> 13);
		state.size = cases[i].size;
		encode(&state);
		bench_measure(bench, &item, &state);
	}
}
