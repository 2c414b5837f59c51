/* SPDX-License-Identifier: Apache-2.0 */
/* "From ", by the best kernel there is. */
#include "io/mark.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/cpu.h"

const struct sp_mark_kernel *const sp_mark_kernels[] = {
#ifdef __x86_64__
	&sp_mark_avx512,
	&sp_mark_avx2,
#endif
	&sp_mark_scalar,
	NULL,
};

bool sp_mark_runs(const struct sp_mark_kernel *kernel)
{
	return sp_cpu_has_all(kernel->needs);
}

const struct sp_mark_kernel *sp_mark_kernel(void)
{
	/* Whoever comes second finds the same. */
	static _Atomic(const struct sp_mark_kernel *) chosen;
	const struct sp_mark_kernel *kernel = atomic_load(&chosen);

	if (kernel)
		return kernel;
	for (size_t i = 0; !kernel; i++) {
		assert(sp_mark_kernels[i]); /* the scalar one needs nothing */
		if (sp_mark_runs(sp_mark_kernels[i]))
			kernel = sp_mark_kernels[i];
	}
	atomic_store(&chosen, kernel);
	return kernel;
}

size_t sp_mark_find(struct sp_span bytes, size_t from)
{
	const char *hit;

	if (from >= bytes.size)
		return bytes.size;
	hit = sp_mark_kernel()->find(
		bytes.data + from, bytes.data + bytes.size);
	return hit ? (size_t)(hit - bytes.data) : bytes.size;
}
