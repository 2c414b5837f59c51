/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of engine/keyrecord.c (RFC 6376 3.6.1, RFC 8463 section 4). */
#include "engine/keyrecord.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/guard.h"
#include "tests/unit/parse.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The public keys of RFC 8463 A.2. */
#define ED25519 "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RSA \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR" \
	"iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx" \
	"/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHv" \
	"qMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTI" \
	"KT+l/K4w3QIDAQAB"

static struct sp_keyrecord parse(const char *value)
{
	size_t size = strlen(value);
	char *copy = guard_copy(value, size);
	struct sp_keyrecord record;

	parse_record(&record, sp_span(copy, size));
	guard_free(copy, size);
	return record;
}

Test(keyrecord, loads_keys)
{
	struct sp_keyrecord record = parse("v=DKIM1; k=rsa; p=" RSA);

	cr_assert_eq(record.reason, SP_REASON_OK);
	cr_expect_eq(record.key.type, SP_PKEY_RSA);
	cr_expect_eq(record.key.bits, 1024);
	cr_expect_not(record.key.private_half);
	sp_keyrecord_free(&record);
	cr_expect_null(record.key.evp);
	record = parse("k=Ed25519; p=" ED25519);
	cr_assert_eq(record.reason, SP_REASON_OK);
	cr_expect_eq(record.key.type, SP_PKEY_ED25519);
	sp_keyrecord_free(&record);
	/* RSA when k= is absent; white space in p=. */
	record = parse("p = MIGf\r\n MA0G CSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQ"
		       "oBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Q"
		       "vx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM"
		       "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K"
		       "4w3QIDAQAB ; n=notes");
	cr_expect_eq(record.reason, SP_REASON_OK);
	sp_keyrecord_free(&record);
}

Test(keyrecord, names_each_fault)
{
	static const struct {
		const char *value;
		enum sp_reason reason;
	} cases[] = {
		{"", SP_REASON_KEY_SYNTAX},
		{"v=DKIM1", SP_REASON_KEY_SYNTAX},
		{"v=DKIM1; p", SP_REASON_KEY_SYNTAX},
		{"some other text", SP_REASON_KEY_SYNTAX},
		{"v=spf1 -all", SP_REASON_KEY_VERSION},
		{"v=DKIM2; p=" RSA, SP_REASON_KEY_VERSION},
		{"v=dkim1; p=" RSA, SP_REASON_KEY_VERSION},
		{"v=DKIM1.0; p=" RSA, SP_REASON_KEY_VERSION},
		{"v=; p=" RSA, SP_REASON_KEY_VERSION},
		{"k=rsa; v=DKIM1; p=" RSA, SP_REASON_KEY_VERSION},
		{"v=DKIM1; v=DKIM1; p=" RSA, SP_REASON_KEY_SYNTAX},
		{"v=DKIM1; p=" RSA "; p=", SP_REASON_KEY_SYNTAX},
		{"k=dsa; p=" RSA, SP_REASON_KEY_SYNTAX},
		{"k=; p=" RSA, SP_REASON_KEY_SYNTAX},
		{"p=", SP_REASON_KEY_REVOKED},
		{"v=DKIM1; k=ed25519; p= ;", SP_REASON_KEY_REVOKED},
		{"p=YWJj", SP_REASON_KEY_SYNTAX},
		{"p=!", SP_REASON_KEY_SYNTAX},
		{"p=" RSA "=", SP_REASON_KEY_SYNTAX},
		{"k=ed25519; p=" RSA, SP_REASON_KEY_SYNTAX},
		{"p=" ED25519, SP_REASON_KEY_SYNTAX},
		{"k=ed25519; p=YWJj", SP_REASON_KEY_SYNTAX},
		{"g=*; n=x; x=y; p=" RSA, SP_REASON_OK},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_keyrecord record = parse(cases[i].value);

		cr_expect_eq(record.reason, cases[i].reason, "%s: %s",
			cases[i].value, sp_reason_name(record.reason));
		sp_keyrecord_free(&record);
	}
}

