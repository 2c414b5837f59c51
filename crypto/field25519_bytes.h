/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The field of 2^255 - 19, continued: powers, and numbers as bytes (RFC 8032
 * 5.1.2). Four little-endian 64-bit words per lane stand for 32 bytes.
 */
#ifndef SP_CRYPTO_FIELD25519_BYTES_H
#define SP_CRYPTO_FIELD25519_BYTES_H

#include "crypto/field25519.h"

#define FE_WORDS 4u

/* a^(2^250 - 1), and a^11 on the way. */
static inline struct fe fe_power_250(struct fe a, struct fe *a11)
{
	struct fe a2 = fe_square(a);
	struct fe a9 = fe_mul(fe_square_times(a2, 2), a);
	struct fe a5, a10, a20, a40, a50, a100, a200;

	*a11 = fe_mul(a9, a2);
	a5 = fe_mul(fe_square(*a11), a9); /* a^(2^5 - 1), and so on */
	a10 = fe_mul(fe_square_times(a5, 5), a5);
	a20 = fe_mul(fe_square_times(a10, 10), a10);
	a40 = fe_mul(fe_square_times(a20, 20), a20);
	a50 = fe_mul(fe_square_times(a40, 10), a10);
	a100 = fe_mul(fe_square_times(a50, 50), a50);
	a200 = fe_mul(fe_square_times(a100, 100), a100);
	return fe_mul(fe_square_times(a200, 50), a50);
}

/* a^(p - 2) = a^(2^255 - 21): 1/a, or 0 of 0. */
static inline struct fe fe_invert(struct fe a)
{
	struct fe a11, power = fe_power_250(a, &a11);

	return fe_mul(fe_square_times(power, 5), a11);
}

/* a^((p - 5) / 8) = a^(2^252 - 3), for square roots (RFC 8032 5.1.3). */
static inline struct fe fe_root_power(struct fe a)
{
	struct fe a11, power = fe_power_250(a, &a11);

	return fe_mul(fe_square_times(power, 2), a);
}

/* The one representative in [0, p), limbs of 51 bits, of a tight element. */
static inline struct fe fe_canonical(struct fe a)
{
	const v8 mask = v8_all(FE_MASK);
	v8 carry = v8_all(19); /* (a + 19) >> 255 is whether a >= p */

	for (unsigned i = 0; i < FE_LIMBS; i++)
		carry = v8_right(v8_add(a.limb[i], carry), FE_BITS);
	carry = v8_madd_low(v8_zero(), carry, v8_all(19));
	for (unsigned i = 0; i < FE_LIMBS; i++) {
		carry = v8_add(a.limb[i], carry);
		a.limb[i] = v8_and(carry, mask);
		carry = v8_right(carry, FE_BITS);
	}
	return a;
}

/* Lanes where the canonical element is zero. */
static inline v8_mask fe_is_zero(struct fe a)
{
	v8 any = a.limb[0];

	for (unsigned i = 1; i < FE_LIMBS; i++)
		any = v8_or(any, a.limb[i]);
	return v8_equal(any, v8_zero());
}

/* Lanes where tight a and b are the same number. */
static inline v8_mask fe_is_equal(struct fe a, struct fe b)
{
	return fe_is_zero(fe_canonical(fe_sub(a, b)));
}

/* Lanes where the canonical element is odd ("negative"). */
static inline v8_mask fe_is_odd(struct fe a)
{
	return v8_test(a.limb[0], v8_all(1));
}

static inline void fe_to_words(v8 words[FE_WORDS], struct fe canonical)
{
	const v8 *limb = canonical.limb;

	words[0] = v8_or(limb[0], v8_left(limb[1], 51));
	words[1] = v8_or(v8_right(limb[1], 13), v8_left(limb[2], 38));
	words[2] = v8_or(v8_right(limb[2], 26), v8_left(limb[3], 25));
	words[3] = v8_or(v8_right(limb[3], 39), v8_left(limb[4], 12));
}

/* Bit 255 is left out. What is not below p is taken modulo p. */
static inline struct fe fe_from_words(const v8 words[FE_WORDS])
{
	const v8 mask = v8_all(FE_MASK);
	struct fe out;

	out.limb[0] = words[0];
	out.limb[1] = v8_or(v8_right(words[0], 51), v8_left(words[1], 13));
	out.limb[2] = v8_or(v8_right(words[1], 38), v8_left(words[2], 26));
	out.limb[3] = v8_or(v8_right(words[2], 25), v8_left(words[3], 39));
	out.limb[4] = v8_right(words[3], 12);
	for (unsigned i = 0; i < FE_LIMBS; i++)
		out.limb[i] = v8_and(out.limb[i], mask);
	return out;
}

#endif
