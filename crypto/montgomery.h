/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiplication modulo odd numbers in eight lanes: Montgomery's, with limbs of
 * 52 bits.
 *
 * Nothing here branches on, or addresses by, anything but sizes. Values stay
 * below twice the modulus between steps (almost-Montgomery); docs/CRYPTO.md has
 * the bounds.
 *
 * The reduction adds digits times modulus, d * m. In blocks, column c takes the
 * products d_i m_j with i + j = c. Where i and j are neither zero nor equal
 * they come in pairs, and
 *
 *	d_i m_j + d_j m_i = d_i m_i + d_j m_j - (d_i - d_j)(m_i - m_j):
 *
 * the products d_i m_i are made once and serve all columns, so a pair costs one
 * product. The differences of the modulus are made beforehand. (Weimerskirch
 * and Paar 2006 do products so.) d_c is found from column c with d_0 m_c in it,
 * so these cannot be paired.
 */
#ifndef SP_CRYPTO_MONTGOMERY_H
#define SP_CRYPTO_MONTGOMERY_H

#include "crypto/karatsuba.h"
#include "crypto/lookup.h"

struct modulus {
	const v8 *limbs;
	v8 negative_inverse; /* -1 / modulus mod 2^52 */
	/* For all pairs |m_i - m_j|, five limbs, and -1 where m_j is larger. */
	v8 *differences;
};

/* The pairs of a column c have i from here on, below c - i. */
LANE_INLINE unsigned first_of_pairs(unsigned c, unsigned blocks)
{
	return c < blocks ? 1 : c - blocks + 1;
}

/*
 * to = a - b, or b - a where swapped; where that is negative, and so too much
 * by 2^260. Bits above 51 are left for multiplications to ignore.
 */
LANE_INLINE v8_mask block_differ(
	v8 to[BLOCK], const v8 a[BLOCK], const v8 b[BLOCK], v8_mask swapped)
{
	v8 borrow = v8_zero();

	LANE_UNROLL
	for (unsigned i = 0; i < BLOCK; i++) {
		v8 sum = v8_sub_from_where(
			swapped, v8_sub(a[i], b[i]), v8_zero());

		to[i] = v8_add(sum, borrow);
		borrow = v8_right_signed(to[i], SP_RSA_LIMB_BITS);
	}
	return v8_negative(borrow);
}

/* Fills in m->differences, in the order they are used in. */
static void set_differences(struct modulus *m, unsigned blocks)
{
	v8 *to = m->differences;

	for (unsigned c = 3; c + 3 <= 2 * blocks; c++)
		for (unsigned i = (c - 1) / 2; i >= first_of_pairs(c, blocks);
			i--) {
			const v8 *a = m->limbs + BLOCK * i;
			const v8 *b = m->limbs + BLOCK * (c - i);
			v8 larger = limbs_differ(to, a, b, BLOCK);

			block_differ(to, a, b, v8_negative(larger));
			for (unsigned k = 0; k < BLOCK; k++)
				to[k] = v8_and(to[k], v8_all(SP_RSA_LIMB_MASK));
			to[BLOCK] = larger;
			to += BLOCK + 1;
		}
}

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
		carry = v8_right_signed(v8_add(sum, round), SP_RSA_LIMB_BITS);
	}
	return carry;
}

/* A reduction on its way through the columns. */
struct reduction {
	const struct modulus *m;
	const v8 *product;
	v8 *digits;
	/* Block k: what d_i m_i have in column k, i from 1 to k added up. */
	v8 *sums;
	v8 carry; /* out of the columns that are zero */
	const v8 *difference; /* of the next pair */
};

/* The digits stand behind the product, the sums behind these. */
LANE_INLINE void reduce_first(struct reduction *r, v8 *product,
	const struct modulus *m, unsigned blocks)
{
	r->m = m;
	r->product = product;
	r->digits = product + 2 * BLOCK * blocks;
	r->sums = r->digits + BLOCK * blocks;
	r->carry = find_digits(r->digits, product, m);
}

LANE_INLINE void reduce_second(struct reduction *r)
{
	v8 sum[BLOCK];

	block_copy(sum, r->product + BLOCK);
	tile_low(sum, r->digits, r->m->limbs + BLOCK);
	tile_high(sum, r->digits, r->m->limbs);
	sum[0] = v8_add(sum[0], r->carry);
	r->carry = find_digits(r->digits + BLOCK, sum, r->m);
}

/*
 * All pairs of a column, the digits found last at the end: what comes off this
 * column, and off the next.
 */
LANE_INLINE void reduce_pairs(struct reduction *r, v8 minus[BLOCK],
	v8 next[BLOCK], unsigned c, unsigned blocks)
{
	block_clear(next);
	for (unsigned i = (c - 1) / 2; i >= first_of_pairs(c, blocks); i--) {
		const v8 *difference = r->difference;
		v8 d[BLOCK];
		v8_mask negative = block_differ(d, r->digits + BLOCK * i,
			r->digits + BLOCK * (c - i),
			v8_negative(difference[BLOCK]));

		tile_low(minus, d, difference);
		tile_high(next, d, difference);
		LANE_UNROLL
		for (unsigned k = 0; k < BLOCK; k++)
			next[k] =
				v8_sub_where(negative, next[k], difference[k]);
		r->difference += BLOCK + 1;
	}
}

/*
 * What has no partner in column c, up to that of the highest block; total
 * becomes block c - 1 of the sums.
 */
