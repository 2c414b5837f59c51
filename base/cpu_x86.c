/* SPDX-License-Identifier: Apache-2.0 */
/* CPU detection on x86-64: what the processor and the kernel both support. */
#include "base/cpu.h"

#include <cpuid.h>

enum sp_cpu_level sp_cpu_detect(void)
{
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512dq") &&
		__builtin_cpu_supports("avx512vl"))
		return SP_CPU_AVX512;
	if (__builtin_cpu_supports("avx2"))
		return SP_CPU_AVX2;
	return SP_CPU_SCALAR;
}

/* By hand, because clang 14's __builtin_cpu_supports() does not know "sha". */
static bool has_sha(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b >> 29 & 1;
}

bool sp_cpu_detect_feature(enum sp_cpu_feature feature)
{
	__builtin_cpu_init();
	switch (feature) {
	case SP_FEATURE_AVX2:
		return __builtin_cpu_supports("avx2");
	case SP_FEATURE_SHANI:
		return has_sha();
	case SP_FEATURE_AVX512:
		return sp_cpu_detect() == SP_CPU_AVX512;
	case SP_FEATURE_VBMI2:
		return __builtin_cpu_supports("avx512vbmi2") &&
		       __builtin_cpu_supports("bmi2");
	case SP_FEATURE_IFMA:
		return __builtin_cpu_supports("avx512ifma");
	case SP_FEATURE_NEON:
		return false;
	}
	return false;
}
