/* SPDX-License-Identifier: Apache-2.0 */
/* Verdicts on messages (engine/verify.h). */
#include <criterion/criterion.h>

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

TestSuite(verify, .init = setup, .fini = teardown);

Test(verify, what_was_signed_passes)
{
	const struct sp_result *result;
	const struct sp_verify *verify;

	post_sign_plain(&post);
	verify = post_verify(&post, sp_buffer_span(&post.mail));
	result = &verify->results[0];
	cr_expect_eq(verify->verdict, SP_PASS);
	cr_expect_eq(verify->reason, SP_REASON_OK);
	cr_expect(sp_span_is(verify->from_domain, "example.com"));
	post_expect(result, SP_PASS, SP_REASON_OK, "signed");
	cr_expect(sp_span_is(result->domain, "example.com"));
	cr_expect(sp_span_is(result->selector, "s"));
	cr_expect(sp_span_is(result->identity, "@example.com"));
	cr_expect_eq(result->b.size, 8);
	cr_expect_eq(result->key_bits, 256);
	cr_expect_eq(result->key_source, SP_KEY_SOURCE_FILE);
	cr_expect_eq(result->body_hash, SP_BODY_HASH_MATCH);
	cr_expect_eq(result->body_length, SP_LENGTH_NONE);
	cr_expect_eq(result->body_total, SP_LENGTH_NONE);
	cr_expect_eq(result->alignment, SP_ALIGNED_STRICT);
	cr_expect_not(result->legacy);
	cr_expect_not(result->key_testing);
	cr_expect_not(result->future);
}

Test(verify, a_message_without_signature_has_no_verdict)
{
	static const struct {
		const char *text;
		enum sp_verdict verdict;
		enum sp_reason reason;
	} cases[] = {
		{post_plain, SP_NONE, SP_REASON_NO_SIGNATURE},
		{"", SP_NONE, SP_REASON_MESSAGE_EMPTY},
		{"\r\n\r\n", SP_NONE, SP_REASON_MESSAGE_SYNTAX},
		{"From: a@b\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", SP_PERMERROR,
			SP_REASON_TOO_MANY_FIELDS},
	};

	post.limits.fields_max = 3;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sp_verify *verify =
			post_verify(&post, sp_span_str(cases[i].text));

		cr_expect_eq(verify->verdict, cases[i].verdict, "%zu", i);
		cr_expect_eq(verify->reason, cases[i].reason, "%zu", i);
		cr_expect_eq(verify->count, 0);
	}
}

