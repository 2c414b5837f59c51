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

V8_INLINE struct ge ge_identity(void)
{
	return (struct ge){fe_small(0), fe_small(1), fe_small(1), fe_small(0)};
}

static inline struct ge ge_base(void)
{
	struct fe x = fe_all(ge_base_x), y = fe_all(ge_base_y);

	return (struct ge){x, y, fe_small(1), fe_mul(x, y)};
}

/* RFC 8032 5.1.4: X = E F, Y = G H, T = E H, Z = F G */
V8_INLINE struct ge ge_finish(
	struct fe e, struct fe f, struct fe g, struct fe h)
{
	return (struct ge){
		fe_mul(e, f), fe_mul(g, h), fe_mul(f, g), fe_mul(e, h)};
}

/* Does not look at t; where the result's t is not used it costs nothing. */
V8_INLINE struct ge ge_double(const struct ge *a)
{
	struct fe xx = fe_square(a->x), yy = fe_square(a->y);
	struct fe zz = fe_square(a->z);
	struct fe sum = fe_square(fe_add(a->x, a->y));
	struct fe h = fe_add_loose(xx, yy);
	struct fe g = fe_sub_loose(xx, yy);
	struct fe f = fe_add_loose(fe_add_loose(zz, zz), g);
	struct fe e = fe_sub_loose(h, sum);

	return ge_finish(fe_carry(e), fe_carry(f), fe_carry(g), fe_carry(h));
}

/* a + b where b's 2z is given; where negative is set, a - b. */
V8_INLINE struct ge ge_add_z2(const struct ge *a, const struct ge_affine *b,
	struct fe z2, v8_mask negative)
{
	struct fe plus = fe_blend(negative, b->plus, b->minus);
	struct fe minus = fe_blend(negative, b->minus, b->plus);
	struct fe t2d = fe_blend(negative, b->t2d, fe_negate(b->t2d));
	struct fe aa = fe_mul(fe_sub(a->y, a->x), minus);
	struct fe bb = fe_mul(fe_add(a->y, a->x), plus);
	struct fe cc = fe_mul(a->t, t2d);

	return ge_finish(
		fe_sub(bb, aa), fe_sub(z2, cc), fe_add(z2, cc), fe_add(bb, aa));
}

V8_INLINE struct ge ge_add_affine(
	const struct ge *a, const struct ge_affine *b, v8_mask negative)
{
	return ge_add_z2(a, b, fe_add_loose(a->z, a->z), negative);
}

V8_INLINE struct ge ge_add_cached(
	const struct ge *a, const struct ge_cached *b, v8_mask negative)
{
	return ge_add_z2(a, &b->affine, fe_mul(a->z, b->z2), negative);
}

V8_INLINE struct ge_affine ge_ready(struct fe x, struct fe y, struct fe t)
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
	x = fe_blend((v8_mask) ~(fe_is_odd(x) ^ wanted_odd), x,
		fe_carry(fe_negate(x)));
	*a = (struct ge){x, y, one, fe_mul(x, y)};
	return right | turned;
}

#endif
