/* SPDX-License-Identifier: Apache-2.0 */
/* Operands at the edges, for the arithmetic of the lanes. */
#ifndef SP_TESTS_UNIT_OPERANDS_H
#define SP_TESTS_UNIT_OPERANDS_H

#include <openssl/bn.h>

#include "crypto/rsa_kernel.h"

/* So many kinds of moduli and operands come in turns; some are random. */
enum { SPECIAL = 8 };

/* All are the caller's to free. */
BIGNUM *operand_power_of_two(unsigned bits);

/* n = something random below n */
void operand_randomize(BIGNUM *n);

/* Odd, of exactly so many bits. */
BIGNUM *operand_modulus(unsigned bits, unsigned which);

/* Below twice the modulus. */
BIGNUM *operand_below_twice(const BIGNUM *modulus, unsigned which);

/* Puts a number into a lane, as limbs of so many bits. */
void operand_put(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const BIGNUM *n, unsigned bits);

/* An odd modulus, and what the lanes want with it. */
void operand_put_modulus(struct sp_rsa_limb *to,
	struct sp_rsa_limb *negative_inverse, unsigned limbs, unsigned lane,
	const BIGNUM *modulus);

/* R^times modulo the modulus. */
void operand_put_radix(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const BIGNUM *modulus, unsigned times);

/* What is in a lane, whose limbs must be below 2^52. */
BIGNUM *operand_get(
	const struct sp_rsa_limb *from, unsigned limbs, unsigned lane);

#endif
