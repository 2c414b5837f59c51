/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures against key records and RFC 8301 (engine/check.h). */
#include <criterion/criterion.h>

#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/post.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct post post;

static void setup(void)
{
	post_open(&post);
}

static void teardown(void)
{
	post_close(&post);
}

TestSuite(check, .init = setup, .fini = teardown);

static uint64_t public_key_steps(void)
{
	const struct sp_lanes_stats *stats = sp_lanes_stats(post.stages.lanes);

	return stats->verified_rsa + stats->verified_ed25519;
}

#define RSA_1024 \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6" \
	"Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/" \
	"e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G" \
	"+2kryOTIKT+l/K4w3QIDAQAB"

/* The p= value of the one key that is published. */
static const char *published_key(void)
{
	static char value[45];
	const char *p;

	cr_assert_eq(sp_buffer_status(&post.zone), SP_OK);
	p = memmem(post.zone.data, post.zone.size, "p=", 2);
	cr_assert_not_null(p);
	snprintf(value, sizeof(value), "%.44s", p + 2);
	return value;
}

/* Publishes the lines of records, with "@" standing for key. */
static void publish_only(const char *records, const char *key)
{
	struct sp_span rest = sp_span_str(records);
	struct sp_buffer zone = {0};

	while (rest.data) {
		struct sp_span record = sp_span_split(&rest, '\n');

		sp_buffer_add_str(&zone, "s._domainkey.example.com\t");
		sp_buffer_add(&zone, sp_span_split(&record, '@'));
		if (record.data)
			sp_buffer_add_str(&zone, key);
		sp_buffer_add_char(&zone, '\n');
	}
	post_publish_only(&post, sp_buffer_span(&zone));
	sp_buffer_free(&zone);
}

/* RFC 6376 6.1.2; "@" is the right key */
Test(check, key_records_with_a_fault_name_it)
{
	static const struct {
		const char *records;
		enum sp_verdict verdict;
		enum sp_reason reason;
	} cases[] = {
		{"!NXDOMAIN", SP_PERMERROR, SP_REASON_KEY_NOT_FOUND},
		{"!SERVFAIL", SP_TEMPERROR, SP_REASON_DNS_FAILURE},
		{"!TIMEOUT", SP_TEMPERROR, SP_REASON_DNS_TIMEOUT},
		{"v=DKIM1; k=ed25519; p=", SP_PERMERROR, SP_REASON_KEY_REVOKED},
		{"v=DKIM2; k=ed25519; p=@", SP_PERMERROR,
			SP_REASON_KEY_VERSION},
		{"k=ed25519; p=AAAA", SP_PERMERROR, SP_REASON_KEY_SYNTAX},
		{"v=spf1 -all", SP_PERMERROR, SP_REASON_KEY_VERSION},
		{"k=rsa; p=" RSA_1024, SP_PERMERROR,
			SP_REASON_ALGORITHM_MISMATCH},
		{"k=ed25519; h=sha1; p=@", SP_PERMERROR,
			SP_REASON_HASH_NOT_ALLOWED},
		{"k=ed25519; s=tlsrpt; p=@", SP_PERMERROR,
			SP_REASON_SERVICE_TYPE},
		{"k=ed25519; t=s; p=@", SP_PERMERROR, SP_REASON_KEY_SUBDOMAIN},
		{"k=ed25519; t=y; g=nobody; n=note; p=@", SP_PASS,
			SP_REASON_OK},
	};
	const char *key;

	post.sign.identity = sp_span_str("joe@news.example.com");
	post_sign_plain(&post);
	key = published_key();
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sp_result *result;

		publish_only(cases[i].records, key);
		result = post_result(&post);
		post_expect(result, cases[i].verdict, cases[i].reason,
			cases[i].records);
		cr_expect_eq(result->body_hash, SP_BODY_HASH_MATCH);
		cr_expect_eq(result->key_testing, i + 1 == COUNT(cases));
		cr_expect_eq(result->key_bits,
			cases[i].verdict == SP_PASS ? 256 : 0);
	}
}

