/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole messages in memory, signed and verified in batches of 64 through the
 * public interface, against what OpenSSL takes for the cryptography alone: the
 * hash of the stored bytes and one signature, with contexts used again.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "bench/bench.h"
#include "bench/letters.h"
#include "crypto/pkey.h"

/* By OpenSSL, whose RSA is slow. */
#define BASE_COUNT 8u

struct state {
	struct letters letters;
	struct letters others; /* with bodies of their own; or empty */
	struct sp_session *session;
	struct sp_signer *signer;
	struct sp_verifier *verifier;
	struct sp_pkey key;
	EVP_PKEY_CTX *rsa; /* NULL: Ed25519 */
	EVP_MD_CTX *ed25519, *hash;
	bool verify;
	unsigned char digest[32], signature[512];
	size_t signature_size;
	struct sp_buffer signed_text; /* letters.at point into it */
};

static void need(bool right)
{
	bench_need(right, "signing or verifying fails");
}

static void sign_letters(struct state *state, const struct letters *letters)
{
	struct sp_signed out[LETTERS_MAX];
	struct sp_error error;

	need(sp_session_sign(state->session, state->signer, letters->at,
		     letters->count, out, &error) == SP_OK);
	for (size_t i = 0; i < letters->count; i++)
		need(out[i].reason == SP_REASON_OK);
}

static void sign(void *arg)
{
	struct state *state = arg;

	sign_letters(state, &state->letters);
}

static void sign_others(void *arg)
{
	struct state *state = arg;

	sign_letters(state, &state->others);
}

static void verify(void *arg)
{
	struct state *state = arg;
	struct sp_verified out[LETTERS_MAX];
	struct sp_error error;

	need(sp_session_verify(state->session, state->verifier,
		     state->letters.at, state->letters.count, out,
		     &error) == SP_OK);
	for (size_t i = 0; i < state->letters.count; i++)
		need(out[i].verdict == SP_PASS);
}

static void openssl_key(struct state *state)
{
	size_t size = sizeof(state->signature);
	int done;

	if (state->rsa && state->verify)
		done = EVP_PKEY_verify(state->rsa, state->signature,
			state->signature_size, state->digest, 32);
	else if (state->rsa)
		done = EVP_PKEY_sign(
			state->rsa, state->signature, &size, state->digest, 32);
	else if (state->verify)
		done = EVP_DigestVerifyInit(
			       state->ed25519, NULL, NULL, NULL, NULL) == 1 &&
		       EVP_DigestVerify(state->ed25519, state->signature,
			       state->signature_size, state->digest, 32) == 1;
	else
		done = EVP_DigestSignInit(
			       state->ed25519, NULL, NULL, NULL, NULL) == 1 &&
		       EVP_DigestSign(state->ed25519, state->signature, &size,
			       state->digest, 32) == 1;
	need(done == 1);
	state->signature_size = state->verify ? state->signature_size : size;
}

static void by_openssl(void *arg)
{
	struct state *state = arg;

	for (size_t i = 0; i < BASE_COUNT; i++) {
		unsigned char digest[32];

		need(EVP_DigestInit_ex2(state->hash, NULL, NULL) == 1 &&
			EVP_DigestUpdate(state->hash, state->letters.at[i].data,
				state->letters.at[i].size) == 1 &&
			EVP_DigestFinal_ex(state->hash, digest, NULL) == 1);
		openssl_key(state);
	}
}

/* Contexts for signing or verifying; a signature to verify is left. */
static void set_openssl(struct state *state, bool verifying)
{
	EVP_PKEY *evp = state->key.evp;

	EVP_PKEY_CTX_free(state->rsa);
	EVP_MD_CTX_free(state->ed25519);
	state->rsa = NULL;
	state->ed25519 = EVP_MD_CTX_new();
	need(state->ed25519 != NULL);
	state->verify = verifying;
	if (state->key.type == SP_PKEY_RSA) {
		state->rsa = EVP_PKEY_CTX_new(evp, NULL);
		need(state->rsa &&
			(verifying ? EVP_PKEY_verify_init(state->rsa)
				   : EVP_PKEY_sign_init(state->rsa)) == 1 &&
			EVP_PKEY_CTX_set_signature_md(
				state->rsa, EVP_sha256()) == 1);
	} else if (verifying) {
		need(EVP_DigestVerifyInit(
			     state->ed25519, NULL, NULL, NULL, evp) == 1);
	} else {
		need(EVP_DigestSignInit(
			     state->ed25519, NULL, NULL, NULL, evp) == 1);
	}
	if (!verifying)
		openssl_key(state);
}

