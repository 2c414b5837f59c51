/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiplication modulo odd numbers in eight lanes against OpenSSL's big
 * numbers: as many products and squares as STRESS_CASES says, of all sizes,
 * with blocks of limbs that are random or at the ends of their range.
 */
#include <openssl/bn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/rsa.h"
#include "tests/unit/lane_ops.h"

#define CASES 1000000u
#define TURNS 16u /* with one modulus per lane */
#define BLOCK_LIMBS 5u

static uint64_t seed = 88172645463325252u;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Below 2^bits. */
static void fill(struct sp_rsa_limb *to, unsigned limbs, unsigned bits)
{
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		uint64_t kind = 0;

		for (unsigned i = 0; i < limbs; i++) {
			const unsigned below = SP_RSA_LIMB_BITS * i;
			uint64_t limb = next() >> 8;

			if (i % BLOCK_LIMBS == 0)
				kind = next() >> 20 & 7;
			if (kind < 2)
				limb = kind ? SP_RSA_LIMB_MASK : 0;
			if (bits < below + SP_RSA_LIMB_BITS)
				limb &= bits < below
						? 0
						: (UINT64_C(1)
							  << (bits - below)) -
							  1;
			to[i].lane[lane] = limb & SP_RSA_LIMB_MASK;
		}
	}
}

/* Odd, of exactly so many bits. */
static void fill_modulus(struct sp_rsa_limb *to, struct sp_rsa_limb *inverse,
	unsigned limbs, unsigned bits)
{
	const unsigned top = (bits - 1) / SP_RSA_LIMB_BITS;

	fill(to, limbs, bits);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		uint64_t n = to[0].lane[lane] |= 1, found = n;

		to[top].lane[lane] |= UINT64_C(1)
				      << (bits - 1) % SP_RSA_LIMB_BITS;
		if (top == 0)
			abort();
		for (unsigned i = 0; i < 6; i++)
			found *= 2 - n * found;
		inverse->lane[lane] = -found & SP_RSA_LIMB_MASK;
	}
}

static void get(BIGNUM *n, const struct sp_rsa_limb *from, unsigned limbs,
	unsigned lane)
{
	unsigned char bytes[SP_RSA_LIMBS_MAX * SP_RSA_LIMB_BITS / 8 + 8] = {0};

	/* Two limbs are thirteen bytes. */
	for (unsigned i = 0; i < limbs; i++) {
		uint64_t limb = from[i].lane[lane] << i % 2 * 4;
		unsigned char *at = bytes + i / 2 * 13 + i % 2 * 6;

		for (unsigned k = 0; k < 7; k++)
			at[k] |= (unsigned char)(limb >> 8 * k);
	}
	if (!BN_lebin2bn(bytes, (int)(limbs * SP_RSA_LIMB_BITS / 8), n))
		abort();
}

/* Is result below twice m, and result * R = a * b modulo m? */
static bool holds(BIGNUM *const n[4], unsigned limbs, BN_CTX *context)
{
	BIGNUM *result = n[0], *a = n[1], *b = n[2], *m = n[3];

	return BN_mul(a, a, b, context) && BN_nnmod(a, a, m, context) &&
	       BN_lshift1(b, m) && BN_cmp(result, b) < 0 &&
	       BN_lshift(result, result, (int)(limbs * SP_RSA_LIMB_BITS)) &&
	       BN_nnmod(result, result, m, context) && BN_cmp(result, a) == 0;
}

static unsigned count_wrong(
	const struct sp_rsa_limb *const numbers[4], unsigned limbs)
{
	BN_CTX *context = BN_CTX_new();
	BIGNUM *n[4] = {BN_new(), BN_new(), BN_new(), BN_new()};
	unsigned wrong = 0;

	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		for (unsigned i = 0; i < 4; i++)
			get(n[i], numbers[i], limbs, lane);
		wrong += !holds(n, limbs, context);
	}
	for (unsigned i = 0; i < 4; i++)
		BN_free(n[i]);
	BN_CTX_free(context);
	return wrong;
}

static unsigned run(const struct lane_ops *ops, unsigned bits)
{
	static struct sp_rsa_limb m[SP_RSA_LIMBS_MAX], a[SP_RSA_LIMBS_MAX],
		b[SP_RSA_LIMBS_MAX], result[SP_RSA_LIMBS_MAX],
		product[7 * SP_RSA_LIMBS_MAX], inverse;
	const unsigned limbs = sp_rsa_limbs(bits);
	unsigned wrong = 0;

	fill_modulus(m, &inverse, limbs, bits);
	for (unsigned i = 0; i < TURNS; i++) {
		const struct sp_rsa_limb *other = i % 2 ? b : a;

		fill(a, limbs, bits);
		fill(b, limbs, bits);
		ops->mont_multiply(
			result, product, a, other, m, &inverse, limbs);
		wrong += count_wrong(
			(const struct sp_rsa_limb *[]){result, a, other, m},
			limbs);
	}
	return wrong;
}

int main(void)
{
	/* The small sizes more often: they are quick, and all are one code. */
	static const unsigned sizes[] = {512, 1024, 512, 1536, 1024, 2048, 512,
		1024, 1536, 3072, 512, 1024, 512, 2048, 1536, 4096};
	const struct lane_ops *const *ops = lane_ops_all();
	const char *text = getenv("STRESS_CASES");
	unsigned long wanted = text ? strtoul(text, NULL, 10) : CASES;
	unsigned long cases = 0, wrong = 0;

	while (ops[1]) /* the fastest */
		ops++;
	for (unsigned i = 0; cases < wanted; i++) {
		wrong += run(*ops, sizes[i % (sizeof(sizes) / sizeof(*sizes))]);
		cases += TURNS * SP_RSA_LANES;
	}
	printf("%lu products, %lu wrong\n", cases, wrong);
	return wrong != 0;
}
