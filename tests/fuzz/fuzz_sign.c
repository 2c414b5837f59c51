/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing any message: what is signed verifies, and a message that cannot be
 * signed says why. The first byte chooses the options.
 */
#include <assert.h>
#include <stdlib.h>

#include "tests/fuzz/verifier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Made once; a fuzz target is one thread. */
static struct verifier verifier;
static struct sp_keyring *keyring;
static struct sp_selection selections[4];

static void make_key(void)
{
	/* RFC 8463 A.2 */
	static const char seed[] =
		"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
	struct sp_pkey key;
	struct sp_error error;

	if (sp_pkey_parse_private(
		    &key, sp_span_str(seed), "seed", NULL, &error))
		abort();
	keyring = sp_keyring_open();
	if (!keyring ||
		sp_keyring_add_pkey(keyring, "example.com", "s", &key, &error))
		abort();
}

static void setup(void)
{
	static const char zone[] =
		"s._domainkey.example.com\tk=ed25519; "
		"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n";
	static const char *const headers[] = {
		"default", "all", "From:+Subject", "From:+DKIM-Signature:To"};

	if (keyring)
		return;
	verifier_open(&verifier, zone);
	make_key();
	for (size_t i = 0; i < 4; i++)
		if (sp_selection_init(&selections[i], headers[i], i % 2, NULL))
			abort();
}

static struct sp_sign_options options_of(uint8_t choice)
{
	return (struct sp_sign_options){
		.header_canon = choice & 1 ? SP_CANON_RELAXED : SP_CANON_SIMPLE,
		.body_canon = choice & 2 ? SP_CANON_RELAXED : SP_CANON_SIMPLE,
		.selection = &selections[choice >> 2 & 3],
		.timestamp = choice & 16 ? 0 : SP_TIME_NONE,
		.expire_s = choice & 32 ? 1 : SP_TIME_NONE,
		.body_length = choice & 64 ? 5 : SP_LENGTH_NONE,
		.copied_headers = choice & 128,
	};
}

static const struct sp_sign *sign(
	struct sp_span text, const struct sp_sign_options *options)
{
	struct sp_arena *arena = &verifier.arena;
	struct sp_sign *signing = SP_ARENA_NEW(arena, struct sp_sign);
	struct sp_message *message = SP_ARENA_NEW(arena, struct sp_message);
	enum sp_reason split;

	if (!signing || !message ||
		sp_message_split(message, arena, text, NULL, &split) ||
		sp_sign_begin(signing, arena, message, split, keyring, NULL,
			options, NULL) ||
		sp_stages_sign(&verifier.stages, arena, &signing, 1, NULL))
		abort();
	return signing;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sp_verify_options now = {.now = 0};
	struct sp_sign_options options;
	struct sp_span text;
	const struct sp_sign *signing;
	const struct sp_verify *verifying;
	char *mail;

	if (size == 0)
		return 0;
	setup();
	sp_arena_reset(&verifier.arena);
	options = options_of(data[0]);
	text = sp_span(data + 1, size - 1);
	signing = sign(text, &options);
	assert((signing->reason == SP_REASON_OK) == (signing->fields.size > 0));
	if (signing->reason)
		return 0;
	mail = sp_arena_alloc(
		&verifier.arena, signing->fields.size + text.size, 1);
	if (!mail)
		abort();
	memcpy(mail, signing->fields.data, signing->fields.size);
	memcpy(mail + signing->fields.size, text.data, text.size);
	verifying = verifier_run(&verifier,
		sp_span(mail, signing->fields.size + text.size), &now);
	assert(verifying->count >= 1);
	assert(verifying->results[0].verdict == SP_PASS);
	assert(verifying->verdict == SP_PASS);
	return 0;
}
