/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that a disk reads and writes without the page cache: in huge pages
 * where there are any, so that the system has few pieces to look up, hold and
 * put together for each request.
 */
#ifndef SP_BASE_PAGES_H
#define SP_BASE_PAGES_H

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#define SP_PAGES_BYTES (2u << 20)

/* bytes: a multiple of SP_PAGES_BYTES. NULL: no memory; for free(). */
static inline char *sp_pages_alloc(size_t bytes)
{
	char *memory = aligned_alloc(SP_PAGES_BYTES, bytes);

	assert(bytes % SP_PAGES_BYTES == 0);
	/* A wish: pages of any size do. */
	if (memory)
		(void)madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

#endif
