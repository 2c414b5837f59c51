/* SPDX-License-Identifier: Apache-2.0 */
/* CPU detection on aarch64, of which NEON is a part. */
#include "base/cpu.h"

enum sp_cpu_level sp_cpu_detect(void)
{
	return SP_CPU_NEON;
}

bool sp_cpu_detect_feature(enum sp_cpu_feature feature)
{
	return feature == SP_FEATURE_NEON;
}
