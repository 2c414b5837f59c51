/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys from the bytes of p=: what we load, OpenSSL's own parser loads
 * as the same key; what OpenSSL writes the same way, we load; and verifying
 * with any key that loads goes well.
 */
#include "crypto/lanes.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/limits.h"
#include "crypto/base64.h"
#include "tests/unit/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The RSA key that OpenSSL sees in all the bytes, or NULL. */
static EVP_PKEY *openssl_parse(const uint8_t *data, size_t size)
{
	const unsigned char *at = data;
	EVP_PKEY *evp = d2i_PUBKEY(NULL, &at, (long)size);

	if (!evp) {
		at = data;
		evp = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)size);
	}
	if (evp && (at != data + size || !EVP_PKEY_is_a(evp, "RSA"))) {
		EVP_PKEY_free(evp);
		evp = NULL;
	}
	ERR_clear_error();
	return evp;
}

static bool written_as(EVP_PKEY *evp, const uint8_t *data, size_t size)
{
	unsigned char *info = NULL, *bare = NULL;
	int info_size = i2d_PUBKEY(evp, &info);
	int bare_size = i2d_PublicKey(evp, &bare);
	bool same = (info_size == (int)size && !memcmp(info, data, size)) ||
		    (bare_size == (int)size && !memcmp(bare, data, size));

	OPENSSL_free(info);
	OPENSSL_free(bare);
	ERR_clear_error();
	return same;
}

/* Are the numbers within the limits of crypto/pkey.h? */
static bool within_limits(EVP_PKEY *evp)
{
	BIGNUM *n = NULL, *e = NULL;
	bool within = EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_N, &n) &&
		      EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_E, &e) &&
		      BN_num_bits(n) > (int)SP_RSA_EXPONENT_BITS_MAX &&
		      BN_num_bits(n) <= (int)SP_RSA_BITS_MAX && BN_is_odd(n) &&
		      BN_num_bits(e) <= (int)SP_RSA_EXPONENT_BITS_MAX &&
		      BN_is_odd(e) && !BN_is_one(e);

	BN_free(n);
	BN_free(e);
	return within;
}

/* Writes the key and reads it again. */
static void check_round_trip(const struct sp_pkey *key)
{
	struct sp_buffer text = {0};
	unsigned char bytes[2048];
	struct sp_pkey again;
	size_t size;

	assert(sp_pkey_write_public(key, &text) == SP_OK);
	assert(SP_BASE64_DECODED_BYTES(text.size) <= sizeof(bytes));
	assert(sp_base64_decode(bytes, &size, sp_buffer_span(&text)));
	assert(parse_public(&again, key->type, sp_span(bytes, size)) ==
		SP_REASON_OK);
	assert(EVP_PKEY_eq(again.evp, key->evp) == 1);
	sp_pkey_free(&again);
	sp_buffer_free(&text);
}

/* No signature of zeros is right, except under a point of small order. */
static void check_verify(const struct sp_pkey *key)
{
	static unsigned char zeros[SP_PKEY_SIGNATURE_BYTES_MAX];
	static const unsigned char digest[32];
	struct sp_lanes *lanes = sp_lanes_open();
	struct sp_job job = {
		.kind = SP_JOB_VERIFY,
		.key = key,
		.digest = digest,
		.digest_size = sizeof(digest),
		.signature = zeros,
		.signature_size = key->signature_bytes,
	};

	sp_lanes_submit(lanes, &job);
	sp_lanes_run(lanes);
	assert(job.outcome == SP_JOB_WRONG ||
		(job.outcome == SP_JOB_DONE && key->type == SP_PKEY_ED25519));
	sp_lanes_close(lanes);
}

static void check_key(const struct sp_pkey *key)
{
	assert(key->id && !key->private_half);
	assert(key->signature_bytes <= SP_PKEY_SIGNATURE_BYTES_MAX);
	check_round_trip(key);
	check_verify(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span bytes = sp_span(data, size);
	EVP_PKEY *theirs = openssl_parse(data, size);
	struct sp_pkey key;
	enum sp_reason reason = parse_public(&key, SP_PKEY_RSA, bytes);

	if (reason == SP_REASON_OK) {
		assert(theirs && EVP_PKEY_eq(theirs, key.evp) == 1);
		check_key(&key);
	} else {
		assert(!key.evp && (reason == SP_REASON_KEY_SYNTAX ||
					   reason == SP_REASON_KEY_TOO_LARGE));
		assert(!theirs || !within_limits(theirs) ||
			!written_as(theirs, data, size));
	}
	EVP_PKEY_free(theirs);
	sp_pkey_free(&key);
	reason = parse_public(&key, SP_PKEY_ED25519, bytes);
	assert((reason == SP_REASON_OK) == (size == SP_ED25519_BYTES));
	if (reason == SP_REASON_OK)
		check_key(&key);
	sp_pkey_free(&key);
	assert(ERR_peek_error() == 0);
	return 0;
}
