/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The group of edwards25519 (RFC 8032 5.1), eight points side by side, for the
 * lane kernels: extended coordinates x = X/Z, y = Y/Z, xy = T/Z. The formulas
 * (5.1.4) are complete: they hold for all points, also the small-order ones.
 */
#ifndef SP_CRYPTO_EDWARDS25519_H
#define SP_CRYPTO_EDWARDS25519_H

#include "crypto/field25519_bytes.h"

/* All coordinates tight. */
struct ge {
	struct fe x, y, z, t;
};

/*
 * What the formulas end with (RFC 8032 5.1.4), all tight: x = e/g, y = h/f.
 * The last four products are left to who knows what they are for.
 */
struct ge_raw {
	struct fe e, f, g, h;
};

/* A point made ready to be added: y + x, y - x, 2dt, and 2z unless z is 1. */
struct ge_affine {
	struct fe plus, minus, t2d;
};
struct ge_cached {
	struct ge_affine affine;
	struct fe z2;
};

/* d and 2d of the curve, and a square root of -1. */
static const uint64_t ge_d[FE_LIMBS] = {0x34dca135978a3, 0x1a8283b156ebd,
	0x5e7a26001c029, 0x739c663a03cbb, 0x52036cee2b6ff};
static const uint64_t ge_2d[FE_LIMBS] = {0x69b9426b2f159, 0x35050762add7a,
	0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff};
static const uint64_t ge_root[FE_LIMBS] = {0x61b274a0ea0b0, 0xd5a5fc8f189d,
	0x7ef5e9cbd0c60, 0x78595a6804c9e, 0x2b8324804fc1d};
static const uint64_t ge_base_x[FE_LIMBS] = {0x62d608f25d51a, 0x412a4b4f6592a,
	0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5};
static const uint64_t ge_base_y[FE_LIMBS] = {0x6666666666658, 0x4cccccccccccc,
	0x1999999999999, 0x3333333333333, 0x6666666666666};

LANE_INLINE struct ge_raw ge_raw_identity(void)
{
	return (struct ge_raw){
		fe_small(0), fe_small(1), fe_small(1), fe_small(1)};
}

LANE_INLINE struct ge ge_identity(void)
{
	return (struct ge){fe_small(0), fe_small(1), fe_small(1), fe_small(0)};
}

static inline struct ge ge_base(void)
{
	struct fe x = fe_all(ge_base_x), y = fe_all(ge_base_y);

	return (struct ge){x, y, fe_small(1), fe_mul(x, y)};
}

/* What is not used of it costs nothing. */
LANE_INLINE struct ge ge_finish(const struct ge_raw *a)
{
	return (struct ge){fe_mul(a->e, a->f), fe_mul(a->g, a->h),
		fe_mul(a->f, a->g), fe_mul(a->e, a->h)};
}

/* 2a; does not look at t. */
LANE_INLINE struct ge_raw ge_double(const struct ge *a)
{
	struct fe xx = fe_square_loose(a->x), yy = fe_square_loose(a->y);
	struct fe zz = fe_square_loose(a->z);
	struct fe sum = fe_square_loose(fe_add(a->x, a->y));
	struct fe h = fe_add_loose(xx, yy);
	struct fe g = fe_sub_loose(xx, yy);

	return (struct ge_raw){fe_sub(h, sum), fe_add(fe_add_loose(zz, zz), g),
		fe_carry(g), fe_carry(h)};
}

/*
 * The sum of a point, of which y + x, y - x and t are given, and b; where
 * negative is set, the difference. z2 is twice the product of both z: a
 * product, or two.
 */
LANE_INLINE struct ge_raw ge_add_to(struct fe plus, struct fe minus,
	struct fe t, struct fe z2, const struct ge_affine *b, v8_mask negative)
{
	struct fe aa =
		fe_mul_loose(minus, fe_blend(negative, b->minus, b->plus));
	struct fe bb =
		fe_mul_loose(plus, fe_blend(negative, b->plus, b->minus));
	struct fe cc = fe_mul_loose(t, fe_negate_where(negative, b->t2d));

