/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of engine/authres.c (RFC 8601, RFC 6008). */
#include "engine/authres.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/unit/guard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sp_result result_of(
	enum sp_verdict verdict, enum sp_reason reason)
{
	return (struct sp_result){
		.verdict = verdict,
		.reason = reason,
		.domain = sp_span_str("example.com"),
		.selector = sp_span_str("s1"),
		.identity = sp_span_str("@example.com"),
		.b = sp_span_str("abcdefgh"),
		.algorithm = SP_ALGORITHM_RSA_SHA256,
		.key_bits = 2048,
	};
}

static void expect_text(const struct sp_result *results, size_t count,
	bool crlf, const char *expected)
{
	struct sp_buffer out = {0};

	sp_authres_write(
		&out, sp_span_str("mx.example.org"), results, count, crlf);
	cr_expect(sp_span_is(sp_buffer_span(&out), expected), "%.*s",
		SP_SPAN_ARGS(out));
	sp_buffer_free(&out);
}

/* 2.2; header.a and header.s: 2.7.1. */
Test(authres, says_what_was_found)
{
	struct sp_result results[] = {
		result_of(SP_PASS, SP_REASON_OK),
		result_of(SP_FAIL, SP_REASON_BODY_HASH),
	};

	expect_text(results, 1, false,
		"Authentication-Results: mx.example.org;\n"
		" dkim=pass (2048-bit key) header.d=example.com "
		"header.i=@example.com\n"
		" header.s=s1 header.a=rsa-sha256 header.b=abcdefgh\n");
	expect_text(results, 2, true,
		"Authentication-Results: mx.example.org;\r\n"
		" dkim=pass (2048-bit key) header.d=example.com "
		"header.i=@example.com\r\n"
		" header.s=s1 header.a=rsa-sha256 header.b=abcdefgh;\r\n"
		" dkim=fail (2048-bit key) reason=body-hash-mismatch "
		"header.d=example.com\r\n"
		" header.i=@example.com header.s=s1 header.a=rsa-sha256 "
		"header.b=abcdefgh\r\n");
	expect_text(NULL, 0, false,
		"Authentication-Results: mx.example.org; dkim=none\n");
}

Test(authres, leaves_out_what_is_not_known)
{
	struct sp_result result = {
		.verdict = SP_PERMERROR, .reason = SP_REASON_TAG_SYNTAX};

	expect_text(&result, 1, false,
		"Authentication-Results: mx.example.org;\n"
		" dkim=permerror reason=tag-syntax\n");
}

Test(authres, quotes_what_is_no_token)
{
	struct sp_result result = result_of(SP_PASS, SP_REASON_OK);

	result.key_bits = 0;
	result.domain = sp_span_str("a;b \"c\\d\"");
	result.identity = sp_span_str("joe@x@example.com");
	result.selector = sp_span_str("s=1");
	result.b = sp_span_str("ab/+cd==");
	expect_text(&result, 1, false,
		"Authentication-Results: mx.example.org;\n"
		" dkim=pass header.d=\"a;b \\\"c\\\\d\\\"\" "
		"header.i=\"joe@x@example.com\"\n"
		" header.s=\"s=1\" header.a=rsa-sha256 "
		"header.b=\"ab/+cd==\"\n");
}

/* RFC 8616 section 6 allows UTF-8, and that only. */
Test(authres, leaves_out_what_is_no_text)
{
	static const char *const foreign[] = {
		"b\xfc\x63her", "\302\23331m", "x\xc2", "\xed\xa0\x80"};
	struct sp_result result = result_of(SP_PASS, SP_REASON_OK);

	result.key_bits = 0;
	for (size_t i = 0; i < COUNT(foreign); i++) {
		result.selector = sp_span_str(foreign[i]);
		result.domain = sp_span_str("b\xc3\xbc\x63her.example");
		expect_text(&result, 1, false,
			"Authentication-Results: mx.example.org;\n"
			" dkim=pass header.d=b\xc3\xbc\x63her.example "
			"header.i=@example.com\n"
			" header.a=rsa-sha256 header.b=abcdefgh\n");
	}
}

/* Section 7.1: a value must not be able to make a second field. */
Test(authres, lets_no_value_break_out_of_the_field)
{
	struct sp_result result = result_of(SP_PASS, SP_REASON_OK);
	static const char *const evil[] = {
		"x\r\nX-Evil: 1",
		"x\nX-Evil: 1",
		"x\rX-Evil: 1",
		"x\r\n\r\nbody",
		"\r\n",
		"x\"; dkim=pass header.d=bank.example \"",
		"x\\",
		"(x",
		"x\x01\x1b[2J\x7f\ty",
	};

	for (size_t i = 0; i < COUNT(evil); i++) {
		struct sp_buffer out = {0};
		bool quoted = false;
		size_t lines = 0, semicolons = 0;

		result.domain = result.identity = result.selector = result.b =
			sp_span_str(evil[i]);
		sp_authres_write(
			&out, sp_span_str("mx.example.org"), &result, 1, true);
		for (size_t at = 0; at < out.size; at++) {
			char c = out.data[at];

			if (quoted && c == '\\') {
				at++;
			} else if (c == '"') {
				quoted = !quoted;
			} else if (c == '\n') {
				cr_expect_eq(out.data[at - 1], '\r');
				cr_expect(at + 1 == out.size ||
					  out.data[at + 1] == ' ');
				lines++;
			} else if (c != '\r') {
				cr_expect(
					(unsigned char)c >= 0x20 && c != 0x7f);
				semicolons += c == ';' && !quoted;
			}
		}
		cr_expect_not(quoted);
		cr_expect_eq(semicolons, 1);
		cr_expect_leq(lines, 6);
		sp_buffer_free(&out);
	}
}

