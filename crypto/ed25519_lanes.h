/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiplication of points in eight lanes, for crypto/ed25519_ifma.c.
 *
 * Digits are odd: with width bits each, an odd scalar is the sum of
 * digit(i) 2^(i width), digit(i) = 2 v(i) - (2^width - 1), where v(i) are the
 * bits of the scalar from 1 + i width on, and the bit above the last digit
 * counts as set. So no digit is zero, and half of the multiples suffice.
 */
#ifndef SP_CRYPTO_ED25519_LANES_H
#define SP_CRYPTO_ED25519_LANES_H

#include "crypto/ed25519.h"
#include "crypto/edwards25519.h"
#include "crypto/scalar25519.h"

/* An odd scalar cut into digits. */
struct digits {
	v8 limb[SC_LIMBS + 1];
};

/* top is the bit above the last digit. */
static inline struct digits digits_of(const struct sc *odd, unsigned top)
{
	struct digits digits;

	for (unsigned i = 0; i < SC_LIMBS; i++)
		digits.limb[i] = odd->limb[i];
	digits.limb[SC_LIMBS] = v8_zero();
	digits.limb[top / SC_BITS] = v8_or(
		digits.limb[top / SC_BITS], v8_all(1ull << top % SC_BITS));
	return digits;
}

/*
 * The v(i) above turned into an index of the multiples 1, 3, 5, ..., and the
 * lanes where the digit is negative. Bits above the index are not cleared.
 */
LANE_INLINE v8 digit_index(const struct digits *digits, unsigned i,
	unsigned width, v8_mask *negative)
{
	unsigned limb = (1 + i * width) / SC_BITS;
	unsigned shift = (1 + i * width) % SC_BITS;
	v8 bits = v8_or(v8_right(digits->limb[limb], shift),
		v8_left(digits->limb[limb + 1], SC_BITS - shift));
	v8 all = v8_all((1ull << width) - 1);

	*negative = (v8_mask)~v8_test(bits, v8_all(1ull << (width - 1)));
	return v8_blend(*negative, bits, v8_xor(bits, all));
}

/* Adds odd times the table's point; the scalar is below 2^257. */
void sp_ed25519_add_odd(struct ge_raw *sum,
	const struct sp_ed25519_table *table, const struct sc *odd);

/*
 * Adds scalar times the table's point, which is of order L. Constant time: the
 * table is read whole, by register permutes with the digits as indices.
 */
void sp_ed25519_add_base(struct ge_raw *sum,
	const struct sp_ed25519_table *table, const struct sc *scalar);

/*
 * The same for a point of any order, whose table may hold any public key's;
 * and without a table, from the point itself, in variable time.
 */
void sp_ed25519_add_key(struct ge_raw *sum,
	const struct sp_ed25519_table *table, const struct sc *scalar);
void sp_ed25519_multiply(struct ge_raw *product, const struct ge *point,
	const struct sc *scalar);

/* The table of a point that is the same in all lanes. */
void sp_ed25519_build(struct sp_ed25519_table *table, const struct ge *point);

#endif
