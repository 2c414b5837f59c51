/* SPDX-License-Identifier: Apache-2.0 */
/* What is accepted of signatures and keys (engine/policy.h). */
#include <criterion/criterion.h>

#include "engine/policy.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 8601 2.7.1; docs/DESIGN.md, "Verdicts" */
Test(policy, every_reason_has_its_verdict)
{
	static const struct {
		enum sp_reason reason;
		enum sp_verdict verdict;
	} cases[] = {
		{SP_REASON_OK, SP_PASS},
		{SP_REASON_BODY_HASH, SP_FAIL},
		{SP_REASON_SIGNATURE, SP_FAIL},
		{SP_REASON_BODY_LENGTH, SP_PERMERROR},
		{SP_REASON_TAG_SYNTAX, SP_PERMERROR},
		{SP_REASON_EXPIRED, SP_PERMERROR},
		{SP_REASON_KEY_NOT_FOUND, SP_PERMERROR},
		{SP_REASON_KEY_REVOKED, SP_PERMERROR},
		{SP_REASON_DNS_TIMEOUT, SP_TEMPERROR},
		{SP_REASON_DNS_FAILURE, SP_TEMPERROR},
		{SP_REASON_SHA1, SP_POLICY},
		{SP_REASON_KEY_TOO_SMALL, SP_POLICY},
		{SP_REASON_KEY_TOO_LARGE, SP_POLICY},
		{SP_REASON_TOO_MANY_SIGNATURES, SP_POLICY},
		{SP_REASON_SIGNATURE_TOO_LARGE, SP_POLICY},
		{SP_REASON_TOO_MANY_NAMES, SP_POLICY},
		{SP_REASON_HEADER_TOO_LARGE, SP_PERMERROR},
		{SP_REASON_TOO_MANY_FIELDS, SP_PERMERROR},
		{SP_REASON_NO_SIGNATURE, SP_NONE},
		{SP_REASON_MESSAGE_EMPTY, SP_NONE},
		{SP_REASON_MESSAGE_SYNTAX, SP_NONE},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_eq(sp_policy_verdict(cases[i].reason),
			cases[i].verdict, "%s",
			sp_reason_name(cases[i].reason));
}

/* RFC 6376 3.5, x= and t= */
Test(policy, a_signature_expires_after_its_last_second)
{
	struct sp_signature signature = {
		.timestamp = 100, .expiration = SP_TIME_NONE};

	cr_expect_eq(sp_policy_expiry(&signature, INT64_MAX), SP_REASON_OK);
	signature.expiration = 200;
	cr_expect_eq(sp_policy_expiry(&signature, 199), SP_REASON_OK);
	cr_expect_eq(sp_policy_expiry(&signature, 200), SP_REASON_OK);
	cr_expect_eq(sp_policy_expiry(&signature, 201), SP_REASON_EXPIRED);
	cr_expect(sp_policy_future(&signature, 99));
	cr_expect_not(sp_policy_future(&signature, 100));
	signature.timestamp = SP_TIME_NONE;
	cr_expect_not(sp_policy_future(&signature, INT64_MIN));
}

static const struct sp_keyrecord good_record = {
	.key = {.type = SP_PKEY_RSA, .bits = 2048},
	.hash_sha1 = true,
	.hash_sha256 = true,
	.service_email = true,
};

static struct sp_signature signature_of(
	enum sp_algorithm algorithm, const char *identity)
{
	return (struct sp_signature){
		.algorithm = algorithm,
		.domain = sp_span_str("Example.com"),
		.identity = sp_span_str(identity),
	};
}

/* RFC 6376 6.1.2, in its order */
Test(policy, a_key_record_must_fit_the_signature)
{
	struct sp_signature signature =
		signature_of(SP_ALGORITHM_RSA_SHA256, "joe@news.example.com");
	struct sp_keyrecord record = good_record;

	cr_expect_eq(sp_policy_key(&record, &signature), SP_REASON_OK);
	record.strict = true;
	cr_expect_eq(
		sp_policy_key(&record, &signature), SP_REASON_KEY_SUBDOMAIN);
	record.service_email = false;
	cr_expect_eq(
		sp_policy_key(&record, &signature), SP_REASON_SERVICE_TYPE);
	record.hash_sha256 = false;
	cr_expect_eq(
		sp_policy_key(&record, &signature), SP_REASON_HASH_NOT_ALLOWED);
	record.key.type = SP_PKEY_ED25519;
	cr_expect_eq(sp_policy_key(&record, &signature),
		SP_REASON_ALGORITHM_MISMATCH);
	record.reason = SP_REASON_KEY_REVOKED;
	cr_expect_eq(sp_policy_key(&record, &signature), SP_REASON_KEY_REVOKED);
}

/* RFC 6376 3.6.1, h= */
Test(policy, the_hash_asked_for_is_the_one_that_is_used)
{
	struct sp_signature sha1 =
		signature_of(SP_ALGORITHM_RSA_SHA1, "@example.com");
	struct sp_keyrecord record = good_record;

	record.hash_sha256 = false;
	cr_expect_eq(sp_policy_key(&record, &sha1), SP_REASON_OK);
	record.hash_sha1 = false;
	cr_expect_eq(sp_policy_key(&record, &sha1), SP_REASON_HASH_NOT_ALLOWED);
}

/* RFC 6376 3.6.1, t=s; domains compare without case */
Test(policy, strict_keys_want_the_domain_itself)
{
	struct sp_signature signature =
		signature_of(SP_ALGORITHM_RSA_SHA256, "joe@EXAMPLE.com");
	struct sp_keyrecord record = good_record;

	record.strict = true;
	cr_expect_eq(sp_policy_key(&record, &signature), SP_REASON_OK);
	signature.identity = sp_span_str("@xexample.com");
	cr_expect_eq(
		sp_policy_key(&record, &signature), SP_REASON_KEY_SUBDOMAIN);
}

/* RFC 8301 3.1, 3.2; RFC 8463 */
/* Keys of an archive, and the clock of a message. */
Test(policy, keys_of_an_archive_have_their_time)
{
	struct sp_keyrecord record = good_record;

	record.first_seen = SP_TIME_NONE;
	cr_assert_eq(sp_policy_distance(&record, 5), 0, "it has no times");
	record.first_seen = 100;
	record.last_seen = 200;
	cr_assert_eq(sp_policy_distance(&record, 99), 1);
	cr_assert_eq(sp_policy_distance(&record, 100), 0);
	cr_assert_eq(sp_policy_distance(&record, 200), 0);
	cr_assert_eq(sp_policy_distance(&record, 203), 3);
	record.first_seen = INT64_MAX;
	record.last_seen = INT64_MAX;
	cr_assert_eq(sp_policy_distance(&record, INT64_MIN), UINT64_MAX);
}

Test(policy, a_revocation_counts_from_when_it_was_seen)
{
	struct sp_keyrecord records[2] = {good_record, good_record};
	struct sp_keyrecord *key = &records[0];

	records[1].reason = SP_REASON_KEY_REVOKED;
	records[1].first_seen = 300;
	records[1].last_seen = 400;
	key->first_seen = 100;
	key->last_seen = 200;
	cr_assert_not(sp_policy_revoked(key, records, 2, 150));
	cr_assert_not(sp_policy_revoked(key, records, 2, 299));
	cr_assert(sp_policy_revoked(key, records, 2, 300));
	cr_assert(sp_policy_revoked(key, records, 2, 1000));
	key->last_seen = 301;
	cr_assert_not(sp_policy_revoked(key, records, 2, 1000),
		"it was there again afterwards");
	key->last_seen = 200;
	records[1].reason = SP_REASON_KEY_SYNTAX;
	cr_assert_not(sp_policy_revoked(key, records, 2, 1000));
	key->first_seen = SP_TIME_NONE;
	records[1].reason = SP_REASON_KEY_REVOKED;
	cr_assert_not(sp_policy_revoked(key, records, 2, 1000),
		"the DNS knows no times");
}

Test(policy, weak_algorithms_and_keys_are_refused)
{
	static const struct {
		enum sp_algorithm algorithm;
		enum sp_pkey_type type;
		unsigned bits;
		enum sp_reason now;
		enum sp_reason before;
	} cases[] = {
		{SP_ALGORITHM_RSA_SHA256, SP_PKEY_RSA, 1024, SP_REASON_OK,
			SP_REASON_OK},
		{SP_ALGORITHM_RSA_SHA256, SP_PKEY_RSA, 1023,
			SP_REASON_KEY_TOO_SMALL, SP_REASON_OK},
		{SP_ALGORITHM_RSA_SHA256, SP_PKEY_RSA, 512,
			SP_REASON_KEY_TOO_SMALL, SP_REASON_OK},
		{SP_ALGORITHM_RSA_SHA256, SP_PKEY_RSA, 511,
			SP_REASON_KEY_TOO_SMALL, SP_REASON_KEY_TOO_SMALL},
		{SP_ALGORITHM_RSA_SHA1, SP_PKEY_RSA, 2048, SP_REASON_SHA1,
			SP_REASON_OK},
		{SP_ALGORITHM_RSA_SHA1, SP_PKEY_RSA, 511, SP_REASON_SHA1,
			SP_REASON_KEY_TOO_SMALL},
		{SP_ALGORITHM_ED25519_SHA256, SP_PKEY_ED25519, 256,
			SP_REASON_OK, SP_REASON_OK},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_pkey key = {
			.type = cases[i].type, .bits = cases[i].bits};

		cr_expect_eq(sp_policy_strength(SP_POLICY_RFC8301,
				     cases[i].algorithm, &key),
			cases[i].now, "case %zu", i);
		cr_expect_eq(sp_policy_strength(SP_POLICY_LEGACY,
				     cases[i].algorithm, &key),
			cases[i].before, "case %zu, before", i);
	}
}
