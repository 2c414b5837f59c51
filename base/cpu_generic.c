/* SPDX-License-Identifier: Apache-2.0 */
/* CPU detection elsewhere: portable code only. */
#include "base/cpu.h"

enum sp_cpu_level sp_cpu_detect(void)
{
	return SP_CPU_SCALAR;
}

bool sp_cpu_detect_feature(enum sp_cpu_feature feature)
{
	(void)feature;
	return false;
}