/* RFC 6376 3.6.2.2 leaves several records open: each of them is tried */
Test(check, any_of_several_records_may_fit)
{
#define OTHER "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	static const struct {
		const char *records;
		enum sp_reason reason;
	} cases[] = {
		{OTHER "\nk=ed25519; p=@", SP_REASON_OK},
		{"k=rsa; p=" RSA_1024 "\n" OTHER "\nv=spf1\nk=ed25519; p=@",
			SP_REASON_OK},
		{OTHER "\nk=rsa; p=" RSA_1024, SP_REASON_SIGNATURE},
		{"k=rsa; p=" RSA_1024 "\nk=ed25519; p=", SP_REASON_KEY_REVOKED},
		{"k=ed25519; p=\nk=ed25519; s=x; p=@", SP_REASON_KEY_REVOKED},
	};
	const char *key;

	post_sign_plain(&post);
	key = published_key();
	for (size_t i = 0; i < COUNT(cases); i++) {
		publish_only(cases[i].records, key);
		cr_expect_eq(post_result(&post)->reason, cases[i].reason,
			"%zu: %s", i,
			sp_reason_name(post_result(&post)->reason));
	}
	/* The record that fits is the one that is described. */
	publish_only(OTHER "\nk=ed25519; t=y; p=@", key);
	cr_expect(post_result(&post)->key_testing);
	publish_only("t=y; " OTHER "\nk=ed25519; p=@", key);
	cr_expect_not(post_result(&post)->key_testing);
}

/* A private RSA key that is too small to be loaded for signing. */
static struct sp_pkey small_key(unsigned bits)
{
	static uint64_t id = UINT64_C(1) << 63;
	EVP_PKEY *evp = EVP_RSA_gen(bits);

	cr_assert_not_null(evp);
	return (struct sp_pkey){
		.type = SP_PKEY_RSA,
		.bits = bits,
		.signature_bytes = bits / 8,
		.private_half = true,
		.id = id++,
		.evp = evp,
	};
}

/* Signs plain by hand with what nobody may use any more, into mail. */
static void forge(enum sp_algorithm algorithm, const struct sp_pkey *key)
{
	static const struct sp_span names[] = {{"From", 4}};
	struct sp_body_digest body = {
		.limit = SP_LENGTH_NONE,
		.algorithm = sp_algorithm_digest(algorithm),
	};
	const struct sp_body_job body_job = {sp_span_str("Hi.\r\n"), &body};
	struct sp_signature_fields fields = {
		.algorithm = algorithm,
		.domain = sp_span_str("example.com"),
		.selector = sp_span_str("s"),
		.names = names,
		.name_count = 1,
		.body_hash =
			sp_span(body.digest, sp_digest_bytes(body.algorithm)),
		.body_length = SP_LENGTH_NONE,
		.timestamp = SP_TIME_NONE,
		.expiration = SP_TIME_NONE,
		.crlf = true,
	};
	unsigned char signature[SP_PKEY_SIGNATURE_BYTES_MAX];
	struct sp_digest_job header = {.algorithm = body.algorithm};
	struct sp_digest_job *header_job = &header;
	struct sp_buffer input = {0};
	struct sp_job job = {
		.kind = SP_JOB_SIGN,
		.key = key,
		.hash = header.algorithm,
		.digest = header.digest,
		.digest_size = sp_digest_bytes(header.algorithm),
		.signature = signature,
		.signature_size = key->signature_bytes,
	};

	cr_assert_eq(
		sp_bodyhash_run(post.stages.bodyhash, &body_job, 1), SP_OK);
	sp_buffer_clear(&post.mail);
	sp_signature_write(&post.mail, &fields);
	/* simple: From and the field are hashed as they are. */
	sp_buffer_add_str(&input, "From: Joe <joe@example.com>\r\n");
	sp_buffer_add(&input, sp_buffer_span(&post.mail));
	header.input = sp_buffer_span(&input);
	cr_assert_eq(sp_hasher_run(sp_bodyhash_hasher(post.stages.bodyhash),
			     &header_job, 1),
		SP_OK);
	sp_lanes_submit(post.stages.lanes, &job);
	sp_lanes_run(post.stages.lanes);
	cr_assert_eq(job.outcome, SP_JOB_DONE);
	sp_signature_write_b(
		&post.mail, 0, sp_span(signature, job.signature_size), true);
	sp_buffer_add_str(&post.mail, post_plain);
	sp_buffer_free(&input);
}

static void publish_key(const struct sp_pkey *key)
{
	struct sp_buffer record = {0};

	cr_assert_eq(sp_keyrecord_write(&record, key), SP_OK);
	sp_buffer_add_char(&record, '\0');
	publish_only(record.data, "");
	sp_buffer_free(&record);
}

