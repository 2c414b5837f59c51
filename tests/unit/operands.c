/* SPDX-License-Identifier: Apache-2.0 */
/* Operands at the edges, for the arithmetic of the lanes. */
#include "tests/unit/operands.h"

#include <assert.h>

BIGNUM *operand_power_of_two(unsigned bits)
{
	BIGNUM *n = BN_new();

	assert(BN_set_bit(n, (int)bits));
	return n;
}

void operand_randomize(BIGNUM *n)
{
	BIGNUM *range = BN_dup(n);

	assert(BN_rand_range(n, range));
	BN_free(range);
}

/*
 * Blocks of five limbs, each 0 or 2^260 - 1 at random: they and halves made of
 * them differ as much as can be, or not at all.
 */
static BIGNUM *flat_blocks(unsigned bits)
{
	BIGNUM *n = BN_new(), *which = operand_power_of_two(bits);

	BN_zero(n);
	operand_randomize(which);
	for (unsigned i = 0; i < bits; i++)
		if (BN_is_bit_set(which, (int)(i / 260)))
			assert(BN_set_bit(n, (int)i));
	BN_free(which);
	return n;
}

BIGNUM *operand_modulus(unsigned bits, unsigned which)
{
	BIGNUM *n = operand_power_of_two(bits);

	switch (which % SPECIAL) {
	case 0: /* all ones */
		assert(BN_sub_word(n, 1));
		break;
	case 1: /* 2^(bits-1) + 1 */
		assert(BN_rshift1(n, n) && BN_add_word(n, 1));
		break;
	case 2: /* the lowest limb is 2^52 - 1 */
		assert(BN_rand(n, (int)bits, 0, 1));
		for (int i = 0; i < 52; i++)
			assert(BN_set_bit(n, i));
		break;
	case 3: /* the lowest limb is 1 */
		assert(BN_rand(n, (int)bits, 0, 1));
		assert(BN_rshift(n, n, 52) && BN_lshift(n, n, 52));
		assert(BN_set_bit(n, 0) && BN_set_bit(n, (int)bits - 1));
		break;
	case 4: /* blocks at the ends of their range, as many as fit */
		BN_free(n);
		n = flat_blocks(bits);
		assert(BN_set_bit(n, 0) && BN_set_bit(n, (int)bits - 1));
		break;
	default:
		assert(BN_rand(n, (int)bits, 0, 1));
	}
	return n;
}

BIGNUM *operand_below_twice(const BIGNUM *modulus, unsigned which)
{
	BIGNUM *a = BN_dup(modulus);

	switch (which % SPECIAL) {
	case 0:
		BN_zero(a);
		break;
	case 1:
		BN_one(a);
		break;
	case 2:
		assert(BN_sub_word(a, 1));
		break;
	case 3: /* the modulus itself */
		break;
	case 4:
		assert(BN_lshift1(a, a) && BN_sub_word(a, 1));
		break;
	case 5: /* ones in all bits but the highest: limbs of 2^52 - 1 */
		BN_zero(a);
		assert(BN_set_bit(a, BN_num_bits(modulus) - 1));
		assert(BN_sub_word(a, 1));
		break;
	case 6:
		BN_free(a);
		a = flat_blocks((unsigned)BN_num_bits(modulus) - 1);
		break;
	default:
		assert(BN_lshift1(a, a));
		operand_randomize(a);
	}
	return a;
}

void operand_put(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const BIGNUM *n, unsigned bits)
{
	BIGNUM *rest = BN_dup(n), *limb = BN_new();

	for (unsigned i = 0; i < limbs; i++) {
		assert(BN_copy(limb, rest));
		if (BN_num_bits(limb) > (int)bits)
			assert(BN_mask_bits(limb, (int)bits));
		to[i].lane[lane] = BN_get_word(limb);
		assert(BN_rshift(rest, rest, (int)bits));
	}
	assert(BN_is_zero(rest));
	BN_free(limb);
	BN_free(rest);
}

BIGNUM *operand_get(
	const struct sp_rsa_limb *from, unsigned limbs, unsigned lane)
{
	BIGNUM *n = BN_new();

	BN_zero(n);
	for (unsigned i = limbs; i-- > 0;) {
		assert(from[i].lane[lane] <= SP_RSA_LIMB_MASK);
		assert(BN_lshift(n, n, SP_RSA_LIMB_BITS));
		assert(BN_add_word(n, from[i].lane[lane]));
	}
	return n;
}

void operand_put_modulus(struct sp_rsa_limb *to,
	struct sp_rsa_limb *negative_inverse, unsigned limbs, unsigned lane,
	const BIGNUM *modulus)
{
	BN_CTX *context = BN_CTX_new();
	BIGNUM *base = operand_power_of_two(SP_RSA_LIMB_BITS);
	BIGNUM *inverse = BN_mod_inverse(NULL, modulus, base, context);

	assert(inverse && BN_sub(inverse, base, inverse));
	negative_inverse->lane[lane] = BN_get_word(inverse);
	operand_put(to, limbs, lane, modulus, SP_RSA_LIMB_BITS);
	BN_free(inverse);
	BN_free(base);
	BN_CTX_free(context);
}

void operand_put_radix(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const BIGNUM *modulus, unsigned times)
{
	BN_CTX *context = BN_CTX_new();
	BIGNUM *r = operand_power_of_two(limbs * SP_RSA_LIMB_BITS);
	BIGNUM *n = BN_new();

	assert(BN_set_word(n, times));
	assert(BN_mod_exp(r, r, n, modulus, context));
	operand_put(to, limbs, lane, r, SP_RSA_LIMB_BITS);
	BN_free(n);
	BN_free(r);
	BN_CTX_free(context);
}
