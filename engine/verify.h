/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying one message in steps, so that a batch can do each step for many
 * messages side by side (RFC 6376 section 6):
 *
 *   begin    reads the signatures, names the body hashes and keys it wants
 *            -> caller: sp_bodyhash_run() over verify->bodies, and
 *               sp_keycache_get() for each check with want_key, into ->keys
 *   compose  checks the key records, says what to hash
 *            -> caller: sp_hasher_run() over the header jobs of the checks
 *               with candidate_count > 0
 *   submit   hands one job per candidate key to the lanes
 *            -> caller: sp_lanes_run()
 *   finish   gives the verdicts
 *
 * All memory is the arena's. The rules are in docs/DESIGN.md, "Verdicts".
 */
#ifndef SP_ENGINE_VERIFY_H
#define SP_ENGINE_VERIFY_H

#include "crypto/lanes.h"
#include "engine/bodyhash.h"
#include "engine/keycache.h"
#include "engine/signature.h"

struct sp_verify_options {
	size_t signatures_max; /* verified; 0: SP_SIGNATURES_MAX */
	int64_t now; /* the clock for x= and t= */
	bool clock_message; /* use the message's own time instead: t=, or
			       the Date field, or x=; or else the newest key */
	bool historical; /* also give the verdict before RFC 8301 */
};

/* One signature under way. Results are apart: verify->results[i]. */
struct sp_check {
	struct sp_signature signature;
	bool want_key;
	int64_t now; /* its clock: when its key has to be valid */
	struct sp_body_digest *body; /* NULL: none could be computed */
	const struct sp_keyset *keys; /* the caller's, held until finish */
	/* Keys of the right type, each with a job; in the arena. */
	const struct sp_keyrecord **candidates;
	struct sp_job *jobs;
	size_t candidate_count;
	struct sp_digest_job header;
};

struct sp_verify {
	const struct sp_verify_options *options;
	const struct sp_message *message;
	enum sp_verdict verdict; /* the best; SP_NONE without signature */
	enum sp_reason reason; /* of that signature; or of the split */
	struct sp_check *checks;
	struct sp_result *results;
	size_t count; /* signature fields, SP_SIGNATURES_LISTED_MAX at most */
	struct sp_body_digest *bodies;
	size_t body_count;
	struct sp_span from_domain; /* empty when there is none */
	struct sp_span message_id; /* trimmed value, or empty */
};

/*
 * split is what sp_message_split() found: on a reason the message gets
 * verdict SP_PERMERROR with it, SP_REASON_MESSAGE_EMPTY and _MESSAGE_SYNTAX
 * (no header to look at) get SP_NONE.
 */
enum sp_status sp_verify_begin(struct sp_verify *verify, struct sp_arena *arena,
	const struct sp_message *message, enum sp_reason split,
	const struct sp_verify_options *options)
	__attribute__((warn_unused_result));

/*
 * Keys are in place; bodies need not be done yet. scratch is cleared. What is
 * to be hashed goes into inputs, and is not needed once it was.
 */
enum sp_status sp_verify_compose(struct sp_verify *verify,
	struct sp_arena *arena, struct sp_arena *inputs,
	struct sp_buffer *scratch) __attribute__((warn_unused_result));

/* The header jobs must be done. */
void sp_verify_submit(struct sp_verify *verify, struct sp_lanes *lanes);

/*
 * Bodies done, lanes run. Afterwards the keys may be put back. SP_CRYPTO: there
 * is no verdict (engine/check.h).
 */
enum sp_status sp_verify_finish(struct sp_verify *verify)
	__attribute__((warn_unused_result));

#endif