/* RFC 8301 3.1, 3.2 */
Test(check, weak_signatures_are_policy_and_have_a_legacy_verdict)
{
	static const struct {
		enum sp_algorithm algorithm;
		unsigned bits;
		enum sp_reason reason;
		enum sp_reason legacy;
	} cases[] = {
		{SP_ALGORITHM_RSA_SHA1, 1024, SP_REASON_SHA1, SP_REASON_OK},
		{SP_ALGORITHM_RSA_SHA1, 768, SP_REASON_SHA1, SP_REASON_OK},
		{SP_ALGORITHM_RSA_SHA256, 768, SP_REASON_KEY_TOO_SMALL,
			SP_REASON_OK},
		{SP_ALGORITHM_RSA_SHA256, 512, SP_REASON_KEY_TOO_SMALL,
			SP_REASON_OK},
		{SP_ALGORITHM_RSA_SHA256, 1024, SP_REASON_OK, SP_REASON_OK},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_pkey key = small_key(cases[i].bits);
		const struct sp_result *result;
		uint64_t before;

		forge(cases[i].algorithm, &key);
		publish_key(&key);
		post.verify.historical = false;
		before = public_key_steps();
		result = post_result(&post);
		cr_expect_eq(result->reason, cases[i].reason, "%zu: %s", i,
			sp_reason_name(result->reason));
		cr_expect_eq(result->key_bits, cases[i].bits);
		cr_expect_eq(result->body_hash, SP_BODY_HASH_MATCH);
		cr_expect_eq(public_key_steps() - before,
			cases[i].reason == SP_REASON_OK);
		post.verify.historical = true;
		result = post_result(&post);
		cr_expect(result->legacy);
		cr_expect_eq(result->reason, cases[i].reason);
		cr_expect_eq(result->legacy_reason, cases[i].legacy, "%zu: %s",
			i, sp_reason_name(result->legacy_reason));
		post_change(&post, "Hi.\r\n", "Ho.\r\n");
		result = post_result(&post);
		cr_expect_eq(result->legacy_verdict, SP_FAIL);
		cr_expect_eq(result->legacy_reason, SP_REASON_BODY_HASH);
		cr_expect_eq(result->reason, cases[i].reason
						     ? cases[i].reason
						     : SP_REASON_BODY_HASH);
		sp_pkey_free(&key);
	}
}

static void publish_both(const struct sp_pkey *a, const struct sp_pkey *b)
{
	struct sp_buffer records = {0};

	cr_assert_eq(sp_keyrecord_write(&records, a), SP_OK);
	sp_buffer_add_char(&records, '\n');
	cr_assert_eq(sp_keyrecord_write(&records, b), SP_OK);
	sp_buffer_add_char(&records, '\0');
	publish_only(records.data, "");
	sp_buffer_free(&records);
}

/* A weak record does not spoil a strong one beside it, nor profit from it. */
Test(check, weak_and_strong_records_are_kept_apart)
{
	struct sp_pkey weak = small_key(768);
	struct sp_pkey strong = small_key(1024);

	post.verify.historical = true;
	for (int order = 0; order < 2; order++) {
		publish_both(order ? &weak : &strong, order ? &strong : &weak);
		forge(SP_ALGORITHM_RSA_SHA256, &strong);
		post_expect(
			post_result(&post), SP_PASS, SP_REASON_OK, "strong");
		cr_expect_eq(post_result(&post)->legacy_verdict, SP_PASS);
		cr_expect_eq(post_result(&post)->key_bits, 1024);
		forge(SP_ALGORITHM_RSA_SHA256, &weak);
		post_expect(post_result(&post), SP_FAIL, SP_REASON_SIGNATURE,
			"weak");
		cr_expect_eq(post_result(&post)->legacy_verdict, SP_PASS);
	}
	sp_pkey_free(&weak);
	sp_pkey_free(&strong);
}

/* Key faults come before RFC 8301 */
Test(check, the_fault_of_a_key_comes_before_policy)
{
	struct sp_pkey key = small_key(1024);

	forge(SP_ALGORITHM_RSA_SHA1, &key);
	publish_only("v=DKIM1; p=", "");
	post_expect(post_result(&post), SP_PERMERROR, SP_REASON_KEY_REVOKED,
		"revoked");
	publish_only("v=DKIM1; h=sha256; p=" RSA_1024, "");
	post_expect(post_result(&post), SP_PERMERROR,
		SP_REASON_HASH_NOT_ALLOWED, "h=");
	sp_pkey_free(&key);
}
