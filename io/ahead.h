/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an mbox file ahead of the workers, where it is not in memory: while
 * they compute, a ring reads what comes next, past the page cache (O_DIRECT),
 * into buffers that are registered with it. What is in memory already is left
 * to the page cache, which is faster; that is looked up piece by piece.
 *
 * It only ever makes reading faster: what is not there, because of the file
 * system, of an error or of a file that was cut off meanwhile, is read by the
 * caller, who then meets the trouble and reports it.
 */
#ifndef SP_IO_AHEAD_H
#define SP_IO_AHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define SP_AHEAD_PIECE_BYTES (256u << 10)
#define SP_AHEAD_PIECES 16u /* held at once: all its memory */
/* So many from where a range begins; behind it others may still be reading. */
#define SP_AHEAD_PIECES_NEXT 12u

/* One for each open file; shared by workers. */
struct sp_ahead;

/*
 * For the file at fd, which is borrowed until close, as is path; the log is
 * told once when it begins to read. NULL when the file is short or it cannot
 * be had, which is no trouble. All functions take NULL.
 */
struct sp_ahead *sp_ahead_open(
	int fd, uint64_t file_size, const char *path, const struct sp_log *log);

/* Somebody is going to read from offset on: what comes next is sent for. */
void sp_ahead_go(struct sp_ahead *ahead, uint64_t offset);

/*
 * Copies what was sent for, from offset on; waits for it. How many bytes: the
 * rest of room, or all of it, is for the caller to read.
 */
size_t sp_ahead_read(
	struct sp_ahead *ahead, uint64_t offset, char *buffer, size_t room);

/* Waits for what is under way. */
void sp_ahead_close(struct sp_ahead *ahead);

#endif
