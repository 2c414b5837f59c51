/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys for the lanes (RFC 8017 3), made with OpenSSL's big numbers. */
#include "crypto/rsa.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "crypto/secret.h"

#define EXPONENT 65537u

/* Four bits more than the modulus at the least, so that 4 * modulus < R. */
unsigned sp_rsa_limbs(unsigned bits)
{
	const unsigned block = 10 * SP_RSA_LIMB_BITS;

	return (bits + 4 + block - 1) / block * 10;
}

/* False when the number does not fit in count limbs of so many bits. */
static bool limbs_from_number(
	uint64_t *limbs, unsigned count, unsigned limb_bits, const BIGNUM *n)
{
	/* Room for the eight bytes read where the last limb begins. */
	unsigned char bytes[SP_RSA_LIMBS_MAX * SP_RSA_LIMB_BITS / 8 + 8] = {0};
	unsigned size = (count * limb_bits + 7) / 8;
	bool fits = BN_num_bits(n) <= (int)(count * limb_bits) &&
		    BN_bn2lebinpad(n, bytes, (int)size) == (int)size;

	for (unsigned i = 0; fits && i < count; i++) {
		const unsigned char *from = bytes + i * limb_bits / 8;
		uint64_t word = 0;

		for (unsigned k = 8; k-- > 0;)
			word = word << 8 | from[k];
		limbs[i] = word >> i * limb_bits % 8 &
			   ((UINT64_C(1) << limb_bits) - 1);
	}
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return fits;
}

/* -1 / n mod 2^52, for odd n: each step doubles the bits that are right. */
static uint64_t negative_inverse(uint64_t n)
{
	uint64_t inverse = n; /* right in three bits */

	for (unsigned bits = 3; bits < SP_RSA_LIMB_BITS; bits *= 2)
		inverse *= 2 - n * inverse;
	return -inverse & SP_RSA_LIMB_MASK;
}

enum part { N, P, Q, DP, DQ, QINV, PARTS };

/* The numbers of a key, and room to compute. */
struct parts {
	BIGNUM *of[PARTS]; /* NULL: not there */
	BIGNUM *radix, *result;
	BN_CTX *context;
};

