/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying one message at a time in a fuzz target. Whatever else goes wrong
 * than the message aborts.
 */
#ifndef SP_TESTS_FUZZ_VERIFIER_H
#define SP_TESTS_FUZZ_VERIFIER_H

#include <stdlib.h>

#include "engine/stages.h"

#define VERIFIER_KEYS_MAX 64u

/* Made once; a fuzz target is one thread. */
struct verifier {
	struct sp_stages stages;
	struct sp_resolver *resolver;
	struct sp_keycache *keys;
	struct sp_arena arena; /* to be reset for every input */
};

static inline void verifier_open(struct verifier *verifier, const char *zone)
{
	if (sp_stages_init(&verifier->stages, NULL) ||
		sp_resolver_open_text(
			&verifier->resolver, sp_span_str(zone), "zone", NULL))
		abort();
	verifier->keys = sp_keycache_open(&verifier->resolver, 1,
		&(struct sp_keycache_options){
			.entries_max = VERIFIER_KEYS_MAX});
	if (!verifier->keys)
		abort();
}

static inline const struct sp_verify *verifier_run(struct verifier *verifier,
	struct sp_span text, const struct sp_verify_options *options)
{
	struct sp_arena *arena = &verifier->arena;
	struct sp_verify *verifying = SP_ARENA_NEW(arena, struct sp_verify);
	struct sp_message *message = SP_ARENA_NEW(arena, struct sp_message);
	enum sp_reason split;

	if (!verifying || !message ||
		sp_message_split(message, arena, text, NULL, &split) ||
		sp_verify_begin(verifying, arena, message, split, options) ||
		sp_stages_verify(&verifier->stages, arena, verifier->keys,
			&verifying, 1, NULL))
		abort();
	return verifying;
}

#endif
