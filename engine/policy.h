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
