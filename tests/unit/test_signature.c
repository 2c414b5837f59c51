/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of engine/signature.c (RFC 6376 3.5, 6.1.1). */
#include "engine/signature.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/guard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sp_arena arena;
static struct sp_signature signature;

static void release(void)
{
	sp_arena_free(&arena);
}

TestSuite(signature, .fini = release);

/* Parses "DKIM-Signature:" value; spans stay good until the test ends. */
static enum sp_reason parse(const char *value)
{
	static const char name[] = "DKIM-Signature";
	char text[4096];
	size_t size =
		(size_t)snprintf(text, sizeof(text), "%s:%s", name, value);
	char *copy = guard_copy(text, size);
	struct sp_field *field = SP_ARENA_NEW(&arena, struct sp_field);
	enum sp_reason reason;

	field->raw = sp_span(copy, size);
	field->name = sp_span(copy, strlen(name));
	field->value = sp_span_after(field->raw, strlen(name) + 1);
	cr_assert_eq(
		sp_signature_parse(&signature, &arena, field, &reason), SP_OK);
	return reason;
}

/* A good signature with one tag changed ("x=1"), added, or left out ("x"). */
static enum sp_reason parse_with(const char *change)
{
	static const char *const good[] = {"v=1", "a=rsa-sha256",
		"d=example.com", "s=s1", "h=From:To", "bh=YWJj",
		"b=c2lnbmF0dXJl"};
	size_t name = strcspn(change, "=");
	bool used = !change[name];
	struct sp_buffer text = {0};
	enum sp_reason reason;

	for (size_t i = 0; i < COUNT(good); i++) {
		bool same = strcspn(good[i], "=") == name &&
			    strncmp(good[i], change, name) == 0;

		if (same && !change[name])
			continue;
		used = used || same;
		sp_buffer_add_format(&text, "%s; ", same ? change : good[i]);
	}
	sp_buffer_add_format(&text, "%s", used ? "" : change);
	reason = parse(text.data);
	sp_buffer_free(&text);
	return reason;
}

static const char *text_of(struct sp_span s)
{
	return sp_arena_copy(&arena, s);
}

/* 3.5, with the folding of the example in A.2. */
Test(signature, reads_every_tag)
{
	cr_assert_eq(parse(" v=1; a=rsa-sha256; c=relaxed/simple;\r\n"
			   " d=Example.COM; s=S1.sub; i=joe=20x@mail.example."
			   "com;\r\n\tq=dns/txt; t=100; x=200; l=7;\r\n"
			   " h=From : To\r\n :Subject; z=From:x|To:y;\r\n"
			   " bh=YW\r\n Jj; b=c2ln\r\n\tbmF0 dXJl\r\n\t\r\n"),
		SP_REASON_OK);
	cr_expect_eq(signature.algorithm, SP_ALGORITHM_RSA_SHA256);
	cr_expect_eq(signature.header_canon, SP_CANON_RELAXED);
	cr_expect_eq(signature.body_canon, SP_CANON_SIMPLE);
	cr_expect_str_eq(text_of(signature.domain), "Example.COM");
	cr_expect_str_eq(text_of(signature.selector), "S1.sub");
	cr_expect_str_eq(text_of(signature.identity), "joe x@mail.example.com");
	cr_assert_eq(signature.name_count, 3);
	cr_expect_str_eq(text_of(signature.names[0]), "From");
	cr_expect_str_eq(text_of(signature.names[1]), "To");
	cr_expect_str_eq(text_of(signature.names[2]), "Subject");
	cr_expect_str_eq(text_of(signature.body_hash), "abc");
	cr_expect_str_eq(text_of(signature.b), "signature");
	cr_expect_str_eq(
		text_of(signature.b_area), "c2ln\r\n\tbmF0 dXJl\r\n\t");
	cr_expect_str_eq(text_of(signature.b_text), "c2lnbmF0");
	cr_expect_eq(signature.timestamp, 100);
	cr_expect_eq(signature.expiration, 200);
	cr_expect_eq(signature.body_length, 7);
	cr_expect_str_eq(
		text_of(signature.key_name), "s1.sub._domainkey.example.com");
}

