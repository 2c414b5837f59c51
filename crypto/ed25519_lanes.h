/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiplication of points in eight lanes, for crypto/ed25519_ifma.c.
 */
#ifndef SP_CRYPTO_ED25519_LANES_H
#define SP_CRYPTO_ED25519_LANES_H

#include "crypto/ed25519.h"
#include "crypto/edwards25519.h"
#include "crypto/scalar25519.h"

/*
 * Adds scalar times the table's point, which is of order L. Constant time: the
 * table is read whole, by register permutes with the digits as indices.
 */
void sp_ed25519_add_base(struct ge *sum, const struct sp_ed25519_table *table,
	const struct sc *scalar);

/*
 * The same for a point of any order, whose table may hold any public key's;
 * and without a table, from the point itself, in variable time.
 */
void sp_ed25519_add_key(struct ge *sum, const struct sp_ed25519_table *table,
	const struct sc *scalar);
void sp_ed25519_multiply(
	struct ge *product, const struct ge *point, const struct sc *scalar);

/* The table of a point that is the same in all lanes. */
void sp_ed25519_build(struct sp_ed25519_table *table, const struct ge *point);

#endif
