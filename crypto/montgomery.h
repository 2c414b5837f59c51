/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiplication modulo odd numbers in eight lanes: Montgomery's, with limbs of
 * 52 bits.
 *
 * Numbers are taken in blocks of five limbs. A product of two blocks has ten
 * columns: tile_low() adds to the lower five, tile_high() to the upper. They
 * hold the multiplicands and the sums in registers, so that one load serves
 * many multiplications; the rest is loops over tiles, the same for all sizes.
 *
 * Nothing here branches on, or addresses by, anything but sizes. Values stay
 * below twice the modulus between steps (almost-Montgomery); docs/CRYPTO.md
 * has the bounds of limbs and columns.
 */
#ifndef SP_CRYPTO_MONTGOMERY_H
#define SP_CRYPTO_MONTGOMERY_H

#include "crypto/rsa_kernel.h"
#include "crypto/v8.h"

#define BLOCK 5u

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

/* Makes sum what stands at from, or zero where nothing has been written. */
LANE_INLINE void block_begin(v8 sum[BLOCK], const v8 from[BLOCK], bool fresh)
{
	if (fresh)
		block_clear(sum);
	else
		block_copy(sum, from);
}

/*
 * Blocks first to end - 1 of product += x * y, and block end, which nothing has
 * been written to, = the rest. If fresh nothing has been written to any.
 */
LANE_INLINE void add_row(v8 *product, const v8 x[BLOCK], const v8 *y,
	unsigned first, unsigned end, bool fresh)
{
	v8 sum[BLOCK];

	for (unsigned j = first; j < end; j++) {
		block_begin(sum, product + BLOCK * j, fresh);
		tile_high(sum, x, y + BLOCK * (j - 1));
		tile_low(sum, x, y + BLOCK * j);
		block_copy(product + BLOCK * j, sum);
	}
	block_clear(sum);
	tile_high(sum, x, y + BLOCK * (end - 1));
	block_copy(product + BLOCK * end, sum);
}

LANE_INLINE void multiply_row(v8 *product, const v8 x[BLOCK], const v8 *y,
	unsigned blocks, bool fresh)
{
	v8 sum[BLOCK];

	block_begin(sum, product, fresh);
	tile_low(sum, x, y);
	block_copy(product, sum);
	add_row(product, x, y, 1, blocks, fresh);
}

/* product = a * b, in columns that carry nothing yet. */
LANE_INLINE void multiply_columns(
	v8 *product, const v8 *a, const v8 *b, unsigned blocks)
{
	v8 x[BLOCK];

	block_copy(x, a);
	multiply_row(product, x, b, blocks, true);
	for (unsigned i = 1; i < blocks; i++) {
		block_copy(x, a + BLOCK * i);
		multiply_row(product + BLOCK * i, x, b, blocks, false);
	}
}

/*
 * The two blocks of columns in which the squares of the limbs of block i fall.
 * Blocks before i have added all they have to add there, so what is there is
 * doubled now; what is next to come belongs to columns further up.
 */
LANE_INLINE void square_diagonal(v8 *product, const v8 *a, const v8 x[BLOCK],
	unsigned i, bool first, bool last)
{
	v8 *to = product + 2 * BLOCK * i;
	v8 sum[BLOCK];

	block_begin(sum, to, first);
	pairs_low(sum, x);
	block_double(sum);
	sum[0] = v8_madd_low(sum[0], x[0], x[0]);
	sum[1] = v8_madd_high(sum[1], x[0], x[0]);
	sum[2] = v8_madd_low(sum[2], x[1], x[1]);
	sum[3] = v8_madd_high(sum[3], x[1], x[1]);
	sum[4] = v8_madd_low(sum[4], x[2], x[2]);
	block_copy(to, sum);
	block_begin(sum, to + BLOCK, first || last);
	pairs_high(sum, x);
	if (!last)
		tile_low(sum, x, a + BLOCK * (i + 1));
	block_double(sum);
	sum[0] = v8_madd_high(sum[0], x[2], x[2]);
	sum[1] = v8_madd_low(sum[1], x[3], x[3]);
	sum[2] = v8_madd_high(sum[2], x[3], x[3]);
	sum[3] = v8_madd_low(sum[3], x[4], x[4]);
	sum[4] = v8_madd_high(sum[4], x[4], x[4]);
	block_copy(to + BLOCK, sum);
}

/* product = a * a */
LANE_INLINE void square_columns(v8 *product, const v8 *a, unsigned blocks)
{
	const unsigned last = blocks - 1;
	v8 x[BLOCK];

	block_copy(x, a);
	square_diagonal(product, a, x, 0, true, false);
	add_row(product, x, a, 2, blocks, true);
	for (unsigned i = 1; i < last; i++) {
		block_copy(x, a + BLOCK * i);
		square_diagonal(product, a, x, i, false, false);
		add_row(product + BLOCK * i, x, a, i + 2, blocks, false);
	}
	block_copy(x, a + BLOCK * last);
	square_diagonal(product, a, x, last, false, true);
}

struct modulus {
	const v8 *limbs;
	v8 negative_inverse; /* -1 / modulus mod 2^52 */
};

/*
 * The five digits which, times the modulus, make the five columns zero, and
 * what is carried out of them. Column r plus the low half of digit r times the
 * lowest limb is a multiple of 2^52, so its carry is the column divided by 2^52
 * and rounded up: that product need not be made.
 */
