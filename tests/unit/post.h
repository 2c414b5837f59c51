/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A post office for tests: signs and verifies one message at a time through
 * the stages, with keys made on the spot. Trouble fails the test.
 */
#ifndef SP_TESTS_UNIT_POST_H
#define SP_TESTS_UNIT_POST_H

#include "engine/stages.h"

struct post {
	struct sp_sign_options sign; /* to be set freely */
	struct sp_verify_options verify;
	struct sp_message_limits limits;
	/* The rest is its own. */
	struct sp_stages stages;
	struct sp_keyring *keyring;
	struct sp_selection selection;
	struct sp_buffer zone;
	struct sp_resolver *resolver;
	struct sp_keycache *keys;
	struct sp_arena arena; /* of the last message */
	struct sp_message message;
	struct sp_sign signing;
	struct sp_verify verifying;
};

/* relaxed/relaxed, the default selection, oversigning, now = 1000000. */
void post_open(struct post *post);
void post_close(struct post *post);

/* Another --headers value. */
void post_select(struct post *post, const char *headers, bool oversign);

/* Adds a signing key and publishes its public half. */
void post_add_key(struct post *post, const char *domain, const char *selector,
	enum sp_pkey_type type, unsigned bits);

/* Publishes "NAME<TAB>VALUE", or replaces all that was published so far. */
void post_publish(struct post *post, const char *name, const char *value);
void post_publish_only(struct post *post, struct sp_span zone);

/* Signs; good until the next call. */
const struct sp_sign *post_sign(struct post *post, struct sp_span message);

/* Signs, which must succeed, and appends fields and message to out. */
void post_sign_into(
	struct post *post, struct sp_buffer *out, struct sp_span message);

/* Verifies; good until the next call. */
const struct sp_verify *post_verify(struct post *post, struct sp_span message);

#endif
