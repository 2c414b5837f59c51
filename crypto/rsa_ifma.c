/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private and the public operation of RSA in eight lanes (RFC 8017 5.1.2,
 * 5.2.2).
 *
 * Nothing here branches on, or addresses by, anything but sizes.
 */
#include "crypto/montgomery.h"

/* The digit of window bits, counted from the lowest. */
LANE_INLINE v8 exponent_digit(const v8 *words, unsigned digit, unsigned window)
{
	const unsigned per_word = SP_RSA_WORD_BITS / window;
	v8 word = words[digit / per_word];

	return v8_and(v8_right(word, digit % per_word * window),
		v8_all((UINT64_C(1) << window) - 1));
}

/*
 * Windows of 4 bits as long as the table stays in the first-level cache; above
 * that the fewer multiplications of 5 win.
 */
LANE_INLINE unsigned window_bits(unsigned limbs)
{
	return limbs > 20 ? 5 : 4;
}

/* Fills the table of powers, of which the first is there already. */
LANE_INLINE void fill_table(v8 *table, v8 *product, const v8 *one,
	const struct modulus *m, unsigned entries, unsigned blocks)
{
	const unsigned limbs = BLOCK * blocks;

	for (unsigned i = 0; i < limbs; i++)
		table[i] = one[i];
	for (unsigned entry = 2; entry < entries; entry += 2) {
		v8 *even = table + entry * limbs;
		const v8 *root = table + entry / 2 * limbs;

		mont_multiply(even, product, root, root, m, NULL, blocks);
		mont_multiply(even + limbs, product, even, table + limbs, m,
			NULL, blocks);
	}
}

/*
 * pass->power = pass->block ^ pass->exponent, by fixed windows over all bits
 * that an exponent of this size can have.
 */
static void power(struct sp_rsa_private_pass *pass)
{
	const unsigned limbs = pass->limbs, blocks = limbs / BLOCK;
	const unsigned window = window_bits(limbs);
	const unsigned entries = 1u << window;
	struct modulus m = {(const v8 *)pass->modulus,
		*(const v8 *)&pass->negative_inverse, (v8 *)pass->differences};
	const v8 *words = (const v8 *)pass->exponent;
	v8 *product = (v8 *)pass->product, *table = (v8 *)pass->table;
	v8 *result = (v8 *)pass->power, *factor = (v8 *)pass->scratch[0];
	struct lookup lookup = {
		.table = table, .limbs = limbs, .entries = entries};
	unsigned digit = (pass->bits + window - 1) / window - 1;

	set_differences(&m, blocks);
	/* block / R, times R^3, is the block in Montgomery's form. */
	for (unsigned i = 0; i < 2 * limbs; i++)
		product[i] = ((const v8 *)pass->block)[i];
	mont_reduce(factor, product, &m, blocks);
	mont_multiply(table + limbs, product, factor, (const v8 *)pass->cube,
		&m, NULL, blocks);
	fill_table(table, product, (const v8 *)pass->one, &m, entries, blocks);
	lookup_begin(&lookup, result, exponent_digit(words, digit, window));
	lookup_end(&lookup);
	while (digit-- > 0) {
		lookup_begin(
			&lookup, factor, exponent_digit(words, digit, window));
		for (unsigned i = 0; i < window; i++)
			mont_multiply(result, product, result, result, &m,
				&lookup, blocks);
		lookup_end(&lookup);
		mont_multiply(
			result, product, result, factor, &m, NULL, blocks);
	}
	for (unsigned i = 0; i < limbs; i++) {
		product[i] = result[i];
		product[limbs + i] = v8_zero();
	}
	mont_reduce(result, product, &m, blocks);
	subtract_modulus(result, factor, m.limbs, limbs);
}

/*
 * Garner's recombination (RFC 8017 5.1.2 step 2.b): in lanes 0 to 3
 * h = (power mod p - power mod q) / q mod p, signature = power mod q + q * h.
 * Lanes 4 to 7 compute something of no use.
 */
static void join(struct sp_rsa_private_pass *pass)
{
	const unsigned limbs = pass->limbs, blocks = limbs / BLOCK;
	struct modulus m = {(const v8 *)pass->modulus,
		*(const v8 *)&pass->negative_inverse, (v8 *)pass->differences};
	v8 *product = (v8 *)pass->product;
	v8 *h = (v8 *)pass->scratch[0], *other = (v8 *)pass->scratch[1];
	const v8 *powers = (const v8 *)pass->power;

	set_differences(&m, blocks);
	/* Not below zero, as q < 2 * p. */
	for (unsigned i = 0; i < limbs; i++)
		product[i] = v8_sub(
			v8_add(powers[i], v8_add(m.limbs[i], m.limbs[i])),
			v8_swap_halves(powers[i]));
	carry_columns(h, product, blocks);
	mont_multiply(
		h, product, h, (const v8 *)pass->coefficient, &m, NULL, blocks);
	subtract_modulus(h, other, m.limbs, limbs);
	for (unsigned i = 0; i < limbs; i++)
		other[i] = v8_swap_halves(m.limbs[i]);
	karatsuba(product, product + 2 * limbs, h, other, blocks);
	for (unsigned i = 0; i < limbs; i++)
		product[i] = v8_add(product[i], v8_swap_halves(powers[i]));
	carry_columns((v8 *)pass->signature, product, 2 * blocks);
}

/*
 * pass->block = pass->signature ^ 65537. With no conversion to Montgomery's
 * form: sixteen squares and one product divide by R^65536, the product with
 * the constant R^65537 multiplies that back in.
 */
static void open_signature(struct sp_rsa_public_pass *pass)
{
	const unsigned limbs = pass->limbs, blocks = limbs / BLOCK;
	struct modulus m = {(const v8 *)pass->modulus,
		*(const v8 *)&pass->negative_inverse, (v8 *)pass->differences};
	v8 *product = (v8 *)pass->product, *block = (v8 *)pass->block;
	const v8 *signature = (const v8 *)pass->signature;

	if (!pass->known)
		set_differences(&m, blocks);
	mont_multiply(block, product, signature, signature, &m, NULL, blocks);
	for (unsigned i = 1; i < 16; i++)
		mont_multiply(block, product, block, block, &m, NULL, blocks);
	mont_multiply(block, product, block, signature, &m, NULL, blocks);
	mont_multiply(block, product, block, (const v8 *)pass->constant, &m,
		NULL, blocks);
	subtract_modulus(block, product, m.limbs, limbs);
}

const struct sp_rsa_kernel sp_rsa_ifma = {
	.name = "ifma",
	.power = power,
	.join = join,
	.open = open_signature,
};
