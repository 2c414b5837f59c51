/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernels of RSA and Ed25519 lanes and the arithmetic inside, opened for
 * tests: once with the machine's instructions, once with the model of them
 * (crypto/v8.h).
 */
#ifndef SP_TESTS_UNIT_LANE_OPS_H
#define SP_TESTS_UNIT_LANE_OPS_H

#include "crypto/ed25519.h"
#include "crypto/rsa_kernel.h"

#define LANES 8u

/* Rows of eight words in, rows out: limbs or words, operand after operand. */
typedef void lane_op(uint64_t (*out)[LANES], const uint64_t (*in)[LANES]);

/* to = a * b / R; product has 7 * limbs. */
typedef void mont_op(struct sp_rsa_limb *to, struct sp_rsa_limb *product,
	const struct sp_rsa_limb *a, const struct sp_rsa_limb *b,
	const struct sp_rsa_limb *modulus,
	const struct sp_rsa_limb *negative_inverse, unsigned limbs);

struct lane_ops {
	const char *name;
	/* Limbs in radix 2^51; all but carry and canonical give canonical. */
	lane_op *carry; /* 5: 5 */
	lane_op *canonical; /* 5: 5 */
	lane_op *add, *sub, *mul; /* 10: 5 */
	lane_op *negate, *square, *invert, *root_power; /* 5: 5 */
	/* Numbers modulo L, little-endian words. */
	lane_op *wide; /* 8: 4 */
	lane_op *mul_add; /* 12: 4 */
	/* Words of a block; of the digest. */
	lane_op *sha512; /* 16: 8 */
	/* s B - P: s and the encoded P; its encoding, and 1 if P is none. */
	lane_op *base_minus; /* 8: 5 */
	const struct sp_ed25519_kernel *kernel;
	mont_op *mont_multiply;
	const struct sp_rsa_kernel *rsa;
	unsigned stride; /* how coarse tests of it must be, to be quick */
};

/* NULL behind the last; those the machine cannot run are left out. */
const struct lane_ops *const *lane_ops_all(void);

extern const struct lane_ops lane_ops_model, lane_ops_ifma;

#endif
