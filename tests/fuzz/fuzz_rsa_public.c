/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public operation of RSA in lanes (RFC 8017 5.2.2): whatever the moduli
 * and signatures, what is opened is what OpenSSL's big numbers say, in all
 * lanes.
 *
 * Input: a byte for the size, then for each lane modulus and signature
 * (tests/fuzz/numbers.h).
 */
#include <assert.h>
#include <stdint.h>

#include "crypto/rsa.h"
#include "tests/fuzz/numbers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fills a lane; returns what is to come out of it. */
static BIGNUM *put_lane(struct sp_rsa_public_pass *pass, unsigned lane,
	struct input *input, unsigned bits)
{
	BIGNUM *modulus = input_modulus(input, bits);
	BIGNUM *signature = input_number(input, bits);
	BIGNUM *exponent = BN_new(), *wanted = BN_new();
	BN_CTX *context = BN_CTX_new();

	operand_put_modulus(pass->modulus, &pass->negative_inverse, pass->limbs,
		lane, modulus);
	operand_put_radix(pass->constant, pass->limbs, lane, modulus, 65537);
	operand_put(pass->signature, pass->limbs, lane, signature,
		SP_RSA_LIMB_BITS);
	assert(BN_set_word(exponent, 65537));
	assert(BN_mod_exp(wanted, signature, exponent, modulus, context));
	BN_CTX_free(context);
	BN_free(exponent);
	BN_free(signature);
	BN_free(modulus);
	return wanted;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_rsa_public_pass pass;
	struct input input = {data, size};
	BIGNUM *wanted[SP_RSA_LANES];
	unsigned bits =
		1024 * (1 + (unsigned)input_take(&input, 1) % SP_RSA_SIZES);

	pass.limbs = sp_rsa_limbs(bits);
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		wanted[lane] = put_lane(&pass, lane, &input, bits);
	for (const struct lane_ops *const *ops = input_kernels(bits); *ops;
		ops++) {
		(*ops)->rsa->open(&pass);
		for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
			input_expect(
				pass.block, pass.limbs, lane, wanted[lane]);
	}
	for (unsigned lane = 0; lane < SP_RSA_LANES; lane++)
		BN_free(wanted[lane]);
	return 0;
}
