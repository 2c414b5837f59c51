/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products of large numbers in eight lanes, as columns that carry nothing yet.
 *
 * A machine that starts one multiplication per cycle, and additions beside it,
 * gains by Karatsuba's way: with numbers cut into halves a and A, b and B,
 * three products of halves, as a B + A b = a b + A B - (a - A)(b - B). That
 * goes on down to 10 or 15 limbs, which are multiplied column by column.
 */
#ifndef SP_CRYPTO_KARATSUBA_H
#define SP_CRYPTO_KARATSUBA_H

#include "crypto/limbs.h"

/* Block c of the columns of x * y. */
LANE_INLINE void product_columns(
	v8 sum[BLOCK], const v8 *x, const v8 *y, unsigned blocks, unsigned c)
{
	block_clear(sum);
	LANE_UNROLL
	for (unsigned i = 0; i < blocks; i++) {
		const v8 *block = x + BLOCK * i;

		if (i <= c && c - i < blocks)
			tile_low(sum, block, y + BLOCK * (c - i));
		if (i < c && c - i <= blocks)
			tile_high(sum, block, y + BLOCK * (c - 1 - i));
	}
}

/* The squares of limbs that fall into block c of the columns of x * x. */
LANE_INLINE void add_squares(v8 sum[BLOCK], const v8 *x, unsigned c)
{
	const v8 *block = x + BLOCK * (c / 2);

	if (c % 2 == 0) {
		sum[0] = v8_madd_low(sum[0], block[0], block[0]);
		sum[1] = v8_madd_high(sum[1], block[0], block[0]);
		sum[2] = v8_madd_low(sum[2], block[1], block[1]);
		sum[3] = v8_madd_high(sum[3], block[1], block[1]);
		sum[4] = v8_madd_low(sum[4], block[2], block[2]);
	} else {
		sum[0] = v8_madd_high(sum[0], block[2], block[2]);
		sum[1] = v8_madd_low(sum[1], block[3], block[3]);
		sum[2] = v8_madd_high(sum[2], block[3], block[3]);
		sum[3] = v8_madd_low(sum[3], block[4], block[4]);
		sum[4] = v8_madd_high(sum[4], block[4], block[4]);
	}
}

/*
 * Block c of the columns of x * x. Each product of two different limbs is added
 * once, and all of them doubled before the squares come in.
 */
LANE_INLINE void square_columns(
	v8 sum[BLOCK], const v8 *x, unsigned blocks, unsigned c)
{
	block_clear(sum);
	LANE_UNROLL
	for (unsigned i = 0; i < blocks; i++) {
		const v8 *block = x + BLOCK * i;

		if (2 * i < c && c - i < blocks)
			tile_low(sum, block, x + BLOCK * (c - i));
		if (2 * i + 1 < c && c - i <= blocks)
			tile_high(sum, block, x + BLOCK * (c - 1 - i));
	}
	if (c % 2 == 0)
		pairs_low(sum, x + BLOCK * (c / 2));
	else
		pairs_high(sum, x + BLOCK * (c / 2));
	block_double(sum);
	add_squares(sum, x, c);
}

/* The one or the other; a square is a product of a number with itself. */
LANE_INLINE void leaf_columns(v8 sum[BLOCK], const v8 *x, const v8 *y,
	unsigned blocks, unsigned c, bool square)
{
	if (square)
		square_columns(sum, x, blocks, c);
	else
		product_columns(sum, x, y, blocks, c);
}

LANE_INLINE void leaf_sized(
	v8 *product, const v8 *x, const v8 *y, unsigned blocks, bool square)
{
	LANE_UNROLL
	for (unsigned c = 0; c < 2 * blocks; c++) {
		v8 sum[BLOCK];

		leaf_columns(sum, x, y, blocks, c, square);
		block_copy(product + BLOCK * c, sum);
	}
}

/* product = x * y of two or three blocks */
static __attribute__((noinline)) void leaf(
	v8 *product, const v8 *x, const v8 *y, unsigned blocks)
{
	if (x == y && blocks == 2)
		leaf_sized(product, x, x, 2, true);
	else if (x == y)
		leaf_sized(product, x, x, 3, true);
	else if (blocks == 2)
		leaf_sized(product, x, y, 2, false);
	else
		leaf_sized(product, x, y, 3, false);
}

/* A factor of the middle product: lower less upper half of a number. */
struct difference {
	const v8 *limbs;
	v8 borrow; /* -1 where the limbs are too much by R^half, else 0 */
};

