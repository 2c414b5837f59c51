/* SPDX-License-Identifier: Apache-2.0 */
/* Unnamed temporary files, for what came down a pipe and is too large. */
#ifndef SP_IO_SPOOL_H
#define SP_IO_SPOOL_H

#include <stddef.h>

/*
 * A file in $TMPDIR or /tmp that nobody else sees and that is gone when its
 * descriptor is closed; or a negated errno value.
 */
int sp_spool_open(void);

/* Appends all of it: 0, or an errno value. */
int sp_spool_write(int fd, const char *data, size_t size);

#endif
