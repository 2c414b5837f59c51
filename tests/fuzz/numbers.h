/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Large numbers for lanes, out of the input of a fuzz target. They come in runs
 * of limbs that are as they stand in the input, or zero, or all ones, so that
 * a short input reaches all places where carries ripple.
 */
#ifndef SP_TESTS_FUZZ_NUMBERS_H
#define SP_TESTS_FUZZ_NUMBERS_H

#include <string.h>

#include "tests/unit/lane_ops.h"
#include "tests/unit/operands.h"

/* What is left of an input; zeros follow it. */
struct input {
	const uint8_t *data;
	size_t size;
};

static inline uint64_t input_take(struct input *input, size_t bytes)
{
	uint64_t word = 0;

	if (bytes > input->size)
		bytes = input->size;
	for (size_t i = 0; i < bytes; i++)
		word |= (uint64_t)input->data[i] << 8 * i;
	input->data += bytes;
	input->size -= bytes;
	return word;
}

/* A number below 2^bits: the caller's to free. */
static inline BIGNUM *input_number(struct input *input, unsigned bits)
{
	BIGNUM *number = BN_new(), *limb = BN_new();
	unsigned run = 0, kind = 0;

	BN_zero(number);
	for (unsigned at = 0; at < bits; at += SP_RSA_LIMB_BITS) {
		uint64_t word = 0;

		if (run-- == 0) {
			unsigned head = (unsigned)input_take(input, 1);

			run = head & 15;
			kind = head >> 6;
		}
		if (kind < 2)
			word = input_take(input, 7);
		else if (kind == 3)
			word = SP_RSA_LIMB_MASK;
		assert(BN_set_word(limb, word & SP_RSA_LIMB_MASK));
		assert(BN_lshift(limb, limb, (int)at));
		assert(BN_add(number, number, limb));
	}
	if (BN_num_bits(number) > (int)bits)
		assert(BN_mask_bits(number, (int)bits));
	BN_free(limb);
	return number;
}

/* The same, odd and of exactly so many bits. */
static inline BIGNUM *input_modulus(struct input *input, unsigned bits)
{
	BIGNUM *modulus = input_number(input, bits);

	assert(BN_set_bit(modulus, 0) && BN_set_bit(modulus, (int)bits - 1));
	return modulus;
}

/*
 * The kernels to try: the machine's, and for numbers so short that the model is
 * quick enough, the model of it too (lane_ops_all() begins with that).
 */
static inline const struct lane_ops *const *input_kernels(unsigned bits)
{
	const struct lane_ops *const *ops = lane_ops_all();

	return bits > 1024 && ops[1] ? ops + 1 : ops;
}

/* What the lanes say, taken apart from other numbers; aborts. */
static inline void input_expect(const struct sp_rsa_limb *limbs, unsigned count,
	unsigned lane, const BIGNUM *wanted)
{
	BIGNUM *got = operand_get(limbs, count, lane);

	assert(BN_cmp(got, wanted) == 0);
	BN_free(got);
}

#endif
