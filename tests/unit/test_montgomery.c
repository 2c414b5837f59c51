/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of the RSA kernels against OpenSSL's big numbers: every
 * kernel, size and lane, with operands at the edges.
 */
#include <criterion/criterion.h>
#include <openssl/bn.h>

#include "crypto/rsa.h"
#include "tests/unit/arithmetic.h"

TestSuite(montgomery);

static const unsigned sizes[] = {512, 1024, 1536, 2048, 3072, 4096};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* Moduli and operands: a few special ones, then random. */
enum { SPECIAL = 8, ROUNDS = 24 };

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

static BIGNUM *power_of_two(unsigned bits)
{
	BIGNUM *n = BN_new();

	cr_assert(BN_set_bit(n, (int)bits));
	return n;
}

/* n = something random below n */
static void randomize(BIGNUM *n)
{
	BIGNUM *range = BN_dup(n);

	cr_assert(BN_rand_range(n, range));
	BN_free(range);
}

/* Odd, of exactly so many bits. */
static BIGNUM *make_modulus(unsigned bits, unsigned which)
{
	BIGNUM *n = power_of_two(bits);

	switch (which % SPECIAL) {
	case 0: /* all ones */
		cr_assert(BN_sub_word(n, 1));
		break;
	case 1: /* 2^(bits-1) + 1 */
		cr_assert(BN_rshift1(n, n) && BN_add_word(n, 1));
		break;
	case 2: /* the lowest limb is 2^52 - 1 */
		cr_assert(BN_rand(n, (int)bits, 0, 1));
		for (int i = 0; i < 52; i++)
			cr_assert(BN_set_bit(n, i));
		break;
	case 3: /* the lowest limb is 1 */
		cr_assert(BN_rand(n, (int)bits, 0, 1));
		cr_assert(BN_rshift(n, n, 52) && BN_lshift(n, n, 52));
		cr_assert(BN_set_bit(n, 0) && BN_set_bit(n, (int)bits - 1));
		break;
	default:
		cr_assert(BN_rand(n, (int)bits, 0, 1));
	}
	return n;
}

/* Below twice the modulus. */
static BIGNUM *make_operand(const BIGNUM *modulus, unsigned which)
{
	BIGNUM *a = BN_dup(modulus);

	switch (which % SPECIAL) {
	case 0:
		BN_zero(a);
		break;
	case 1:
		BN_one(a);
		break;
	case 2:
		cr_assert(BN_sub_word(a, 1));
		break;
	case 3: /* the modulus itself */
		break;
	case 4:
		cr_assert(BN_lshift1(a, a) && BN_sub_word(a, 1));
		break;
	case 5: /* ones in all bits but the highest: limbs of 2^52 - 1 */
		BN_zero(a);
		cr_assert(BN_set_bit(a, BN_num_bits(modulus) - 1));
		cr_assert(BN_sub_word(a, 1));
		break;
	default:
		cr_assert(BN_lshift1(a, a));
		randomize(a);
	}
	return a;
}

static void put(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const BIGNUM *n, unsigned bits)
{
	BIGNUM *rest = BN_dup(n), *limb = BN_new();

	for (unsigned i = 0; i < limbs; i++) {
		cr_assert(BN_copy(limb, rest));
		if (BN_num_bits(limb) > (int)bits)
			cr_assert(BN_mask_bits(limb, (int)bits));
		to[i].lane[lane] = BN_get_word(limb);
		cr_assert(BN_rshift(rest, rest, (int)bits));
	}
	cr_assert(BN_is_zero(rest));
	BN_free(limb);
	BN_free(rest);
}

static BIGNUM *get(
	const struct sp_rsa_limb *from, unsigned limbs, unsigned lane)
{
	BIGNUM *n = BN_new();

	BN_zero(n);
	for (unsigned i = limbs; i-- > 0;) {
		cr_assert_leq(from[i].lane[lane], SP_RSA_LIMB_MASK);
		cr_assert(BN_lshift(n, n, SP_RSA_LIMB_BITS));
		cr_assert(BN_add_word(n, from[i].lane[lane]));
	}
	return n;
}

