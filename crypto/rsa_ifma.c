/* SPDX-License-Identifier: Apache-2.0 */
/* RSA in eight lanes with AVX-512 IFMA (RFC 8017 5). */
#include "crypto/vector_ifma.h"

#include "crypto/rsa_template.h"

const struct sp_rsa_kernel sp_rsa_ifma = {
	.name = "ifma",
	.power = power,
	.join = join,
	.open = open_signature,
};
