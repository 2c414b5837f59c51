/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA in eight lanes (RFC 8017 5): what crypto/rsa.c wants of a kernel.
 * docs/CRYPTO.md has the arithmetic and its bounds.
 *
 * A number is an array of limbs of 52 bits, the lowest first, each limb with
 * one value per lane. A modulus of N bits has limbs enough for 4 * modulus <
 * R = 2^(52 * limbs).
 */
#ifndef SP_CRYPTO_RSA_KERNEL_H
#define SP_CRYPTO_RSA_KERNEL_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SP_RSA_LANES 8u
#define SP_RSA_LIMB_BITS 52u
#define SP_RSA_LIMB_MASK ((UINT64_C(1) << SP_RSA_LIMB_BITS) - 1)
#define SP_RSA_PRIME_LIMBS_MAX 40u /* a prime of 2048 bits */
#define SP_RSA_LIMBS_MAX 80u /* a modulus of 4096 bits */
/* Pairs of blocks of five limbs, without the lowest (crypto/montgomery.h). */
#define SP_RSA_PAIRS(limbs) (((limbs) / 5 - 1) * ((limbs) / 5 - 2) / 2)
#define SP_RSA_WORD_BITS 60u /* of exponents: whole windows of 4 and 5 */
#define SP_RSA_WORDS_MAX 35u
#define SP_RSA_WINDOWS_MAX 32u /* entries of a table */

struct sp_rsa_limb {
	alignas(64) uint64_t lane[SP_RSA_LANES];
};

/*
 * One private pass: four messages, modulo p in lanes 0 to 3, modulo q in lanes
 * 4 to 7. All of it is secret.
 */
struct sp_rsa_private_pass {
	unsigned limbs; /* of a prime: 10, 20, 30 or 40 */
	unsigned bits; /* of a prime: 512, 1024, 1536 or 2048 */
	struct sp_rsa_limb modulus[SP_RSA_PRIME_LIMBS_MAX];
	struct sp_rsa_limb negative_inverse; /* -1 / modulus mod 2^52 */
	struct sp_rsa_limb one[SP_RSA_PRIME_LIMBS_MAX]; /* R mod modulus */
	struct sp_rsa_limb cube[SP_RSA_PRIME_LIMBS_MAX]; /* R^3 mod modulus */
	struct sp_rsa_limb exponent[SP_RSA_WORDS_MAX]; /* 60 bits each */
	/* R / q mod p in lanes 0 to 3; anything below p in the others. */
	struct sp_rsa_limb coefficient[SP_RSA_PRIME_LIMBS_MAX];
	/* The padded digest, below p * q, in a lane and the lane 4 above. */
	struct sp_rsa_limb block[2 * SP_RSA_PRIME_LIMBS_MAX];
	/* Between power and join: block ^ exponent mod modulus. */
	struct sp_rsa_limb power[SP_RSA_PRIME_LIMBS_MAX];
	/* After join: the signature, in lanes 0 to 3. */
	struct sp_rsa_limb signature[2 * SP_RSA_PRIME_LIMBS_MAX];
	/* The kernel's own. */
	struct sp_rsa_limb
		differences[6 * SP_RSA_PAIRS(SP_RSA_PRIME_LIMBS_MAX)];
	struct sp_rsa_limb product[7 * SP_RSA_PRIME_LIMBS_MAX];
	struct sp_rsa_limb scratch[2][SP_RSA_PRIME_LIMBS_MAX];
	struct sp_rsa_limb table[SP_RSA_WINDOWS_MAX * SP_RSA_PRIME_LIMBS_MAX];
};

/* One public pass: eight signatures, each with a modulus of its own. */
struct sp_rsa_public_pass {
	unsigned limbs; /* 20, 40, 60 or 80 */
	bool known; /* these moduli were those of the last pass */
	struct sp_rsa_limb modulus[SP_RSA_LIMBS_MAX];
	struct sp_rsa_limb negative_inverse;
	struct sp_rsa_limb constant[SP_RSA_LIMBS_MAX]; /* R^65537 mod modulus */
	struct sp_rsa_limb signature[SP_RSA_LIMBS_MAX]; /* below the modulus */
	/* After open: signature ^ 65537 mod modulus. */
	struct sp_rsa_limb block[SP_RSA_LIMBS_MAX];
	/* The kernel's own. */
	struct sp_rsa_limb differences[6 * SP_RSA_PAIRS(SP_RSA_LIMBS_MAX)];
	struct sp_rsa_limb product[7 * SP_RSA_LIMBS_MAX];
};

/* Every lane is computed; a lane without work needs an odd modulus. */
struct sp_rsa_kernel {
	const char *name;
	void (*power)(struct sp_rsa_private_pass *pass);
	void (*join)(struct sp_rsa_private_pass *pass);
	void (*open)(struct sp_rsa_public_pass *pass);
};

/* The best kernel this machine may run (base/cpu.h), or NULL. */
const struct sp_rsa_kernel *sp_rsa_kernel(void);

extern const struct sp_rsa_kernel sp_rsa_ifma;

#endif
