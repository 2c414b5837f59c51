/* SPDX-License-Identifier: Apache-2.0 */
/* Lines (RFC 5322 2.1), and the choice of a kernel. */
#include "canon/scan.h"

#include <stdatomic.h>

#include "base/cpu.h"

bool sp_scan_line(struct sp_span *rest, struct sp_span *line)
{
	size_t size = sp_span_find(*rest, '\n');
	bool ended = size < rest->size;

	*line = sp_span(rest->data, size);
	*rest = sp_span_after(*rest, size + ended);
	if (ended && size > 0 && line->data[size - 1] == '\r')
		line->size--;
	return ended;
}

const struct sp_scan_kernel *const sp_scan_kernels[] = {
#ifdef __x86_64__
	&sp_scan_vbmi2,
	&sp_scan_avx512,
	&sp_scan_avx2,
#endif
#ifdef __aarch64__
	&sp_scan_neon,
#endif
	&sp_scan_scalar,
	NULL,
};

bool sp_scan_runs(const struct sp_scan_kernel *kernel)
{
	return sp_cpu_has_all(kernel->needs);
}

const struct sp_scan_kernel *sp_scan_kernel(void)
{
	/* Whoever comes second finds the same. */
	static _Atomic(const struct sp_scan_kernel *) chosen;
	const struct sp_scan_kernel *kernel = atomic_load(&chosen);

	if (kernel)
		return kernel;
	for (size_t i = 0; !kernel; i++)
		if (sp_scan_runs(sp_scan_kernels[i]))
			kernel = sp_scan_kernels[i];
	atomic_store(&chosen, kernel);
	return kernel;
}