static void put_modulus(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const BIGNUM *modulus)
{
	BIGNUM *base = power_of_two(SP_RSA_LIMB_BITS);
	BIGNUM *inverse = BN_mod_inverse(NULL, modulus, base, context);

	cr_assert(BN_sub(inverse, base, inverse));
	negative_inverse.lane[lane] = BN_get_word(inverse);
	put(to, limbs, lane, modulus, SP_RSA_LIMB_BITS);
	BN_free(inverse);
	BN_free(base);
}

/* result * R = a * b modulo the modulus, and below twice the modulus? */
static void check_product(const struct sp_rsa_limb *result, unsigned limbs,
	unsigned lane, const BIGNUM *a, const BIGNUM *b, const BIGNUM *modulus)
{
	BIGNUM *r = get(result, limbs, lane), *twice = BN_dup(modulus);
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
	product[2 * SP_RSA_LIMBS_MAX];

static void check_round(
	const struct arithmetic *arithmetic, unsigned bits, unsigned round)
{
	const unsigned limbs = sp_rsa_limbs(bits);
	BIGNUM *m[SP_RSA_LANES], *x[SP_RSA_LANES], *y[SP_RSA_LANES];

	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		m[lane] = make_modulus(bits, round / 3 + lane);
		x[lane] = make_operand(m[lane], round + lane);
		y[lane] = make_operand(m[lane], round * 5 + lane * 3);
		put_modulus(modulus, limbs, lane, m[lane]);
		put(a, limbs, lane, x[lane], SP_RSA_LIMB_BITS);
		put(b, limbs, lane, y[lane], SP_RSA_LIMB_BITS);
	}
	arithmetic->multiply(
		result, product, a, b, modulus, &negative_inverse, limbs);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		check_product(result, limbs, lane, x[lane], y[lane], m[lane]);
	arithmetic->square(
		result, product, a, modulus, &negative_inverse, limbs);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		check_product(result, limbs, lane, x[lane], x[lane], m[lane]);
		BN_free(m[lane]);
		BN_free(x[lane]);
		BN_free(y[lane]);
	}
}

static void check_arithmetic(const struct arithmetic *arithmetic)
{
	setup();
	for (unsigned i = 0; i < SIZES; i++)
		for (unsigned round = 0; round < ROUNDS; round++)
			check_round(arithmetic, sizes[i], round);
	teardown();
}

Test(montgomery, multiplies_and_squares_as_big_numbers_do)
{
	check_arithmetic(&arithmetic_model);
	if (arithmetic_ifma())
		check_arithmetic(arithmetic_ifma());
	else
		cr_log_warn("no AVX-512 IFMA here");
}

/* R^times mod m */
static BIGNUM *radix_power(const BIGNUM *m, unsigned limbs, unsigned times)
{
	BIGNUM *r = power_of_two(limbs * SP_RSA_LIMB_BITS), *n = BN_new();

	cr_assert(BN_set_word(n, times));
	cr_assert(BN_mod_exp(r, r, n, m, context));
	BN_free(n);
	return r;
}

static void put_radix(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const BIGNUM *m, unsigned times)
{
	BIGNUM *r = radix_power(m, limbs, times);

	put(to, limbs, lane, r, SP_RSA_LIMB_BITS);
	BN_free(r);
}

/* 0, 1, 2^bits - 1, 2^(bits-1), 65537, then random. */
static BIGNUM *make_exponent(unsigned bits, unsigned which)
{
	BIGNUM *e = power_of_two(bits);

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
		randomize(e);
	}
	return e;
}

