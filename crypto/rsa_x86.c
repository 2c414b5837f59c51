/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of an RSA kernel on x86-64. */
#include "crypto/rsa_kernel.h"

#include "base/cpu.h"

const struct sp_rsa_kernel *sp_rsa_kernel(void)
{
	if (sp_cpu_has(SP_FEATURE_AVX512) && sp_cpu_has(SP_FEATURE_IFMA))
		return &sp_rsa_ifma;
	return NULL;
}