LANE_INLINE v8 find_digits(
	v8 digit[BLOCK], const v8 column[BLOCK], const struct modulus *m)
{
	const v8 round = v8_all(SP_RSA_LIMB_MASK);
	v8 carry = v8_zero();

	LANE_UNROLL
	for (unsigned r = 0; r < BLOCK; r++) {
		v8 sum = v8_add(column[r], carry);
		v8 late = v8_zero();

		/* The digit found last comes in last, in two short chains. */
		LANE_UNROLL
		for (unsigned s = 0; s < r; s++) {
			sum = v8_madd_low(sum, digit[s], m->limbs[r - s]);
			late = v8_madd_high(
				late, digit[s], m->limbs[r - 1 - s]);
		}
		sum = v8_add(sum, late);
		digit[r] = v8_madd_low(v8_zero(), sum, m->negative_inverse);
		carry = v8_right(v8_add(sum, round), SP_RSA_LIMB_BITS);
	}
	return carry;
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

/* The block of columns above the one that digit makes zero is final now. */
LANE_INLINE void reduce_next(v8 sum[BLOCK], const v8 column[BLOCK],
	const v8 digit[BLOCK], const struct modulus *m, v8 carry)
{
	block_copy(sum, column);
	sum[0] = v8_add(sum[0], carry);
	tile_high(sum, digit, m->limbs);
	tile_low(sum, digit, m->limbs + BLOCK);
}

/* The blocks of columns above that. */
LANE_INLINE void reduce_row(v8 *column, const v8 digit[BLOCK],
	const struct modulus *m, unsigned blocks)
{
	v8 sum[BLOCK];

	for (unsigned j = 2; j < blocks; j++) {
		block_copy(sum, column + BLOCK * j);
		tile_high(sum, digit, m->limbs + BLOCK * (j - 1));
		tile_low(sum, digit, m->limbs + BLOCK * j);
		block_copy(column + BLOCK * j, sum);
	}
	block_copy(sum, column + BLOCK * blocks);
	tile_high(sum, digit, m->limbs + BLOCK * (blocks - 1));
	block_copy(column + BLOCK * blocks, sum);
}

/*
 * to = product / R modulo the modulus; below twice the modulus. The digits of
 * the next block are looked for as soon as its columns are final: they wait for
 * each other, and the rest of the row fills that time.
 */
LANE_INLINE void mont_reduce(
	v8 *to, v8 *product, const struct modulus *m, unsigned blocks)
{
	v8 digit[BLOCK], next[BLOCK], sum[BLOCK];
	v8 carry = find_digits(digit, product, m);

	for (unsigned i = 0; i < blocks - 1; i++) {
		v8 *column = product + BLOCK * i;

		reduce_next(sum, column + BLOCK, digit, m, carry);
		carry = find_digits(next, sum, m);
		reduce_row(column, digit, m, blocks);
		block_copy(digit, next);
	}
	product += BLOCK * (blocks - 1);
	reduce_next(sum, product + BLOCK, digit, m, carry);
	carry = carry_block(to, sum, v8_zero());
	for (unsigned j = 2; j < blocks; j++) {
		block_copy(sum, product + BLOCK * j);
		tile_high(sum, digit, m->limbs + BLOCK * (j - 1));
		tile_low(sum, digit, m->limbs + BLOCK * j);
		carry = carry_block(to + BLOCK * (j - 1), sum, carry);
	}
	block_copy(sum, product + BLOCK * blocks);
	tile_high(sum, digit, m->limbs + BLOCK * (blocks - 1));
	carry_block(to + BLOCK * (blocks - 1), sum, carry);
}

/*
 * to = a * b / R. Kept apart, so that there is one copy. The sizes of RSA-1024
 * and RSA-2048 get loops of their own, as theirs are so short that to set them
 * up takes time.
 */
static __attribute__((noinline)) void mont_multiply(v8 *to, v8 *product,
	const v8 *a, const v8 *b, const struct modulus *m, unsigned blocks)
{
	switch (blocks) {
	case 2:
		multiply_columns(product, a, b, 2);
		mont_reduce(to, product, m, 2);
		return;
	case 4:
		multiply_columns(product, a, b, 4);
		mont_reduce(to, product, m, 4);
		return;
	default:
		multiply_columns(product, a, b, blocks);
		mont_reduce(to, product, m, blocks);
	}
}

/* to = a * a / R */
static __attribute__((noinline)) void mont_square(v8 *to, v8 *product,
	const v8 *a, const struct modulus *m, unsigned blocks)
{
	switch (blocks) {
	case 2:
		square_columns(product, a, 2);
		mont_reduce(to, product, m, 2);
		return;
	case 4:
		square_columns(product, a, 4);
		mont_reduce(to, product, m, 4);
		return;
	default:
		square_columns(product, a, blocks);
		mont_reduce(to, product, m, blocks);
	}
}

/* a - modulus where that is not negative; scratch is as long as a. */
LANE_INLINE void subtract_modulus(
	v8 *a, v8 *scratch, const struct modulus *m, unsigned limbs)
{
	const v8 mask = v8_all(SP_RSA_LIMB_MASK);
	v8 borrow = v8_zero();
	v8_mask below;

	for (unsigned i = 0; i < limbs; i++) {
		v8 sum = v8_add(v8_sub(a[i], m->limbs[i]), borrow);

		scratch[i] = v8_and(sum, mask);
		borrow = v8_right_signed(sum, SP_RSA_LIMB_BITS);
	}
	below = v8_negative(borrow);
	for (unsigned i = 0; i < limbs; i++)
		a[i] = v8_blend(below, scratch[i], a[i]);
}

#endif
