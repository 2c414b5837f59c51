/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One signature: its key records, its body, its verdict (RFC 6376 6.1.2,
 * 6.1.3; RFC 8301; RFC 8463).
 */
#include "engine/check.h"

#include <assert.h>

#include "engine/policy.h"

void sp_check_fault(struct sp_result *result, enum sp_reason reason)
{
	result->reason = reason;
	if (result->legacy)
		result->legacy_reason = reason;
}

/*
 * What the body says about a signature whose body is hashed. The hash of an
 * l= that goes beyond the end of the body cannot be computed (3.5, l=).
 */
static enum sp_reason body_reason(
	const struct sp_check *check, enum sp_body_hash *found)
{
	const struct sp_body_digest *body = check->body;
	struct sp_span digest =
		sp_span(body->digest, sp_digest_bytes(body->algorithm));

	assert(body->done);
	*found = SP_BODY_HASH_NOT_CHECKED;
	if (body->limit != SP_LENGTH_NONE && body->limit > body->total)
		return SP_REASON_BODY_LENGTH;
	if (sp_span_equal(digest, check->signature.body_hash)) {
		*found = SP_BODY_HASH_MATCH;
		return SP_REASON_OK;
	}
	*found = SP_BODY_HASH_MISMATCH;
	return SP_REASON_BODY_HASH;
}

/* True when it is known already that the body does not fit. */
static bool body_has_failed(const struct sp_check *check)
{
	enum sp_body_hash found;

	return check->body->done && body_reason(check, &found);
}

/* SP_REASON_OK if any of the records is strong enough, or the first fault. */
static enum sp_reason strength(const struct sp_check *check,
	enum sp_policy_rules rules, const struct sp_keyrecord *const *records,
	size_t count)
{
	enum sp_reason first = SP_REASON_OK;

	for (size_t i = count; i-- > 0;) {
		first = sp_policy_strength(
			rules, check->signature.algorithm, &records[i]->key);
		if (!first)
			return SP_REASON_OK;
	}
	return first;
}

/*
 * Adds a record behind those that were seen nearer to the clock, or as near:
 * that is the order in which they are named, and without an archive that of
 * the answer.
 */
static void add_candidate(
	struct sp_check *check, const struct sp_keyrecord *record)
{
	uint64_t distance = sp_policy_distance(record, check->now);
	size_t at = check->candidate_count++;

	while (at > 0 && sp_policy_distance(check->candidates[at - 1],
				 check->now) > distance) {
		check->candidates[at] = check->candidates[at - 1];
		at--;
	}
	check->candidates[at] = record;
}

/*
 * The records this signature may be checked with, in check->candidates; the
 * reason is SP_REASON_OK when there are any. If there are none, a record for
 * another algorithm is blamed only when there is nothing better to say.
 */
static enum sp_reason find_candidates(struct sp_check *check)
{
	const struct sp_keyset *keys = check->keys;
	enum sp_reason fault = SP_REASON_ALGORITHM_MISMATCH;

	for (size_t i = 0; i < keys->count; i++) {
		const struct sp_keyrecord *record = &keys->records[i];
		enum sp_reason reason =
			sp_policy_key(record, &check->signature);

		if (!reason && sp_policy_revoked(record, keys->records,
				       keys->count, check->now))
			reason = SP_REASON_KEY_REVOKED;
		if (!reason)
			add_candidate(check, record);
		else if (fault == SP_REASON_ALGORITHM_MISMATCH)
			fault = reason;
	}
	return check->candidate_count ? SP_REASON_OK : fault;
}

/* Keeps the candidates that one of the rules in force accepts. */
static void drop_weak(struct sp_check *check, bool historical)
{
	enum sp_policy_rules rules =
		historical ? SP_POLICY_LEGACY : SP_POLICY_RFC8301;
	size_t kept = 0;

	for (size_t i = 0; i < check->candidate_count; i++)
		if (!strength(check, rules, &check->candidates[i], 1))
			check->candidates[kept++] = check->candidates[i];
	check->candidate_count = kept;
}

static void describe_key(
	struct sp_result *result, const struct sp_keyrecord *record)
{
	result->key_bits = record->key.bits;
	memcpy(result->key_sha256, record->sha256, sizeof(record->sha256));
	result->key_testing = record->testing;
	result->key_dnssec = record->dnssec;
}

