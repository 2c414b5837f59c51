/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Large numbers in eight lanes: limbs of 52 bits, the lowest first, in blocks
 * of five. A product of two blocks has ten columns: tile_low() adds to the
 * lower five, tile_high() to the upper. They hold the multiplicands and the
 * sums in registers, so that one load serves many multiplications.
 *
 * Nothing here branches on, or addresses by, anything but sizes. docs/CRYPTO.md
 * has the bounds of limbs and columns.
 */
#ifndef SP_CRYPTO_LIMBS_H
#define SP_CRYPTO_LIMBS_H

#include "crypto/rsa_kernel.h"
#include "crypto/v8.h"

#define BLOCK 5u

LANE_INLINE void block_clear(v8 to[BLOCK])
{
	LANE_UNROLL
	for (unsigned i = 0; i < BLOCK; i++)
		to[i] = v8_zero();
}

LANE_INLINE void block_copy(v8 to[BLOCK], const v8 from[BLOCK])
{
	LANE_UNROLL
	for (unsigned i = 0; i < BLOCK; i++)
		to[i] = from[i];
}

LANE_INLINE void block_double(v8 x[BLOCK])
{
	LANE_UNROLL
	for (unsigned i = 0; i < BLOCK; i++)
		x[i] = v8_add(x[i], x[i]);
}

/* Columns 0 to 4 of x * y. */
LANE_INLINE void tile_low(v8 sum[BLOCK], const v8 x[BLOCK], const v8 y[BLOCK])
{
	LANE_UNROLL
	for (unsigned r = 0; r < BLOCK; r++) {
		LANE_UNROLL
		for (unsigned c = r; c < BLOCK; c++)
			sum[c] = v8_madd_low(sum[c], x[r], y[c - r]);
		LANE_UNROLL
		for (unsigned c = r + 1; c < BLOCK; c++)
			sum[c] = v8_madd_high(sum[c], x[r], y[c - 1 - r]);
	}
}

/* Columns 5 to 9 of x * y. */
LANE_INLINE void tile_high(v8 sum[BLOCK], const v8 x[BLOCK], const v8 y[BLOCK])
{
	LANE_UNROLL
	for (unsigned r = 0; r < BLOCK; r++) {
		LANE_UNROLL
		for (unsigned c = 0; c <= r; c++)
			sum[c] = v8_madd_high(sum[c], x[r], y[c + 4 - r]);
		LANE_UNROLL
		for (unsigned c = 0; c < r; c++)
			sum[c] = v8_madd_low(sum[c], x[r], y[c + 5 - r]);
	}
}

/* Columns 0 to 4 of x * x without squares and each product once. */
LANE_INLINE void pairs_low(v8 sum[BLOCK], const v8 x[BLOCK])
{
	LANE_UNROLL
	for (unsigned r = 0; r < 2; r++) {
		LANE_UNROLL
		for (unsigned c = 2 * r + 1; c < BLOCK; c++)
			sum[c] = v8_madd_low(sum[c], x[r], x[c - r]);
		LANE_UNROLL
		for (unsigned c = 2 * r + 2; c < BLOCK; c++)
			sum[c] = v8_madd_high(sum[c], x[r], x[c - 1 - r]);
	}
}

/* The same, columns 5 to 9. */
LANE_INLINE void pairs_high(v8 sum[BLOCK], const v8 x[BLOCK])
{
	LANE_UNROLL
	for (unsigned r = 0; r < 4; r++) {
		LANE_UNROLL
		for (unsigned s = r + 1; s < BLOCK; s++) {
			if (r + s >= 5)
				sum[r + s - 5] =
					v8_madd_low(sum[r + s - 5], x[r], x[s]);
			if (r + s >= 4)
				sum[r + s - 4] = v8_madd_high(
					sum[r + s - 4], x[r], x[s]);
		}
	}
}

/* to = a block of columns as limbs below 2^52; returns what is carried on. */
LANE_INLINE v8 carry_block(v8 to[BLOCK], const v8 column[BLOCK], v8 carry)
{
	const v8 mask = v8_all(SP_RSA_LIMB_MASK);

	LANE_UNROLL
	for (unsigned i = 0; i < BLOCK; i++) {
		v8 sum = v8_add(column[i], carry);

		to[i] = v8_and(sum, mask);
		carry = v8_right_signed(sum, SP_RSA_LIMB_BITS);
	}
	return carry;
}

LANE_INLINE void carry_columns(v8 *to, const v8 *columns, unsigned blocks)
{
	v8 carry = v8_zero();

	for (unsigned i = 0; i < blocks; i++)
		carry = carry_block(to + BLOCK * i, columns + BLOCK * i, carry);
}

/*
 * to = a - b, as many limbs as both have. Returns -1 where that is negative,
 * and so too much by one in the limb above, 0 elsewhere: in a vector, as
 * compilers would keep a mask in a general register.
 */
LANE_INLINE v8 limbs_differ(v8 *to, const v8 *a, const v8 *b, unsigned limbs)
{
	const v8 mask = v8_all(SP_RSA_LIMB_MASK);
	v8 borrow = v8_zero();

	for (unsigned i = 0; i < limbs; i++) {
		v8 sum = v8_add(v8_sub(a[i], b[i]), borrow);

		to[i] = v8_and(sum, mask);
		borrow = v8_right_signed(sum, SP_RSA_LIMB_BITS);
	}
	return borrow;
}

/* a - modulus where that is not negative; scratch is as long as a. */
LANE_INLINE void subtract_modulus(
	v8 *a, v8 *scratch, const v8 *modulus, unsigned limbs)
{
	v8_mask below = v8_negative(limbs_differ(scratch, a, modulus, limbs));

	for (unsigned i = 0; i < limbs; i++)
		a[i] = v8_blend(below, scratch[i], a[i]);
}

#endif
