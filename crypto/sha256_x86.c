/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SHA-256 kernels for x86-64 and what they cost.
 *
 * On AMD they were measured with `sealpress bench sha256` on a Zen 4 at 3.7
 * GHz. For the others they are those of prototypes on a Sapphire Rapids at 2.9
 * GHz; AVX2 and OpenSSL without SHA-NI are estimates. The vendor matters: AMD's
 * SHA unit takes little longer for three messages interleaved than for one,
 * which beats sixteen in AVX-512 lanes; Intel's takes more than twice as long,
 * and there the sixteen win from ten on. Only the ratios matter, and a wrong
 * one costs time, nothing else.
 */
#include "crypto/sha256_kernels.h"

static const struct {
	struct sp_sha256_kernel kernel;
	unsigned cost_amd;
	unsigned cost_other;
} table[] = {
	{{"OpenSSL", 1, SP_FEATURE_AVX2, 0, sp_sha256_openssl}, 1300, 1300},
	{{"SHA-NI", 1, SP_FEATURE_SHANI, 0, sp_sha256_shani}, 350, 440},
	{{"SHA-NI x2", 2, SP_FEATURE_SHANI, 0, sp_sha256_shani_two}, 355, 650},
	{{"SHA-NI x3", 3, SP_FEATURE_SHANI, 0, sp_sha256_shani_three}, 470,
		1070},
	{{"AVX2", 8, SP_FEATURE_AVX2, 0, sp_sha256_avx2}, 2900, 3900},
	{{"AVX-512", 16, SP_FEATURE_AVX512, 0, sp_sha256_avx512}, 3000, 3160},
};

_Static_assert(sizeof(table) / sizeof(table[0]) <= SP_SHA256_KERNELS_MAX,
	"raise SP_SHA256_KERNELS_MAX");

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
