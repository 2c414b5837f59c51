/* SPDX-License-Identifier: Apache-2.0 */
/* Where the machine has no such lanes. */
#include "tests/unit/lane_ops.h"

const struct lane_ops lane_ops_ifma = {.name = "none"};
