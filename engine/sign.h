/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing one message in steps, so that a batch can do each step for many
 * messages side by side (RFC 6376 section 5):
 *
 *   begin    chooses the fields, says which body hashes it wants
 *            -> caller: sp_bodyhash_run() over sign->bodies
 *   compose  writes the signature fields, says what to hash
 *            -> caller: sp_hasher_run() over the items' header jobs
 *   submit   hands one job per key to the lanes
 *            -> caller: sp_lanes_run()
 *   finish   fills in b=
 *
 * All memory is the arena's. A message that cannot be signed carries a
 * reason, and the later steps pass over it.
 */
#ifndef SP_ENGINE_SIGN_H
#define SP_ENGINE_SIGN_H

#include "crypto/lanes.h"
#include "engine/bodyhash.h"
#include "engine/keyring.h"
#include "engine/select.h"
#include "engine/signature.h"

struct sp_sign_options {
	enum sp_canon header_canon;
	enum sp_canon body_canon;
	const struct sp_selection *selection; /* borrowed */
	int64_t timestamp; /* Unix seconds, or SP_TIME_NONE: no t= */
	int64_t expire_s; /* seconds after now, or SP_TIME_NONE: no x= */
	int64_t now; /* the clock for x= when there is no t= */
	struct sp_span identity; /* i= for every signature, or empty */
	uint64_t body_length; /* l= at most this, or SP_LENGTH_NONE: no l= */
	bool copied_headers; /* z= */
};

/* One signature under way. */
struct sp_sign_item {
	const struct sp_signing_key *key;
	struct sp_span identity; /* i=, its domain in A-labels; or empty */
	enum sp_algorithm algorithm;
	struct sp_body_digest *body;
	struct sp_span text; /* the field as hashed: up to "b=" */
	struct sp_digest_job header;
	struct sp_job job;
	unsigned char *signature;
	size_t field_bytes; /* of its field in sign->fields, once finished */
};

struct sp_sign {
	const struct sp_sign_options *options;
	const struct sp_message *message;
	enum sp_reason reason; /* SP_REASON_OK: it is (being) signed */
	struct sp_span from; /* addr-spec of From; empty if there is none */
	struct sp_span *names; /* h= */
	size_t name_count;
	struct sp_sign_item *items; /* one per key */
	size_t item_count;
	struct sp_body_digest *bodies;
	size_t body_count;
	struct sp_span fields; /* the new header fields, after finish */
};

/*
 * Looks up the sender and chooses what to sign. split is what
 * sp_message_split() found. Reasons: those of the split, MESSAGE_SYNTAX when
 * the first line begins with white space, FROM_MISSING (RFC 5322 3.6: no From),
 * FROM_SYNTAX (no address in it, needed to find a key), FROM_MULTIPLE (more
 * than one From field), NO_KEY_FOR_SENDER, TOO_MANY_NAMES, DOMAIN_MISMATCH (i=
 * has no domain, or one that does not lie within d=), KEY_UNKNOWN (no key is
 * what choice asks for). choice NULL: the sender decides. A message that is
 * signed already is signed once more, on top. error is filled only with a
 * status other than SP_OK.
 */
enum sp_status sp_sign_begin(struct sp_sign *sign, struct sp_arena *arena,
	const struct sp_message *message, enum sp_reason split,
	struct sp_keyring *keyring, const struct sp_key_choice *choice,
	const struct sp_sign_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * The bodies must be done. scratch is cleared and used. What is to be hashed
 * goes into inputs, and is not needed once it was. Reason: SIGNATURE_TOO_LARGE
 * (z= of a huge header, for one).
 */
enum sp_status sp_sign_compose(struct sp_sign *sign, struct sp_arena *arena,
	struct sp_arena *inputs, struct sp_buffer *scratch)
	__attribute__((warn_unused_result));

/* The header jobs must be done. */
void sp_sign_submit(struct sp_sign *sign, struct sp_lanes *lanes);

/*
 * The lanes must have run. A job that failed makes the whole message
 * SP_REASON_SIGNING_FAILED: no message leaves with some of its signatures.
 * TOO_MANY_FIELDS, HEADER_TOO_LARGE: with its signatures it would be beyond
 * the limits (base/limits.h) that verifying has.
 */
enum sp_status sp_sign_finish(struct sp_sign *sign, struct sp_arena *arena,
	struct sp_buffer *scratch) __attribute__((warn_unused_result));

#endif
