/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private operation of RSA in lanes (RFC 8017 5.1.2): whatever the moduli,
 * exponents and blocks, a power and what is joined of two are those of
 * OpenSSL's big numbers, in all lanes.
 *
 * Input: a byte for the size, then for each lane modulus, exponent, block and
 * coefficient (tests/fuzz/numbers.h).
 */
#include <assert.h>
#include <stdint.h>

#include "crypto/rsa.h"
#include "tests/fuzz/numbers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One lane's part. */
struct number {
	BIGNUM *modulus, *exponent, *block, *coefficient, *power;
};

static void read_lane(struct number *n, struct input *input, unsigned bits)
{
	n->modulus = input_modulus(input, bits);
	n->exponent = input_number(input, bits);
	n->block = input_number(input, 2 * bits);
	n->coefficient = input_number(input, bits - 1);
	n->power = BN_new();
}

static void put_lane(
	struct sp_rsa_private_pass *pass, unsigned lane, const struct number *n)
{
	const unsigned limbs = pass->limbs;

	operand_put_modulus(pass->modulus, &pass->negative_inverse, limbs, lane,
		n->modulus);
	operand_put_radix(pass->one, limbs, lane, n->modulus, 1);
	operand_put_radix(pass->cube, limbs, lane, n->modulus, 3);
	operand_put(pass->exponent, SP_RSA_WORDS_MAX, lane, n->exponent,
		SP_RSA_WORD_BITS);
	operand_put(pass->block, 2 * limbs, lane, n->block, SP_RSA_LIMB_BITS);
	operand_put(pass->coefficient, limbs, lane, n->coefficient,
		SP_RSA_LIMB_BITS);
}

/* x_q + q ((x_p - x_q) c / R mod p): with c = R / q mod p Garner's way. */
static BIGNUM *joined(const struct number *p, const struct number *q,
	unsigned limbs, BN_CTX *context)
{
	BIGNUM *r = operand_power_of_two(limbs * SP_RSA_LIMB_BITS);
	BIGNUM *h = BN_new();

	assert(BN_mod_inverse(r, r, p->modulus, context));
	assert(BN_mod_sub(h, p->power, q->power, p->modulus, context));
	assert(BN_mod_mul(h, h, p->coefficient, p->modulus, context));
	assert(BN_mod_mul(h, h, r, p->modulus, context));
	assert(BN_mul(h, h, q->modulus, context));
	assert(BN_add(h, h, q->power));
	BN_free(r);
	return h;
}

static void check(const struct sp_rsa_kernel *kernel,
	struct sp_rsa_private_pass *pass, const struct number *n,
	BN_CTX *context)
{
	const unsigned half = SP_RSA_LANES / 2;

	kernel->power(pass);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		input_expect(pass->power, pass->limbs, lane, n[lane].power);
	kernel->join(pass);
	for (unsigned lane = 0; lane < half; lane++) {
		BIGNUM *wanted =
			joined(&n[lane], &n[lane + half], pass->limbs, context);

		input_expect(pass->signature, 2 * pass->limbs, lane, wanted);
		BN_free(wanted);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_rsa_private_pass pass;
	struct input input = {data, size};
	struct number n[SP_RSA_LANES];
	BN_CTX *context = BN_CTX_new();

	pass.bits = 512 * (1 + (unsigned)input_take(&input, 1) % SP_RSA_SIZES);
	pass.limbs = sp_rsa_limbs(pass.bits);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		read_lane(&n[lane], &input, pass.bits);
		put_lane(&pass, lane, &n[lane]);
		assert(BN_mod_exp(n[lane].power, n[lane].block,
			n[lane].exponent, n[lane].modulus, context));
	}
	for (const struct lane_ops *const *ops = input_kernels(2 * pass.bits);
		*ops; ops++)
		check((*ops)->rsa, &pass, n, context);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++) {
		BN_free(n[lane].modulus);
		BN_free(n[lane].exponent);
		BN_free(n[lane].block);
		BN_free(n[lane].coefficient);
		BN_free(n[lane].power);
	}
	BN_CTX_free(context);
	return 0;
}
