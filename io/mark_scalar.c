/* SPDX-License-Identifier: Apache-2.0 */
/* "From " by the C library: what the other kernels are measured by. */
#include "io/mark.h"

static const char *find(const char *data, const char *end)
{
	return memmem(data, (size_t)(end - data), SP_MARK, SP_MARK_BYTES);
}

const struct sp_mark_kernel sp_mark_scalar = {
	.name = "scalar",
	.find = find,
};
