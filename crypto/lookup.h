/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of large numbers in eight lanes, read whole whatever entry is wanted.
 */
#ifndef SP_CRYPTO_LOOKUP_H
#define SP_CRYPTO_LOOKUP_H

#include "crypto/limbs.h"

/*
 * Reads a table of numbers, all of it, in small steps between other work; each
 * lane keeps the entry it wants.
 */
struct lookup {
	v8 *to;
	const v8 *table;
	v8 wanted;
	v8 left; /* wanted less the entries that were passed */
	unsigned limbs, entries;
	unsigned limb, entry; /* what is next */
};

/* Five limbs of so many entries are read at a time. */
#define LOOKUP_STEP 4u

LANE_INLINE bool lookup_step(struct lookup *l)
{
	const v8 *from = l->table + l->entry * l->limbs + l->limb;
	v8 found[BLOCK];

	if (l->limb == l->limbs)
		return false;
	block_copy(found, l->to + l->limb);
	LANE_UNROLL
	for (unsigned i = 0; i < LOOKUP_STEP; i++) {
		v8_mask hit = v8_equal(l->left, v8_zero());

		LANE_UNROLL
		for (unsigned k = 0; k < BLOCK; k++)
			found[k] = v8_blend(hit, found[k], from[k]);
		l->left = v8_sub(l->left, v8_all(1));
		from += l->limbs;
	}
	block_copy(l->to + l->limb, found);
	l->entry += LOOKUP_STEP;
	if (l->entry == l->entries) {
		l->entry = 0;
		l->limb += BLOCK;
		l->left = l->wanted;
	}
	return true;
}

LANE_INLINE void lookup_begin(struct lookup *l, v8 *to, v8 wanted)
{
	l->to = to;
	l->wanted = l->left = wanted;
	l->limb = l->entry = 0;
}

/* Apart, as with more around it gcc puts pointers into vector registers. */
static __attribute__((noinline, unused)) void lookup_end(struct lookup *l)
{
	while (lookup_step(l))
		;
}

#endif