/* docs/DESIGN.md, "Verdicts": the first fault of this order is named */
Test(verify, the_first_fault_in_order_names_the_verdict)
{
	static const struct {
		const char *tags;
		enum sp_reason reason;
		enum sp_body_hash body_hash;
	} cases[] = {
		{"v=2; a=x; =;", SP_REASON_TAG_SYNTAX,
			SP_BODY_HASH_NOT_CHECKED},
		{"v=1; v=1; a=x", SP_REASON_TAG_DUPLICATE,
			SP_BODY_HASH_NOT_CHECKED},
		{"v=2; a=x", SP_REASON_VERSION, SP_BODY_HASH_NOT_CHECKED},
		{"v=0.5; a=rsa-sha256; bh=" POST_PLAIN_BH, SP_REASON_VERSION,
			SP_BODY_HASH_MATCH},
		{"v=1; a=x; c=y; d=z.example", SP_REASON_TAG_MISSING,
			SP_BODY_HASH_NOT_CHECKED},
		{"v=1; a=rsa-sha256; c=y; bh=" POST_PLAIN_BH,
			SP_REASON_TAG_MISSING, SP_BODY_HASH_NOT_CHECKED},
		{"v=1; a=rsa-sha256; l=x; bh=" POST_PLAIN_BH,
			SP_REASON_TAG_MISSING, SP_BODY_HASH_NOT_CHECKED},
		{"v=1; a=rsa-sha256; bh=" POST_PLAIN_BH, SP_REASON_TAG_MISSING,
			SP_BODY_HASH_MATCH},
		{"v=1; a=x; c=y; d=b.example; s=s; h=to; i=@q.example; "
		 "bh=" POST_PLAIN_BH "; b=AAAA",
			SP_REASON_ALGORITHM, SP_BODY_HASH_NOT_CHECKED},
		{"v=1; a=rsa-sha256; c=y; d=b.example; s=s; h=to; "
		 "i=@q.example; bh=" POST_PLAIN_BH "; b=AAAA",
			SP_REASON_CANON, SP_BODY_HASH_NOT_CHECKED},
		{"v=1; a=rsa-sha256; d=b.example; s=s; h=to; i=@q.example; "
		 "q=y; bh=" POST_PLAIN_BH "; b=AAAA",
			SP_REASON_DOMAIN_MISMATCH, SP_BODY_HASH_MATCH},
		{"v=1; a=rsa-sha256; d=b.example; s=s; h=to; q=y; x=1; "
		 "bh=" POST_PLAIN_BH "; b=AAAA",
			SP_REASON_FROM_NOT_SIGNED, SP_BODY_HASH_MATCH},
		{"v=1; a=rsa-sha256; d=b.example; s=s; h=from; q=y; x=1; "
		 "bh=" POST_PLAIN_BH "; b=AAAA",
			SP_REASON_QUERY, SP_BODY_HASH_MATCH},
		{"v=1; a=rsa-sha256; d=b.example; s=s; h=from; t=2; x=1; "
		 "bh=" POST_PLAIN_BH "; b=AAAA",
			SP_REASON_EXPIRY_ORDER, SP_BODY_HASH_MATCH},
		{"v=1; a=rsa-sha256; d=b.example; s=s; h=from; x=1; "
		 "bh=" POST_PLAIN_BH "; b=AAAA",
			SP_REASON_EXPIRED, SP_BODY_HASH_MATCH},
		{"v=1; a=rsa-sha1; d=b.example; s=s; h=from; l=99; "
		 "bh=" POST_PLAIN_BH "; b=AAAA",
			SP_REASON_KEY_NOT_FOUND, SP_BODY_HASH_NOT_CHECKED},
		{"v=1; a=rsa-sha256; d=b.example; s=s; h=from; bh=AAAA; "
		 "b=AAAA",
			SP_REASON_KEY_NOT_FOUND, SP_BODY_HASH_MISMATCH},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sp_result *result;

		sp_buffer_clear(&post.mail);
		sp_buffer_add_format(&post.mail, "DKIM-Signature: %s\r\n%s",
			cases[i].tags, post_plain);
		result = post_result(&post);
		post_expect(
			result, SP_PERMERROR, cases[i].reason, cases[i].tags);
		cr_expect_eq(result->body_hash, cases[i].body_hash, "%s",
			cases[i].tags);
	}
}

static uint64_t public_key_steps(void)
{
	const struct sp_lanes_stats *stats = sp_lanes_stats(post.stages.lanes);

	return stats->verified_rsa + stats->verified_ed25519;
}

/* RFC 6376 6.1.3 */
Test(verify, a_changed_body_fails_without_a_public_key_step)
{
	uint64_t before;

	post_sign_plain(&post);
	post_change(&post, "Hi.\r\n", "Ho.\r\n");
	before = public_key_steps();
	post_expect(post_result(&post), SP_FAIL, SP_REASON_BODY_HASH, "body");
	cr_expect_eq(post_result(&post)->body_hash, SP_BODY_HASH_MISMATCH);
	cr_expect_eq(post_result(&post)->key_bits, 256);
	cr_expect_eq(public_key_steps(), before);
}

Test(verify, a_changed_header_fails)
{
	post_sign_plain(&post);
	post_change(&post, "Subject: hello", "Subject: hallo");
	post_expect(post_result(&post), SP_FAIL, SP_REASON_SIGNATURE, "header");
	cr_expect_eq(post_result(&post)->body_hash, SP_BODY_HASH_MATCH);
}

