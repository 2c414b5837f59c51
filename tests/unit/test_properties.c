/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must hold for every message: what we sign we verify, any changed byte
 * that is covered fails, and nothing of the message changes.
 */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "tests/unit/post.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROUNDS 400u

static struct post post;
static struct sp_buffer mail; /* signed */
static struct sp_buffer text; /* not yet */
static uint64_t state;

static void setup(void)
{
	state = 20240229;
	post_open(&post);
}

static void teardown(void)
{
	post_close(&post);
	sp_buffer_free(&mail);
	sp_buffer_free(&text);
}

TestSuite(properties, .init = setup, .fini = teardown);

static unsigned draw(unsigned below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(state >> 33) % below;
}

static void add_line_end(bool crlf)
{
	sp_buffer_add_str(&text, crlf ? "\r\n" : "\n");
}

/* Words, blanks, 8-bit bytes; folded now and then. */
static void add_value(bool crlf)
{
	static const char bytes[] = "abcXYZ 019\t;:=|,.<>@\"()\xc3\xa9";

	for (unsigned i = draw(60); i > 0; i--) {
		if (draw(20) == 0) {
			sp_buffer_add_char(&text, 'x');
			add_line_end(crlf);
			sp_buffer_add_char(&text, draw(2) ? ' ' : '\t');
		}
		sp_buffer_add_char(&text, bytes[draw(sizeof(bytes) - 1)]);
	}
}

static void add_body(bool crlf)
{
	for (unsigned i = draw(40); i > 0; i--) {
		for (unsigned j = draw(8); j > 0; j--)
			sp_buffer_add_char(&text, "ab  \t\r.-"[draw(8)]);
		add_line_end(draw(8) ? crlf : !crlf);
	}
	if (draw(3) == 0)
		sp_buffer_add_str(&text, "unfinished");
}

/* A random message in text. */
static void make_message(void)
{
	static const char *const names[] = {"Subject", "To", "Cc", "Date",
		"Message-ID", "Received", "X-Spam", "subject", "Reply-To ",
		"DKIM-Signature"};
	bool crlf = draw(2);
	unsigned from = draw(5);

	sp_buffer_clear(&text);
	for (unsigned i = 0; i < 5; i++) {
		if (i == from) {
			sp_buffer_add_str(&text, "From: a@example.com");
			add_line_end(crlf);
		}
		sp_buffer_add_str(&text, names[draw(COUNT(names))]);
		sp_buffer_add_char(&text, ':');
		add_value(crlf);
		add_line_end(crlf);
	}
	add_line_end(crlf);
	add_body(crlf);
	cr_assert_eq(sp_buffer_status(&text), SP_OK);
}

static void draw_options(void)
{
	static const char *const headers[] = {
		"default", "opendkim", "ses", "all", "From:+Subject:To"};

	post_select(&post, headers[draw(COUNT(headers))], draw(2));
	post.sign.header_canon = draw(2) ? SP_CANON_RELAXED : SP_CANON_SIMPLE;
	post.sign.body_canon = draw(2) ? SP_CANON_RELAXED : SP_CANON_SIMPLE;
	post.sign.timestamp = draw(2) ? 999990 : SP_TIME_NONE;
	post.sign.expire_s = draw(2) ? 1000 : SP_TIME_NONE;
	post.sign.body_length = draw(3) ? SP_LENGTH_NONE : draw(200);
	post.sign.copied_headers = draw(2);
	post.sign.identity = draw(2) ? sp_span_str("j=;o e@sub.example.com")
				     : sp_span(NULL, 0);
}

static void add_keys(void)
{
	post_add_key(&post, "example.com", "rsa", SP_PKEY_RSA, 1024);
	post_add_key(&post, "example.com", "ed", SP_PKEY_ED25519, 0);
	post_add_key(&post, "example.com", "rsa2", SP_PKEY_RSA, 2048);
}

Test(properties, what_is_signed_verifies)
{
	add_keys();
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct sp_verify *verify;

		make_message();
		draw_options();
		sp_buffer_clear(&mail);
		post_sign_into(&post, &mail, sp_buffer_span(&text));
		verify = post_verify(&post, sp_buffer_span(&mail));
		cr_assert_geq(verify->count, 3);
		for (size_t i = 0; i < 3; i++)
			cr_assert_eq(verify->results[i].verdict, SP_PASS,
				"round %u #%zu: %s\n%.*s", round, i,
				sp_reason_name(verify->results[i].reason),
				(int)mail.size, mail.data);
	}
}