enum sp_status sp_check_keys(struct sp_check *check, struct sp_result *result,
	bool historical, struct sp_arena *arena)
{
	const struct sp_keyset *keys = check->keys;
	enum sp_reason reason = keys->reason;

	result->key_source = keys->source;
	result->key_dnssec = keys->dnssec;
	if (keys->source == SP_KEY_SOURCE_DNS && keys->count)
		result->key_ttl = keys->ttl_s;
	check->candidates =
		SP_ARENA_ARRAY(arena, const struct sp_keyrecord *, keys->count);
	if (!check->candidates)
		return SP_NO_MEMORY;
	if (!reason)
		reason = find_candidates(check);
	sp_check_fault(result, reason);
	if (reason)
		return SP_OK;
	describe_key(result, check->candidates[0]);
	result->reason = strength(check, SP_POLICY_RFC8301, check->candidates,
		check->candidate_count);
	if (historical)
		result->legacy_reason = strength(check, SP_POLICY_LEGACY,
			check->candidates, check->candidate_count);
	drop_weak(check, historical);
	if (body_has_failed(check))
		check->candidate_count = 0;
	return SP_OK;
}

void sp_check_submit(struct sp_check *check, struct sp_lanes *lanes)
{
	for (size_t i = 0; i < check->candidate_count; i++) {
		struct sp_job *job = &check->jobs[i];

		*job = (struct sp_job){
			.kind = SP_JOB_VERIFY,
			.key = &check->candidates[i]->key,
			.hash = check->header.algorithm,
			.digest = check->header.digest,
			.digest_size = sp_digest_bytes(check->header.algorithm),
			/* Only signing writes there. */
			.signature = (unsigned char *)(uintptr_t)
					     check->signature.b.data,
			.signature_size = check->signature.b.size,
		};
		sp_lanes_submit(lanes, job);
	}
}

/* The candidate whose key made the signature, by these rules, or NULL. */
static const struct sp_keyrecord *find_signer(
	const struct sp_check *check, enum sp_policy_rules rules)
{
	for (size_t i = 0; i < check->candidate_count; i++) {
		const struct sp_keyrecord *record = check->candidates[i];

		if (check->jobs[i].outcome == SP_JOB_DONE &&
			!sp_policy_strength(rules, check->signature.algorithm,
				&record->key))
			return record;
	}
	return NULL;
}

/* What body and signature say, when nothing before them was wrong. */
static enum sp_reason last_reason(const struct sp_check *check,
	enum sp_reason body, enum sp_policy_rules rules,
	struct sp_result *result)
{
	const struct sp_keyrecord *signer;

	if (body)
		return body;
	signer = find_signer(check, rules);
	if (!signer)
		return SP_REASON_SIGNATURE;
	describe_key(result, signer);
	result->key_first_seen = signer->first_seen;
	result->key_last_seen = signer->last_seen;
	return SP_REASON_OK;
}

/* Is there a signature of which nobody knows whether it is right? */
static bool is_open(const struct sp_check *check)
{
	for (size_t i = 0; i < check->candidate_count; i++)
		if (check->jobs[i].outcome == SP_JOB_ERROR)
			return true;
	return false;
}

enum sp_status sp_check_finish(struct sp_check *check, struct sp_result *result)
{
	enum sp_reason body = SP_REASON_OK;

	if (check->body) {
		body = body_reason(check, &result->body_hash);
		if (check->body->limit != SP_LENGTH_NONE)
			result->body_total = check->body->total;
	}
	if (result->legacy && !result->legacy_reason)
		result->legacy_reason =
			last_reason(check, body, SP_POLICY_LEGACY, result);
	if (!result->reason)
		result->reason =
			last_reason(check, body, SP_POLICY_RFC8301, result);
	result->verdict = sp_policy_verdict(result->reason);
	result->legacy_verdict =
		result->legacy ? sp_policy_verdict(result->legacy_reason)
			       : SP_NONE;
	if (result->reason != SP_REASON_SIGNATURE &&
		result->legacy_reason != SP_REASON_SIGNATURE)
		return SP_OK;
	return is_open(check) ? SP_CRYPTO : SP_OK;
}
