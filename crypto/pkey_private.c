/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys from text: PEM PKCS#1 (RFC 8017 A.1.2), PKCS#8 plain or
 * encrypted (RFC 5958), or the base64 of an Ed25519 seed (RFC 8463 A.2).
 */
#include "crypto/pkey.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/limits.h"
#include "crypto/base64.h"
#include "crypto/pkey_parts.h"
#include "crypto/trouble.h"

#define WANTED "DKIM signs with RSA or Ed25519 (see sealpress keygen)"

/* What the passphrase callback has to say and to tell. */
struct phrase {
	const char *text; /* or NULL: there is none */
	bool asked;
	bool too_long;
};

/* OpenSSL's pem_password_cb; without one it would ask on the terminal. */
static int give_phrase(char *buffer, int room, int writing, void *context)
{
	struct phrase *phrase = context;
	size_t size = phrase->text ? strlen(phrase->text) : 0;

	(void)writing;
	phrase->asked = true;
	if (!phrase->text)
		return -1;
	if (size > SP_PASSPHRASE_BYTES_MAX || size > (size_t)room) {
		phrase->too_long = true;
		return -1;
	}
	memcpy(buffer, phrase->text, size);
	return (int)size;
}

/*
 * Finds the first PEM label at or after *at, and moves *at to its
 * "-----BEGIN": false when there is none.
 */
static bool find_label(struct sp_span text, size_t *at, struct sp_span *label)
{
	static const char begin[] = "-----BEGIN ";
	const char *end = text.data + text.size;
	const char *found, *stop;

	if (text.size == 0)
		return false;
	found = memmem(
		text.data + *at, text.size - *at, begin, sizeof(begin) - 1);
	if (!found)
		return false;
	*at = (size_t)(found - text.data);
	found += sizeof(begin) - 1;
	stop = memmem(found, (size_t)(end - found), "-----", 5);
	if (!stop)
		stop = found;
	*label = sp_span_between(found, stop);
	return true;
}

/*
 * Cuts text to begin with its first private key, passing over other PEM
 * blocks (parameters, certificates). False when it holds no private key;
 * *label is then that of another block, or empty when there is no PEM.
 */
static bool find_private(struct sp_span *text, struct sp_span *label)
{
	size_t at = 0;

	*label = sp_span(NULL, 0);
	for (; find_label(*text, &at, label); at++) {
		if (sp_span_ends_nocase(*label, sp_span_str("PRIVATE KEY"))) {
			*text = sp_span_after(*text, at);
			return true;
		}
	}
	return false;
}

/* Labels of private keys that nothing can be done with, and what to do. */
static enum sp_status check_label(
	struct sp_span label, const char *name, struct sp_error *error)
{
	if (sp_span_is(label, "RSA PRIVATE KEY") ||
		sp_span_is(label, "PRIVATE KEY") ||
		sp_span_is(label, "ENCRYPTED PRIVATE KEY"))
		return SP_OK;
	if (sp_span_is(label, "OPENSSH PRIVATE KEY"))
		return sp_error(error, SP_CONFIG,
			"%s: a key in OpenSSH's own format; convert a copy of "
			"an RSA key with 'ssh-keygen -p -m PEM', or make a "
			"new one with sealpress keygen",
			name);
	if (sp_span_is(label, "EC PRIVATE KEY") ||
		sp_span_is(label, "DSA PRIVATE KEY"))
		return sp_error(error, SP_CONFIG, "%s: %.*s key; " WANTED, name,
			(int)sp_span_find(label, ' '), label.data);
	return sp_error(error, SP_CONFIG,
		"%s: unknown kind of key '%.*s'; " WANTED, name,
		label.size < 64 ? (int)label.size : 64, label.data);
}

/* Why OpenSSL could not read a key it was given. */
static enum sp_status say_unreadable(
	const struct phrase *phrase, const char *name, struct sp_error *error)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	if (!reason)
		reason = "not a key";
	if (phrase->too_long)
		return sp_error(error, SP_CONFIG,
			"%s: the passphrase is longer than %u bytes", name,
			SP_PASSPHRASE_BYTES_MAX);
	if (phrase->asked && !phrase->text)
		return sp_error(error, SP_CONFIG,
			"%s: the key is encrypted and there is no passphrase; "
			"give it with --passphrase-file or --passphrase-env",
			name);
	if (phrase->asked)
		return sp_error(error, SP_CONFIG,
			"%s: the passphrase is wrong, or the key is damaged "
			"(OpenSSL: %s); check it with 'openssl pkey -in %s'",
			name, reason, name);
	return sp_error(error, SP_CONFIG,
		"%s: the key is damaged (OpenSSL: %s); check it with "
		"'openssl pkey -in %s'",
		name, reason, name);
}

