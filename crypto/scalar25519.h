/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers modulo L = 2^252 + 27742317777372353535851937790883648493, the order
 * of the base point (RFC 8032 5.1), eight side by side, for the lane kernels:
 * five limbs in radix 2^52, reduced by Montgomery with R = 2^260. No branch
 * and no address depends on a value.
 */
#ifndef SP_CRYPTO_SCALAR25519_H
#define SP_CRYPTO_SCALAR25519_H

#include "crypto/v8.h"

#define SC_LIMBS 5u
#define SC_BITS 52u
#define SC_MASK ((1ull << SC_BITS) - 1)
#define SC_WORDS 4u

struct sc {
	v8 limb[SC_LIMBS];
};

static const uint64_t sc_order[SC_LIMBS] = {
	0x2631a5cf5d3ed, 0xdea2f79cd6581, 0x14def9, 0, 0x100000000000};
/* -1/L modulo 2^52; R, R^2 and R^3 modulo L. */
#define SC_NEGATED_INVERSE 0x51da312547e1bull
static const uint64_t sc_r1[SC_LIMBS] = {0xf48bd6721e6ed, 0x3bab5ac67e45a,
	0xfffffeb35e51b, 0xfffffffffffff, 0xfffffffffff};
static const uint64_t sc_r2[SC_LIMBS] = {0x9d265e952d13b, 0xd63c715bea69f,
	0x5be65cb687604, 0x3dceec73d217f, 0x9411b7c309a};
static const uint64_t sc_r3[SC_LIMBS] = {0x4f516a4e30429, 0xd71e63305a553,
	0x5b6514d3c593a, 0x78065dc6c04ec, 0xb773599cec};

static inline struct sc sc_all(const uint64_t limbs[SC_LIMBS])
{
	struct sc out;

	for (unsigned i = 0; i < SC_LIMBS; i++)
		out.limb[i] = v8_all(limbs[i]);
	return out;
}

/* Cuts 64-bit words into limbs of 52 bits. */
static inline void sc_split(
	v8 *limbs, unsigned limb_count, const v8 *words, unsigned word_count)
{
	for (unsigned i = 0; i < limb_count; i++) {
		unsigned word = i * SC_BITS / 64, shift = i * SC_BITS % 64;
		v8 limb = v8_right(words[word], shift);

		if (shift > 64 - SC_BITS && word + 1 < word_count)
			limb = v8_or(
				limb, v8_left(words[word + 1], 64 - shift));
		limbs[i] = v8_and(limb, v8_all(SC_MASK));
	}
}

static inline struct sc sc_from_words(const v8 words[SC_WORDS])
{
	struct sc out;

	sc_split(out.limb, SC_LIMBS, words, SC_WORDS);
	return out;
}

static inline void sc_to_words(v8 words[SC_WORDS], struct sc a)
{
	words[0] = v8_or(a.limb[0], v8_left(a.limb[1], 52));
	words[1] = v8_or(v8_right(a.limb[1], 12), v8_left(a.limb[2], 40));
	words[2] = v8_or(v8_right(a.limb[2], 24), v8_left(a.limb[3], 28));
	words[3] = v8_or(v8_right(a.limb[3], 36), v8_left(a.limb[4], 16));
}

/* column += a * b */
static inline void sc_accumulate(
	v8 column[2 * SC_LIMBS], struct sc a, struct sc b)
{
	for (unsigned i = 0; i < SC_LIMBS; i++) {
		for (unsigned j = 0; j < SC_LIMBS; j++) {
			column[i + j] = v8_madd_low(
				column[i + j], a.limb[i], b.limb[j]);
			column[i + j + 1] = v8_madd_high(
				column[i + j + 1], a.limb[i], b.limb[j]);
		}
	}
}

/*
 * column / R modulo L, below column / R + L, which must be below 2^260. Each
 * column may be up to 2^58.
 */
static inline struct sc sc_reduce(v8 column[2 * SC_LIMBS])
{
	const struct sc order = sc_all(sc_order);
	v8 carry = v8_zero();
	struct sc out;

	for (unsigned i = 0; i < SC_LIMBS; i++) {
		v8 quotient;

		column[i] = v8_add(column[i], carry);
		quotient = v8_madd_low(
			v8_zero(), column[i], v8_all(SC_NEGATED_INVERSE));
		for (unsigned j = 0; j < SC_LIMBS; j++) {
			column[i + j] = v8_madd_low(
				column[i + j], quotient, order.limb[j]);
			column[i + j + 1] = v8_madd_high(
				column[i + j + 1], quotient, order.limb[j]);
		}
		carry = v8_right(column[i], SC_BITS); /* the rest is zero */
	}
	for (unsigned i = 0; i < SC_LIMBS; i++) {
		carry = v8_add(column[i + SC_LIMBS], carry);
		out.limb[i] = v8_and(carry, v8_all(SC_MASK));
		carry = v8_right(carry, SC_BITS);
	}
	return out;
}

/* a - L where a >= L, else a. */
static inline struct sc sc_subtract_order(struct sc a)
{
	struct sc less;
	v8 borrow = v8_zero();
	v8_mask below;

	for (unsigned i = 0; i < SC_LIMBS; i++) {
		v8 limb =
			v8_add(v8_sub(a.limb[i], v8_all(sc_order[i])), borrow);

		less.limb[i] = v8_and(limb, v8_all(SC_MASK));
		borrow = v8_right_signed(limb, SC_BITS);
	}
	below = v8_test(borrow, borrow);
	for (unsigned i = 0; i < SC_LIMBS; i++)
		a.limb[i] = v8_blend(below, less.limb[i], a.limb[i]);
	return a;
}

/* The 512-bit number in wide, modulo L. */
static inline struct sc sc_from_wide(const v8 wide[2 * SC_WORDS])
{
	v8 limbs[2 * SC_LIMBS], column[2 * SC_LIMBS];
	struct sc low, high, out;

	sc_split(limbs, 2 * SC_LIMBS, wide, 2 * SC_WORDS);
	for (unsigned i = 0; i < SC_LIMBS; i++) {
		low.limb[i] = limbs[i];
		high.limb[i] = limbs[i + SC_LIMBS];
	}
	for (unsigned i = 0; i < 2 * SC_LIMBS; i++)
		column[i] = v8_zero();
	sc_accumulate(column, low, sc_all(sc_r1));
	sc_accumulate(column, high, sc_all(sc_r2));
	/* low < R and high < R / 2^8: below L + L / 2^8 + L. */
	out = sc_reduce(column);
	return sc_subtract_order(sc_subtract_order(out));
}

/* a * b + c modulo L, for b below 2^255, and a and c below L. */
static inline struct sc sc_mul_add(struct sc a, struct sc b, struct sc c)
{
	v8 column[2 * SC_LIMBS];
	struct sc product;

	for (unsigned i = 0; i < 2 * SC_LIMBS; i++)
		column[i] = v8_zero();
	sc_accumulate(column, a, b);
	product = sc_reduce(column); /* a b / R, below L + 2^247 */
	for (unsigned i = 0; i < 2 * SC_LIMBS; i++)
		column[i] = v8_zero();
	sc_accumulate(column, product, sc_all(sc_r2));
	sc_accumulate(column, c, sc_all(sc_r1));
	/* Below (2 L^2 + 2^247 L) / R + L < L + L / 2^6. */
	return sc_subtract_order(sc_reduce(column));
}

#endif
