/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of RSA in eight lanes, with AVX-512 IFMA. */
#include "crypto/vector_ifma.h"

#include "tests/unit/arithmetic_template.h"

static const struct sp_rsa_kernel kernel = {
	.name = "ifma",
	.power = power,
	.join = join,
	.open = open_signature,
};

static const struct arithmetic arithmetic = {
	.rsa = &kernel,
	.multiply = show_multiply,
	.square = show_square,
};

const struct arithmetic *arithmetic_ifma(void)
{
	return sp_rsa_kernel() ? &arithmetic : NULL;
}
