/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying any message with keys that exist: verdicts agree with reasons,
 * nothing passes without a matching body hash, and line ends do not matter.
 */
#include <assert.h>
#include <stdlib.h>

#include "engine/policy.h"
#include "tests/fuzz/verifier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct verifier verifier;

/* RFC 6376 C, RFC 8463 A.2, and answers of every other kind. */
static const char zone[] =
	"brisbane._domainkey.football.example.com\tv=DKIM1; k=ed25519; "
	"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
	"test._domainkey.football.example.com\tv=DKIM1; k=rsa; "
	"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6"
	"Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"
	"8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kry"
	"OTIKT+l/K4w3QIDAQAB\n"
	"test._domainkey.football.example.com\tv=spf1 -all\n"
	"r._domainkey.a.example\tp=\n"
	"f._domainkey.a.example\t!SERVFAIL\n"
	"t._domainkey.a.example\t!TIMEOUT\n";

static void check(const struct sp_verify *verifying)
{
	enum sp_verdict best = SP_NONE;

	for (size_t i = 0; i < verifying->count; i++) {
		const struct sp_result *result = &verifying->results[i];

		assert(result->verdict == sp_policy_verdict(result->reason));
		assert(result->verdict != SP_NONE);
		assert(result->legacy);
		if (result->verdict == SP_PASS) {
			assert(result->body_hash == SP_BODY_HASH_MATCH);
			assert(result->key_bits);
			assert(result->legacy_verdict == SP_PASS);
		}
		if (result->verdict != SP_POLICY)
			assert(result->legacy_reason == result->reason);
		if (result->verdict < best)
			best = result->verdict;
	}
	if (verifying->count)
		assert(verifying->verdict == best);
}

/* A copy in which every LF has a CR before it. */
static struct sp_span with_crlf(struct sp_span text)
{
	char *copy = sp_arena_alloc(&verifier.arena, 2 * text.size + 1, 1);
	size_t size = 0;

	if (!copy)
		abort();
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\n' && (!i || text.data[i - 1] != '\r'))
			copy[size++] = '\r';
		copy[size++] = text.data[i];
	}
	return sp_span(copy, size);
}

static void compare(const struct sp_verify *a, const struct sp_verify *b)
{
	assert(a->reason == b->reason);
	assert(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert(a->results[i].reason == b->results[i].reason);
		assert(a->results[i].legacy_reason ==
			b->results[i].legacy_reason);
		assert(a->results[i].body_hash == b->results[i].body_hash);
		assert(a->results[i].body_total == b->results[i].body_total);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sp_verify_options options = {
		.now = 1600000000, .historical = true, .clock_message = true};
	struct sp_span text = sp_span(data, size);
	const struct sp_verify *verifying;

	/* Limits of fields and headers count stored bytes. */
	if (size > SP_SIGNATURE_BYTES_MAX / 2)
		return 0;
	if (!verifier.keys)
		verifier_open(&verifier, zone);
	sp_arena_reset(&verifier.arena);
	verifying = verifier_run(&verifier, text, &options);
	check(verifying);
	compare(verifying, verifier_run(&verifier, with_crlf(text), &options));
	return 0;
}