	return (struct ge_raw){
		fe_sub(bb, aa), fe_sub(z2, cc), fe_add(z2, cc), fe_add(bb, aa)};
}

LANE_INLINE struct ge_raw ge_raw_add_affine(
	const struct ge_raw *a, const struct ge_affine *b, v8_mask negative)
{
	struct fe x = fe_mul_loose(a->e, a->f), y = fe_mul_loose(a->g, a->h);
	struct fe z = fe_mul_loose(a->f, a->g), t = fe_mul(a->e, a->h);

	return ge_add_to(
		fe_add(y, x), fe_sub(y, x), t, fe_add_loose(z, z), b, negative);
}

LANE_INLINE struct ge_raw ge_add(const struct ge *a, const struct ge_cached *b)
{
	return ge_add_to(fe_add(a->y, a->x), fe_sub(a->y, a->x), a->t,
		fe_mul_loose(a->z, b->z2), &b->affine, 0);
}

LANE_INLINE struct ge_raw ge_raw_add_cached(
	const struct ge_raw *a, const struct ge_cached *b, v8_mask negative)
{
	struct fe x = fe_mul_loose(a->e, a->f), y = fe_mul_loose(a->g, a->h);
	struct fe z = fe_mul(a->f, a->g), t = fe_mul(a->e, a->h);

	return ge_add_to(fe_add(y, x), fe_sub(y, x), t, fe_mul_loose(z, b->z2),
		&b->affine, negative);
}

LANE_INLINE struct ge_affine ge_ready(struct fe x, struct fe y, struct fe t)
{
	return (struct ge_affine){
		fe_add(y, x), fe_sub(y, x), fe_mul(t, fe_all(ge_2d))};
}

static inline struct ge_cached ge_cache(const struct ge *a)
{
	return (struct ge_cached){
		ge_ready(a->x, a->y, a->t), fe_add(a->z, a->z)};
}

/*
 * The encoding (RFC 8032 5.1.2) given 1/z.
 */
static inline void ge_encode(
	v8 words[FE_WORDS], const struct ge *a, struct fe z_inverse)
{
	struct fe x = fe_canonical(fe_mul(a->x, z_inverse));
	struct fe y = fe_canonical(fe_mul(a->y, z_inverse));

	fe_to_words(words, y);
	words[3] = v8_or(words[3], v8_left(v8_and(x.limb[0], v8_all(1)), 63));
}

/*
 * Decodes (RFC 8032 5.1.3) points, and negates them; lanes that hold none are
 * missing in what it returns. As OpenSSL does, and unlike the RFC, it takes y
 * modulo p, and x = 0 with either sign.
 */
static inline v8_mask ge_decode_negated(struct ge *a, const v8 words[FE_WORDS])
{
	const struct fe one = fe_small(1);
	struct fe y = fe_from_words(words), yy = fe_square(y);
	struct fe u = fe_sub(yy, one);
	struct fe v = fe_add(fe_mul(yy, fe_all(ge_d)), one);
	struct fe v3 = fe_mul(fe_square(v), v);
	struct fe v7u = fe_mul(fe_mul(fe_square(v3), v), u);
	struct fe x = fe_mul(fe_root_power(v7u), fe_mul(v3, u));
	struct fe xxv = fe_mul(fe_square(x), v);
	v8_mask right = fe_is_equal(xxv, u);
	v8_mask turned = fe_is_zero(fe_canonical(fe_add(xxv, u)));
	v8_mask wanted_odd = v8_test(words[3], v8_all(1ull << 63));

	x = fe_blend(right, fe_mul(x, fe_all(ge_root)), x);
	x = fe_canonical(x);
	/* Negated: odd where the encoding says even. */
	x = fe_carry(
		fe_negate_where((v8_mask) ~(fe_is_odd(x) ^ wanted_odd), x));
	*a = (struct ge){x, y, one, fe_mul(x, y)};
	return right | turned;
}

#endif
