/* SPDX-License-Identifier: Apache-2.0 */
/* The lanes' arithmetic with AVX-512 IFMA, as the library has it. */
#define LANE_OPS lane_ops_ifma
#define LANE_OPS_NAME "ifma"
#define LANE_OPS_STRIDE 1
#include "tests/unit/lane_ops_body.h"
