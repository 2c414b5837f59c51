/* SPDX-License-Identifier: Apache-2.0 */
/* Signing one message in steps (engine/sign.h). */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "tests/unit/post.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char plain[] = "From: Joe <joe@example.com>\r\n"
			    "Subject: a; b|c=d\r\n"
			    "To: sue@example.net\r\n"
			    "\r\n"
			    "Hi.\r\n";

static struct post post;

static void setup(void)
{
	post_open(&post);
}

static void teardown(void)
{
	post_close(&post);
}

TestSuite(sign, .init = setup, .fini = teardown);

static void add_ed25519(void)
{
	post_add_key(&post, "example.com", "ed", SP_PKEY_ED25519, 0);
}

/* The field that sign wrote as item i, parsed again. */
static struct sp_signature parse_item(const struct sp_sign *sign, size_t i)
{
	struct sp_message *message =
		SP_ARENA_NEW(&post.arena, struct sp_message);
	struct sp_signature signature;
	enum sp_reason reason;

	cr_assert_eq(sp_message_split(
			     message, &post.arena, sign->fields, NULL, &reason),
		SP_OK);
	cr_assert_gt(message->field_count, i);
	cr_assert_eq(message->fields[i].raw.size, sign->items[i].field_bytes);
	cr_assert_eq(sp_signature_parse(&signature, &post.arena,
			     &message->fields[i], &reason),
		SP_OK);
	cr_expect_eq(reason, SP_REASON_OK, "%s", sp_reason_name(reason));
	return signature;
}

static void expect_reason(const char *message, enum sp_reason reason)
{
	const struct sp_sign *sign = post_sign(&post, sp_span_str(message));

	cr_expect_eq(sign->reason, reason, "%s: %s", message,
		sp_reason_name(sign->reason));
	cr_expect_eq(sign->fields.size, 0);
}

/* RFC 6376 3.5 */
Test(sign, says_what_it_was_told_to_say)
{
	struct sp_signature signature;

	add_ed25519();
	post.sign.header_canon = SP_CANON_SIMPLE;
	post.sign.timestamp = 1234;
	post.sign.expire_s = 100;
	post.sign.identity = sp_span_str("joe@news.example.com");
	signature =
		parse_item(post_sign(&post, sp_span(plain, strlen(plain))), 0);
	cr_expect_eq(signature.algorithm, SP_ALGORITHM_ED25519_SHA256);
	cr_expect_eq(signature.header_canon, SP_CANON_SIMPLE);
	cr_expect_eq(signature.body_canon, SP_CANON_RELAXED);
	cr_expect(sp_span_is(signature.domain, "example.com"));
	cr_expect(sp_span_is(signature.selector, "ed"));
	cr_expect(sp_span_is(signature.identity, "joe@news.example.com"));
	cr_expect_eq(signature.timestamp, 1234);
	cr_expect_eq(signature.expiration, 1334);
	cr_expect_eq(signature.body_length, SP_LENGTH_NONE);
}

/* Verifiers compare i= with d= as both are written. */
Test(sign, writes_the_domain_of_an_identity_as_that_of_the_signature)
{
	static const struct {
		const char *given, *written;
	} cases[] = {
		{"joe@Example.com.", "joe@example.com"},
		{"@b\xc3\xbc"
		 "cher.example.com",
			"@xn--bcher-kva.example.com"},
		{"\"a@b\"@EXAMPLE.com", "\"a@b\"@example.com"},
	};

	add_ed25519();
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_signature signature;

		post.sign.identity = sp_span_str(cases[i].given);
		signature = parse_item(post_sign(&post, sp_span_str(plain)), 0);
		cr_expect(sp_span_is(signature.identity, cases[i].written),
			"%s: %.*s", cases[i].given,
			SP_SPAN_ARGS(signature.identity));
	}
}

Test(sign, expiry_without_timestamp_counts_from_now)
{
	struct sp_signature signature;

	add_ed25519();
	post.sign.expire_s = 50;
	signature =
		parse_item(post_sign(&post, sp_span(plain, strlen(plain))), 0);
	cr_expect_eq(signature.timestamp, SP_TIME_NONE);
	cr_expect_eq(signature.expiration, post.sign.now + 50);
}