static bool parts_get(struct parts *parts, const EVP_PKEY *evp, unsigned count)
{
	static const char *const names[PARTS] = {
		[N] = OSSL_PKEY_PARAM_RSA_N,
		[P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
		[Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
		[DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
		[DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
		[QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};

	*parts = (struct parts){
		.radix = BN_secure_new(),
		.result = BN_secure_new(),
		.context = BN_CTX_secure_new(),
	};
	for (unsigned i = 0; i < count; i++) {
		if (!EVP_PKEY_get_bn_param(evp, names[i], &parts->of[i]))
			return false;
		if (i != N)
			BN_set_flags(parts->of[i], BN_FLG_CONSTTIME);
	}
	return parts->radix && parts->result && parts->context;
}

static void parts_free(struct parts *parts)
{
	for (unsigned i = 0; i < PARTS; i++)
		BN_clear_free(parts->of[i]);
	BN_clear_free(parts->radix);
	BN_clear_free(parts->result);
	BN_CTX_free(parts->context);
	ERR_clear_error();
}

/* parts->radix = R mod modulus */
static bool find_radix(
	struct parts *parts, const BIGNUM *modulus, unsigned limbs)
{
	BN_zero(parts->radix);
	return BN_set_bit(parts->radix, (int)(limbs * SP_RSA_LIMB_BITS)) &&
	       BN_mod(parts->radix, parts->radix, modulus, parts->context);
}

static bool fill_prime(struct sp_rsa_prime *to, struct parts *parts,
	const BIGNUM *prime, const BIGNUM *exponent, unsigned bits)
{
	const unsigned limbs = sp_rsa_limbs(bits);
	const unsigned words = (bits + SP_RSA_WORD_BITS - 1) / SP_RSA_WORD_BITS;
	BIGNUM *r = parts->radix, *cube = parts->result;

	if (!BN_is_odd(prime) || BN_num_bits(prime) != (int)bits ||
		BN_num_bits(exponent) > (int)bits)
		return false;
	if (!find_radix(parts, prime, limbs) ||
		!BN_mod_mul(cube, r, r, prime, parts->context) ||
		!BN_mod_mul(cube, cube, r, prime, parts->context))
		return false;
	if (!limbs_from_number(to->modulus, limbs, SP_RSA_LIMB_BITS, prime) ||
		!limbs_from_number(to->one, limbs, SP_RSA_LIMB_BITS, r) ||
		!limbs_from_number(to->cube, limbs, SP_RSA_LIMB_BITS, cube) ||
		!limbs_from_number(
			to->exponent, words, SP_RSA_WORD_BITS, exponent))
		return false;
	to->negative_inverse = negative_inverse(to->modulus[0]);
	return true;
}

static bool fill_private(
	struct sp_rsa_private *to, struct parts *parts, unsigned bits)
{
	const unsigned limbs = sp_rsa_limbs(bits / 2);
	BIGNUM *const *of = parts->of;

	return fill_prime(&to->prime[1], parts, of[Q], of[DQ], bits / 2) &&
	       fill_prime(&to->prime[0], parts, of[P], of[DP], bits / 2) &&
	       find_radix(parts, of[P], limbs) &&
	       BN_mod_mul(parts->result, of[QINV], parts->radix, of[P],
		       parts->context) &&
	       limbs_from_number(
		       to->coefficient, limbs, SP_RSA_LIMB_BITS, parts->result);
}

static const struct sp_rsa_private *make_private(
	const EVP_PKEY *evp, unsigned bits)
{
	struct sp_rsa_private *half = sp_secret_alloc(sizeof(*half));
	struct parts parts;

	if (!half)
		return NULL;
	if (!parts_get(&parts, evp, PARTS) ||
		!fill_private(half, &parts, bits)) {
		sp_secret_free(half, sizeof(*half));
		half = NULL;
	}
	parts_free(&parts);
	return half;
}

static bool fill_public(
	struct sp_rsa_public *to, struct parts *parts, unsigned bits)
{
	const unsigned limbs = sp_rsa_limbs(bits), size = bits / 8;
	const BIGNUM *modulus = parts->of[N];
	BIGNUM *constant = parts->result;
	BIGNUM *exponent = BN_new();
	bool made = exponent && BN_set_word(exponent, EXPONENT) &&
		    find_radix(parts, modulus, limbs) &&
		    BN_mod_exp(constant, parts->radix, exponent, modulus,
			    parts->context) &&
		    limbs_from_number(
			    to->modulus, limbs, SP_RSA_LIMB_BITS, modulus) &&
		    limbs_from_number(
			    to->constant, limbs, SP_RSA_LIMB_BITS, constant) &&
		    BN_bn2binpad(modulus, to->bytes, (int)size) == (int)size;

	BN_free(exponent);
	to->negative_inverse = negative_inverse(to->modulus[0]);
	return made;
}

static const struct sp_rsa_public *make_public(
	const EVP_PKEY *evp, unsigned bits)
{
	struct sp_rsa_public *half = calloc(1, sizeof(*half));
	struct parts parts;

	if (!half)
		return NULL;
	if (!parts_get(&parts, evp, 1) || !fill_public(half, &parts, bits)) {
		free(half);
		half = NULL;
	}
	parts_free(&parts);
	return half;
}

/* Is it odd, of a size that has lanes, and its exponent 65537? */
static bool suits(const EVP_PKEY *evp)
{
	int bits = EVP_PKEY_get_bits(evp);
	BIGNUM *n = NULL, *e = NULL;
	bool good = bits % 1024 == 0 && bits > 0 &&
		    bits <= (int)(SP_RSA_SIZES * 1024) &&
		    EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_N, &n) &&
		    EVP_PKEY_get_bn_param(evp, OSSL_PKEY_PARAM_RSA_E, &e) &&
		    BN_is_odd(n) && BN_is_word(e, EXPONENT);

	BN_free(n);
	BN_free(e);
	return good;
}

struct sp_rsa *sp_rsa_open(const EVP_PKEY *evp, bool private_half)
{
	struct sp_rsa *rsa;

	if (!suits(evp))
		return NULL;
	rsa = calloc(1, sizeof(*rsa));
	if (!rsa)
		return NULL;
	rsa->bits = (unsigned)EVP_PKEY_get_bits(evp);
	rsa->size = rsa->bits / 1024 - 1;
	atomic_init(&rsa->uses, 0);
	atomic_init(&rsa->public_half, NULL);
	if (!private_half)
		return rsa;
	atomic_init(&rsa->public_half, make_public(evp, rsa->bits));
	if (atomic_load(&rsa->public_half))
		rsa->private_half = make_private(evp, rsa->bits);
	return rsa;
}

void sp_rsa_close(struct sp_rsa *rsa)
{
	if (!rsa)
		return;
	sp_secret_free((void *)rsa->private_half, sizeof(*rsa->private_half));
	free((void *)atomic_load(&rsa->public_half));
	free(rsa);
}

const struct sp_rsa_public *sp_rsa_public(
	struct sp_rsa *rsa, const EVP_PKEY *evp)
{
	const struct sp_rsa_public *half = atomic_load(&rsa->public_half);
	const struct sp_rsa_public *other = NULL;

	if (half)
		return half;
	if (atomic_fetch_add(&rsa->uses, 1) + 1 < SP_RSA_USES_MIN)
		return NULL;
	half = make_public(evp, rsa->bits);
	if (half && !atomic_compare_exchange_strong(
			    &rsa->public_half, &other, half)) {
		free((void *)half); /* another thread was faster */
		half = other;
	}
	return half;
}
