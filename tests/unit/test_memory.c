/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Want of memory inside OpenSSL is trouble and never a verdict: each of its
 * allocations fails in turn while a message is signed and verified that is
 * right.
 */
#include <criterion/criterion.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/pkey.h"
#include "engine/keycheck.h"
#include "include/sealpress.h"
#include "tests/unit/shared.h"

#define TURNS_MAX 100000

/* Allocations until one fails; negative: none does. */
static long left = -1;

static bool fails(void)
{
	return left >= 0 && left-- == 0;
}

static void *allocate(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : malloc(size);
}

static void *reallocate(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : realloc(old, size);
}

static void release(void *old, const char *file, int line)
{
	(void)file;
	(void)line;
	free(old);
}

/* Before OpenSSL has allocated anything. */
__attribute__((constructor)) static void take_over(void)
{
	if (!CRYPTO_set_mem_functions(allocate, reallocate, release))
		abort();
}

struct mail {
	struct sp_span key; /* private */
	struct sp_span record; /* as in a key file */
	struct sp_span message; /* signed */
};

static struct sp_session *session;
static struct sp_error error;

static struct sp_signer *open_signer(const struct mail *mail)
{
	struct sp_signer *signer = sp_signer_open(NULL, &error);

	if (signer && sp_signer_add_key(
			      signer, "example.com", "s1", mail->key, &error)) {
		sp_signer_close(signer);
		return NULL;
	}
	return signer;
}

static const char text[] = "From: a@example.com\r\nSubject: b\r\n\r\nhi\r\n";

/* Signs text; what comes is the caller's. NULL on trouble. */
static char *sign(struct sp_signer *signer, size_t *size)
{
	struct sp_span message = {text, sizeof(text) - 1};
	struct sp_signed out;
	char *copy;

	if (sp_session_sign(session, signer, &message, 1, &out, &error))
		return NULL;
	if (out.reason == SP_REASON_SIGNING_FAILED)
		return NULL;
	cr_assert_eq(out.reason, SP_REASON_OK, "%ld: %s", left,
		sp_reason_name(out.reason));
	*size = out.fields.size + message.size;
	copy = malloc(*size);
	memcpy(copy, out.fields.data, out.fields.size);
	memcpy(copy + out.fields.size, message.data, message.size);
	return copy;
}

/* The verdict is pass, or there is none. True when there is one. */
static bool verify(struct sp_verifier *verifier, const struct mail *mail)
{
	struct sp_verified out;
	long was = left;

	if (sp_session_verify(
		    session, verifier, &mail->message, 1, &out, &error))
		return false;
	cr_assert_eq(out.verdict, SP_PASS, "allocation %ld: %s %s", was,
		sp_verdict_name(out.verdict), sp_reason_name(out.reason));
	return true;
}

static struct sp_verifier *open_verifier(const struct mail *mail)
{
	struct sp_verifier *verifier = sp_verifier_open(NULL, &error);

	cr_assert_not_null(verifier);
	cr_assert_eq(sp_verifier_add_keys(verifier, mail->record, &error),
		SP_OK, "%s", error.text);
	return verifier;
}

/* Each allocation in turn, until there is none left to fail. */
static void fail_verifying(const struct mail *mail)
{
	long turn;

	for (turn = 0; turn < TURNS_MAX; turn++) {
		struct sp_verifier *verifier = open_verifier(mail);
		bool all;

		left = turn;
		(void)verify(verifier, mail);
		all = left >= 0;
		left = -1;
		/* Nothing of it was kept. */
		cr_assert(verify(verifier, mail));
		sp_verifier_close(verifier);
		if (all)
			break;
	}
	cr_assert_lt(turn, TURNS_MAX);
	cr_assert_gt(turn, 5);
}

static void fail_signing(const struct mail *mail)
{
	long turn;

	/* Reading the key takes thousands of them. */
	for (turn = 0; turn < TURNS_MAX; turn += 11) {
		struct sp_signer *signer;
		char *copy = NULL;
		size_t size;
		bool all;

		left = turn;
		signer = open_signer(mail);
		if (signer)
			copy = sign(signer, &size);
		all = left >= 0;
		left = -1;
		if (copy) {
			struct mail own = *mail;
			struct sp_verifier *verifier = open_verifier(mail);

			own.message = sp_span(copy, size);
			cr_assert(verify(verifier, &own));
			sp_verifier_close(verifier);
		}
		free(copy);
		sp_signer_close(signer);
		if (all)
			break;
	}
	cr_assert_lt(turn, TURNS_MAX);
}

/* With this key of corpus/keys. */
static void fail_each(const char *name)
{
	struct mail mail;
	struct sp_signer *signer;
	struct sp_verifier *verifier;
	char path[64], record[1024];
	char *copy;
	struct sp_span public;
	size_t size;

	snprintf(path, sizeof(path), "corpus/keys/%s.pub", name);
	public = text_read(path);
	snprintf(record, sizeof(record),
		"s1._domainkey.example.com\tv=DKIM1; k=%s; p=%s\n",
		name[0] == 'r' ? "rsa" : "ed25519", public.data);
	snprintf(path, sizeof(path), "corpus/keys/%s.pem", name);
	mail.key = text_read(path);
	mail.record = sp_span_str(record);
	session = sp_session_open();
	cr_assert_not_null(session);
	/* What OpenSSL makes once it has now. */
	signer = open_signer(&mail);
	cr_assert_not_null(signer, "%s", error.text);
	copy = sign(signer, &size);
	cr_assert_not_null(copy);
	mail.message = sp_span(copy, size);
	verifier = open_verifier(&mail);
	cr_assert(verify(verifier, &mail));
	sp_verifier_close(verifier);
	sp_signer_close(signer);
	fail_verifying(&mail);
	fail_signing(&mail);
	sp_session_close(session);
	free(copy);
	text_free(mail.key);
	text_free(public);
}

/* What there is to say of a key that is published, or nothing is said. */
static void fail_checking(const char *name, unsigned expected)
{
	struct sp_pkey key;
	struct sp_span public;
	char path[64], value[1024];
	unsigned findings = 0;
	bool all = false;

	snprintf(path, sizeof(path), "corpus/keys/%s.pem", name);
	cr_assert_eq(sp_pkey_open(&key, path,
			     &(struct sp_pkey_open_options){
				     .insecure_permissions = true},
			     &error),
		SP_OK, "%s", error.text);
	snprintf(path, sizeof(path), "corpus/keys/%s.pub", name);
	public = text_read(path);
	snprintf(value, sizeof(value), "v=DKIM1; k=%s; p=%s",
		sp_pkey_type_name(key.type), public.data);
	for (long turn = -1; !all && turn < TURNS_MAX; turn++) {
		struct sp_span values = sp_span(value, strcspn(value, "\n"));
		enum sp_status status;

		left = turn;
		status = sp_keycheck_values(&values, 1, &key, &findings);
		all = left >= 0;
		left = -1;
		cr_assert(turn >= 0 || status == SP_OK);
		cr_assert(status || findings == expected, "%ld: %u", turn,
			findings);
	}
	cr_assert(all);
	text_free(public);
	sp_pkey_free(&key);
}

Test(memory, of_checking_keys)
{
	fail_checking("rsa2048", 0);
	fail_checking("ed25519", SP_KEYCHECK_TEST_KEY); /* RFC 8463's */
}

Test(memory, rsa)
{
	fail_each("rsa2048");
}

Test(memory, ed25519)
{
	fail_each("ed25519");
}
