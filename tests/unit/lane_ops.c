/* SPDX-License-Identifier: Apache-2.0 */
/* Which arithmetic there is to test on this machine. */
#include "tests/unit/lane_ops.h"

const struct lane_ops *const *lane_ops_all(void)
{
	static const struct lane_ops *const all[] = {
		&lane_ops_model, &lane_ops_ifma, NULL};
	static const struct lane_ops *const model[] = {&lane_ops_model, NULL};

	return sp_cpu_has(SP_FEATURE_IFMA) ? all : model;
}
