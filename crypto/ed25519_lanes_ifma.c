/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiples of the base point in eight lanes, with secret scalars: nothing here
 * lets a lane reach a branch or an address (tests/objects/secrets.t).
 */
#include "crypto/ed25519_lanes.h"

/* One limb of the entries that index says. */
LANE_INLINE v8 pick(
	const uint64_t entries[SP_ED25519_ENTRIES], v8 index, v8_mask upper)
{
	return v8_blend(upper, v8_permute16(entries, index),
		v8_permute16(entries + 16, index));
}

void sp_ed25519_add_odd(struct ge_raw *sum,
	const struct sp_ed25519_table *table, const struct sc *odd)
{
	struct digits digits =
		digits_of(odd, SP_ED25519_ROWS * SP_ED25519_WINDOW_BITS);
	struct ge_raw at = *sum;

	for (unsigned i = 0; i < SP_ED25519_ROWS; i++) {
		v8_mask negative;
		v8 index = digit_index(
			&digits, i, SP_ED25519_WINDOW_BITS, &negative);
		v8_mask upper = v8_test(index, v8_all(16));
		struct ge_affine entry;

		for (unsigned j = 0; j < FE_LIMBS; j++) {
			entry.plus.limb[j] =
				pick(table->row[i][j], index, upper);
			entry.minus.limb[j] =
				pick(table->row[i][FE_LIMBS + j], index, upper);
			entry.t2d.limb[j] = pick(
				table->row[i][2 * FE_LIMBS + j], index, upper);
		}
		at = ge_raw_add_affine(&at, &entry, negative);
	}
	*sum = at;
}

/* Where the scalar is even L makes it odd, which the point does not notice. */
void sp_ed25519_add_base(struct ge_raw *sum,
	const struct sp_ed25519_table *table, const struct sc *scalar)
{
	v8_mask odd = v8_test(scalar->limb[0], v8_all(1));
	v8 carry = v8_zero();
	struct sc out;

	for (unsigned i = 0; i < SC_LIMBS; i++) {
		carry = v8_add(carry, scalar->limb[i]);
		carry = v8_add(
			carry, v8_blend(odd, v8_all(sc_order[i]), v8_zero()));
		out.limb[i] = v8_and(carry, v8_all(SC_MASK));
		carry = v8_right(carry, SC_BITS);
	}
	sp_ed25519_add_odd(sum, table, &out);
}
