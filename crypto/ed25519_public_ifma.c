/* SPDX-License-Identifier: Apache-2.0 */
/* Multiples of public keys in eight lanes, and tables of multiples. */
#include "crypto/ed25519_lanes.h"

#define WINDOW_BITS 4u /* of sp_ed25519_multiply */
#define WINDOWS 64u
#define MULTIPLES 8u

/* An even scalar takes one more, which is then taken away again. */
static v8_mask make_odd(struct sc *scalar)
{
	v8 one = v8_all(1);
	v8_mask odd = v8_test(scalar->limb[0], one);

	scalar->limb[0] = v8_or(scalar->limb[0], one);
	return (v8_mask)~odd;
}

static struct ge_raw raw_blend(
	v8_mask mask, const struct ge_raw *a, const struct ge_raw *b)
{
	return (struct ge_raw){fe_blend(mask, a->e, b->e),
		fe_blend(mask, a->f, b->f), fe_blend(mask, a->g, b->g),
		fe_blend(mask, a->h, b->h)};
}

void sp_ed25519_add_key(struct ge_raw *sum,
	const struct sp_ed25519_table *table, const struct sc *scalar)
{
	struct sc odd = *scalar;
	v8_mask even = make_odd(&odd);
	struct ge_affine one;
	struct ge_raw less;

	sp_ed25519_add_odd(sum, table, &odd);
	for (unsigned j = 0; j < FE_LIMBS; j++) {
		one.plus.limb[j] = v8_all(table->row[0][j][0]);
		one.minus.limb[j] = v8_all(table->row[0][FE_LIMBS + j][0]);
		one.t2d.limb[j] = v8_all(table->row[0][2 * FE_LIMBS + j][0]);
	}
	less = ge_raw_add_affine(sum, &one, (v8_mask)0xff);
	*sum = raw_blend(even, sum, &less);
}

LANE_INLINE void cached_blend(
	v8_mask mask, struct ge_cached *a, const struct ge_cached *b)
{
	a->affine.plus = fe_blend(mask, a->affine.plus, b->affine.plus);
	a->affine.minus = fe_blend(mask, a->affine.minus, b->affine.minus);
	a->affine.t2d = fe_blend(mask, a->affine.t2d, b->affine.t2d);
	a->z2 = fe_blend(mask, a->z2, b->z2);
}

/* 1, 3, 5, ... times the point. */
static void multiples_of(
	struct ge_cached *multiples, unsigned count, const struct ge *point)
{
	struct ge_raw raw = ge_double(point);
	struct ge at = ge_finish(&raw);
	struct ge_cached twice = ge_cache(&at);

	at = *point;
	multiples[0] = ge_cache(&at);
	for (unsigned i = 1; i < count; i++) {
		raw = ge_add(&at, &twice);
		at = ge_finish(&raw);
		multiples[i] = ge_cache(&at);
	}
}

/* 2^times a */
LANE_INLINE struct ge_raw double_times(const struct ge_raw *a, unsigned times)
{
	struct ge_raw at = *a;

	for (unsigned i = 0; i < times; i++) {
		struct ge point = ge_finish(&at);

		at = ge_double(&point);
	}
	return at;
}

void sp_ed25519_multiply(
	struct ge_raw *product, const struct ge *point, const struct sc *scalar)
{
	struct ge_cached multiples[MULTIPLES];
	struct sc odd = *scalar;
	v8_mask even = make_odd(&odd);
	struct digits digits = digits_of(&odd, WINDOWS * WINDOW_BITS);
	struct ge_raw at = ge_raw_identity(), less;

	multiples_of(multiples, MULTIPLES, point);
	for (unsigned i = WINDOWS; i-- > 0;) {
		v8_mask negative;
		v8 index = digit_index(&digits, i, WINDOW_BITS, &negative);
		struct ge_cached entry = multiples[0];

		index = v8_and(index, v8_all(MULTIPLES - 1));
		for (unsigned j = 1; j < MULTIPLES; j++)
			cached_blend(v8_equal(index, v8_all(j)), &entry,
				&multiples[j]);
		if (i + 1 < WINDOWS)
			at = double_times(&at, WINDOW_BITS);
		at = ge_raw_add_cached(&at, &entry, negative);
	}
	less = ge_raw_add_cached(&at, &multiples[0], (v8_mask)0xff);
	*product = raw_blend(even, &at, &less);
}

#define BUILD_GROUPS ((SP_ED25519_ROWS + V8_LANES - 1) / V8_LANES)

/* An entry of eight rows: from lanes to where the rows want it. */
static void put_entry(struct sp_ed25519_table *table, unsigned first_row,
	unsigned entry, const struct ge_affine *affine)
{
	const struct fe *const parts[3] = {
		&affine->plus, &affine->minus, &affine->t2d};
	uint64_t words[V8_LANES];

	for (unsigned i = 0; i < SP_ED25519_ROW_LIMBS; i++) {
		v8_store(words, parts[i / FE_LIMBS]->limb[i % FE_LIMBS]);
		for (unsigned j = 0; j < V8_LANES; j++)
			if (first_row + j < SP_ED25519_ROWS)
				table->row[first_row + j][i][entry] = words[j];
	}
}

/* All entries of eight rows, whose first is in one lane each. */
static void build_rows(struct sp_ed25519_table *table, unsigned first_row,
	const struct ge *first)
{
	struct ge_raw raw = ge_double(first);
	struct ge entries[SP_ED25519_ENTRIES], twice = ge_finish(&raw);
	struct ge_cached step = ge_cache(&twice);
	struct fe products[SP_ED25519_ENTRIES], inverse;

	entries[0] = *first;
	products[0] = first->z;
	for (unsigned i = 1; i < SP_ED25519_ENTRIES; i++) {
		raw = ge_add(&entries[i - 1], &step);
		entries[i] = ge_finish(&raw);
		products[i] = fe_mul(products[i - 1], entries[i].z);
	}
	inverse = fe_invert(products[SP_ED25519_ENTRIES - 1]);
	for (unsigned i = SP_ED25519_ENTRIES; i-- > 0;) {
		struct fe one = i ? fe_mul(inverse, products[i - 1]) : inverse;
		struct fe x = fe_mul(entries[i].x, one);
		struct fe y = fe_mul(entries[i].y, one);
		struct ge_affine affine = ge_ready(x, y, fe_mul(x, y));

		put_entry(table, first_row, i, &affine);
		inverse = fe_mul(inverse, entries[i].z);
	}
}

void sp_ed25519_build(struct sp_ed25519_table *table, const struct ge *point)
{
	struct ge rows[BUILD_GROUPS], at = *point;

	for (unsigned i = 0; i < BUILD_GROUPS; i++)
		rows[i] = ge_identity();
	for (unsigned i = 0; i < SP_ED25519_ROWS; i++) {
		struct ge *row = &rows[i / V8_LANES];
		v8_mask lane = (v8_mask)(1u << i % V8_LANES);

		*row = (struct ge){fe_blend(lane, row->x, at.x),
			fe_blend(lane, row->y, at.y),
			fe_blend(lane, row->z, at.z),
			fe_blend(lane, row->t, at.t)};
		for (unsigned j = 0; j < SP_ED25519_WINDOW_BITS; j++) {
			struct ge_raw raw = ge_double(&at);

			at = ge_finish(&raw);
		}
	}
	for (unsigned i = 0; i < BUILD_GROUPS; i++)
		build_rows(table, i * V8_LANES, &rows[i]);
}
