/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SHA-256 kernels for x86-64 and what they cost.
 *
 * The costs were measured (bench/bench_sha256.c), on AMD with a Zen 4 at 3.7
 * GHz, for the others with a Sapphire Rapids at 2.9 GHz. Which vendor matters:
 * AMD's SHA unit starts two rounds in less than two cycles, so that three
 * messages interleaved beat sixteen in AVX-512 lanes; Intel's is busy with two
 * messages at half that rate. Only the ratios matter, and a wrong one costs
 * time, nothing else.
 */
#include "crypto/sha256_kernels.h"

static const struct {
	struct sp_sha256_kernel kernel;
	unsigned cost_amd;
	unsigned cost_other;
} table[] = {
	{{"SHA-NI", 1, SP_FEATURE_SHANI, 0, sp_sha256_shani}, 350, 441},
	{{"SHA-NI x2", 2, SP_FEATURE_SHANI, 0, sp_sha256_shani_two}, 366, 646},
	{{"SHA-NI x3", 3, SP_FEATURE_SHANI, 0, sp_sha256_shani_three}, 463,
		1067},
};

size_t sp_sha256_kernels(struct sp_sha256_kernel *kernels)
{
	bool amd = __builtin_cpu_is("amd");
	size_t count = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct sp_sha256_kernel *kernel = &table[i].kernel;

		if (!sp_cpu_has(kernel->needs))
			continue;
		kernels[count] = *kernel;
		kernels[count++].cost =
			amd ? table[i].cost_amd : table[i].cost_other;
	}
	return count;
}