/* RFC 6376 3.5, l= */
Test(verify, a_body_length_covers_what_it_says)
{
	post.sign.body_length = 1000;
	post_sign_plain(&post);
	sp_buffer_add_str(&post.mail, "An advertisement.\r\n");
	post_expect(post_result(&post), SP_PASS, SP_REASON_OK, "longer body");
	cr_expect_eq(post_result(&post)->body_length, 5);
	cr_expect_eq(post_result(&post)->body_total, 24);
	post_sign_plain(&post);
	post.mail.size -= strlen(".\r\n");
	post_expect(post_result(&post), SP_PERMERROR, SP_REASON_BODY_LENGTH,
		"shorter body");
	cr_expect_eq(post_result(&post)->body_total, 4);
	cr_expect_eq(post_result(&post)->body_hash, SP_BODY_HASH_NOT_CHECKED);
}

/* RFC 6376 3.5, x= and t= */
Test(verify, the_clock_decides_about_expiry)
{
	post.sign.timestamp = 1000;
	post.sign.expire_s = 100;
	post_sign_plain(&post);
	post.verify.now = 1100;
	post_expect(post_result(&post), SP_PASS, SP_REASON_OK, "last second");
	post.verify.now = 1101;
	post_expect(post_result(&post), SP_PERMERROR, SP_REASON_EXPIRED,
		"too late");
	cr_expect_not(post_result(&post)->future);
	post.verify.now = 999;
	post_expect(post_result(&post), SP_PASS, SP_REASON_OK, "too early");
	cr_expect(post_result(&post)->future);
}

Test(verify, the_message_can_be_its_own_clock)
{
	static const char dated[] = "From: joe@example.com\n"
				    "Date: 1 Jan 1970 00:01:40 +0000\n\n";

	post_add_key(&post, "example.com", "s", SP_PKEY_ED25519, 0);
	post.verify.clock_message = true;
	post.verify.now = 1000000;
	post.sign.now = 0;
	post.sign.expire_s = 100;
	post_sign_into(&post, &post.mail, sp_span_str(dated));
	post_expect(post_result(&post), SP_PASS, SP_REASON_OK, "Date at x=");
	post_change(&post, "00:01:40", "00:01:41");
	post_expect(post_result(&post), SP_PERMERROR, SP_REASON_EXPIRED,
		"Date after x=");
	post_change(&post, "Jan 1970 00:01:41", "Jan 1970 whenever");
	post_expect(post_result(&post), SP_FAIL, SP_REASON_SIGNATURE,
		"no Date: by x=, and not by now");
	post.sign.timestamp = 50;
	post_sign_plain(&post);
	post_expect(post_result(&post), SP_PASS, SP_REASON_OK, "t=");
}

static void add_signatures(size_t count)
{
	post_sign_plain(&post);
	for (size_t i = 1; i < count; i++) {
		struct sp_buffer more = {0};

		sp_buffer_add(&more,
			post_sign(&post, sp_span_str(post_plain))->fields);
		sp_buffer_add(&more, sp_buffer_span(&post.mail));
		sp_buffer_free(&post.mail);
		post.mail = more;
	}
}

Test(verify, signatures_past_the_limit_cost_nothing)
{
	const struct sp_verify *verify;
	struct sp_keycache_stats stats;

	add_signatures(5);
	post.verify.signatures_max = 2;
	post.verify.historical = true;
	verify = post_verify(&post, sp_buffer_span(&post.mail));
	cr_assert_eq(verify->count, 5);
	for (size_t i = 0; i < 5; i++) {
		const struct sp_result *result = &verify->results[i];

		if (i < 2)
			post_expect(result, SP_PASS, SP_REASON_OK, "within");
		else
			post_expect(result, SP_POLICY,
				SP_REASON_TOO_MANY_SIGNATURES, "past");
		cr_expect_eq(result->legacy_verdict, result->verdict);
		cr_expect(sp_span_is(result->domain, "example.com"));
	}
	cr_expect_eq(public_key_steps(), 2);
	sp_keycache_stats(post.keys, &stats);
	cr_expect_leq(stats.hits + stats.misses, 2);
}

