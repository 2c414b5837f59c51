/* SPDX-License-Identifier: Apache-2.0 */
/* The RSA kernel with one flipping bit over the model of the instructions. */
#define FLIPPING flipping_model
#define FLIPPED flipped_model
#include "tests/unit/flipping_body.h"