LANE_INLINE void reduce_single(struct reduction *r, v8 sum[BLOCK],
	v8 total[BLOCK], unsigned c, unsigned blocks)
{
	const v8 *m = r->m->limbs, *d = r->digits;
	const unsigned last = BLOCK * (c - 1);

	tile_low(total, d + last, m + last);
	block_copy(r->sums + last, total);
	tile_high(sum, d + last, m);
	LANE_UNROLL
	for (unsigned k = 0; k < BLOCK; k++)
		sum[k] = v8_add(sum[k], total[k]);
	if (c == blocks)
		tile_high(total, d + last, m + last);
}

/* Above that all have, and what no longer takes part comes off the sums. */
LANE_INLINE void reduce_paired(
	v8 sum[BLOCK], const v8 total[BLOCK], const v8 less[BLOCK])
{
	LANE_UNROLL
	for (unsigned k = 0; k < BLOCK; k++)
		sum[k] = v8_add(sum[k], v8_sub(total[k], less[k]));
}

/* Reads on in a table meanwhile, if one is given. */
LANE_INLINE void reduce_rest(
	struct reduction *r, v8 *to, struct lookup *lookup, unsigned blocks)
{
	const v8 *m = r->m->limbs;
	v8 sum[BLOCK], minus[BLOCK], next[BLOCK], total[BLOCK];

	r->difference = r->m->differences;
	block_clear(total);
	block_clear(minus);
	block_clear(r->sums);
	for (unsigned c = 2; c < 2 * blocks; c++) {
		const unsigned before = BLOCK * (c - 2);

		if (lookup)
			lookup_step(lookup);
		block_copy(sum, r->product + BLOCK * c);
		if (c < blocks)
			tile_low(sum, r->digits, m + BLOCK * c);
		if (c <= blocks)
			tile_high(sum, r->digits, m + BLOCK * (c - 1));
		if (c <= blocks && c > 2)
			tile_high(total, r->digits + before, m + before);
		reduce_pairs(r, minus, next, c, blocks);
		if (c <= blocks)
			reduce_single(r, sum, total, c, blocks);
		else
			reduce_paired(
				sum, total, r->sums + BLOCK * (c - blocks));
		LANE_UNROLL
		for (unsigned k = 0; k < BLOCK; k++)
			sum[k] = v8_sub(sum[k], minus[k]);
		block_copy(minus, next);
		if (c < blocks) {
			sum[0] = v8_add(sum[0], r->carry);
			r->carry =
				find_digits(r->digits + BLOCK * c, sum, r->m);
		} else {
			r->carry = carry_block(
				to + BLOCK * (c - blocks), sum, r->carry);
		}
	}
}

/* to = product / R modulo the modulus; below twice the modulus. */
static __attribute__((noinline, unused)) void mont_reduce(
	v8 *to, v8 *product, const struct modulus *m, unsigned blocks)
{
	struct reduction r;

	reduce_first(&r, product, m, blocks);
	reduce_second(&r);
	reduce_rest(&r, to, NULL, blocks);
}

/* Of two blocks, where all columns stay in registers. */
LANE_INLINE void multiply_small(v8 *to, const v8 *a, const v8 *b,
	const struct modulus *m, struct lookup *lookup, bool square)
{
	const v8 *lower = m->limbs, *upper = m->limbs + BLOCK;
	v8 sum[4][BLOCK], low[BLOCK], high[BLOCK], carry;

	LANE_UNROLL
	for (unsigned c = 0; c < 4; c++) {
		leaf_columns(sum[c], a, b, 2, c, square);
		if (lookup && c < 2)
			lookup_step(lookup);
	}
	carry = find_digits(low, sum[0], m);
	tile_high(sum[1], low, lower);
	tile_low(sum[1], low, upper);
	sum[1][0] = v8_add(sum[1][0], carry);
	tile_high(sum[2], low, upper);
	carry = find_digits(high, sum[1], m);
	tile_high(sum[2], high, lower);
	tile_low(sum[2], high, upper);
	tile_high(sum[3], high, upper);
	carry = carry_block(to, sum[2], carry);
	carry_block(to + BLOCK, sum[3], carry);
}

/*
 * The lowest digits are looked for as soon as their columns are final: each
 * waits for the one before, and the rest of the product fills that time.
 */
LANE_INLINE void multiply_large(v8 *to, v8 *product, const v8 *a, const v8 *b,
	const struct modulus *m, struct lookup *lookup, unsigned blocks)
{
	const unsigned half = BLOCK * blocks / 2;
	v8 *room = product + 6 * half; /* behind the digits */
	struct reduction r;

	karatsuba(product, room, a, b, blocks / 2);
	reduce_first(&r, product, m, blocks);
	karatsuba(product + 2 * half, room, a + half, b + half, blocks / 2);
	reduce_second(&r);
	karatsuba_middle(product, room, a, b, blocks);
	reduce_rest(&r, to, lookup, blocks);
}

/*
 * to = a * b / R modulo the modulus, below twice the modulus as a and b are;
 * they may be one number, and to may be one of them. product has room for 7 *
 * limbs. Reads on in a table meanwhile, if one is given. The primes of RSA-2048
 * get a copy of the code with their size built in.
 */
static __attribute__((noinline)) void mont_multiply(v8 *to, v8 *product,
	const v8 *a, const v8 *b, const struct modulus *m,
	struct lookup *lookup, unsigned blocks)
{
	if (blocks == 2 && a == b)
		multiply_small(to, a, a, m, lookup, true);
	else if (blocks == 2)
		multiply_small(to, a, b, m, lookup, false);
	else if (blocks == 4)
		multiply_large(to, product, a, b, m, lookup, 4);
	else
		multiply_large(to, product, a, b, m, lookup, blocks);
}

#endif