/* Puts signatures on the letters and makes a verifier that has the key. */
static void set_signed(struct state *state)
{
	struct sp_signed out[LETTERS_MAX];
	struct sp_buffer zone = {.data = NULL};
	size_t begins[LETTERS_MAX + 1] = {0};
	struct sp_error error;

	need(sp_session_sign(state->session, state->signer, state->letters.at,
		     state->letters.count, out, &error) == SP_OK);
	for (size_t i = 0; i < state->letters.count; i++) {
		sp_buffer_add(&state->signed_text, out[i].fields);
		sp_buffer_add(&state->signed_text, state->letters.at[i]);
		begins[i + 1] = state->signed_text.size;
	}
	need(sp_buffer_status(&state->signed_text) == SP_OK);
	for (size_t i = 0; i < state->letters.count; i++)
		state->letters.at[i] =
			sp_span(state->signed_text.data + begins[i],
				begins[i + 1] - begins[i]);
	sp_buffer_add_format(&zone,
		"s1._domainkey.example.com\tv=DKIM1; k=%s; "
		"p=",
		sp_pkey_type_name(state->key.type));
	need(sp_pkey_write_public(&state->key, &zone) == SP_OK);
	sp_buffer_add_str(&zone, "\n");
	state->verifier = sp_verifier_open(NULL, &error);
	need(state->verifier &&
		sp_verifier_add_keys(state->verifier, sp_buffer_span(&zone),
			&error) == SP_OK);
	sp_buffer_free(&zone);
}

static void open_state(
	struct state *state, enum sp_pkey_type type, bool identical)
{
	struct sp_buffer pem = {.data = NULL};
	struct sp_error error;

	letters_open(&state->letters, LETTERS_MAX, identical);
	if (identical)
		letters_open(&state->others, LETTERS_MAX, false);
	state->session = sp_session_open();
	state->signer = sp_signer_open(NULL, &error);
	state->hash = EVP_MD_CTX_new();
	need(state->session && state->signer && state->hash &&
		EVP_DigestInit_ex2(state->hash, EVP_sha256(), NULL) == 1);
	need(sp_pkey_generate(&state->key, type, 2048, &error) == SP_OK &&
		sp_pkey_write_pem(&state->key, &pem) == SP_OK &&
		sp_signer_add_key(state->signer, "example.com", "s1",
			sp_buffer_span(&pem), &error) == SP_OK);
	sp_buffer_free(&pem);
	set_openssl(state, false);
}

static void close_state(struct state *state)
{
	sp_session_close(state->session);
	sp_signer_close(state->signer);
	sp_verifier_close(state->verifier);
	EVP_PKEY_CTX_free(state->rsa);
	EVP_MD_CTX_free(state->ed25519);
	EVP_MD_CTX_free(state->hash);
	sp_pkey_free(&state->key);
	sp_buffer_free(&state->signed_text);
	letters_close(&state->letters);
	letters_close(&state->others);
}

void bench_messages(struct bench *bench)
{
	static const struct {
		const char *name, *baseline;
		enum sp_pkey_type type;
		bool identical;
		void (*ours)(void *), (*base)(void *);
	} cases[] = {
		{"sign-rsa2048", "openssl-evp", SP_PKEY_RSA, false, sign,
			by_openssl},
		{"sign-ed25519", "openssl-evp", SP_PKEY_ED25519, false, sign,
			by_openssl},
		{"sign-ed25519-identical", "distinct-bodies", SP_PKEY_ED25519,
			true, sign, sign_others},
		{"verify-rsa2048", "openssl-evp", SP_PKEY_RSA, false, verify,
			by_openssl},
		{"verify-ed25519", "openssl-evp", SP_PKEY_ED25519, false,
			verify, by_openssl},
	};
	static struct state state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench_item item = {
			.group = "engine",
			.variant = "memory",
			.baseline = cases[i].baseline,
			.unit = BENCH_OPS,
			.work = LETTERS_MAX,
			.base_work = cases[i].identical ? 0 : BASE_COUNT,
			.ours = cases[i].ours,
			.base = cases[i].base,
		};

		snprintf(item.name, sizeof(item.name), "%s", cases[i].name);
		if (!bench_wants(bench, &item))
			continue;
		state = (struct state){.rsa = NULL};
		open_state(&state, cases[i].type, cases[i].identical);
		if (cases[i].ours == verify) {
			set_signed(&state);
			set_openssl(&state, true);
		}
		bench_measure(bench, &item, &state);
		close_state(&state);
	}
}