Test(authres, drops_values_that_are_too_long_and_cuts_none)
{
	char text[SP_AUTHRES_VALUE_BYTES_MAX + 1];
	struct sp_result result = result_of(SP_PASS, SP_REASON_OK);
	struct sp_buffer out = {0};

	memset(text, '"', sizeof(text));
	result.domain = sp_span(text, sizeof(text));
	result.selector = sp_span(text, sizeof(text) - 1);
	sp_authres_write(
		&out, sp_span_str("mx.example.org"), &result, 1, false);
	sp_buffer_add_char(&out, '\0');
	cr_expect_null(strstr(out.data, "header.d"));
	cr_expect_not_null(strstr(out.data, "header.s=\"\\\""));
	sp_buffer_free(&out);
}

Test(authres, keeps_every_line_short)
{
	struct sp_result results[3];
	char text[60];

	memset(text, 'x', sizeof(text));
	for (size_t size = 1; size < sizeof(text); size++) {
		struct sp_buffer out = {0};
		struct sp_span rest;

		for (size_t i = 0; i < COUNT(results); i++) {
			results[i] = result_of(SP_FAIL, SP_REASON_SIGNATURE);
			results[i].domain = sp_span(text, size);
			results[i].b = sp_span(text, (size + i * 7) % 60);
		}
		sp_authres_write(&out, sp_span(text, size), results,
			COUNT(results), false);
		rest = sp_buffer_span(&out);
		while (rest.data)
			cr_expect_leq(sp_span_split(&rest, '\n').size, 77);
		sp_buffer_free(&out);
	}
}

Test(authres, knows_which_ids_can_stand)
{
	static const char *const good[] = {
		"mx.example.org", "mx1", "b\xc3\xbc\x63her.example", "a_b-c+d"};
	static const char *const bad[] = {"", " ", "a b", "a;b", "a\r\nb",
		"a=b", "\"a\"", "a/b", "(a)", "a\x7f", "a@b", "a\tb"};
	char longer[SP_AUTHRES_ID_BYTES_MAX + 1];

	for (size_t i = 0; i < COUNT(good); i++)
		cr_expect(sp_authres_id_valid(sp_span_str(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		cr_expect_not(sp_authres_id_valid(sp_span_str(bad[i])));
	memset(longer, 'a', sizeof(longer));
	cr_expect(sp_authres_id_valid(sp_span(longer, sizeof(longer) - 1)));
	cr_expect_not(sp_authres_id_valid(sp_span(longer, sizeof(longer))));
	cr_expect_not(sp_authres_id_valid(sp_span("a\0b", 3)));
}

static bool forged(const char *name, const char *value)
{
	size_t size = strlen(value);
	char *copy = guard_copy(value, size);
	struct sp_field field = {
		.name = sp_span_str(name), .value = sp_span(copy, size)};
	bool answer = sp_authres_forged(&field, sp_span_str("mx.example.org"));

	guard_free(copy, size);
	return answer;
}

/* Section 5 */
Test(authres, finds_fields_that_claim_to_be_ours)
{
	static const char *const cases[] = {
		" mx.example.org; dkim=pass\r\n",
		"mx.example.org;",
		" MX.Example.ORG ; none",
		" (comment (nested \\) )) mx.example.org(x) 1 ;",
		"\r\n\tmx.example.org\r\n ;\r\n dkim=pass",
		" \"mx.example.org\"; dkim=pass",
		" \"mx\\.example.org\"; dkim=pass",
		" \"mx.exam\r\nple.org\"; dkim=pass",
		" mx.example.org 1; dkim=pass",
		" mx.example.org",
		" mx.example.org.; dkim=pass",
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect(forged("authentication-RESULTS", cases[i]), "%s",
			cases[i]);
}

Test(authres, counts_fields_it_cannot_read_as_forged)
{
	static const char *const cases[] = {"", "\r\n", ";", " ; dkim=pass",
		" spf=pass smtp.mailfrom=x; dkim=pass", " (open mx.other.org;",
		" \"open; dkim=pass", " mx.other.org dkim=pass",
		" mx.other.org/1; dkim=pass", " @; x", " other (", "\"",
		"\"\\"};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect(forged("Authentication-Results", cases[i]), "%s",
			cases[i]);
}

Test(authres, leaves_the_fields_of_others)
{
	static const char *const cases[] = {
		" mx.other.org; dkim=pass",
		" mx.example.org.evil.example; dkim=pass",
		" xmx.example.org; dkim=pass",
		" mx.other.org 1; dkim=pass",
		" (mx.example.org) mx.other.org; dkim=pass",
		" \"mx.other.org\" (x) ; mx.example.org",
		" mx.other.org",
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_not(forged("Authentication-Results", cases[i]), "%s",
			cases[i]);
	cr_expect_not(forged("ARC-Authentication-Results", "mx.example.org;"));
	cr_expect_not(forged("X", ""));
}