Test(verify, only_so_many_signatures_are_listed)
{
	for (size_t i = 0; i < SP_SIGNATURES_LISTED_MAX + 5; i++)
		sp_buffer_add_str(&post.mail, "DKIM-Signature: v=1\r\n");
	sp_buffer_add_str(&post.mail, post_plain);
	cr_expect_eq(post_verify(&post, sp_buffer_span(&post.mail))->count,
		SP_SIGNATURES_LISTED_MAX);
}

Test(verify, the_best_signature_speaks_for_the_message)
{
	static const char broken[] = "DKIM-Signature: v=1\r\n";

	post_sign_plain(&post);
	for (int first = 0; first < 2; first++) {
		size_t good_bytes = post.mail.size - strlen(post_plain);
		struct sp_buffer both = {0};
		const struct sp_verify *verify;

		if (first)
			sp_buffer_add_str(&both, broken);
		sp_buffer_add(&both, sp_span(post.mail.data, good_bytes));
		if (!first)
			sp_buffer_add_str(&both, broken);
		sp_buffer_add_str(&both, post_plain);
		verify = post_verify(&post, sp_buffer_span(&both));
		cr_assert_eq(verify->count, 2);
		cr_expect_eq(verify->verdict, SP_PASS);
		cr_expect_eq(verify->reason, SP_REASON_OK);
		post_expect(&verify->results[first ? 0 : 1], SP_PERMERROR,
			SP_REASON_TAG_MISSING, "broken");
		sp_buffer_free(&both);
	}
}

/* RFC 7489 3.1.1 */
Test(verify, alignment_compares_the_domain_with_from)
{
	static const struct {
		const char *from;
		enum sp_alignment alignment;
	} cases[] = {
		{"joe@EXAMPLE.com", SP_ALIGNED_STRICT},
		{"joe@news.example.com", SP_ALIGNED_RELAXED},
		{"joe@example.net", SP_ALIGNED_NO},
	};

	post_add_key(&post, "example.com", "s", SP_PKEY_ED25519, 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[128];

		snprintf(text, sizeof(text), "From: %s\n\nHi\n", cases[i].from);
		sp_buffer_clear(&post.mail);
		post_sign_into(&post, &post.mail, sp_span_str(text));
		post_expect(post_result(&post), SP_PASS, SP_REASON_OK, text);
		cr_expect_eq(post_result(&post)->alignment, cases[i].alignment,
			"%s", text);
	}
}

/* RFC 6376 3.5, h=: never the field itself, but maybe those below it */
Test(verify, a_signature_may_cover_other_signatures)
{
	struct sp_buffer twice = {0};

	post_add_key(&post, "example.com", "s", SP_PKEY_ED25519, 0);
	post_select(&post, "From:+DKIM-Signature", false);
	post_sign_into(&post, &post.mail, sp_span_str(post_plain));
	post_expect(post_result(&post), SP_PASS, SP_REASON_OK, "alone");
	post_sign_into(&post, &twice, sp_buffer_span(&post.mail));
	/* The lower one was oversigned: one more above it breaks it. */
	cr_expect_eq(
		post_verify(&post, sp_buffer_span(&twice))->results[0].verdict,
		SP_PASS);
	cr_expect_eq(post.verifying.results[1].verdict, SP_FAIL);
	sp_buffer_free(&post.mail);
	post.mail = twice;
	post_change(&post, "s=s;", "S=s;");
	post_expect(&post_verify(&post, sp_buffer_span(&post.mail))->results[0],
		SP_PERMERROR, SP_REASON_TAG_MISSING, "upper one changed");
}