/* RFC 6376 3.5, l=: never more than there is */
Test(sign, the_body_length_is_at_most_the_body)
{
	static const struct {
		uint64_t option, expected;
	} cases[] = {{0, 0}, {4, 4}, {5, 5}, {1000, 5}};

	add_ed25519();
	for (size_t i = 0; i < COUNT(cases); i++) {
		post.sign.body_length = cases[i].option;
		cr_expect_eq(parse_item(post_sign(&post,
						sp_span(plain, strlen(plain))),
				     0)
				     .body_length,
			cases[i].expected);
	}
}

/* RFC 6376 3.5, z= and 2.11 */
Test(sign, copied_headers_hold_the_signed_fields)
{
	const struct sp_sign *sign;
	struct sp_tags tags;
	struct sp_message message;
	const struct sp_tag *z;
	enum sp_reason reason;
	char text[256];
	size_t size = 0;

	add_ed25519();
	post_select(&post, "From:Subject:Date", false);
	post.sign.copied_headers = true;
	sign = post_sign(&post, sp_span_str("From: j@example.com\n"
					    "Subject: a;\n b|c=d\n"
					    "X-Other: no\n\nHi\n"));
	cr_assert_eq(sp_message_split(&message, &post.arena, sign->fields, NULL,
			     &reason),
		SP_OK);
	cr_assert_eq(sp_tags_parse(
			     &tags, sp_field_value_trimmed(&message.fields[0])),
		SP_REASON_OK);
	z = sp_tags_find(&tags, "z");
	cr_assert_not_null(z);
	/* Folding white space inside is ours. */
	for (size_t i = 0; i < z->value.size; i++)
		if (!sp_is_fws(z->value.data[i]))
			text[size++] = z->value.data[i];
	text[size] = '\0';
	cr_expect_str_eq(text, "From:=20j@example.com|"
			       "Subject:=20a=3B=0A=20b=7Cc=3Dd");
}

/* RFC 6376 3.5: folded with the message's own line ends */
Test(sign, writes_the_line_ends_of_the_message)
{
	const struct sp_sign *sign;
	size_t lines = 0;

	add_ed25519();
	sign = post_sign(&post, sp_span_str("From: j@example.com\n\nx\n"));
	cr_assert_eq(sign->reason, SP_REASON_OK);
	cr_expect_null(memchr(sign->fields.data, '\r', sign->fields.size));
	sign = post_sign(&post, sp_span(plain, strlen(plain)));
	for (size_t i = 0; i < sign->fields.size; i++) {
		if (sign->fields.data[i] != '\n')
			continue;
		lines++;
		cr_expect_eq(sign->fields.data[i - 1], '\r');
	}
	cr_expect_gt(lines, 2);
	cr_expect_eq(sign->fields.data[sign->fields.size - 1], '\n');
}

/* RFC 8463 section 3: several algorithms sign the same message */
Test(sign, several_keys_share_the_body_hash)
{
	const struct sp_sign *sign;

	post_add_key(&post, "example.com", "rsa", SP_PKEY_RSA, 1024);
	add_ed25519();
	sign = post_sign(&post, sp_span(plain, strlen(plain)));
	cr_assert_eq(sign->reason, SP_REASON_OK);
	cr_assert_eq(sign->item_count, 2);
	cr_expect_eq(sign->body_count, 1);
	cr_expect_eq(parse_item(sign, 0).algorithm, SP_ALGORITHM_RSA_SHA256);
	cr_expect_eq(
		parse_item(sign, 1).algorithm, SP_ALGORITHM_ED25519_SHA256);
	cr_expect_eq(sign->items[0].field_bytes + sign->items[1].field_bytes,
		sign->fields.size);
}

/* RFC 5322 3.6: exactly one From field */
Test(sign, a_message_without_one_sender_is_not_signed)
{
	add_ed25519();
	expect_reason("", SP_REASON_MESSAGE_EMPTY);
	expect_reason("\r\nno header\r\n", SP_REASON_MESSAGE_SYNTAX);
	expect_reason("Subject: x\r\n\r\nx\r\n", SP_REASON_FROM_MISSING);
	expect_reason("From: a@example.com\r\nFROM : b@example.com\r\n\r\n",
		SP_REASON_FROM_MULTIPLE);
}

