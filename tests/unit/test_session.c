/* SPDX-License-Identifier: Apache-2.0 */
/* The public interface, as a program that links the library sees it. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "include/sealpress.h"
#include "tests/unit/guard.h"
#include "tests/unit/nameserver.h"

/* RFC 8463 A.2: the seed and its public key. */
#define SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
#define ZONE \
	"s1._domainkey.example.com\tv=DKIM1; k=ed25519; " \
	"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"

static struct sp_session *session;
static struct sp_error error;

static void setup(void)
{
	session = sp_session_open();
	cr_assert_not_null(session);
}

static void teardown(void)
{
	sp_session_close(session);
}

TestSuite(session, .init = setup, .fini = teardown);

static struct sp_span span(const char *text)
{
	return (struct sp_span){text, strlen(text)};
}

static struct sp_signer *open_signer(const struct sp_signer_config *config)
{
	struct sp_signer *signer = sp_signer_open(config, &error);

	cr_assert_not_null(signer, "%s", error.text);
	cr_assert_eq(sp_signer_add_key(
			     signer, "example.com", "s1", span(SEED), &error),
		SP_OK, "%s", error.text);
	return signer;
}

static struct sp_verifier *open_verifier(
	const struct sp_verifier_config *config)
{
	struct sp_verifier *verifier = sp_verifier_open(config, &error);

	cr_assert_not_null(verifier, "%s", error.text);
	cr_assert_eq(sp_verifier_add_keys(verifier, span(ZONE), &error), SP_OK,
		"%s", error.text);
	return verifier;
}

/* Signs one message; the caller frees what comes. */
static struct sp_span sign_one(struct sp_signer *signer, const char *text)
{
	struct sp_span message = span(text);
	struct sp_signed out;
	char *copy;

	cr_assert_eq(
		sp_session_sign(session, signer, &message, 1, &out, &error),
		SP_OK, "%s", error.text);
	cr_assert_eq(out.reason, SP_REASON_OK);
	copy = malloc(out.fields.size + message.size);
	cr_assert_not_null(copy);
	memcpy(copy, out.fields.data, out.fields.size);
	memcpy(copy + out.fields.size, message.data, message.size);
	return (struct sp_span){copy, out.fields.size + message.size};
}

static struct sp_verified verify_one(
	struct sp_verifier *verifier, struct sp_span message)
{
	struct sp_verified out;

	cr_assert_eq(
		sp_session_verify(session, verifier, &message, 1, &out, &error),
		SP_OK, "%s", error.text);
	return out;
}

Test(session, signs_and_verifies_many_messages)
{
	enum { MANY = 100 };
	struct sp_signer *signer = open_signer(NULL);
	struct sp_verifier *verifier = open_verifier(NULL);
	static char texts[MANY][128];
	struct sp_span messages[MANY];
	struct sp_signed out[MANY];
	struct sp_span mails[MANY];
	struct sp_verified found[MANY];

	for (int i = 0; i < MANY; i++) {
		snprintf(texts[i], sizeof(texts[i]),
			"From: a@example.com\nSubject: %d\n\nHello %d\n", i, i);
		messages[i] = span(texts[i]);
	}
	messages[7] = span("Subject: no sender\n\n");
	cr_assert_eq(
		sp_session_sign(session, signer, messages, MANY, out, &error),
		SP_OK);
	for (int i = 0; i < MANY; i++) {
		size_t size = out[i].fields.size + messages[i].size;
		char *mail = malloc(size);

		cr_expect_eq(out[i].reason,
			i == 7 ? SP_REASON_FROM_MISSING : SP_REASON_OK);
		if (out[i].fields.size)
			memcpy(mail, out[i].fields.data, out[i].fields.size);
		memcpy(mail + out[i].fields.size, messages[i].data,
			messages[i].size);
		mails[i] = (struct sp_span){mail, size};
	}
	cr_assert_eq(sp_session_verify(
			     session, verifier, mails, MANY, found, &error),
		SP_OK);
	for (int i = 0; i < MANY; i++) {
		cr_expect_eq(found[i].verdict, i == 7 ? SP_NONE : SP_PASS);
		cr_expect_eq(found[i].count, i == 7 ? 0 : 1);
		free((void *)(uintptr_t)mails[i].data);
	}
	cr_expect_eq(memcmp(found[0].from_domain.data, "example.com", 11), 0);
	sp_signer_close(signer);
	sp_verifier_close(verifier);
}