static enum sp_status read_pem(EVP_PKEY **evp, struct sp_span text,
	const char *name, const char *passphrase, struct sp_error *error)
{
	struct phrase phrase = {.text = passphrase};
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.size);

	if (!bio)
		return sp_error(error, SP_NO_MEMORY, "%s: no memory", name);
	ERR_clear_error();
	*evp = PEM_read_bio_PrivateKey(bio, NULL, give_phrase, &phrase);
	BIO_free(bio);
	if (!*evp)
		return say_unreadable(&phrase, name, error);
	return SP_OK;
}

/* The base64 of a seed has 44 characters; white space may stand around it. */
#define SEED_TEXT_BYTES_MAX 60u

static enum sp_status read_seed(EVP_PKEY **evp, struct sp_span text,
	const char *name, struct sp_error *error)
{
	unsigned char seed[SP_BASE64_DECODED_BYTES(SEED_TEXT_BYTES_MAX)];
	size_t size = 0;

	text = sp_span_trim(text);
	if (text.size > SEED_TEXT_BYTES_MAX ||
		!sp_base64_decode(seed, &size, text) ||
		size != SP_ED25519_BYTES) {
		OPENSSL_cleanse(seed, sizeof(seed));
		return sp_error(error, SP_CONFIG,
			"%s: neither a PEM private key nor the base64 of a "
			"32-byte Ed25519 seed; give one of these",
			name);
	}
	*evp = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_ED25519, NULL, seed, SP_ED25519_BYTES);
	OPENSSL_cleanse(seed, sizeof(seed));
	if (!*evp)
		return sp_error(error, SP_CRYPTO,
			"%s: OpenSSL cannot make an Ed25519 key", name);
	return SP_OK;
}

static enum sp_status read_text(EVP_PKEY **evp, struct sp_span text,
	const char *name, const char *passphrase, struct sp_error *error)
{
	struct sp_span label;
	enum sp_status status;

	if (!find_private(&text, &label)) {
		if (!label.data)
			return read_seed(evp, text, name, error);
		return sp_error(error, SP_CONFIG,
			"%s: holds no private key but '%.*s'; signing needs "
			"the private key",
			name, label.size < 64 ? (int)label.size : 64,
			label.data);
	}
	status = check_label(label, name, error);
	if (status != SP_OK)
		return status;
	return read_pem(evp, text, name, passphrase, error);
}

/* RSA and Ed25519 only, and RSA of a size that is neither weak nor silly. */
static enum sp_status check_type(const EVP_PKEY *evp, enum sp_pkey_type *type,
	const char *name, struct sp_error *error)
{
	unsigned bits = (unsigned)EVP_PKEY_get_bits(evp);

	*type = EVP_PKEY_is_a(evp, "ED25519") ? SP_PKEY_ED25519 : SP_PKEY_RSA;
	if (*type == SP_PKEY_ED25519)
		return SP_OK;
	if (!EVP_PKEY_is_a(evp, "RSA")) {
		const char *other = EVP_PKEY_get0_type_name(evp);

		if (sp_openssl_trouble() == SP_NO_MEMORY)
			return sp_error(error, SP_NO_MEMORY, "out of memory");
		return sp_error(error, SP_CONFIG, "%s: %s key; " WANTED, name,
			other ? other : "unknown");
	}
	if (bits < SP_RSA_SIGN_BITS_MIN)
		return sp_error(error, SP_CONFIG,
			"%s: RSA key of %u bits; RFC 8301 wants at least %u, "
			"better 2048 (make one with sealpress keygen)",
			name, bits, SP_RSA_SIGN_BITS_MIN);
	if (bits > SP_RSA_BITS_MAX)
		return sp_error(error, SP_CONFIG,
			"%s: RSA key of %u bits; at most %u can be used, and "
			"2048 is what every verifier takes",
			name, bits, SP_RSA_BITS_MAX);
	return SP_OK;
}

enum sp_status sp_pkey_parse_private(struct sp_pkey *key, struct sp_span text,
	const char *name, const char *passphrase, struct sp_error *error)
{
	EVP_PKEY *evp = NULL;
	enum sp_pkey_type type;
	enum sp_status status;

	*key = (struct sp_pkey){0};
	if (text.size > SP_PKEY_FILE_BYTES_MAX)
		return sp_error(error, SP_CONFIG,
			"%s: too large for a key (more than %u bytes)", name,
			SP_PKEY_FILE_BYTES_MAX);
	status = read_text(&evp, text, name, passphrase, error);
	if (status == SP_OK)
		status = check_type(evp, &type, name, error);
	if (status != SP_OK) {
		EVP_PKEY_free(evp);
		ERR_clear_error();
		return status;
	}
	if (sp_pkey_adopt(key, type, evp, true))
		status = sp_pkey_check(key, name, error);
	else
		status = sp_error(error, SP_NO_MEMORY, "out of memory");
	if (status != SP_OK)
		sp_pkey_free(key);
	ERR_clear_error();
	return status;
}