/*
 * The products of the lower and of the upper halves stand in product, of which
 * at is a block; low and high are that block of the lower and the upper half of
 * x * y. Adds what belongs between the former there.
 */
LANE_INLINE void join_block(v8 *at, const v8 low[BLOCK], const v8 high[BLOCK],
	struct difference x, struct difference y, unsigned block, unsigned half)
{
	const v8_mask x_below = v8_negative(x.borrow);
	const v8_mask y_below = v8_negative(y.borrow);

	LANE_UNROLL
	for (unsigned i = 0; i < BLOCK; i++) {
		const unsigned limb = BLOCK * block + i;
		v8 shared = v8_add(at[half + i], at[2 * half + i]);
		v8 below = v8_sub(at[i], low[i]);
		v8 above = v8_sub(at[3 * half + i], high[i]);

		above = v8_add_where(x_below, above, y.limbs[limb]);
		above = v8_add_where(y_below, above, x.limbs[limb]);
		at[half + i] = v8_add(shared, below);
		at[2 * half + i] = v8_add(shared, above);
	}
}

/* What is too much in both differences comes in once more, above that. */
LANE_INLINE void join_end(
	v8 *product, struct difference x, struct difference y, unsigned half)
{
	product[3 * half] =
		v8_add(product[3 * half], v8_and(x.borrow, y.borrow));
}

/* The differences of the halves of a and b, in room. */
LANE_INLINE void differ(struct difference *x, struct difference *y, v8 *room,
	const v8 *a, const v8 *b, unsigned half, bool square)
{
	x->limbs = room;
	x->borrow = limbs_differ(room, a, a + half, half);
	*y = *x;
	if (square)
		return;
	y->limbs = room + half;
	y->borrow = limbs_differ(room + half, b, b + half, half);
}

LANE_INLINE void join_leaf_sized(v8 *product, v8 *room, const v8 *a,
	const v8 *b, unsigned blocks, bool square)
{
	const unsigned half = BLOCK * blocks;
	struct difference x, y;

	differ(&x, &y, room, a, b, half, square);
	LANE_UNROLL
	for (unsigned c = 0; c < blocks; c++) {
		v8 low[BLOCK], high[BLOCK];

		leaf_columns(low, x.limbs, y.limbs, blocks, c, square);
		leaf_columns(
			high, x.limbs, y.limbs, blocks, blocks + c, square);
		join_block(product + BLOCK * c, low, high, x, y, c, half);
	}
	join_end(product, x, y, half);
}

/* The middle product of two or three blocks, joined without being stored. */
static __attribute__((noinline)) void join_leaf(
	v8 *product, v8 *room, const v8 *a, const v8 *b, unsigned blocks)
{
	if (a == b && blocks == 2)
		join_leaf_sized(product, room, a, a, 2, true);
	else if (a == b)
		join_leaf_sized(product, room, a, a, 3, true);
	else if (blocks == 2)
		join_leaf_sized(product, room, a, b, 2, false);
	else
		join_leaf_sized(product, room, a, b, 3, false);
}

static void karatsuba_middle(
	v8 *product, v8 *room, const v8 *a, const v8 *b, unsigned blocks);

/*
 * product = a * b, of which room begins behind it for 4 * limbs; blocks is 2 or
 * 3 or a power of two times that. With a and b the same place it is a square.
 */
static void karatsuba(
	v8 *product, v8 *room, const v8 *a, const v8 *b, unsigned blocks)
{
	const unsigned half = BLOCK * blocks / 2;

	if (blocks <= 3) {
		leaf(product, a, b, blocks);
		return;
	}
	karatsuba(product, room, a, b, blocks / 2);
	karatsuba(product + 2 * half, room, a + half, b + half, blocks / 2);
	karatsuba_middle(product, room, a, b, blocks);
}

/* What is left to do when the products of the halves stand in product. */
static void karatsuba_middle(
	v8 *product, v8 *room, const v8 *a, const v8 *b, unsigned blocks)
{
	const unsigned half = BLOCK * blocks / 2;
	v8 *middle = room + 2 * half;
	struct difference x, y;

	if (blocks <= 6) {
		join_leaf(product, room, a, b, blocks / 2);
		return;
	}
	differ(&x, &y, room, a, b, half, a == b);
	karatsuba(middle, middle + 2 * half, x.limbs, y.limbs, blocks / 2);
	for (unsigned c = 0; c < blocks / 2; c++)
		join_block(product + BLOCK * c, middle + BLOCK * c,
			middle + half + BLOCK * c, x, y, c, half);
	join_end(product, x, y, half);
}

#endif
