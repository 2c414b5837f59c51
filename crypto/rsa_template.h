/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private and the public operation of RSA in eight lanes (RFC 8017 5.1.2,
 * 5.2.2), over a vector layer that is included first.
 *
 * Nothing here branches on, or addresses by, anything but sizes.
 */
#ifndef SP_CRYPTO_RSA_TEMPLATE_H
#define SP_CRYPTO_RSA_TEMPLATE_H

#include "crypto/montgomery.h"

/*
 * Blocks first to end - 1 of the entry of the table that each lane wants; reads
 * these blocks of all entries.
 */
INLINE void look_up(vec *to, const vec *table, vec wanted, unsigned entries,
	unsigned limbs, unsigned first, unsigned end)
{
	for (unsigned i = BLOCK * first; i < BLOCK * end; i += BLOCK) {
		vec found[BLOCK];

		block_copy(found, table + i);
		for (unsigned entry = 1; entry < entries; entry++) {
			const vec *from = table + entry * limbs + i;
			vec_mask hit = vec_equal(wanted, vec_all(entry));

			UNROLL
			for (unsigned k = 0; k < BLOCK; k++)
				found[k] = vec_choose(hit, found[k], from[k]);
		}
		block_copy(to + i, found);
	}
}

/* The digit of window bits, counted from the lowest. */
INLINE vec exponent_digit(const vec *words, unsigned digit, unsigned window)
{
	const unsigned per_word = SP_RSA_WORD_BITS / window;
	vec word = words[digit / per_word];

	return vec_and(vec_right(word, digit % per_word * window),
		vec_all((UINT64_C(1) << window) - 1));
}

/*
 * Windows of 4 bits as long as the table stays in the first-level cache; above
 * that the fewer multiplications of 5 win.
 */
INLINE unsigned window_bits(unsigned limbs)
{
	return limbs > 20 ? 5 : 4;
}

/* Fills the table of powers, of which the first is there already. */
INLINE void fill_table(vec *table, vec *product, const vec *one,
	const struct modulus *m, unsigned entries, unsigned blocks)
{
	const unsigned limbs = BLOCK * blocks;

	for (unsigned i = 0; i < limbs; i++)
		table[i] = one[i];
	for (unsigned entry = 2; entry < entries; entry += 2) {
		vec *even = table + entry * limbs;

		square(even, product, table + entry / 2 * limbs, m, blocks);
		multiply(even + limbs, product, even, table + limbs, m, blocks);
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
	const struct modulus m = {(const vec *)pass->modulus,
		*(const vec *)&pass->negative_inverse};
	const vec *words = (const vec *)pass->exponent;
	vec *product = (vec *)pass->product, *table = (vec *)pass->table;
	vec *result = (vec *)pass->power, *factor = (vec *)pass->scratch[0];
	unsigned digit = (pass->bits + window - 1) / window - 1;

	/* block / R, times R^3, is the block in Montgomery's form. */
	for (unsigned i = 0; i < 2 * limbs; i++)
		product[i] = ((const vec *)pass->block)[i];
	reduce(factor, product, &m, blocks);
	multiply(table + limbs, product, factor, (const vec *)pass->cube, &m,
		blocks);
	fill_table(table, product, (const vec *)pass->one, &m, entries, blocks);
	look_up(result, table, exponent_digit(words, digit, window), entries,
		limbs, 0, blocks);
	while (digit-- > 0) {
		vec wanted = exponent_digit(words, digit, window);

		/* The processor loads part of the factor while it squares. */
		for (unsigned i = 0; i < window; i++) {
			look_up(factor, table, wanted, entries, limbs,
				blocks * i / window, blocks * (i + 1) / window);
			square(result, product, result, &m, blocks);
		}
		multiply(result, product, result, factor, &m, blocks);
	}
	for (unsigned i = 0; i < limbs; i++) {
		product[i] = result[i];
		product[limbs + i] = vec_zero();
	}
	reduce(result, product, &m, blocks);
	subtract_modulus(result, factor, &m, limbs);
}

/*
 * Garner's recombination (RFC 8017 5.1.2 step 2.b): in lanes 0 to 3
 * h = (power mod p - power mod q) / q mod p, signature = power mod q + q * h.
 * Lanes 4 to 7 compute something of no use.
 */
static void join(struct sp_rsa_private_pass *pass)
{
	const unsigned limbs = pass->limbs, blocks = limbs / BLOCK;
	const struct modulus m = {(const vec *)pass->modulus,
		*(const vec *)&pass->negative_inverse};
	vec *product = (vec *)pass->product;
	vec *h = (vec *)pass->scratch[0], *other = (vec *)pass->scratch[1];
	const vec *powers = (const vec *)pass->power;

	/* Not below zero, as q < 2 * p. */
	for (unsigned i = 0; i < limbs; i++)
		product[i] = vec_sub(
			vec_add(powers[i], vec_add(m.limbs[i], m.limbs[i])),
			vec_swap_halves(powers[i]));
	carry_columns(h, product, blocks);
	multiply(h, product, h, (const vec *)pass->coefficient, &m, blocks);
	subtract_modulus(h, other, &m, limbs);
	for (unsigned i = 0; i < limbs; i++)
		other[i] = vec_swap_halves(m.limbs[i]);
	multiply_columns(product, h, other, blocks);
	for (unsigned i = 0; i < limbs; i++)
		product[i] = vec_add(product[i], vec_swap_halves(powers[i]));
	carry_columns((vec *)pass->signature, product, 2 * blocks);
}

/*
 * pass->block = pass->signature ^ 65537. With no conversion to Montgomery's
 * form: sixteen squares and one product divide by R^65536, the product with
 * the constant R^65537 multiplies that back in.
 */
static void open_signature(struct sp_rsa_public_pass *pass)
{
	const unsigned limbs = pass->limbs, blocks = limbs / BLOCK;
	const struct modulus m = {(const vec *)pass->modulus,
		*(const vec *)&pass->negative_inverse};
	vec *product = (vec *)pass->product, *block = (vec *)pass->block;
	const vec *signature = (const vec *)pass->signature;

	square(block, product, signature, &m, blocks);
	for (unsigned i = 1; i < 16; i++)
		square(block, product, block, &m, blocks);
	multiply(block, product, block, signature, &m, blocks);
	multiply(
		block, product, block, (const vec *)pass->constant, &m, blocks);
	subtract_modulus(block, product, &m, limbs);
}

#endif
