/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far a kernel may go on this machine: what the processor has, capped by
 * what the user allows (--cpu, SEALPRESS_CPU).
 */
#ifndef SP_BASE_CPU_H
#define SP_BASE_CPU_H

#include "base/error.h"

/* In order of what a cap leaves; a machine has NEON or those of x86-64. */
enum sp_cpu_level {
	SP_CPU_SCALAR,
	SP_CPU_NEON,
	SP_CPU_AVX2,
	SP_CPU_AVX512,
	SP_CPU_AUTO,
};

/*
 * Sets the cap by name: "scalar", "neon", "avx2", "avx512" or "auto". Call
 * before any kernel is chosen. SP_CONFIG for another name.
 */
enum sp_status sp_cpu_cap(const char *name, struct sp_error *error)
	__attribute__((warn_unused_result));

/* What the machine has (cpu_x86.c, cpu_neon.c, cpu_generic.c). */
enum sp_cpu_level sp_cpu_detect(void);

/* The level in force, never SP_CPU_AUTO: no more than machine and cap have. */
enum sp_cpu_level sp_cpu_level(void);

/*
 * What kernels ask for beyond a level. AVX512 is F, BW, DQ and VL together;
 * IFMA and VBMI2 say nothing of it. VBMI2 is with BMI2, whose pdep makes its
 * masks.
 */
enum sp_cpu_feature {
	SP_FEATURE_AVX2,
	SP_FEATURE_SHANI,
	SP_FEATURE_AVX512,
	SP_FEATURE_VBMI2,
	SP_FEATURE_IFMA,
	SP_FEATURE_NEON,
};

/* Does the machine have it, whatever the cap? In the same files. */
bool sp_cpu_detect_feature(enum sp_cpu_feature feature);

/*
 * May it be used? Only up to the level in force: none of them at scalar, AVX2
 * and SHA-NI at avx2, all of x86-64 at avx512.
 */
bool sp_cpu_has(enum sp_cpu_feature feature);

/* The same for all of a set: 1u << SP_FEATURE_AVX2 | ... */
bool sp_cpu_has_all(unsigned features);

const char *sp_cpu_level_name(enum sp_cpu_level level);

#endif
