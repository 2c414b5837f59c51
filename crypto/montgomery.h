/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiplication modulo odd numbers in eight lanes (Montgomery's, with limbs of
 * 52 bits), over a vector layer that is included first: crypto/vector_ifma.h
 * for AVX-512, or plain C under test.
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

#define BLOCK 5u
/* Kept apart, so that there is one copy. */
#define NOINLINE static __attribute__((noinline))

/* Columns 0 to 4 of x * y. */
INLINE void tile_low(vec sum[BLOCK], const vec x[BLOCK], const vec y[BLOCK])
{
	UNROLL
	for (unsigned r = 0; r < BLOCK; r++) {
		UNROLL
		for (unsigned c = r; c < BLOCK; c++)
			sum[c] = vec_add_low(sum[c], x[r], y[c - r]);
		UNROLL
		for (unsigned c = r + 1; c < BLOCK; c++)
			sum[c] = vec_add_high(sum[c], x[r], y[c - 1 - r]);
	}
}

/* Columns 5 to 9 of x * y. */
INLINE void tile_high(vec sum[BLOCK], const vec x[BLOCK], const vec y[BLOCK])
{
	UNROLL
	for (unsigned r = 0; r < BLOCK; r++) {
		UNROLL
		for (unsigned c = 0; c <= r; c++)
			sum[c] = vec_add_high(sum[c], x[r], y[c + 4 - r]);
		UNROLL
		for (unsigned c = 0; c < r; c++)
			sum[c] = vec_add_low(sum[c], x[r], y[c + 5 - r]);
	}
}

/* Columns 0 to 4 of x * x without squares and each product once. */
INLINE void pairs_low(vec sum[BLOCK], const vec x[BLOCK])
{
	UNROLL
	for (unsigned r = 0; r < 2; r++) {
		UNROLL
		for (unsigned c = 2 * r + 1; c < BLOCK; c++)
			sum[c] = vec_add_low(sum[c], x[r], x[c - r]);
		UNROLL
		for (unsigned c = 2 * r + 2; c < BLOCK; c++)
			sum[c] = vec_add_high(sum[c], x[r], x[c - 1 - r]);
	}
}

/* The same, columns 5 to 9. */
INLINE void pairs_high(vec sum[BLOCK], const vec x[BLOCK])
{
	UNROLL
	for (unsigned r = 0; r < 4; r++) {
		UNROLL
		for (unsigned s = r + 1; s < BLOCK; s++) {
			if (r + s >= 5)
				sum[r + s - 5] =
					vec_add_low(sum[r + s - 5], x[r], x[s]);
			if (r + s >= 4)
				sum[r + s - 4] = vec_add_high(
					sum[r + s - 4], x[r], x[s]);
		}
	}
}

INLINE void block_clear(vec to[BLOCK])
{
	UNROLL
	for (unsigned i = 0; i < BLOCK; i++)
		to[i] = vec_zero();
}

INLINE void block_copy(vec to[BLOCK], const vec from[BLOCK])
{
	UNROLL
	for (unsigned i = 0; i < BLOCK; i++)
		to[i] = from[i];
}

INLINE void block_double(vec x[BLOCK])
{
	UNROLL
	for (unsigned i = 0; i < BLOCK; i++)
		x[i] = vec_add(x[i], x[i]);
}