/* What stands above the message is only signature fields, one per key. */
Test(properties, nothing_but_the_new_fields_is_added)
{
	add_keys();
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct sp_message fields;
		const struct sp_sign *sign;
		enum sp_reason reason;

		make_message();
		draw_options();
		sign = post_sign(&post, sp_buffer_span(&text));
		cr_assert_eq(sign->reason, SP_REASON_OK);
		cr_assert_eq(sp_message_split(&fields, &post.arena,
				     sign->fields, NULL, &reason),
			SP_OK);
		cr_assert_eq(fields.field_count, 3);
		cr_assert_eq(fields.has_body, false);
		cr_assert_eq(fields.crlf, sign->message->crlf);
		for (size_t i = 0; i < 3; i++) {
			cr_expect(sp_span_is(
				fields.fields[i].name, "DKIM-Signature"));
			cr_expect_eq(fields.fields[i].raw.size,
				sign->items[i].field_bytes);
		}
		sp_buffer_clear(&mail);
		sp_buffer_add(&mail, sign->fields);
		sp_buffer_add(&mail, sp_buffer_span(&text));
		cr_assert_eq(sp_message_split(&fields, &post.arena,
				     sp_buffer_span(&mail), NULL, &reason),
			SP_OK);
		cr_assert_eq(fields.field_count, 3 + sign->message->field_count,
			"the fields do not run into the message");
	}
}

/* Lines of at most 77 bytes, except for a word that is longer by itself. */
Test(properties, signature_lines_stay_below_78_columns)
{
	add_keys();
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct sp_span rest;

		make_message();
		draw_options();
		rest = post_sign(&post, sp_buffer_span(&text))->fields;
		while (rest.data) {
			struct sp_span line = sp_span_split(&rest, '\n');

			if (line.size && line.data[line.size - 1] == '\r')
				line.size--;
			cr_assert_lt(line.size, 78, "%.*s", SP_SPAN_ARGS(line));
		}
	}
}

static const char small[] = "From: Joe <joe@example.com>\r\n"
			    "To: sue@example.net,\r\n"
			    "\tbob@example.net\r\n"
			    "Subject: hello\r\n"
			    "\r\n"
			    "Hi  you.\r\n"
			    "\r\n"
			    "Bye.\r\n";

/* RFC 6376 3.7: all but the value of b= is covered */
Test(properties, any_changed_bit_fails)
{
	size_t fields_bytes, covered;
	const char *b;

	post_add_key(&post, "example.com", "ed", SP_PKEY_ED25519, 0);
	post.sign.header_canon = SP_CANON_SIMPLE;
	post.sign.body_canon = SP_CANON_SIMPLE;
	post_sign_into(&post, &mail, sp_span_str(small));
	cr_assert_eq(
		post_verify(&post, sp_buffer_span(&mail))->verdict, SP_PASS);
	fields_bytes = mail.size - strlen(small);
	b = memmem(mail.data, fields_bytes, " b=", 3);
	cr_assert_not_null(b);
	covered = (size_t)(b - mail.data) + 3;
	for (size_t i = 0; i < mail.size; i++) {
		if (i >= covered && i < fields_bytes)
			continue;
		for (unsigned bit = 0; bit < 8; bit++) {
			mail.data[i] ^= (char)(1u << bit);
			cr_expect_neq(post_verify(&post, sp_buffer_span(&mail))
					      ->verdict,
				SP_PASS, "byte %zu, bit %u", i, bit);
			mail.data[i] ^= (char)(1u << bit);
		}
	}
}

/* RFC 6376 8.15 */
Test(properties, an_added_field_that_was_oversigned_fails)
{
	static const char *const added[] = {"From: eve@example.com\r\n",
		"Subject: you won\r\n", "to: all\r\n", "Cc: all\r\n",
		"Date: 1 Jan 1970 00:00:00 +0000\r\n", "Reply-To: eve\r\n"};
	size_t fields_bytes;
	size_t header_end =
		strlen(small) - strlen("\r\nHi  you.\r\n\r\nBye.\r\n");

	post_add_key(&post, "example.com", "ed", SP_PKEY_ED25519, 0);
	post_sign_into(&post, &mail, sp_span_str(small));
	fields_bytes = mail.size - strlen(small);
	for (size_t i = 0; i < COUNT(added); i++) {
		const size_t places[] = {
			0, fields_bytes, fields_bytes + header_end};

		for (size_t j = 0; j < COUNT(places); j++) {
			sp_buffer_clear(&text);
			sp_buffer_add(&text, sp_span(mail.data, places[j]));
			sp_buffer_add_str(&text, added[i]);
			sp_buffer_add(&text, sp_span(mail.data + places[j],
						     mail.size - places[j]));
			cr_expect_eq(post_verify(&post, sp_buffer_span(&text))
					     ->verdict,
				SP_FAIL, "%s at %zu", added[i], j);
		}
	}
}
