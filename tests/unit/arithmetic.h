/* SPDX-License-Identifier: Apache-2.0 */
/* What is inside the RSA kernels, for tests: each kernel and its arithmetic. */
#ifndef SP_TESTS_UNIT_ARITHMETIC_H
#define SP_TESTS_UNIT_ARITHMETIC_H

#include "crypto/rsa_kernel.h"

struct arithmetic {
	const struct sp_rsa_kernel *rsa;
	/* to = a * b / R; product has 2 * limbs. */
	void (*multiply)(struct sp_rsa_limb *to, struct sp_rsa_limb *product,
		const struct sp_rsa_limb *a, const struct sp_rsa_limb *b,
		const struct sp_rsa_limb *modulus,
		const struct sp_rsa_limb *negative_inverse, unsigned limbs);
	/* to = a * a / R */
	void (*square)(struct sp_rsa_limb *to, struct sp_rsa_limb *product,
		const struct sp_rsa_limb *a, const struct sp_rsa_limb *modulus,
		const struct sp_rsa_limb *negative_inverse, unsigned limbs);
};

extern const struct arithmetic arithmetic_model; /* plain C */

/* With AVX-512 IFMA; NULL where this machine has none. */
const struct arithmetic *arithmetic_ifma(void);

#endif