/* Below 2^(2 * bits): what a padded digest is to a prime of its key. */
static BIGNUM *make_block(const BIGNUM *m, unsigned bits, unsigned which)
{
	BIGNUM *block;

	if (which % SPECIAL < 4)
		return make_operand(m, which);
	block = power_of_two(2 * bits);
	if (which % SPECIAL == 4)
		cr_assert(BN_sub_word(block, 1));
	else
		randomize(block);
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
		BIGNUM *m = make_modulus(bits, round + lane);
		BIGNUM *e = make_exponent(bits, round * 3 + lane);
		BIGNUM *block = make_block(m, bits, round * 5 + lane);

		put_modulus(pass->modulus, limbs, lane, m);
		put_radix(pass->one, limbs, lane, m, 1);
		put_radix(pass->cube, limbs, lane, m, 3);
		put(pass->exponent, SP_RSA_WORDS_MAX, lane, e,
			SP_RSA_WORD_BITS);
		put(pass->block, 2 * limbs, lane, block, SP_RSA_LIMB_BITS);
		expected[lane] = BN_new();
		cr_assert(BN_mod_exp(expected[lane], block, e, m, context));
		BN_free(block);
		BN_free(e);
		BN_free(m);
	}
	pass->negative_inverse = negative_inverse;
	kernel->power(pass);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		BIGNUM *power = get(pass->power, limbs, lane);

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
	for (unsigned i = 0; i < SIZES && sizes[i] <= 2048; i++) {
		check_power(arithmetic_model.rsa, sizes[i], i);
		for (unsigned round = 0; arithmetic_ifma() && round < SPECIAL;
			round++)
			check_power(arithmetic_ifma()->rsa, sizes[i], round);
	}
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
		m[lane] = make_modulus(bits, 4);
	for (unsigned lane = 0; lane < half; lane++) {
		BIGNUM *q = m[lane + half], *inverse;

		while (!(inverse = BN_mod_inverse(NULL, q, m[lane], context)))
			cr_assert(BN_add_word(q, 2));
		cr_assert(
			BN_lshift(r, inverse, (int)(limbs * SP_RSA_LIMB_BITS)));
		cr_assert(BN_mod(r, r, m[lane], context));
		put(pass->coefficient, limbs, lane, r, SP_RSA_LIMB_BITS);
		BN_zero(r);
		put(pass->coefficient, limbs, lane + half, r, SP_RSA_LIMB_BITS);
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
		put(pass->power, limbs, lane, r, SP_RSA_LIMB_BITS);
		cr_assert(BN_mod(r, expected[lane], q, context));
		put(pass->power, limbs, lane + half, r, SP_RSA_LIMB_BITS);
		BN_free(inverse);
	}
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		put_modulus(pass->modulus, limbs, lane, m[lane]);
	pass->negative_inverse = negative_inverse;
	kernel->join(pass);
	for (unsigned lane = 0; lane < half; lane++) {
		BIGNUM *got = get(pass->signature, 2 * limbs, lane);

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
	for (unsigned i = 0; i < SIZES && sizes[i] <= 2048; i++) {
		for (unsigned round = 0; round < 2 * SPECIAL; round++) {
			check_join(arithmetic_model.rsa, sizes[i], round);
			if (arithmetic_ifma())
				check_join(arithmetic_ifma()->rsa, sizes[i],
					round);
		}
	}
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
		BIGNUM *m = make_modulus(bits, round + lane);
		BIGNUM *s = make_operand(m, round * 3 + lane);

		put_modulus(pass->modulus, limbs, lane, m);
		put_radix(pass->constant, limbs, lane, m, 65537);
		put(pass->signature, limbs, lane, s, SP_RSA_LIMB_BITS);
		expected[lane] = BN_new();
		cr_assert(BN_mod_exp(expected[lane], s, e, m, context));
		BN_free(s);
		BN_free(m);
	}
	pass->negative_inverse = negative_inverse;
	kernel->open(pass);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		BIGNUM *block = get(pass->block, limbs, lane);

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
	for (unsigned i = 0; i < SIZES; i++) {
		if (sizes[i] % 1024)
			continue;
		check_open(arithmetic_model.rsa, sizes[i], i);
		for (unsigned round = 0; arithmetic_ifma() && round < ROUNDS;
			round++)
			check_open(arithmetic_ifma()->rsa, sizes[i], round);
	}
	teardown();
}