/* 3.5: the optional tags and what they mean when absent. */
Test(signature, knows_the_defaults)
{
	cr_assert_eq(parse_with("x"), SP_REASON_OK);
	cr_expect_eq(signature.header_canon, SP_CANON_SIMPLE);
	cr_expect_eq(signature.body_canon, SP_CANON_SIMPLE);
	cr_expect_str_eq(text_of(signature.identity), "@example.com");
	cr_expect_eq(signature.timestamp, SP_TIME_NONE);
	cr_expect_eq(signature.expiration, SP_TIME_NONE);
	cr_expect_eq(signature.body_length, SP_LENGTH_NONE);
	cr_assert_eq(parse_with("c=relaxed"), SP_REASON_OK);
	cr_expect_eq(signature.header_canon, SP_CANON_RELAXED);
	cr_expect_eq(signature.body_canon, SP_CANON_SIMPLE);
}

Test(signature, names_each_fault)
{
	static const struct {
		const char *change;
		enum sp_reason reason;
	} cases[] = {
		{"v", SP_REASON_TAG_MISSING},
		{"a", SP_REASON_TAG_MISSING},
		{"d", SP_REASON_TAG_MISSING},
		{"s", SP_REASON_TAG_MISSING},
		{"h", SP_REASON_TAG_MISSING},
		{"bh", SP_REASON_TAG_MISSING},
		{"b", SP_REASON_TAG_MISSING},
		{"v=", SP_REASON_VERSION},
		{"v=0.5", SP_REASON_VERSION},
		{"v=2", SP_REASON_VERSION},
		{"v=1.0", SP_REASON_VERSION},
		{"v=01", SP_REASON_VERSION},
		{"a=", SP_REASON_ALGORITHM},
		{"a=rsa-md5", SP_REASON_ALGORITHM},
		{"a=unknown", SP_REASON_ALGORITHM},
		{"a=rsa-sha25", SP_REASON_ALGORITHM},
		{"a=RSA-sha1", SP_REASON_OK},
		{"a=Ed25519-SHA256", SP_REASON_OK},
		{"d=", SP_REASON_TAG_SYNTAX},
		{"d=exam ple.com", SP_REASON_TAG_SYNTAX},
		{"d=example..com", SP_REASON_TAG_SYNTAX},
		{"d=b\xc3\xbc"
		 "cher.example",
			SP_REASON_OK},
		{"s=", SP_REASON_TAG_SYNTAX},
		{"s=a/b", SP_REASON_TAG_SYNTAX},
		{"s=a_b.c", SP_REASON_OK},
		{"h=", SP_REASON_FROM_NOT_SIGNED},
		{"h=To:Subject", SP_REASON_FROM_NOT_SIGNED},
		{"h=X-From:Fromm", SP_REASON_FROM_NOT_SIGNED},
		{"h=To: FROM", SP_REASON_OK},
		{"h=:From:", SP_REASON_OK},
		{"bh=", SP_REASON_TAG_SYNTAX},
		{"bh=YWJ", SP_REASON_TAG_SYNTAX},
		{"bh=YW*j", SP_REASON_TAG_SYNTAX},
		{"b=", SP_REASON_TAG_SYNTAX},
		{"b=YWJj=", SP_REASON_TAG_SYNTAX},
		{"c=", SP_REASON_CANON},
		{"c=nofws", SP_REASON_CANON},
		{"c=simple/", SP_REASON_CANON},
		{"c=/simple", SP_REASON_CANON},
		{"c=relaxed/nofws", SP_REASON_CANON},
		{"c=simple/simple/simple", SP_REASON_CANON},
		{"c=Relaxed/SIMPLE", SP_REASON_OK},
		{"i=", SP_REASON_TAG_SYNTAX},
		{"i=joe", SP_REASON_TAG_SYNTAX},
		{"i=joe@", SP_REASON_TAG_SYNTAX},
		{"i=joe=4", SP_REASON_TAG_SYNTAX},
		{"i=joe@a..example.com", SP_REASON_TAG_SYNTAX},
		{"i=joe@example.org", SP_REASON_DOMAIN_MISMATCH},
		{"i=joe@badexample.com", SP_REASON_DOMAIN_MISMATCH},
		{"i=joe@com", SP_REASON_DOMAIN_MISMATCH},
		{"i=joe@example.com@example.org", SP_REASON_DOMAIN_MISMATCH},
		{"i=@EXAMPLE.com", SP_REASON_OK},
		{"i=a@b@sub.example.com", SP_REASON_OK},
		{"i=joe=40example=2Ecom", SP_REASON_OK},
		{"q=", SP_REASON_QUERY},
		{"q=dns", SP_REASON_QUERY},
		{"q=http", SP_REASON_QUERY},
		{"q=dns/foo : DNS/TXT", SP_REASON_OK},
		{"t=", SP_REASON_TAG_SYNTAX},
		{"t=-1", SP_REASON_TAG_SYNTAX},
		{"t=soon", SP_REASON_TAG_SYNTAX},
		{"t=1 2", SP_REASON_TAG_SYNTAX},
		{"x=never", SP_REASON_TAG_SYNTAX},
		{"l=-1", SP_REASON_TAG_SYNTAX},
		{"l=", SP_REASON_TAG_SYNTAX},
		{"l=0", SP_REASON_OK},
		{"t=99999999999999999999999", SP_REASON_OK},
		{"l=99999999999999999999999", SP_REASON_OK},
		{"t=5; x=4", SP_REASON_EXPIRY_ORDER},
		{"t=5; x=5", SP_REASON_OK},
		{"unknown=;", SP_REASON_OK},
		{"v=1; v=1", SP_REASON_TAG_DUPLICATE},
		{"oops", SP_REASON_OK}, /* it leaves out what is not there */
		{"=x", SP_REASON_TAG_SYNTAX},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_eq(parse_with(cases[i].change), cases[i].reason,
			"%s: %s", cases[i].change,
			sp_reason_name(parse_with(cases[i].change)));
}

/* docs/DESIGN.md, "Verdicts": each fault hides all of those below it. */
Test(signature, tells_the_first_fault_of_the_order)
{
	static const struct {
		const char *fault;
		enum sp_reason reason;
	} order[] = {
		{"v=2;", SP_REASON_VERSION},
		{"", SP_REASON_TAG_MISSING},
		{"t=x;", SP_REASON_TAG_SYNTAX},
		{"a=x;", SP_REASON_ALGORITHM},
		{"c=x;", SP_REASON_CANON},
		{"i=@x;", SP_REASON_DOMAIN_MISMATCH},
		{"h=x;", SP_REASON_FROM_NOT_SIGNED},
		{"q=x;", SP_REASON_QUERY},
	};
	static const char *const right[] = {"v=1;", "s=s;", "t=9;",
		"a=rsa-sha1;", "c=simple;", "i=@d;", "h=from;", "q=dns/txt;"};

	for (size_t first = 0; first < COUNT(order); first++) {
		struct sp_buffer text = {0};

		sp_buffer_add_str(&text, "d=d;bh=YWJj;b=YWJj;x=3;");
		for (size_t i = 0; i < COUNT(order); i++)
			sp_buffer_add_format(&text, "%s",
				i < first ? right[i] : order[i].fault);
		cr_expect_eq(
			parse(text.data), order[first].reason, "%s", text.data);
		sp_buffer_add_format(&text, "!");
		cr_expect_eq(parse(text.data), SP_REASON_TAG_SYNTAX);
		sp_buffer_free(&text);
	}
}

Test(signature, keeps_what_could_be_read_beside_a_fault)
{
	cr_expect_eq(parse_with("v=2"), SP_REASON_VERSION);
	cr_expect_str_eq(text_of(signature.domain), "example.com");
	cr_expect_str_eq(text_of(signature.b_text), "c2lnbmF0");
	cr_expect_eq(signature.algorithm, SP_ALGORITHM_RSA_SHA256);
	cr_expect_eq(
		parse("v=1; d=example.com; t=5; oops"), SP_REASON_TAG_SYNTAX);
	cr_expect_str_eq(text_of(signature.domain), "example.com");
	cr_expect_str_eq(text_of(signature.identity), "@example.com");
	cr_expect_eq(signature.timestamp, 5);
	cr_expect_eq(signature.b.size, 0);
	cr_expect_eq(parse(""), SP_REASON_TAG_SYNTAX);
	cr_expect_eq(signature.domain.size, 0);
	cr_expect_eq(signature.identity.size, 0);
	cr_expect_eq(signature.key_name.size, 0);
}

/* RFC 8616 */
Test(signature, asks_the_dns_for_a_labels)
{
	cr_assert_eq(parse_with("d=B\xc3\xbc"
				"cher.example; i=joe@m.xn--bcher-kva.example"),
		SP_REASON_OK);
	cr_expect_str_eq(text_of(signature.key_name),
		"s1._domainkey.xn--bcher-kva.example");
	cr_expect_str_eq(text_of(signature.domain), "B\xc3\xbc"
						    "cher.example");
	cr_expect_eq(parse_with("d=xn--bcher-kva.example; i=@b\xc3\xbc"
				"cher.example"),
		SP_REASON_OK);
}

/* RFC 1035 2.3.4: no key can be there. */
Test(signature, finds_no_key_below_a_name_too_long)
{
	char domain[240], change[300];

	for (size_t i = 0; i < sizeof(domain); i++)
		domain[i] = i % 2 ? '.' : 'a';
	snprintf(change, sizeof(change), "d=%.239s", domain);
	cr_expect_eq(parse_with(change), SP_REASON_OK);
	cr_expect_eq(signature.key_name.size, 2 + 12 + 239);
	snprintf(change, sizeof(change), "d=%.239sb", domain);
	cr_expect_eq(parse_with(change), SP_REASON_KEY_NOT_FOUND);
	cr_expect_eq(signature.key_name.size, 0);
	memset(domain, 'a', 64);
	snprintf(change, sizeof(change), "d=%.64s", domain);
	cr_expect_eq(parse_with(change), SP_REASON_KEY_NOT_FOUND);
	snprintf(change, sizeof(change), "d=%.64s; i=@x", domain);
	cr_expect_eq(parse_with(change), SP_REASON_DOMAIN_MISMATCH);
}

Test(signature, has_limits)
{
	size_t size = SP_SIGNATURE_BYTES_MAX + 1;
	char *text = malloc(size);
	struct sp_field field = {.name = sp_span_str("DKIM-Signature")};
	enum sp_reason reason;
	char *to = text;

	to += sprintf(to, "v=1;a=rsa-sha256;d=d;s=s;bh=YWJj;b=YWJj;h=From");
	for (size_t i = 1; i < SP_HEADER_NAMES_MAX; i++)
		to += sprintf(to, ":x");
	field.raw = field.value = sp_span_between(text, to);
	cr_assert_eq(
		sp_signature_parse(&signature, &arena, &field, &reason), SP_OK);
	cr_expect_eq(reason, SP_REASON_OK);
	cr_expect_eq(signature.name_count, SP_HEADER_NAMES_MAX);
	*to++ = ':';
	field.raw = field.value = sp_span_between(text, to);
	cr_assert_eq(
		sp_signature_parse(&signature, &arena, &field, &reason), SP_OK);
	cr_expect_eq(reason, SP_REASON_TOO_MANY_NAMES);
	cr_expect_eq(signature.name_count, 0);
	memset(to, 'x', (size_t)(text + size - to));
	field.raw = field.value = sp_span(text, size - 1);
	cr_assert_eq(
		sp_signature_parse(&signature, &arena, &field, &reason), SP_OK);
	cr_expect_eq(reason, SP_REASON_TOO_MANY_NAMES);
	field.raw = field.value = sp_span(text, size);
	cr_assert_eq(
		sp_signature_parse(&signature, &arena, &field, &reason), SP_OK);
	cr_expect_eq(reason, SP_REASON_SIGNATURE_TOO_LARGE);
	cr_expect_eq(signature.domain.size, 0);
	free(text);
}

Test(signature, knows_its_algorithms)
{
	cr_expect_eq(sp_algorithm_digest(SP_ALGORITHM_RSA_SHA1), SP_SHA1);
	cr_expect_eq(sp_algorithm_digest(SP_ALGORITHM_RSA_SHA256), SP_SHA256);
	cr_expect_eq(
		sp_algorithm_digest(SP_ALGORITHM_ED25519_SHA256), SP_SHA256);
	cr_expect(sp_algorithm_fits(SP_ALGORITHM_RSA_SHA1, SP_PKEY_RSA));
	cr_expect(sp_algorithm_fits(SP_ALGORITHM_RSA_SHA256, SP_PKEY_RSA));
	cr_expect(sp_algorithm_fits(
		SP_ALGORITHM_ED25519_SHA256, SP_PKEY_ED25519));
	cr_expect_not(
		sp_algorithm_fits(SP_ALGORITHM_RSA_SHA256, SP_PKEY_ED25519));
	cr_expect_not(
		sp_algorithm_fits(SP_ALGORITHM_ED25519_SHA256, SP_PKEY_RSA));
	cr_expect_not(sp_algorithm_fits(SP_ALGORITHM_UNKNOWN, SP_PKEY_RSA));
}
