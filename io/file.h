/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: read into memory, written from it, given a name. */
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

/* Writes all of it to fd, from where it stands: 0 or an errno value. */
int sp_file_write(int fd, struct sp_span bytes)
	__attribute__((warn_unused_result));

/*
 * Renames without replacing anything; both names are below dir_fd. 0 or an
 * errno value, EEXIST when to is taken.
 */
int sp_file_move(int dir_fd, const char *from, const char *to)
	__attribute__((warn_unused_result));

#endif
