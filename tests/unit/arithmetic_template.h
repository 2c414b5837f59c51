/* SPDX-License-Identifier: Apache-2.0 */
/* crypto/rsa_template.h with its inside turned out; include a vector layer
 * first. */
#ifndef SP_TESTS_UNIT_ARITHMETIC_TEMPLATE_H
#define SP_TESTS_UNIT_ARITHMETIC_TEMPLATE_H

#include "crypto/rsa_template.h"
#include "tests/unit/arithmetic.h"

static void show_multiply(struct sp_rsa_limb *to, struct sp_rsa_limb *product,
	const struct sp_rsa_limb *a, const struct sp_rsa_limb *b,
	const struct sp_rsa_limb *modulus,
	const struct sp_rsa_limb *negative_inverse, unsigned limbs)
{
	const struct modulus m = {
		(const vec *)modulus, *(const vec *)negative_inverse};

	multiply((vec *)to, (vec *)product, (const vec *)a, (const vec *)b, &m,
		limbs / BLOCK);
}

static void show_square(struct sp_rsa_limb *to, struct sp_rsa_limb *product,
	const struct sp_rsa_limb *a, const struct sp_rsa_limb *modulus,
	const struct sp_rsa_limb *negative_inverse, unsigned limbs)
{
	const struct modulus m = {
		(const vec *)modulus, *(const vec *)negative_inverse};

	square((vec *)to, (vec *)product, (const vec *)a, &m, limbs / BLOCK);
}

#endif
