/* SPDX-License-Identifier: Apache-2.0 */
/* CPU detection on x86-64: what the processor and the kernel both support. */
#include "base/cpu.h"

enum sp_cpu_level sp_cpu_detect(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl"))
		return SP_CPU_AVX512;
	if (__builtin_cpu_supports("avx2"))
		return SP_CPU_AVX2;
	return SP_CPU_SCALAR;
}
