/* SPDX-License-Identifier: Apache-2.0 */
/* Unnamed temporary files, for what came down a pipe and is too large. */
#ifndef SP_IO_SPOOL_H
#define SP_IO_SPOOL_H

/*
 * A file in $TMPDIR or /tmp that nobody else sees and that is gone when its
 * descriptor is closed; or a negated errno value.
 */
int sp_spool_open(void);

#endif
