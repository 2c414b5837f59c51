/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of the RSA kernels against OpenSSL's big numbers: every
 * kernel, size and lane, with operands at the edges.
 */
#include <criterion/criterion.h>

#include "crypto/rsa.h"
#include "tests/unit/lane_ops.h"
#include "tests/unit/operands.h"

TestSuite(montgomery);

static const unsigned sizes[] = {512, 1024, 1536, 2048, 3072, 4096};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* Moduli and operands: a few special ones, then random. */
enum { ROUNDS = 24 };

static BN_CTX *context;
static struct sp_rsa_limb negative_inverse;

static void setup(void)
{
	context = BN_CTX_new();
}

static void teardown(void)
{
	BN_CTX_free(context);
}

/* result * R = a * b modulo the modulus, and below twice the modulus? */
static void check_product(const struct sp_rsa_limb *result, unsigned limbs,
	unsigned lane, const BIGNUM *a, const BIGNUM *b, const BIGNUM *modulus)
{
	BIGNUM *r = operand_get(result, limbs, lane), *twice = BN_dup(modulus);
	BIGNUM *expected = BN_new();

	cr_assert(BN_lshift1(twice, twice));
	cr_expect_lt(BN_cmp(r, twice), 0, "lane %u", lane);
	cr_assert(BN_lshift(r, r, (int)(limbs * SP_RSA_LIMB_BITS)));
	cr_assert(BN_mod(r, r, modulus, context));
	cr_assert(BN_mod_mul(expected, a, b, modulus, context));
	cr_expect_eq(
		BN_cmp(r, expected), 0, "lane %u of %u limbs", lane, limbs);
	BN_free(expected);
	BN_free(twice);
	BN_free(r);
}

static struct sp_rsa_limb modulus[SP_RSA_LIMBS_MAX], a[SP_RSA_LIMBS_MAX],
	b[SP_RSA_LIMBS_MAX], result[SP_RSA_LIMBS_MAX],
	product[7 * SP_RSA_LIMBS_MAX];

static void check_round(
	const struct lane_ops *ops, unsigned bits, unsigned round)
{
	const unsigned limbs = sp_rsa_limbs(bits);
	BIGNUM *m[SP_RSA_LANES], *x[SP_RSA_LANES], *y[SP_RSA_LANES];

	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		m[lane] = operand_modulus(bits, round / 3 + lane);
		x[lane] = operand_below_twice(m[lane], round + lane);
		y[lane] = operand_below_twice(m[lane], round * 5 + lane * 3);
		operand_put_modulus(
			modulus, &negative_inverse, limbs, lane, m[lane]);
		operand_put(a, limbs, lane, x[lane], SP_RSA_LIMB_BITS);
		operand_put(b, limbs, lane, y[lane], SP_RSA_LIMB_BITS);
	}
	ops->mont_multiply(
		result, product, a, b, modulus, &negative_inverse, limbs);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		check_product(result, limbs, lane, x[lane], y[lane], m[lane]);
	ops->mont_multiply(
		result, product, a, a, modulus, &negative_inverse, limbs);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		check_product(result, limbs, lane, x[lane], x[lane], m[lane]);
		BN_free(m[lane]);
		BN_free(x[lane]);
		BN_free(y[lane]);
	}
}

Test(montgomery, multiplies_and_squares_as_big_numbers_do)
{
	setup();
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++)
		for (unsigned i = 0; i < SIZES; i++)
			for (unsigned round = 0; round < ROUNDS; round++)
				check_round(*ops, sizes[i], round);
	teardown();
}

/* 0, 1, 2^bits - 1, 2^(bits-1), 65537, then random. */
static BIGNUM *make_exponent(unsigned bits, unsigned which)
{
	BIGNUM *e = operand_power_of_two(bits);

	switch (which % SPECIAL) {
	case 0:
		BN_zero(e);
		break;
	case 1:
		BN_one(e);
		break;
	case 2:
		cr_assert(BN_sub_word(e, 1));
		break;
	case 3:
		cr_assert(BN_rshift1(e, e));
		break;
	case 4:
		cr_assert(BN_set_word(e, 65537));
		break;
	default:
		operand_randomize(e);
	}
	return e;
}