Test(session, the_usual_configuration_expires_in_two_weeks)
{
	struct sp_signer *signer = open_signer(NULL);
	struct sp_verifier *verifier = open_verifier(NULL);
	int64_t before = time(NULL);
	struct sp_span mail = sign_one(signer, "From: a@example.com\n\nx\n");
	struct sp_verified found = verify_one(verifier, mail);

	cr_assert_eq(found.verdict, SP_PASS);
	cr_expect_geq(found.results[0].timestamp, before);
	cr_expect_leq(found.results[0].timestamp, time(NULL));
	cr_expect_eq(found.results[0].expiration,
		found.results[0].timestamp + 14 * 86400);
	cr_expect_eq(found.results[0].header_canon, SP_CANON_RELAXED);
	cr_expect_eq(found.results[0].body_canon, SP_CANON_RELAXED);
	free((void *)(uintptr_t)mail.data);
	sp_signer_close(signer);
	sp_verifier_close(verifier);
}

Test(session, does_what_the_configurations_say)
{
	char identity[] = "news@example.com";
	struct sp_signer_config config = SP_SIGNER_CONFIG;
	struct sp_verifier_config rules = SP_VERIFIER_CONFIG;
	struct sp_signer *signer;
	struct sp_verifier *verifier;
	struct sp_span mail;
	struct sp_verified found;

	config.header_canon = SP_CANON_SIMPLE;
	config.timestamp = 1000;
	config.expire_s = 10;
	config.identity = identity;
	signer = open_signer(&config);
	memset(identity, 'x', sizeof(identity) - 1); /* it was only lent */
	mail = sign_one(signer, "From: a@example.com\n\nx\n");
	rules.now = 1011;
	rules.historical = true;
	verifier = open_verifier(&rules);
	found = verify_one(verifier, mail);
	cr_expect_eq(found.verdict, SP_PERMERROR);
	cr_expect_eq(found.reason, SP_REASON_EXPIRED);
	cr_expect_eq(found.results[0].header_canon, SP_CANON_SIMPLE);
	cr_expect_eq(found.results[0].identity.size, strlen(identity));
	cr_expect_eq(memcmp(found.results[0].identity.data, "news@", 5), 0);
	cr_expect(found.results[0].legacy);
	sp_verifier_close(verifier);
	rules.clock_message = true;
	verifier = open_verifier(&rules);
	cr_expect_eq(verify_one(verifier, mail).verdict, SP_PASS);
	sp_verifier_close(verifier);
	sp_signer_close(signer);
	free((void *)(uintptr_t)mail.data);
}

Test(session, several_keys_make_several_signatures)
{
	struct sp_signer *signer = open_signer(NULL);
	struct sp_verifier *verifier = open_verifier(NULL);
	struct sp_span mail;
	struct sp_verified found;

	cr_assert_eq(sp_signer_add_key(
			     signer, "example.net", "s2", span(SEED), &error),
		SP_OK);
	mail = sign_one(signer, "From: a@example.com\n\nx\n");
	found = verify_one(verifier, mail);
	cr_assert_eq(found.count, 2);
	cr_expect_eq(found.verdict, SP_PASS);
	cr_expect_eq(found.results[0].verdict, SP_PASS);
	cr_expect_eq(found.results[1].reason, SP_REASON_KEY_NOT_FOUND);
	cr_assert_eq(sp_verifier_add_keys(verifier,
			     span("s2._domainkey.example.net. IN TXT "
				  "\"k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcv\" "
				  "\"PapiMlrwIaaPcHURo=\"\n"),
			     &error),
		SP_OK);
	found = verify_one(verifier, mail);
	cr_expect_eq(found.results[0].verdict, SP_PASS);
	cr_expect_eq(found.results[1].verdict, SP_PASS);
	free((void *)(uintptr_t)mail.data);
	sp_signer_close(signer);
	sp_verifier_close(verifier);
}

