/* SPDX-License-Identifier: Apache-2.0 */
/* Keys for tests: those of corpus/keys, whole, halved and damaged. */
#ifndef SP_TESTS_UNIT_KEYS_H
#define SP_TESTS_UNIT_KEYS_H

#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/base64.h"
#include "crypto/pkey_parts.h"
#include "tests/unit/guard.h"
#include "tests/unit/parse.h"

/* The text of a file in corpus/keys, NUL behind it. Free with free(). */
static inline char *key_text(const char *name, size_t *size)
{
	char path[256], *text;

	snprintf(path, sizeof(path), "corpus/keys/%s", name);
	text = test_read_file(path, size);
	cr_assert(text, "%s", path);
	return text;
}

/* Parses a key file of the corpus, from memory that ends at a page. */
static inline enum sp_status key_parse(struct sp_pkey *key, const char *name,
	const char *passphrase, struct sp_error *error)
{
	size_t size;
	char *text = key_text(name, &size), *copy = guard_copy(text, size);
	enum sp_status status = sp_pkey_parse_private(
		key, sp_span(copy, size), name, passphrase, error);

	guard_free(copy, size);
	free(text);
	return status;
}

static inline void key_load(struct sp_pkey *key, const char *name)
{
	struct sp_error error = {0};

	cr_assert_eq(
		key_parse(key, name, NULL, &error), SP_OK, "%s", error.text);
}

/* The p= value of a key, NUL-terminated. */
static inline void key_public_text(const struct sp_pkey *key, char text[2048])
{
	struct sp_buffer out = {0};

	cr_assert_eq(sp_pkey_write_public(key, &out), SP_OK);
	cr_assert_lt(out.size, 2048);
	memcpy(text, out.data, out.size);
	text[out.size] = '\0';
	sp_buffer_free(&out);
}

/* A key with only the public half of another. */
static inline void key_public(
	struct sp_pkey *key, const struct sp_pkey *private)
{
	unsigned char bytes[2048];
	char text[2048];
	size_t size;

	key_public_text(private, text);
	cr_assert(sp_base64_decode(bytes, &size, sp_span_str(text)));
	cr_assert_eq(parse_public(key, private->type, sp_span(bytes, size)),
		SP_REASON_OK);
}

/* The parts of an RSA private key (RFC 8017 3.2). */
static const char *const key_parts[] = {OSSL_PKEY_PARAM_RSA_N,
	OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
	OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
	OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
	OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
#define KEY_PARTS (sizeof(key_parts) / sizeof(key_parts[0]))

/* An RSA key of the corpus with 2 added to the named part ("": to none). */
static inline void key_damaged(
	struct sp_pkey *key, const char *name, const char *part)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *numbers[KEY_PARTS] = {0};
	EVP_PKEY *evp = NULL;
	struct sp_pkey good;
	OSSL_PARAM *params;

	key_load(&good, name);
	for (size_t i = 0; i < KEY_PARTS; i++) {
		cr_assert(EVP_PKEY_get_bn_param(
			good.evp, key_parts[i], &numbers[i]));
		if (strcmp(part, key_parts[i]) == 0)
			cr_assert(BN_add_word(numbers[i], 2));
		cr_assert(OSSL_PARAM_BLD_push_BN(
			build, key_parts[i], numbers[i]));
	}
	params = OSSL_PARAM_BLD_to_param(build);
	cr_assert_eq(EVP_PKEY_fromdata_init(context), 1);
	cr_assert_eq(
		EVP_PKEY_fromdata(context, &evp, EVP_PKEY_KEYPAIR, params), 1);
	cr_assert(sp_pkey_adopt(key, SP_PKEY_RSA, evp, true));
	for (size_t i = 0; i < KEY_PARTS; i++)
		BN_free(numbers[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(context);
	sp_pkey_free(&good);
}

#endif