/* Below 2^(2 * bits): what a padded digest is to a prime of its key. */
static BIGNUM *make_block(const BIGNUM *m, unsigned bits, unsigned which)
{
	BIGNUM *block;

	if (which % SPECIAL < 4)
		return operand_below_twice(m, which);
	block = operand_power_of_two(2 * bits);
	if (which % SPECIAL == 4)
		cr_assert(BN_sub_word(block, 1));
	else
		operand_randomize(block);
	return block;
}

static struct sp_rsa_private_pass private_pass;

static void check_power(
	const struct sp_rsa_kernel *kernel, unsigned bits, unsigned round)
{
	struct sp_rsa_private_pass *pass = &private_pass;
	const unsigned limbs = sp_rsa_limbs(bits);
	BIGNUM *expected[SP_RSA_LANES];

	pass->limbs = limbs;
	pass->bits = bits;
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		BIGNUM *m = operand_modulus(bits, round + lane);
		BIGNUM *e = make_exponent(bits, round * 3 + lane);
		BIGNUM *block = make_block(m, bits, round * 5 + lane);

		operand_put_modulus(
			pass->modulus, &negative_inverse, limbs, lane, m);
		operand_put_radix(pass->one, limbs, lane, m, 1);
		operand_put_radix(pass->cube, limbs, lane, m, 3);
		operand_put(pass->exponent, SP_RSA_WORDS_MAX, lane, e,
			SP_RSA_WORD_BITS);
		operand_put(
			pass->block, 2 * limbs, lane, block, SP_RSA_LIMB_BITS);
		expected[lane] = BN_new();
		cr_assert(BN_mod_exp(expected[lane], block, e, m, context));
		BN_free(block);
		BN_free(e);
		BN_free(m);
	}
	pass->negative_inverse = negative_inverse;
	kernel->power(pass);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		BIGNUM *power = operand_get(pass->power, limbs, lane);

		cr_expect_eq(BN_cmp(power, expected[lane]), 0,
			"%s: lane %u, %u bits, round %u", kernel->name, lane,
			bits, round);
		BN_free(power);
		BN_free(expected[lane]);
	}
}

/* RFC 8017 5.1.2 step 2.b; moduli need not be prime for that. */
Test(montgomery, raises_to_powers_as_big_numbers_do)
{
	setup();
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++)
		for (unsigned i = 0; i < SIZES && sizes[i] <= 2048; i++)
			for (unsigned round = 0; round < SPECIAL;
				round += (*ops)->stride)
				check_power((*ops)->rsa, sizes[i], round + i);
	teardown();
}

