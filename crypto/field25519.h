/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The field of 2^255 - 19 (RFC 8032 5.1), eight elements side by side, for
 * the lane kernels: five limbs in radix 2^51.
 *
 * Elements are tight or loose. Tight limbs are below 2^51 + 2^18; fe_carry()
 * makes any element tight. Factors must have limbs below 2^52, for v8_madd
 * looks at no more: tight ones have, and so has 2p less a tight one. Products
 * are loose, below 2^60.4: a few of them may be added up before the carry.
 * Bounds are derived in docs/CRYPTO.md. No branch and no address
 * depends on a value.
 */
#ifndef SP_CRYPTO_FIELD25519_H
#define SP_CRYPTO_FIELD25519_H

#include "crypto/v8.h"

#define FE_LIMBS 5u
#define FE_BITS 51u
#define FE_MASK ((1ull << FE_BITS) - 1)

struct fe {
	v8 limb[FE_LIMBS];
};

/* Limbs of p: 2^51 - 19, and 2^51 - 1 in the others. */
#define FE_P(i) (FE_MASK - ((i) ? 0 : 18))

LANE_INLINE struct fe fe_all(const uint64_t limbs[FE_LIMBS])
{
	struct fe out;

	for (unsigned i = 0; i < FE_LIMBS; i++)
		out.limb[i] = v8_all(limbs[i]);
	return out;
}

LANE_INLINE struct fe fe_small(uint64_t word)
{
	return fe_all((const uint64_t[FE_LIMBS]){word});
}

/* Tight, from limbs of up to 64 bits: carries are below 2^13. */
LANE_INLINE struct fe fe_carry(struct fe a)
{
	const v8 mask = v8_all(FE_MASK);
	struct fe out;
	v8 carry[FE_LIMBS];

	for (unsigned i = 0; i < FE_LIMBS; i++) {
		carry[i] = v8_right(a.limb[i], FE_BITS);
		out.limb[i] = v8_and(a.limb[i], mask);
	}
	out.limb[0] = v8_madd_low(out.limb[0], carry[4], v8_all(19));
	for (unsigned i = 1; i < FE_LIMBS; i++)
		out.limb[i] = v8_add(out.limb[i], carry[i - 1]);
	return out;
}

/* Limb by limb, without a carry. */
LANE_INLINE struct fe fe_add_loose(struct fe a, struct fe b)
{
	for (unsigned i = 0; i < FE_LIMBS; i++)
		a.limb[i] = v8_add(a.limb[i], b.limb[i]);
	return a;
}

/* a + 2^10 p - b without a carry; b is tight, a product, or less than 2^61. */
LANE_INLINE struct fe fe_sub_loose(struct fe a, struct fe b)
{
	for (unsigned i = 0; i < FE_LIMBS; i++)
		a.limb[i] = v8_add(
			a.limb[i], v8_sub(v8_all(FE_P(i) << 10), b.limb[i]));
	return a;
}

/* Tight, of tight ones or products. */
LANE_INLINE struct fe fe_add(struct fe a, struct fe b)
{
	return fe_carry(fe_add_loose(a, b));
}

LANE_INLINE struct fe fe_sub(struct fe a, struct fe b)
{
	return fe_carry(fe_sub_loose(a, b));
}

/* Where the mask is set, 2p - a, which may be a factor; a is tight. */
LANE_INLINE struct fe fe_negate_where(v8_mask mask, struct fe a)
{
	for (unsigned i = 0; i < FE_LIMBS; i++)
		a.limb[i] = v8_sub_from_where(
			mask, a.limb[i], v8_all(FE_P(i) << 1));
	return a;
}

LANE_INLINE struct fe fe_blend(v8_mask mask, struct fe a, struct fe b)
{
	for (unsigned i = 0; i < FE_LIMBS; i++)
		a.limb[i] = v8_blend(mask, a.limb[i], b.limb[i]);
	return a;
}

/* 2^255 is 19: columns 5 to 9 come back as 19 times themselves. */
LANE_INLINE struct fe fe_fold(const v8 column[2 * FE_LIMBS])
{
	struct fe out;

	for (unsigned i = 0; i < FE_LIMBS; i++)
		out.limb[i] = v8_add(
			column[i], v8_mul(column[i + FE_LIMBS], v8_all(19)));
	return out;
}

/*
 * A product. The high half of a product of limbs counts 2^52 and a limb 2^51:
 * it goes twice into the next column, doubled before the low halves join it.
 */
LANE_INLINE struct fe fe_mul_loose(struct fe a, struct fe b)
{
	v8 column[2 * FE_LIMBS];

	for (unsigned k = 0; k < 2 * FE_LIMBS; k++)
		column[k] = v8_zero();
	for (unsigned i = 0; i < FE_LIMBS; i++)
		for (unsigned j = 0; j < FE_LIMBS; j++)
			column[i + j + 1] = v8_madd_high(
				column[i + j + 1], a.limb[i], b.limb[j]);
	for (unsigned k = 1; k < 2 * FE_LIMBS; k++)
		column[k] = v8_add(column[k], column[k]);
	for (unsigned i = 0; i < FE_LIMBS; i++)
		for (unsigned j = 0; j < FE_LIMBS; j++)
			column[i + j] = v8_madd_low(
				column[i + j], a.limb[i], b.limb[j]);
	return fe_fold(column);
}

LANE_INLINE struct fe fe_mul(struct fe a, struct fe b)
{
	return fe_carry(fe_mul_loose(a, b));
}

/*
 * Products of different limbs occur twice, so all that is doubled once waits
 * for one common doubling: the squares' high halves and the others' low ones.
 */
LANE_INLINE struct fe fe_square_loose(struct fe a)
{
	v8 column[2 * FE_LIMBS];

	for (unsigned k = 0; k < 2 * FE_LIMBS; k++)
		column[k] = v8_zero();
	for (unsigned i = 0; i < FE_LIMBS; i++)
		for (unsigned j = i + 1; j < FE_LIMBS; j++)
			column[i + j + 1] = v8_madd_high(
				column[i + j + 1], a.limb[i], a.limb[j]);
	for (unsigned k = 2; k < 2 * FE_LIMBS - 1; k++)
		column[k] = v8_add(column[k], column[k]);
	for (unsigned i = 0; i < FE_LIMBS; i++) {
		for (unsigned j = i + 1; j < FE_LIMBS; j++)
			column[i + j] = v8_madd_low(
				column[i + j], a.limb[i], a.limb[j]);
		column[2 * i + 1] =
			v8_madd_high(column[2 * i + 1], a.limb[i], a.limb[i]);
	}
	for (unsigned k = 1; k < 2 * FE_LIMBS; k++)
		column[k] = v8_add(column[k], column[k]);
	for (unsigned i = 0; i < FE_LIMBS; i++)
		column[2 * i] =
			v8_madd_low(column[2 * i], a.limb[i], a.limb[i]);
	return fe_fold(column);
}

LANE_INLINE struct fe fe_square(struct fe a)
{
	return fe_carry(fe_square_loose(a));
}

/* a^(2^times); times is public. */
LANE_INLINE struct fe fe_square_times(struct fe a, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		a = fe_square(a);
	return a;
}

#endif
