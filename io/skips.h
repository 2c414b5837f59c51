/* SPDX-License-Identifier: Apache-2.0 */
/* What was found in the input and became no message: named and counted. */
#ifndef SP_IO_SKIPS_H
#define SP_IO_SKIPS_H

#include <stdatomic.h>
#include <sys/types.h>

#include "base/error.h"

struct sp_skips {
	const struct sp_log *log; /* may be NULL */
	atomic_uint_fast64_t count;
};

/* Counts one, and says which and why (SP_LOG_ERROR). Safe in any thread. */
void sp_skip(struct sp_skips *skips, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "a FIFO", "a folder" and so on, for st_mode of what is no regular file. */
const char *sp_skip_kind(mode_t mode);

#endif