/* Makes sum what stands at from, or zero where nothing has been written. */
INLINE void block_begin(vec sum[BLOCK], const vec from[BLOCK], bool fresh)
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
INLINE void add_row(vec *product, const vec x[BLOCK], const vec *y,
	unsigned first, unsigned end, bool fresh)
{
	vec sum[BLOCK];

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

INLINE void multiply_row(vec *product, const vec x[BLOCK], const vec *y,
	unsigned blocks, bool fresh)
{
	vec sum[BLOCK];

	block_begin(sum, product, fresh);
	tile_low(sum, x, y);
	block_copy(product, sum);
	add_row(product, x, y, 1, blocks, fresh);
}

/* product = a * b, in columns that carry nothing yet. */
INLINE void multiply_columns(
	vec *product, const vec *a, const vec *b, unsigned blocks)
{
	vec x[BLOCK];

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
INLINE void square_diagonal(vec *product, const vec *a, const vec x[BLOCK],
	unsigned i, bool first, bool last)
{
	vec *to = product + 2 * BLOCK * i;
	vec sum[BLOCK];

	block_begin(sum, to, first);
	pairs_low(sum, x);
	block_double(sum);
	sum[0] = vec_add_low(sum[0], x[0], x[0]);
	sum[1] = vec_add_high(sum[1], x[0], x[0]);
	sum[2] = vec_add_low(sum[2], x[1], x[1]);
	sum[3] = vec_add_high(sum[3], x[1], x[1]);
	sum[4] = vec_add_low(sum[4], x[2], x[2]);
	block_copy(to, sum);
	block_begin(sum, to + BLOCK, first || last);
	pairs_high(sum, x);
	if (!last)
		tile_low(sum, x, a + BLOCK * (i + 1));
	block_double(sum);
	sum[0] = vec_add_high(sum[0], x[2], x[2]);
	sum[1] = vec_add_low(sum[1], x[3], x[3]);
	sum[2] = vec_add_high(sum[2], x[3], x[3]);
	sum[3] = vec_add_low(sum[3], x[4], x[4]);
	sum[4] = vec_add_high(sum[4], x[4], x[4]);
	block_copy(to + BLOCK, sum);
}

/* product = a * a */
INLINE void square_columns(vec *product, const vec *a, unsigned blocks)
{
	const unsigned last = blocks - 1;
	vec x[BLOCK];

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
	const vec *limbs;
	vec negative_inverse; /* -1 / modulus mod 2^52 */
};

/*
 * The five digits which, times the modulus, make the five columns zero, and
 * what is carried out of them. Column r plus the low half of digit r times the
 * lowest limb is a multiple of 2^52, so its carry is the column divided by 2^52
 * and rounded up: that product need not be made.
 */
INLINE vec find_digits(
	vec digit[BLOCK], const vec column[BLOCK], const struct modulus *m)
{
	const vec round = vec_all(SP_RSA_LIMB_MASK);
	vec carry = vec_zero();

	UNROLL
	for (unsigned r = 0; r < BLOCK; r++) {
		vec sum = vec_add(column[r], carry);
		vec late = vec_zero();

		/* The digit found last comes in last, in two short chains. */
		UNROLL
		for (unsigned s = 0; s < r; s++) {
			sum = vec_add_low(sum, digit[s], m->limbs[r - s]);
			late = vec_add_high(
				late, digit[s], m->limbs[r - 1 - s]);
		}
		sum = vec_add(sum, late);
		digit[r] = vec_add_low(vec_zero(), sum, m->negative_inverse);
		carry = vec_right(vec_add(sum, round), SP_RSA_LIMB_BITS);
	}
	return carry;
}

/* to = a block of columns as limbs below 2^52; returns what is carried on. */
INLINE vec carry_block(vec to[BLOCK], const vec column[BLOCK], vec carry)
{
	const vec mask = vec_all(SP_RSA_LIMB_MASK);

	UNROLL
	for (unsigned i = 0; i < BLOCK; i++) {
		vec sum = vec_add(column[i], carry);

		to[i] = vec_and(sum, mask);
		carry = vec_right_signed(sum, SP_RSA_LIMB_BITS);
	}
	return carry;
}

INLINE void carry_columns(vec *to, const vec *columns, unsigned blocks)
{
	vec carry = vec_zero();

	for (unsigned i = 0; i < blocks; i++)
		carry = carry_block(to + BLOCK * i, columns + BLOCK * i, carry);
}

/* The block of columns above the one that digit makes zero is final now. */
INLINE void reduce_next(vec sum[BLOCK], const vec column[BLOCK],
	const vec digit[BLOCK], const struct modulus *m, vec carry)
{
	block_copy(sum, column);
	sum[0] = vec_add(sum[0], carry);
	tile_high(sum, digit, m->limbs);
	tile_low(sum, digit, m->limbs + BLOCK);
}

/* The blocks of columns above that. */
INLINE void reduce_row(vec *column, const vec digit[BLOCK],
	const struct modulus *m, unsigned blocks)
{
	vec sum[BLOCK];

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
INLINE void reduce(
	vec *to, vec *product, const struct modulus *m, unsigned blocks)
{
	vec digit[BLOCK], next[BLOCK], sum[BLOCK];
	vec carry = find_digits(digit, product, m);

	for (unsigned i = 0; i < blocks - 1; i++) {
		vec *column = product + BLOCK * i;

		reduce_next(sum, column + BLOCK, digit, m, carry);
		carry = find_digits(next, sum, m);
		reduce_row(column, digit, m, blocks);
		block_copy(digit, next);
	}
	product += BLOCK * (blocks - 1);
	reduce_next(sum, product + BLOCK, digit, m, carry);
	carry = carry_block(to, sum, vec_zero());
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

/* to = a * b / R */
NOINLINE void multiply(vec *to, vec *product, const vec *a, const vec *b,
	const struct modulus *m, unsigned blocks)
{
	multiply_columns(product, a, b, blocks);
	reduce(to, product, m, blocks);
}

/* to = a * a / R */
NOINLINE void square(vec *to, vec *product, const vec *a,
	const struct modulus *m, unsigned blocks)
{
	square_columns(product, a, blocks);
	reduce(to, product, m, blocks);
}

/* a - modulus where that is not negative; scratch is as long as a. */
INLINE void subtract_modulus(
	vec *a, vec *scratch, const struct modulus *m, unsigned limbs)
{
	const vec mask = vec_all(SP_RSA_LIMB_MASK);
	vec borrow = vec_zero();
	vec_mask below;

	for (unsigned i = 0; i < limbs; i++) {
		vec sum = vec_add(vec_sub(a[i], m->limbs[i]), borrow);

		scratch[i] = vec_and(sum, mask);
		borrow = vec_right_signed(sum, SP_RSA_LIMB_BITS);
	}
	below = vec_negative(borrow);
	for (unsigned i = 0; i < limbs; i++)
		a[i] = vec_choose(below, scratch[i], a[i]);
}

#endif
