/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of tests/unit/lane_ops.h, over whatever crypto/v8.h is. */
#include "tests/unit/lane_ops.h"

#include "crypto/ed25519_lanes.h"
#include "crypto/montgomery.h"
#include "crypto/sha512_v8.h"

static void load(v8 *out, const uint64_t (*in)[LANES], unsigned rows)
{
	for (unsigned i = 0; i < rows; i++)
		out[i] = v8_load(in[i]);
}

static void store(uint64_t (*out)[LANES], const v8 *in, unsigned rows)
{
	for (unsigned i = 0; i < rows; i++)
		v8_store(out[i], in[i]);
}

static struct fe load_fe(const uint64_t (*in)[LANES])
{
	struct fe out;

	load(out.limb, in, FE_LIMBS);
	return out;
}

static void store_fe(uint64_t (*out)[LANES], struct fe a)
{
	store(out, fe_canonical(a).limb, FE_LIMBS);
}

static void carry(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store(out, fe_carry(load_fe(in)).limb, FE_LIMBS);
}

static void canonical(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store_fe(out, load_fe(in));
}

static void add(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store_fe(out, fe_add(load_fe(in), load_fe(in + FE_LIMBS)));
}

static void sub(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store_fe(out, fe_sub(load_fe(in), load_fe(in + FE_LIMBS)));
}

static void mul(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store_fe(out, fe_mul(load_fe(in), load_fe(in + FE_LIMBS)));
}

static void negate(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store_fe(out, fe_carry(fe_negate_where((v8_mask)0xff, load_fe(in))));
}

static void square(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store_fe(out, fe_square(load_fe(in)));
}

static void invert(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store_fe(out, fe_invert(load_fe(in)));
}

static void root_power(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	store_fe(out, fe_root_power(load_fe(in)));
}

static void wide(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	v8 words[2 * SC_WORDS];

	load(words, in, 2 * SC_WORDS);
	sc_to_words(words, sc_from_wide(words));
	store(out, words, SC_WORDS);
}

static void mul_add(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	v8 words[3 * SC_WORDS];

	load(words, in, 3 * SC_WORDS);
	sc_to_words(words, sc_mul_add(sc_from_words(words),
				   sc_from_words(words + SC_WORDS),
				   sc_from_words(words + 2 * SC_WORDS)));
	store(out, words, SC_WORDS);
}

static void sha512(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	struct sha512_v8 digest;

	sp_sha512_v8(&digest, in);
	store(out, digest.word, SHA512_WORDS);
}

static void base_minus(uint64_t (*out)[LANES], const uint64_t (*in)[LANES])
{
	static struct sp_ed25519_table base;
	static bool built;
	v8 words[SC_WORDS + FE_WORDS];
	struct ge_raw raw;
	struct ge point;
	struct sc scalar;
	v8_mask valid;

	if (!built)
		built = sp_ed25519_ifma.build(&base, NULL);
	load(words, in, SC_WORDS + FE_WORDS);
	scalar = sc_from_words(words);
	valid = ge_decode_negated(&point, words + SC_WORDS);
	raw = (struct ge_raw){point.x, point.z, point.z, point.y};
	sp_ed25519_add_base(&raw, &base, &scalar);
	point = ge_finish(&raw);
	ge_encode(words, &point, fe_invert(point.z));
	words[FE_WORDS] = v8_blend(valid, v8_all(1), v8_zero());
	store(out, words, FE_WORDS + 1);
}

static void show_mont_multiply(struct sp_rsa_limb *to,
	struct sp_rsa_limb *product, const struct sp_rsa_limb *a,
	const struct sp_rsa_limb *b, const struct sp_rsa_limb *modulus,
	const struct sp_rsa_limb *negative_inverse, unsigned limbs)
{
	static v8 differences[6 * SP_RSA_PAIRS(SP_RSA_LIMBS_MAX)];
	struct modulus m = {(const v8 *)modulus, *(const v8 *)negative_inverse,
		differences};

	set_differences(&m, limbs / BLOCK);

	mont_multiply((v8 *)to, (v8 *)product, (const v8 *)a, (const v8 *)b, &m,
		NULL, limbs / BLOCK);
}

const struct lane_ops LANE_OPS = {
	.name = LANE_OPS_NAME,
	.carry = carry,
	.canonical = canonical,
	.add = add,
	.sub = sub,
	.mul = mul,
	.negate = negate,
	.square = square,
	.invert = invert,
	.root_power = root_power,
	.wide = wide,
	.mul_add = mul_add,
	.sha512 = sha512,
	.base_minus = base_minus,
	.kernel = &sp_ed25519_ifma,
	.mont_multiply = show_mont_multiply,
	.rsa = &sp_rsa_ifma,
	.stride = LANE_OPS_STRIDE,
};