static void check_join(
	const struct sp_rsa_kernel *kernel, unsigned bits, unsigned round)
{
	struct sp_rsa_private_pass *pass = &private_pass;
	const unsigned limbs = sp_rsa_limbs(bits), half = SP_RSA_LANES / 2;
	BIGNUM *expected[SP_RSA_LANES], *m[SP_RSA_LANES];
	BIGNUM *n = BN_new(), *r = BN_new();

	pass->limbs = limbs;
	pass->bits = bits;
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		m[lane] = operand_modulus(bits, 4);
	for (unsigned lane = 0; lane < half; lane++) {
		BIGNUM *q = m[lane + half], *inverse;

		while (!(inverse = BN_mod_inverse(NULL, q, m[lane], context)))
			cr_assert(BN_add_word(q, 2));
		cr_assert(
			BN_lshift(r, inverse, (int)(limbs * SP_RSA_LIMB_BITS)));
		cr_assert(BN_mod(r, r, m[lane], context));
		operand_put(
			pass->coefficient, limbs, lane, r, SP_RSA_LIMB_BITS);
		BN_zero(r);
		operand_put(pass->coefficient, limbs, lane + half, r,
			SP_RSA_LIMB_BITS);
		/* What is to come out: 0, 1, n - 1, random. */
		cr_assert(BN_mul(n, m[lane], q, context));
		expected[lane] = BN_new();
		if ((round + lane) % half == 2)
			cr_assert(BN_sub(expected[lane], n, BN_value_one()));
		else if ((round + lane) % half < 2)
			cr_assert(BN_set_word(
				expected[lane], (round + lane) % half));
		else
			cr_assert(BN_rand_range(expected[lane], n));
		cr_assert(BN_mod(r, expected[lane], m[lane], context));
		operand_put(pass->power, limbs, lane, r, SP_RSA_LIMB_BITS);
		cr_assert(BN_mod(r, expected[lane], q, context));
		operand_put(
			pass->power, limbs, lane + half, r, SP_RSA_LIMB_BITS);
		BN_free(inverse);
	}
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		operand_put_modulus(
			pass->modulus, &negative_inverse, limbs, lane, m[lane]);
	pass->negative_inverse = negative_inverse;
	kernel->join(pass);
	for (unsigned lane = 0; lane < half; lane++) {
		BIGNUM *got = operand_get(pass->signature, 2 * limbs, lane);

		cr_expect_eq(BN_cmp(got, expected[lane]), 0,
			"%s: lane %u, %u bits, round %u", kernel->name, lane,
			bits, round);
		BN_free(got);
		BN_free(expected[lane]);
	}
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		BN_free(m[lane]);
	BN_free(n);
	BN_free(r);
}

/* RFC 8017 5.1.2 step 2.b.iii to v, with p above and below q. */
Test(montgomery, joins_what_was_computed_modulo_the_primes)
{
	setup();
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++)
		for (unsigned i = 0; i < SIZES && sizes[i] <= 2048; i++)
			for (unsigned round = 0; round < 2 * SPECIAL; round++)
				check_join((*ops)->rsa, sizes[i], round);
	teardown();
}

static struct sp_rsa_public_pass public_pass;

static void check_open(
	const struct sp_rsa_kernel *kernel, unsigned bits, unsigned round)
{
	struct sp_rsa_public_pass *pass = &public_pass;
	const unsigned limbs = sp_rsa_limbs(bits);
	BIGNUM *expected[SP_RSA_LANES], *e = BN_new();

	cr_assert(BN_set_word(e, 65537));
	pass->limbs = limbs;
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		BIGNUM *m = operand_modulus(bits, round + lane);
		BIGNUM *s = operand_below_twice(m, round * 3 + lane);

		operand_put_modulus(
			pass->modulus, &negative_inverse, limbs, lane, m);
		operand_put_radix(pass->constant, limbs, lane, m, 65537);
		operand_put(pass->signature, limbs, lane, s, SP_RSA_LIMB_BITS);
		expected[lane] = BN_new();
		cr_assert(BN_mod_exp(expected[lane], s, e, m, context));
		BN_free(s);
		BN_free(m);
	}
	pass->negative_inverse = negative_inverse;
	kernel->open(pass);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		BIGNUM *block = operand_get(pass->block, limbs, lane);

		cr_expect_eq(BN_cmp(block, expected[lane]), 0,
			"%s: lane %u, %u bits, round %u", kernel->name, lane,
			bits, round);
		BN_free(block);
		BN_free(expected[lane]);
	}
	BN_free(e);
}

/* RFC 8017 5.2.2 */
Test(montgomery, opens_signatures_as_big_numbers_do)
{
	setup();
	for (const struct lane_ops *const *ops = lane_ops_all(); *ops; ops++)
		for (unsigned i = 0; i < SIZES; i++)
			for (unsigned round = 0;
				sizes[i] % 1024 == 0 && round < ROUNDS;
				round += (*ops)->stride)
				check_open((*ops)->rsa, sizes[i], round + i);
	teardown();
}
