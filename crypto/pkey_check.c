/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do the parts of an RSA private key belong together (RFC 8017 3.2)?
 *
 * EVP_PKEY_check() proves the primes again with Miller-Rabin, which takes 47 ms
 * for 2048 bits: minutes for a table of thousands of keys. What can go wrong
 * with a file is that parts are damaged or from different keys, and that shows
 * in the equations between them (microseconds) and in a signature made and
 * verified (0.4 ms): with a factor that is not prime, that signature fails.
 *
 * The equations matter beside the signature: with a damaged CRT part OpenSSL
 * falls back to the slow way at every signature without a word.
 */
#include "crypto/pkey_parts.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

enum part { N, E, D, P, Q, DP, DQ, QINV, PARTS };

struct parts {
	BIGNUM *of[PARTS];
	BIGNUM *one_less, *left; /* scratch */
	BN_CTX *context;
};

static bool parts_get(struct parts *parts, const EVP_PKEY *evp)
{
	static const char *const names[PARTS] = {
		[N] = OSSL_PKEY_PARAM_RSA_N,
		[E] = OSSL_PKEY_PARAM_RSA_E,
		[D] = OSSL_PKEY_PARAM_RSA_D,
		[P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
		[Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
		[DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
		[DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
		[QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};

	*parts = (struct parts){
		.one_less = BN_new(),
		.left = BN_new(),
		.context = BN_CTX_secure_new(),
	};
	for (int i = 0; i < PARTS; i++)
		if (!EVP_PKEY_get_bn_param(evp, names[i], &parts->of[i]))
			return false;
	return parts->one_less && parts->left && parts->context;
}

static void parts_free(struct parts *parts)
{
	for (int i = 0; i < PARTS; i++)
		BN_clear_free(parts->of[i]);
	BN_clear_free(parts->one_less);
	BN_clear_free(parts->left);
	BN_CTX_free(parts->context);
}

/* a * b = 1 (mod m)? */
static bool inverse(
	struct parts *parts, const BIGNUM *a, const BIGNUM *b, const BIGNUM *m)
{
	return BN_mod_mul(parts->left, a, b, m, parts->context) &&
	       BN_is_one(parts->left);
}

/*
 * Is exponent the inverse of e for this prime, and is d the same exponent
 * (RFC 8017 3.2: e * dP = 1 and d = dP modulo p - 1)?
 */
static bool exponents_match(
	struct parts *parts, const BIGNUM *prime, const BIGNUM *exponent)
{
	BIGNUM *const *of = parts->of;

	return BN_is_odd(prime) && !BN_is_one(prime) &&
	       BN_copy(parts->one_less, prime) &&
	       BN_sub_word(parts->one_less, 1) &&
	       inverse(parts, of[E], exponent, parts->one_less) &&
	       inverse(parts, of[E], of[D], parts->one_less) &&
	       BN_cmp(exponent, parts->one_less) < 0;
}

static bool equations_hold(struct parts *parts)
{
	BIGNUM *const *of = parts->of;

	return BN_is_odd(of[E]) && !BN_is_one(of[E]) &&
	       BN_num_bits(of[E]) <= (int)SP_RSA_EXPONENT_BITS_MAX &&
	       BN_mul(parts->left, of[P], of[Q], parts->context) &&
	       BN_cmp(parts->left, of[N]) == 0 && BN_cmp(of[D], of[N]) < 0 &&
	       BN_cmp(of[P], of[Q]) != 0 &&
	       exponents_match(parts, of[P], of[DP]) &&
	       exponents_match(parts, of[Q], of[DQ]) &&
	       BN_cmp(of[QINV], of[P]) < 0 &&
	       inverse(parts, of[Q], of[QINV], of[P]);
}

/* Signs something and verifies it. */
static bool signature_holds(EVP_PKEY *evp)
{
	static const unsigned char digest[32] = "the trial signature of a key";
	unsigned char signature[SP_PKEY_SIGNATURE_BYTES_MAX];
	size_t size = sizeof(signature);
	EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new(evp, NULL);
	EVP_PKEY_CTX *verify = EVP_PKEY_CTX_new(evp, NULL);
	bool holds = sign && verify && EVP_PKEY_sign_init(sign) == 1 &&
		     EVP_PKEY_CTX_set_signature_md(sign, EVP_sha256()) == 1 &&
		     EVP_PKEY_verify_init(verify) == 1 &&
		     EVP_PKEY_CTX_set_signature_md(verify, EVP_sha256()) == 1 &&
		     EVP_PKEY_sign(sign, signature, &size, digest,
			     sizeof(digest)) == 1 &&
		     EVP_PKEY_verify(verify, signature, size, digest,
			     sizeof(digest)) == 1;

	EVP_PKEY_CTX_free(sign);
	EVP_PKEY_CTX_free(verify);
	return holds;
}

enum sp_status sp_pkey_check(
	const struct sp_pkey *key, const char *name, struct sp_error *error)
{
	struct parts parts;
	BIGNUM *third = NULL;
	bool good;

	/* The public half of an Ed25519 key is made from its seed. */
	if (key->type == SP_PKEY_ED25519)
		return SP_OK;
	if (EVP_PKEY_get_bn_param(
		    key->evp, OSSL_PKEY_PARAM_RSA_FACTOR3, &third)) {
		BN_clear_free(third);
		return sp_error(error, SP_CONFIG,
			"%s: an RSA key with more than two primes; make one "
			"with two (sealpress keygen)",
			name);
	}
	good = parts_get(&parts, key->evp) && equations_hold(&parts) &&
	       signature_holds(key->evp);
	parts_free(&parts);
	if (good)
		return SP_OK;
	return sp_error(error, SP_CONFIG,
		"%s: the parts of this RSA key do not belong together; take "
		"it from a backup, or make a new one (sealpress keygen)",
		name);
}