Test(session, reads_no_byte_past_a_message)
{
	struct sp_signer *signer = open_signer(NULL);
	struct sp_verifier *verifier = open_verifier(NULL);
	struct sp_span mail = sign_one(signer,
		"From: a@example.com\r\nTo: b@example.net\r\n\r\nHi\r\n");

	for (size_t size = 0; size <= mail.size; size++) {
		char *copy = guard_copy(mail.data, size);
		struct sp_span cut = {copy, size};
		struct sp_signed out;

		(void)verify_one(verifier, cut);
		cr_assert_eq(
			sp_session_sign(session, signer, &cut, 1, &out, &error),
			SP_OK);
		guard_free(copy, size);
	}
	free((void *)(uintptr_t)mail.data);
	sp_signer_close(signer);
	sp_verifier_close(verifier);
}

Test(session, says_what_is_wrong_with_a_configuration)
{
	struct sp_signer_config config = SP_SIGNER_CONFIG;
	struct sp_signer *signer = open_signer(NULL);
	struct sp_verifier *verifier = open_verifier(NULL);

	config.headers = "From:bad name";
	cr_expect_null(sp_signer_open(&config, &error));
	cr_expect_eq(error.status, SP_CONFIG);
	cr_expect_neq(sp_signer_add_key(
			      signer, "example.com", "s", span("?"), &error),
		SP_OK);
	cr_expect_gt(strlen(error.text), 10);
	cr_expect_neq(sp_signer_add_key_file(signer, "example.com", "s",
			      "/nonexistent/key.pem", &error),
		SP_OK);
	cr_expect_not_null(strstr(error.text, "/nonexistent/key.pem"));
	cr_expect_neq(
		sp_verifier_add_key_file(verifier, "/nonexistent/zone", &error),
		SP_OK);
	cr_expect_not_null(strstr(error.text, "/nonexistent/zone"));
	sp_signer_close(signer);
	sp_verifier_close(verifier);
}

Test(session, nothing_in_gives_nothing_out)
{
	struct sp_signer *signer = open_signer(NULL);
	struct sp_verifier *verifier = sp_verifier_open(NULL, &error);

	cr_expect_eq(
		sp_session_sign(session, signer, NULL, 0, NULL, &error), SP_OK);
	cr_expect_eq(
		sp_session_verify(session, verifier, NULL, 0, NULL, &error),
		SP_OK);
	sp_signer_close(signer);
	sp_verifier_close(verifier);
	sp_session_close(NULL);
	sp_signer_close(NULL);
	sp_verifier_close(NULL);
}

/* A message signed in the name of a selector the name server knows. */
static struct sp_span sign_as(const char *selector)
{
	struct sp_signer *signer = sp_signer_open(NULL, &error);
	struct sp_span message;

	cr_assert_not_null(signer, "%s", error.text);
	cr_assert_eq(sp_signer_add_key(signer, "example.com", selector,
			     span(SEED), &error),
		SP_OK, "%s", error.text);
	message = sign_one(signer, "From: a@example.com\r\n\r\nHi\r\n");
	sp_signer_close(signer);
	return message;
}