/* RFC 5322 2.2.3: the line would become a part of the field above it */
Test(sign, a_message_that_begins_with_a_folded_line_is_not_signed)
{
	add_ed25519();
	expect_reason(" x\nFrom: a@example.com\n\n", SP_REASON_MESSAGE_SYNTAX);
	expect_reason("\tx\nFrom: a@example.com\n\n", SP_REASON_MESSAGE_SYNTAX);
	cr_expect_eq(post_sign(&post, sp_span_str("x\nFrom: a@example.com\n"))
			     ->reason,
		SP_REASON_OK);
}

Test(sign, a_sender_without_key_is_not_signed)
{
	expect_reason("From: a@example.com\n\n", SP_REASON_NO_KEY_FOR_SENDER);
	expect_reason("From: nobody\n\n", SP_REASON_FROM_SYNTAX);
}

/* RFC 6376 3.5, i= */
Test(sign, an_identity_outside_of_the_domain_is_not_signed)
{
	static const char *const outside[] = {"@example.net",
		"joe@xexample.com", "joe@com", "joe", "@a b.example.com",
		"@..example.com", "joe@"};

	add_ed25519();
	for (size_t i = 0; i < COUNT(outside); i++) {
		post.sign.identity = sp_span_str(outside[i]);
		expect_reason(plain, SP_REASON_DOMAIN_MISMATCH);
		cr_expect_eq(post.signing.body_count, 0);
	}
	post.sign.identity = sp_span_str("@EXAMPLE.com");
	cr_expect_eq(
		post_sign(&post, sp_span_str(plain))->reason, SP_REASON_OK);
}

Test(sign, more_fields_than_a_signature_may_name_are_not_signed)
{
	struct sp_buffer text = {0};

	add_ed25519();
	sp_buffer_add_str(&text, "From: a@example.com\n");
	for (size_t i = 0; i <= SP_HEADER_NAMES_MAX; i++)
		sp_buffer_add_str(&text, "To: b@example.com\n");
	cr_expect_eq(post_sign(&post, sp_buffer_span(&text))->reason,
		SP_REASON_TOO_MANY_NAMES);
	sp_buffer_free(&text);
}

Test(sign, a_signature_nobody_would_read_is_not_made)
{
	struct sp_buffer text = {0};

	add_ed25519();
	post.sign.copied_headers = true;
	sp_buffer_add_str(&text, "From: a@example.com\nSubject:");
	for (size_t i = 0; i <= SP_SIGNATURE_BYTES_MAX / 50; i++)
		sp_buffer_add_str(&text, " 12345678901234567890123456789012345"
					 "678901234567890\n");
	sp_buffer_add_str(&text, "\n");
	cr_expect_eq(post_sign(&post, sp_buffer_span(&text))->reason,
		SP_REASON_SIGNATURE_TOO_LARGE);
	sp_buffer_free(&text);
}

/* RFC 6376 5.6: what is signed already is signed on top */
Test(sign, a_signed_message_can_be_signed_again)
{
	struct sp_buffer once = {0};
	struct sp_buffer twice = {0};
	const struct sp_verify *verify;

	add_ed25519();
	post_sign_into(&post, &once, sp_span_str(plain));
	post_add_key(&post, "list.example", "l", SP_PKEY_ED25519, 0);
	post_sign_into(&post, &twice, sp_buffer_span(&once));
	verify = post_verify(&post, sp_buffer_span(&twice));
	cr_assert_eq(verify->count, 3);
	for (size_t i = 0; i < verify->count; i++)
		cr_expect_eq(verify->results[i].verdict, SP_PASS);
	sp_buffer_free(&once);
	sp_buffer_free(&twice);
}

/* No message leaves with some of its signatures. */
Test(sign, one_failed_signature_is_none)
{
	struct sp_sign *sign = &post.signing;

	add_ed25519();
	post_add_key(&post, "example.com", "ed2", SP_PKEY_ED25519, 0);
	post_sign(&post, sp_span_str(plain));
	cr_assert_eq(sign->reason, SP_REASON_OK);
	sign->items[1].job.outcome = SP_JOB_ERROR;
	sign->fields = sp_span(NULL, 0);
	cr_assert_eq(
		sp_sign_finish(sign, &post.arena, &post.stages.scratch), SP_OK);
	cr_expect_eq(sign->reason, SP_REASON_SIGNING_FAILED);
	cr_expect_eq(sign->fields.size, 0);
}
