/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the lanes know of an RSA key (RFC 8017 3): the numbers of the key, and
 * constants made from them, as limbs. Made once per key.
 *
 * Private keys of 1024, 2048, 3072 or 4096 bits with two primes of half that,
 * public keys of these sizes with the exponent 65537; all else is OpenSSL's.
 */
#ifndef SP_CRYPTO_RSA_H
#define SP_CRYPTO_RSA_H

#include <openssl/evp.h>
#include <stdatomic.h>

#include "crypto/rsa_kernel.h"

#define SP_RSA_SIZES 4u /* 1024, 2048, 3072, 4096 */
#define SP_RSA_BYTES_MAX 512u

/* A public key is worth its context once it has been used so often. */
#define SP_RSA_USES_MIN 3u

struct sp_rsa_public {
	uint64_t negative_inverse; /* -1 / modulus mod 2^52 */
	uint64_t modulus[SP_RSA_LIMBS_MAX];
	uint64_t constant[SP_RSA_LIMBS_MAX]; /* R^65537 mod modulus */
	unsigned char bytes[SP_RSA_BYTES_MAX]; /* modulus, highest first */
};

struct sp_rsa_prime {
	uint64_t negative_inverse;
	uint64_t modulus[SP_RSA_PRIME_LIMBS_MAX];
	uint64_t one[SP_RSA_PRIME_LIMBS_MAX]; /* R mod modulus */
	uint64_t cube[SP_RSA_PRIME_LIMBS_MAX]; /* R^3 mod modulus */
	uint64_t exponent[SP_RSA_WORDS_MAX]; /* dP or dQ, 60 bits each */
};

/* In memory from sp_secret_alloc(). */
struct sp_rsa_private {
	struct sp_rsa_prime prime[2]; /* p, q */
	uint64_t coefficient[SP_RSA_PRIME_LIMBS_MAX]; /* R / q mod p */
};

struct sp_rsa {
	unsigned bits; /* of the modulus */
	unsigned size; /* index: 0 for 1024 up to 3 for 4096 */
	const struct sp_rsa_private *private_half; /* NULL: OpenSSL signs */
	atomic_uint uses; /* of the public half */
	/* Never changes once it is not NULL; any thread may put it there. */
	_Atomic(const struct sp_rsa_public *) public_half;
};

/*
 * NULL when the key is one for OpenSSL, or when there is no memory. With a
 * private half that fits, both halves are made at once: signatures are checked
 * with the public one.
 */
struct sp_rsa *sp_rsa_open(const EVP_PKEY *evp, bool private_half);
void sp_rsa_close(struct sp_rsa *rsa);

/*
 * The public half, made of evp if this is not the first time that it is
 * wanted; NULL: let OpenSSL do it. Any thread may call.
 */
const struct sp_rsa_public *sp_rsa_public(
	struct sp_rsa *rsa, const EVP_PKEY *evp);

/* Limbs of a modulus, or prime, of so many bits: a multiple of ten. */
unsigned sp_rsa_limbs(unsigned bits);

#endif
