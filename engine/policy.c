/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we accept of signatures and keys (RFC 6376 6.1.1, 6.1.2; RFC 8301;
 * RFC 8463; the verdict words of RFC 8601 2.7.1).
 */
#include "engine/policy.h"

#include "engine/address.h"
#include "engine/domain.h"

enum sp_verdict sp_policy_verdict(enum sp_reason reason)
{
	switch (reason) {
	case SP_REASON_OK:
		return SP_PASS;
	case SP_REASON_BODY_HASH:
	case SP_REASON_SIGNATURE:
		return SP_FAIL;
	case SP_REASON_SHA1:
	case SP_REASON_KEY_TOO_SMALL:
	case SP_REASON_KEY_TOO_LARGE:
	case SP_REASON_TOO_MANY_SIGNATURES:
	case SP_REASON_SIGNATURE_TOO_LARGE:
	case SP_REASON_TOO_MANY_NAMES:
		return SP_POLICY;
	case SP_REASON_DNS_TIMEOUT:
	case SP_REASON_DNS_FAILURE:
		return SP_TEMPERROR;
	case SP_REASON_NO_SIGNATURE:
	case SP_REASON_MESSAGE_EMPTY:
	case SP_REASON_MESSAGE_SYNTAX:
		return SP_NONE;
	default:
		return SP_PERMERROR;
	}
}

enum sp_reason sp_policy_expiry(
	const struct sp_signature *signature, int64_t now)
{
	if (signature->expiration == SP_TIME_NONE ||
		now <= signature->expiration)
		return SP_REASON_OK;
	return SP_REASON_EXPIRED;
}

bool sp_policy_future(const struct sp_signature *signature, int64_t now)
{
	return signature->timestamp != SP_TIME_NONE &&
	       signature->timestamp > now;
}

enum sp_reason sp_policy_key(
	const struct sp_keyrecord *record, const struct sp_signature *signature)
{
	enum sp_digest_algorithm hash =
		sp_algorithm_digest(signature->algorithm);

	if (record->reason)
		return record->reason;
	if (!sp_algorithm_fits(signature->algorithm, record->key.type))
		return SP_REASON_ALGORITHM_MISMATCH;
	if (hash == SP_SHA1 ? !record->hash_sha1 : !record->hash_sha256)
		return SP_REASON_HASH_NOT_ALLOWED;
	if (!record->service_email)
		return SP_REASON_SERVICE_TYPE;
	if (record->strict &&
		!sp_domain_equal(sp_address_domain(signature->identity),
			signature->domain))
		return SP_REASON_KEY_SUBDOMAIN;
	return SP_REASON_OK;
}

uint64_t sp_policy_distance(const struct sp_keyrecord *record, int64_t now)
{
	if (record->first_seen == SP_TIME_NONE)
		return 0;
	/* Unsigned, so that times far apart do not overflow. */
	if (now < record->first_seen)
		return (uint64_t)record->first_seen - (uint64_t)now;
	if (now > record->last_seen)
		return (uint64_t)now - (uint64_t)record->last_seen;
	return 0;
}

bool sp_policy_revoked(const struct sp_keyrecord *record,
	const struct sp_keyrecord *records, size_t count, int64_t now)
{
	if (record->first_seen == SP_TIME_NONE)
		return false;
	for (size_t i = 0; i < count; i++)
		if (records[i].reason == SP_REASON_KEY_REVOKED &&
			records[i].first_seen <= now &&
			records[i].first_seen > record->last_seen)
			return true;
	return false;
}

enum sp_reason sp_policy_strength(enum sp_policy_rules rules,
	enum sp_algorithm algorithm, const struct sp_pkey *key)
{
	unsigned least = rules == SP_POLICY_RFC8301 ? SP_RSA_VERIFY_BITS_MIN
						    : SP_RSA_LEGACY_BITS_MIN;

	if (rules == SP_POLICY_RFC8301 && algorithm == SP_ALGORITHM_RSA_SHA1)
		return SP_REASON_SHA1;
	if (key->type == SP_PKEY_RSA && key->bits < least)
		return SP_REASON_KEY_TOO_SMALL;
	return SP_REASON_OK;
}
