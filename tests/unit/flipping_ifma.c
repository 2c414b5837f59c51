/* SPDX-License-Identifier: Apache-2.0 */
/* The RSA kernel with one flipping bit over AVX-512 IFMA. */
#define FLIPPING flipping_ifma
#define FLIPPED flipped_ifma
#include "tests/unit/flipping_body.h"
