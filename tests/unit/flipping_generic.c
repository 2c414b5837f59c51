/* SPDX-License-Identifier: Apache-2.0 */
/* Where the machine has no such lanes. */
#include "tests/unit/flipping.h"

const struct sp_rsa_kernel flipping_ifma = {.name = "none"};
