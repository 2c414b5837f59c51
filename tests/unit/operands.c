/* SPDX-License-Identifier: Apache-2.0 */
/* Operands at the edges, for the arithmetic of the lanes. */
#include "tests/unit/operands.h"

#include <criterion/criterion.h>

BIGNUM *operand_power_of_two(unsigned bits)
{
	BIGNUM *n = BN_new();

	cr_assert(BN_set_bit(n, (int)bits));
	return n;
}

void operand_randomize(BIGNUM *n)
{
	BIGNUM *range = BN_dup(n);

	cr_assert(BN_rand_range(n, range));
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
			cr_assert(BN_set_bit(n, (int)i));
	BN_free(which);
	return n;
}

BIGNUM *operand_modulus(unsigned bits, unsigned which)
{
	BIGNUM *n = operand_power_of_two(bits);

	switch (which % SPECIAL) {
	case 0: /* all ones */
		cr_assert(BN_sub_word(n, 1));
		break;
	case 1: /* 2^(bits-1) + 1 */
		cr_assert(BN_rshift1(n, n) && BN_add_word(n, 1));
		break;
	case 2: /* the lowest limb is 2^52 - 1 */
		cr_assert(BN_rand(n, (int)bits, 0, 1));
		for (int i = 0; i < 52; i++)
			cr_assert(BN_set_bit(n, i));
		break;
	case 3: /* the lowest limb is 1 */
		cr_assert(BN_rand(n, (int)bits, 0, 1));
		cr_assert(BN_rshift(n, n, 52) && BN_lshift(n, n, 52));
		cr_assert(BN_set_bit(n, 0) && BN_set_bit(n, (int)bits - 1));
		break;
	case 4: /* blocks at the ends of their range, as many as fit */
		BN_free(n);
		n = flat_blocks(bits);
		cr_assert(BN_set_bit(n, 0) && BN_set_bit(n, (int)bits - 1));
		break;
	default:
		cr_assert(BN_rand(n, (int)bits, 0, 1));
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
		cr_assert(BN_sub_word(a, 1));
		break;
	case 3: /* the modulus itself */
		break;
	case 4:
		cr_assert(BN_lshift1(a, a) && BN_sub_word(a, 1));
		break;
	case 5: /* ones in all bits but the highest: limbs of 2^52 - 1 */
		BN_zero(a);
		cr_assert(BN_set_bit(a, BN_num_bits(modulus) - 1));
		cr_assert(BN_sub_word(a, 1));
		break;
	case 6:
		BN_free(a);
		a = flat_blocks((unsigned)BN_num_bits(modulus) - 1);
		break;
	default:
		cr_assert(BN_lshift1(a, a));
		operand_randomize(a);
	}
	return a;
}

void operand_put(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const BIGNUM *n, unsigned bits)
{
	BIGNUM *rest = BN_dup(n), *limb = BN_new();

	for (unsigned i = 0; i < limbs; i++) {
		cr_assert(BN_copy(limb, rest));
		if (BN_num_bits(limb) > (int)bits)
			cr_assert(BN_mask_bits(limb, (int)bits));
		to[i].lane[lane] = BN_get_word(limb);
		cr_assert(BN_rshift(rest, rest, (int)bits));
	}
	cr_assert(BN_is_zero(rest));
	BN_free(limb);
	BN_free(rest);
}

BIGNUM *operand_get(
	const struct sp_rsa_limb *from, unsigned limbs, unsigned lane)
{
	BIGNUM *n = BN_new();

	BN_zero(n);
	for (unsigned i = limbs; i-- > 0;) {
		cr_assert_leq(from[i].lane[lane], SP_RSA_LIMB_MASK);
		cr_assert(BN_lshift(n, n, SP_RSA_LIMB_BITS));
		cr_assert(BN_add_word(n, from[i].lane[lane]));
	}
	return n;
}