Test(session, asks_name_servers_for_what_no_text_has)
{
	static const struct {
		const char *selector;
		enum sp_reason reason;
		enum sp_key_source source;
		int64_t ttl;
	} cases[] = {
		{"s1", SP_REASON_OK, SP_KEY_SOURCE_FILE, SP_TIME_NONE},
		/* Found, and no key: tests/unit/nameserver.h. */
		{"txt", SP_REASON_KEY_SYNTAX, SP_KEY_SOURCE_DNS, 300},
		{"nx", SP_REASON_KEY_NOT_FOUND, SP_KEY_SOURCE_DNS,
			SP_TIME_NONE},
		{"fail", SP_REASON_DNS_FAILURE, SP_KEY_SOURCE_DNS,
			SP_TIME_NONE},
	};
	struct nameserver server;
	const char *address = server.address;
	const struct sp_dns_config config = {
		.servers = &address, .server_count = 1};
	struct sp_verifier *verifier = sp_verifier_open(NULL, &error);

	cr_assert(nameserver_open(&server, true));
	cr_assert_not_null(verifier);
	cr_assert_eq(sp_verifier_add_dns(verifier, &config, &error), SP_OK,
		"%s", error.text);
	/* The text goes before them all the same. */
	cr_assert_eq(sp_verifier_add_keys(verifier, span(ZONE), &error), SP_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_span message = sign_as(cases[i].selector);
		struct sp_verified out = verify_one(verifier, message);

		cr_assert_eq(out.count, 1);
		cr_expect_eq(out.reason, cases[i].reason, "case %zu: %s", i,
			sp_reason_name(out.reason));
		cr_expect_eq(out.results[0].key_source, cases[i].source);
		cr_expect_eq(out.results[0].key_ttl, cases[i].ttl);
		free((void *)(uintptr_t)message.data);
	}
	sp_verifier_close(verifier);
	nameserver_close(&server);
}

Test(session, says_what_is_wrong_with_name_servers)
{
	const char *servers[] = {"dns.example"};
	struct sp_dns_config config = {.servers = servers, .server_count = 1};
	struct sp_verifier *verifier = sp_verifier_open(NULL, &error);

	cr_assert_not_null(verifier);
	cr_expect_eq(sp_verifier_add_dns(verifier, &config, &error), SP_CONFIG);
	cr_expect(strstr(error.text, "'dns.example' is no address"), "%s",
		error.text);
	config.server_count = 9;
	cr_expect_eq(sp_verifier_add_dns(verifier, &config, &error), SP_CONFIG);
	cr_expect(strstr(error.text, "name up to 8"), "%s", error.text);
	servers[0] = "127.0.0.1";
	config.server_count = 1;
	cr_expect_eq(sp_verifier_add_dns(verifier, &config, &error), SP_OK,
		"%s", error.text);
	cr_expect_eq(sp_verifier_add_dns(verifier, &config, &error), SP_CONFIG);
	sp_verifier_close(verifier);
}

/* A configuration that no signature can say; words tell which value it is. */
static void refused(struct sp_signer_config config, const char *words)
{
	cr_assert_null(sp_signer_open(&config, &error));
	cr_assert_eq(error.status, SP_CONFIG);
	cr_assert(strstr(error.text, words), "%s", error.text);
}

Test(session, refuses_what_cannot_be_signed)
{
	static const struct sp_signer_config usual = SP_SIGNER_CONFIG;
	struct sp_signer_config config = usual;
	struct sp_signer *signer;

	config.timestamp = -5;
	refused(config, "before 1970");
	config = usual;
	config.expire_s = 0;
	refused(config, "expire");
	config.expire_s = SP_TIME_NOW;
	refused(config, "expire");
	config = usual;
	config.body_canon = (enum sp_canon)7;
	refused(config, "simple or relaxed");
	config = usual;
	config.identity = "joe";
	refused(config, "has no @");
	config.identity = "joe@example.org";
	signer = sp_signer_open(&config, &error);
	cr_assert_not_null(signer);
	cr_assert_eq(sp_signer_add_key(
			     signer, "example.com", "s1", span(SEED), &error),
		SP_CONFIG);
	cr_assert(strstr(error.text, "neither in example.com nor below"));
	sp_signer_close(signer);
}

Test(session, refuses_more_signatures_than_are_looked_at)
{
	struct sp_verifier_config config = SP_VERIFIER_CONFIG;

	config.signatures_max = 101;
	cr_assert_null(sp_verifier_open(&config, &error));
	cr_assert_eq(error.status, SP_CONFIG);
	config.signatures_max = 100;
	sp_verifier_close(open_verifier(&config));
}