static void expect_flags(const char *tags, const char *flags)
{
	char value[512], got[8];
	struct sp_keyrecord record;

	snprintf(value, sizeof(value), "v=DKIM1; %s p=" RSA, tags);
	record = parse(value);
	cr_expect_eq(record.reason, SP_REASON_OK, "%s", tags);
	snprintf(got, sizeof(got), "%s%s%s%s%s", record.hash_sha1 ? "1" : "",
		record.hash_sha256 ? "2" : "", record.service_email ? "e" : "",
		record.testing ? "y" : "", record.strict ? "s" : "");
	cr_expect_str_eq(got, flags, "%s: %s", tags, got);
	sp_keyrecord_free(&record);
}

/* 3.6.1: unknown entries of the lists are ignored. */
Test(keyrecord, reads_the_lists)
{
	expect_flags("", "12e");
	expect_flags("h=sha256;", "2e");
	expect_flags("h=sha1;", "1e");
	expect_flags("h=foo : SHA1 : sha256;", "12e");
	expect_flags("h=foo;", "e");
	expect_flags("h=;", "e");
	expect_flags("s=email;", "12e");
	expect_flags("s=*;", "12e");
	expect_flags("s=tlsrpt : *;", "12e");
	expect_flags("s=tlsrpt;", "12");
	expect_flags("s=;", "12");
	expect_flags("t=y;", "12ey");
	expect_flags("t=s;", "12es");
	expect_flags("t=x:s : y;", "12eys");
	expect_flags("t=ys;", "12e");
}

Test(keyrecord, keeps_the_flags_of_revoked_keys)
{
	struct sp_keyrecord record = parse("t=y; h=sha256; p=");

	cr_expect_eq(record.reason, SP_REASON_KEY_REVOKED);
	cr_expect(record.testing);
	cr_expect_not(record.hash_sha1);
	sp_keyrecord_free(&record);
}

Test(keyrecord, has_a_limit)
{
	static const char start[] = "p=" RSA ";n=";
	size_t size = SP_KEY_RECORD_BYTES_MAX + 1;
	char *value = malloc(size);
	struct sp_keyrecord record;

	memset(value, 'A', size);
	for (size_t i = 0; start[i]; i++)
		value[i] = start[i];
	parse_record(&record, sp_span(value, size - 1));
	cr_expect_eq(record.reason, SP_REASON_OK);
	sp_keyrecord_free(&record);
	parse_record(&record, sp_span(value, size));
	cr_expect_eq(record.reason, SP_REASON_KEY_SYNTAX);
	sp_keyrecord_free(&record);
	/* No key is as long as that. */
	memset(value + 2, 'A', size - 2);
	parse_record(&record, sp_span(value, size - 3));
	cr_expect_neq(record.reason, SP_REASON_OK);
	sp_keyrecord_free(&record);
	free(value);
}

Test(keyrecord, checks_syntax_without_a_key)
{
	cr_expect_eq(sp_keyrecord_check(sp_span_str("p=YWJj")), SP_REASON_OK);
	cr_expect_eq(
		sp_keyrecord_check(sp_span_str("p=Y W=\r\n =")), SP_REASON_OK);
	cr_expect_eq(
		sp_keyrecord_check(sp_span_str("p=Y=W")), SP_REASON_KEY_SYNTAX);
	cr_expect_eq(sp_keyrecord_check(sp_span_str("p=Y===")),
		SP_REASON_KEY_SYNTAX);
	cr_expect_eq(
		sp_keyrecord_check(sp_span_str("p=Y*")), SP_REASON_KEY_SYNTAX);
	cr_expect_eq(
		sp_keyrecord_check(sp_span_str("p=")), SP_REASON_KEY_REVOKED);
	cr_expect_eq(sp_keyrecord_check(sp_span_str("v=x;p=")),
		SP_REASON_KEY_VERSION);
}

Test(keyrecord, writes_what_it_reads)
{
	static const char *const values[] = {
		"v=DKIM1; k=rsa; p=" RSA, "v=DKIM1; k=ed25519; p=" ED25519};

	for (size_t i = 0; i < COUNT(values); i++) {
		struct sp_keyrecord record = parse(values[i]);
		struct sp_buffer out = {0};

		cr_assert_eq(record.reason, SP_REASON_OK);
		cr_expect_eq(sp_keyrecord_write(&out, &record.key), SP_OK);
		cr_expect(sp_span_is(sp_buffer_span(&out), values[i]));
		sp_buffer_free(&out);
		sp_keyrecord_free(&record);
	}
}
