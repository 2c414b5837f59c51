/* SPDX-License-Identifier: Apache-2.0 */
/* A whole file in memory: key files, zone files, tables. */
#ifndef SP_IO_FILE_H
#define SP_IO_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/*
 * Appends the whole file (a pipe works too) to out. SP_IO with words for what
 * cannot be read, SP_CONFIG for more than bytes_max bytes.
 */
enum sp_status sp_file_read(struct sp_buffer *out, const char *path,
	size_t bytes_max, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
