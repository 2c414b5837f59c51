/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we accept: the rules of RFC 6376 6.1.1 to 6.1.2, RFC 8301 and RFC 8463
 * that compare a signature with a key or the clock. Pure functions.
 */
#ifndef SP_ENGINE_POLICY_H
#define SP_ENGINE_POLICY_H

#include "engine/keyrecord.h"
#include "engine/signature.h"

/* The verdict that goes with a reason (RFC 8601 2.7.1). */
enum sp_verdict sp_policy_verdict(enum sp_reason reason);

/* SP_REASON_OK, or SP_REASON_EXPIRED when now lies after x=. */
enum sp_reason sp_policy_expiry(
	const struct sp_signature *signature, int64_t now);

/* True when t= lies after now. */
bool sp_policy_future(const struct sp_signature *signature, int64_t now);

/*
 * May this key record be used for this signature (RFC 6376 6.1.2, steps 4 to
 * 9)? SP_REASON_OK, the record's own fault, ALGORITHM_MISMATCH (k= and a=),
 * HASH_NOT_ALLOWED (h=), SERVICE_TYPE (s=), or KEY_SUBDOMAIN (t=s).
 */
enum sp_reason sp_policy_key(const struct sp_keyrecord *record,
	const struct sp_signature *signature);

/*
 * Of a key archive: how far now is from the time in which the record was seen,
 * in seconds; 0 inside of it and for records without times.
 */
uint64_t sp_policy_distance(const struct sp_keyrecord *record, int64_t now);

/*
 * Of a key archive: true when another record of the name had revoked this one
 * by now (an empty p=, 3.6.1): it was first seen later than this one was last
 * seen. What was signed before that is judged by the key of its time.
 */
bool sp_policy_revoked(const struct sp_keyrecord *record,
	const struct sp_keyrecord *records, size_t count, int64_t now);

/* Which rules about algorithms and key sizes hold. */
enum sp_policy_rules {
	SP_POLICY_RFC8301, /* no SHA-1; RSA of SP_RSA_VERIFY_BITS_MIN at least
			    */
	SP_POLICY_LEGACY, /* SHA-1; RSA of SP_RSA_LEGACY_BITS_MIN at least */
};

/* SP_REASON_OK, SP_REASON_SHA1 or SP_REASON_KEY_TOO_SMALL. */
enum sp_reason sp_policy_strength(enum sp_policy_rules rules,
	enum sp_algorithm algorithm, const struct sp_pkey *key);

#endif
