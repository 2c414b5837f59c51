/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU level: detection and cap. */
#include "base/cpu.h"

#include <stdatomic.h>
#include <string.h>

static const char *const level_names[] = {
	[SP_CPU_SCALAR] = "scalar",
	[SP_CPU_NEON] = "neon",
	[SP_CPU_AVX2] = "avx2",
	[SP_CPU_AVX512] = "avx512",
	[SP_CPU_AUTO] = "auto",
};

/* Written once before workers start; atomic so that nobody has to wonder. */
static atomic_int cap = SP_CPU_AUTO;

enum sp_status sp_cpu_cap(const char *name, struct sp_error *error)
{
	for (int i = 0; i <= SP_CPU_AUTO; i++) {
		if (strcmp(name, level_names[i]) == 0) {
			atomic_store(&cap, i);
			return SP_OK;
		}
	}
	return sp_error(error, SP_CONFIG,
		"unknown CPU level '%s'; use scalar, neon, avx2, avx512 or "
		"auto",
		name);
}

enum sp_cpu_level sp_cpu_level(void)
{
	enum sp_cpu_level machine = sp_cpu_detect();
	enum sp_cpu_level wish = (enum sp_cpu_level)atomic_load(&cap);

	return wish < machine ? wish : machine;
}

bool sp_cpu_has(enum sp_cpu_feature feature)
{
	static const enum sp_cpu_level needed[] = {
		[SP_FEATURE_AVX2] = SP_CPU_AVX2,
		[SP_FEATURE_SHANI] = SP_CPU_AVX2,
		[SP_FEATURE_AVX512] = SP_CPU_AVX512,
		[SP_FEATURE_VBMI2] = SP_CPU_AVX512,
		[SP_FEATURE_IFMA] = SP_CPU_AVX512,
		[SP_FEATURE_NEON] = SP_CPU_NEON,
	};

	return sp_cpu_level() >= needed[feature] &&
	       sp_cpu_detect_feature(feature);
}

bool sp_cpu_has_all(unsigned features)
{
	for (unsigned i = 0; features >> i; i++)
		if (features >> i & 1 && !sp_cpu_has(i))
			return false;
	return true;
}

const char *sp_cpu_level_name(enum sp_cpu_level level)
{
	return level_names[level];
}
