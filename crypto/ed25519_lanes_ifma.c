/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points times scalars in eight lanes.
 *
 * Digits are odd: with width bits each, an odd scalar is the sum of
 * digit(i) 2^(i width), digit(i) = 2 v(i) - (2^width - 1), where v(i) are the
 * bits of the scalar from 1 + i width on, and the bit above the last digit
 * counts as set. So no digit is zero, and half of the multiples suffice.
 */
#include "crypto/ed25519_lanes.h"

#define WINDOW_BITS 4u /* of sp_ed25519_multiply */
#define WINDOWS 64u
#define MULTIPLES 8u

/* An odd scalar cut into digits. */
struct digits {
	v8 limb[SC_LIMBS + 1];
};

/* top is the bit above the last digit. */
static struct digits digits_of(const struct sc *odd, unsigned top)
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
V8_INLINE v8 digit_index(const struct digits *digits, unsigned i,
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

/* One limb of the entries that index says. */
V8_INLINE v8 pick(
	const uint64_t entries[SP_ED25519_ENTRIES], v8 index, v8_mask upper)
{
	return v8_blend(upper, v8_permute16(entries, index),
		v8_permute16(entries + 16, index));
}

static void add_digits(struct ge *sum, const struct sp_ed25519_table *table,
	const struct sc *odd)
{
	struct digits digits =
		digits_of(odd, SP_ED25519_ROWS * SP_ED25519_WINDOW_BITS);
	struct ge at = *sum;

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
		at = ge_add_affine(&at, &entry, negative);
	}
	*sum = at;
}

/* Where the scalar is even L makes it odd, which the point does not notice. */
void sp_ed25519_add_base(struct ge *sum, const struct sp_ed25519_table *table,
	const struct sc *scalar)
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
	add_digits(sum, table, &out);
}

/* An even scalar takes one more, which is then taken away again. */
static v8_mask make_odd(struct sc *scalar)
{
	v8 one = v8_all(1);
	v8_mask odd = v8_test(scalar->limb[0], one);

	scalar->limb[0] = v8_or(scalar->limb[0], one);
	return (v8_mask)~odd;
}

static struct ge blend(v8_mask mask, const struct ge *a, const struct ge *b)
{
	return (struct ge){fe_blend(mask, a->x, b->x),
		fe_blend(mask, a->y, b->y), fe_blend(mask, a->z, b->z),
		fe_blend(mask, a->t, b->t)};
}

void sp_ed25519_add_key(struct ge *sum, const struct sp_ed25519_table *table,
	const struct sc *scalar)
{
	struct sc odd = *scalar;
	v8_mask even = make_odd(&odd);
	struct ge_affine one;
	struct ge less;

	add_digits(sum, table, &odd);
	for (unsigned j = 0; j < FE_LIMBS; j++) {
		one.plus.limb[j] = v8_all(table->row[0][j][0]);
		one.minus.limb[j] = v8_all(table->row[0][FE_LIMBS + j][0]);
		one.t2d.limb[j] = v8_all(table->row[0][2 * FE_LIMBS + j][0]);
	}
	less = ge_add_affine(sum, &one, (v8_mask)0xff);
	*sum = blend(even, sum, &less);
}

V8_INLINE void cached_blend(
	v8_mask mask, struct ge_cached *a, const struct ge_cached *b)
{
	a->affine.plus = fe_blend(mask, a->affine.plus, b->affine.plus);
	a->affine.minus = fe_blend(mask, a->affine.minus, b->affine.minus);
	a->affine.t2d = fe_blend(mask, a->affine.t2d, b->affine.t2d);
	a->z2 = fe_blend(mask, a->z2, b->z2);
}

/* 1, 3, 5, ... times the point. */
static void multiples_of(
	struct ge_cached multiples[MULTIPLES], const struct ge *point)
{
	struct ge at = ge_double(point);
	struct ge_cached twice = ge_cache(&at);

	at = *point;
	multiples[0] = ge_cache(&at);
	for (unsigned i = 1; i < MULTIPLES; i++) {
		at = ge_add_cached(&at, &twice, 0);
		multiples[i] = ge_cache(&at);
	}
}

void sp_ed25519_multiply(
	struct ge *product, const struct ge *point, const struct sc *scalar)
{
	struct ge_cached multiples[MULTIPLES];
	struct sc odd = *scalar;
	v8_mask even = make_odd(&odd);
	struct digits digits = digits_of(&odd, WINDOWS * WINDOW_BITS);
	struct ge at = ge_identity(), less;

	multiples_of(multiples, point);
	for (unsigned i = WINDOWS; i-- > 0;) {
		v8_mask negative;
		v8 index = digit_index(&digits, i, WINDOW_BITS, &negative);
		struct ge_cached entry = multiples[0];

		index = v8_and(index, v8_all(MULTIPLES - 1));
		for (unsigned j = 1; j < MULTIPLES; j++)
			cached_blend(v8_equal(index, v8_all(j)), &entry,
				&multiples[j]);
		for (unsigned j = 0; j < WINDOW_BITS - 1; j++)
			at = ge_double(&at);
		at = ge_double(&at);
		at = ge_add_cached(&at, &entry, negative);
	}
	less = ge_add_cached(&at, &multiples[0], (v8_mask)0xff);
	*product = blend(even, &at, &less);
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
	struct ge entries[SP_ED25519_ENTRIES], twice = ge_double(first);
	struct ge_cached step = ge_cache(&twice);
	struct fe products[SP_ED25519_ENTRIES], inverse;

	entries[0] = *first;
	products[0] = first->z;
	for (unsigned i = 1; i < SP_ED25519_ENTRIES; i++) {
		entries[i] = ge_add_cached(&entries[i - 1], &step, 0);
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

		*row = blend((v8_mask)(1u << i % V8_LANES), row, &at);
		for (unsigned j = 0; j < SP_ED25519_WINDOW_BITS; j++)
			at = ge_double(&at);
	}
	for (unsigned i = 0; i < BUILD_GROUPS; i++)
		build_rows(table, i * V8_LANES, &rows[i]);
}
