/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of RSA in eight lanes, in plain C. */
#include "tests/unit/vector_model.h"

#include "tests/unit/arithmetic_template.h"

static const struct sp_rsa_kernel model = {
	.name = "model",
	.power = power,
	.join = join,
	.open = open_signature,
};

const struct arithmetic arithmetic_model = {
	.rsa = &model,
	.multiply = show_multiply,
	.square = show_square,
};
