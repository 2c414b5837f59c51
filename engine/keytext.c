/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 DER becomes PEM (RFC 7468), which says what kind of key it is; which
 * kind, the third element tells: after SEQUENCE and INTEGER 0 an
 * AlgorithmIdentifier (RFC 5958 2) or the modulus (RFC 8017 A.1.2).
 */
#include "engine/keytext.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "crypto/base64.h"

#define LINE_CHARACTERS 64u
#define DER_SEQUENCE 0x30
#define DER_INTEGER 0x02

/* The size of the tag and length at der, or 0. */
static size_t der_head(const unsigned char *der, size_t size)
{
	size_t head;

	if (size < 2)
		return 0;
	head = der[1] < 0x80 ? 2 : 2 + (size_t)(der[1] & 0x7f);
	return head <= 6 && head <= size ? head : 0;
}

/* The PEM label of a DER key, or NULL. */
static const char *der_label(const unsigned char *der, size_t size)
{
	size_t head = der_head(der, size);

	if (!head || der[0] != DER_SEQUENCE || size - head < 4 ||
		der[head] != DER_INTEGER || der[head + 1] != 1)
		return NULL;
	switch (der[head + 3]) {
	case DER_SEQUENCE:
		return "PRIVATE KEY";
	case DER_INTEGER:
		return "RSA PRIVATE KEY";
	default:
		return NULL;
	}
}

static void write_pem(
	struct sp_buffer *pem, const char *label, struct sp_span text)
{
	sp_buffer_add_format(pem, "-----BEGIN %s-----\n", label);
	while (text.size) {
		size_t some = text.size < LINE_CHARACTERS ? text.size
							  : LINE_CHARACTERS;

		sp_buffer_add(pem, sp_span(text.data, some));
		sp_buffer_add_char(pem, '\n');
		text = sp_span_after(text, some);
	}
	sp_buffer_add_format(pem, "-----END %s-----\n", label);
}

static enum sp_status parse_der(struct sp_pkey *key, struct sp_span text,
	const char *label, const char *name, struct sp_error *error)
{
	struct sp_buffer pem = {0};
	enum sp_status status;

	/* All of it at once: growing would leave copies behind. */
	sp_buffer_reserve(&pem, 2 * text.size + 256);
	write_pem(&pem, label, text);
	status = sp_buffer_status(&pem);
	if (status == SP_OK)
		status = sp_pkey_parse_private(
			key, sp_buffer_span(&pem), name, NULL, error);
	else
		sp_error(error, status, "%s: not enough memory; free some",
			name);
	if (pem.data)
		OPENSSL_cleanse(pem.data, pem.room);
	sp_buffer_free(&pem);
	return status;
}

enum sp_status sp_keytext_parse(struct sp_pkey *key, struct sp_span text,
	const char *name, struct sp_error *error)
{
	size_t room = SP_BASE64_DECODED_BYTES(text.size), size = 0;
	unsigned char *der = malloc(room);
	const char *label = NULL;

	*key = (struct sp_pkey){0};
	if (!der)
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some", name);
	if (text.size <= SP_PKEY_FILE_BYTES_MAX &&
		sp_base64_decode(der, &size, text)) {
		label = size == SP_ED25519_BYTES ? "" : der_label(der, size);
	}
	OPENSSL_cleanse(der, room);
	free(der);
	if (!label)
		return sp_error(error, SP_CONFIG,
			"%s: is neither a file's name nor a key in base64; "
			"begin a file's name with \"/\" or \"./\"",
			name);
	if (!label[0])
		return sp_pkey_parse_private(key, text, name, NULL, error);
	return parse_der(key, text, label, name, error);
}
