/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding "From " in an mbox: what every separator and every quoted line has
 * in it (mbox(5), RFC 4155 appendix A). Nothing else is asked of most bytes of
 * an mbox, so that this must keep up with memory.
 */
#ifndef SP_IO_MARK_H
#define SP_IO_MARK_H

#include "base/span.h"

#define SP_MARK "From "
#define SP_MARK_BYTES 5u
#define SP_MARK_LAST (SP_MARK_BYTES - 1) /* from its first byte to its last */

/* The first SP_MARK from data on that ends at or before end, or NULL. */
typedef const char *sp_mark_search(const char *data, const char *end);

struct sp_mark_kernel {
	const char *name;
	unsigned needs; /* a bit 1 << SP_FEATURE_... for each */
	sp_mark_search *find;
};

extern const struct sp_mark_kernel sp_mark_scalar;
extern const struct sp_mark_kernel sp_mark_avx2;
extern const struct sp_mark_kernel sp_mark_avx512;

/* What was built in, best first, scalar last, NULL behind it. */
extern const struct sp_mark_kernel *const sp_mark_kernels[];

/* Can this machine run it, and does the cap (base/cpu.h) let it? */
bool sp_mark_runs(const struct sp_mark_kernel *kernel);

/* The first that runs. The choice is made once. */
const struct sp_mark_kernel *sp_mark_kernel(void);

/* Offset of the first SP_MARK at or after from, or bytes.size. */
size_t sp_mark_find(struct sp_span bytes, size_t from);

#endif
