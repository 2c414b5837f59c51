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
	struct sp_buffer mail; /* a signed message */
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

/* A message from example.com, and the SHA-256 of its body. */
extern const char post_plain[];
#define POST_PLAIN_BH "UrA8rmgY3eNBotmDWtzAmHyn5RyZv8Gea45sNGsP0zw="

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

/* Signs post_plain into post->mail, with an Ed25519 key s of example.com. */
void post_sign_plain(struct post *post);

/* Replaces the first from in post->mail by to, of the same length. */
void post_change(struct post *post, const char *from, const char *to);

/* Verifies post->mail; its first result. */
const struct sp_result *post_result(struct post *post);

void post_expect(const struct sp_result *result, enum sp_verdict verdict,
	enum sp_reason reason, const char *what);

#endif
