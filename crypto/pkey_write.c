/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making keys and writing them: PEM PKCS#8 (RFC 5958) and the value of p=
 * (RFC 6376 3.6.1, RFC 8463 4).
 */
#include "crypto/pkey.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "crypto/base64.h"
#include "crypto/pkey_parts.h"

#define RSA_MAKE_BITS_MAX 4096u

enum sp_status sp_pkey_generate(struct sp_pkey *key, enum sp_pkey_type type,
	unsigned bits, struct sp_error *error)
{
	EVP_PKEY *evp;

	*key = (struct sp_pkey){0};
	if (type == SP_PKEY_ED25519) {
		evp = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	} else if (bits < SP_RSA_SIGN_BITS_MIN || bits > RSA_MAKE_BITS_MAX ||
		   bits % 8) {
		return sp_error(error, SP_CONFIG,
			"%u bits: RSA keys are made with %u to %u bits, a "
			"multiple of 8; 2048 is the usual choice",
			bits, SP_RSA_SIGN_BITS_MIN, RSA_MAKE_BITS_MAX);
	} else {
		evp = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	}
	if (!evp) {
		const char *reason =
			ERR_reason_error_string(ERR_peek_last_error());

		ERR_clear_error();
		return sp_error(error, SP_CRYPTO,
			"OpenSSL cannot make the key: %s",
			reason ? reason : "no reason given");
	}
	if (sp_pkey_adopt(key, type, evp, true))
		return SP_OK;
	ERR_clear_error();
	return sp_error(error, SP_NO_MEMORY, "out of memory");
}

enum sp_status sp_pkey_write_pem(
	const struct sp_pkey *key, struct sp_buffer *out)
{
	/* Memory BIOs wipe what they held, also when they grow. */
	BIO *bio = BIO_new(BIO_s_mem());
	enum sp_status status = SP_CRYPTO;
	char *text;
	long size;

	assert(key->private_half);
	if (!bio)
		return SP_NO_MEMORY;
	if (PEM_write_bio_PKCS8PrivateKey(
		    bio, key->evp, NULL, NULL, 0, NULL, NULL) == 1) {
		size = BIO_get_mem_data(bio, &text);
		sp_buffer_add(out, sp_span(text, (size_t)size));
		status = sp_buffer_status(out);
	}
	ERR_clear_error();
	BIO_free(bio);
	return status;
}

static void add_base64(struct sp_buffer *out, struct sp_span bytes)
{
	char *to = sp_buffer_reserve(out, SP_BASE64_ENCODED_BYTES(bytes.size));

	if (to)
		out->size += sp_base64_encode(to, bytes);
}

enum sp_status sp_pkey_write_public(
	const struct sp_pkey *key, struct sp_buffer *out)
{
	unsigned char raw[SP_ED25519_BYTES];
	unsigned char *der = NULL;
	size_t size = sizeof(raw);
	int length;

	if (key->type == SP_PKEY_ED25519) {
		if (EVP_PKEY_get_raw_public_key(key->evp, raw, &size) != 1) {
			ERR_clear_error();
			return SP_CRYPTO;
		}
		add_base64(out, sp_span(raw, size));
		return sp_buffer_status(out);
	}
	length = i2d_PUBKEY(key->evp, &der);
	if (length <= 0) {
		ERR_clear_error();
		return SP_CRYPTO;
	}
	add_base64(out, sp_span(der, (size_t)length));
	OPENSSL_free(der);
	return sp_buffer_status(out);
}
