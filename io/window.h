/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A piece of an mbox file in memory, and the cutting of messages that begin
 * in it. Shared by the two ways to cut an mbox file: into ranges (ranges.h)
 * and by Content-Length (clbox.h).
 */
#ifndef SP_IO_WINDOW_H
#define SP_IO_WINDOW_H

#include "io/ahead.h"
#include "io/mbox.h"
#include "io/reader.h"

/*
 * Read on by so much to find the end of a message: in what is to be read
 * anyway, and behind that. What was read is searched while it is in the cache.
 */
#define SP_WINDOW_STEP_BYTES (256u << 10)
#define SP_WINDOW_TAIL_STEP_BYTES (16u << 10)

/* A message that is longer than this in the file, From line included, is
 * large for sure. */
#define SP_WINDOW_MESSAGE_MAX (SP_MBOX_FROM_BYTES_MAX + SP_MESSAGE_MEMORY_MAX)

struct sp_window {
	struct sp_reader *reader;
	struct sp_ahead *ahead; /* where to look first, or NULL */
	struct sp_mails *mails; /* whose buffer the data is in */
	int fd;
	uint64_t file_size; /* as found when the file was opened */
	enum sp_mbox_kind kind;
	struct sp_span path; /* in the arena of mails */
	uint64_t base; /* offset of data in the file */
	char *data;
	size_t size;
	size_t room;
	uint64_t wanted; /* up to here it is to be read in any case */
	bool quoted; /* see sp_window_find_end() */
	/* errno value of the read that failed; EIO: the file has shrunk. */
	int fault;
};

/*
 * Prepares mails' buffer for messages that begin in the range_bytes from base
 * on. fd, file_size, kind, reader, ahead and mails must be set.
 */
enum sp_status sp_window_begin(struct sp_window *window, const char *path,
	uint64_t base, size_t range_bytes) __attribute__((warn_unused_result));

/* As read_range of a reader (reader.h), from the window's file. */
ssize_t sp_window_read(
	struct sp_window *window, uint64_t offset, char *buffer, size_t room);

/* Reads up to bytes more, as far as file and room go. May set fault. */
void sp_window_extend(struct sp_window *window, uint64_t bytes);

/* Reads the next step. */
void sp_window_step(struct sp_window *window);

/* What lies from the offset on. */
static inline struct sp_span sp_window_from(
	const struct sp_window *window, uint64_t offset)
{
	size_t at = (size_t)(offset - window->base);

	return sp_span(window->data + at, window->size - at);
}

/*
 * Where the message ends whose separator line is at offset begin: the next
 * separator or the end of the file. Reads on as needed. UINT64_MAX when the
 * window is full before, or, with fault set, when reading failed. quoted tells
 * whether a line of the message may be quoted.
 */
uint64_t sp_window_find_end(struct sp_window *window, uint64_t begin);

/*
 * The first separator at or after the offset from, found by reading on
 * through the file; its end if there is none, UINT64_MAX with fault set. What
 * the window held from offset keep on is given up.
 */
uint64_t sp_window_scan(struct sp_window *window, uint64_t keep, uint64_t from);

/*
 * Adds the message whose separator line is in the window at begin and that
 * ends at end: from memory, or, when it is too large, as a large one with
 * from_line (in the arena). tail_bytes is of a large one.
 */
enum sp_status sp_window_add(struct sp_window *window, uint64_t begin,
	uint64_t end, struct sp_span from_line, uint64_t tail_bytes)
	__attribute__((warn_unused_result));

/* True when the message from begin to end is to be streamed. */
bool sp_window_is_large(
	const struct sp_window *window, uint64_t begin, uint64_t end);

/* The separator line at begin, copied into the arena; NULL data: no memory. */
struct sp_span sp_window_from_line(
	const struct sp_window *window, uint64_t begin);

/* Size of the empty line that ends at end, or -1 with fault set. */
ptrdiff_t sp_window_tail(struct sp_window *window, uint64_t end);

/* Adds a mail that says: here is a message that could not be read. */
enum sp_status sp_window_add_trouble(struct sp_window *window)
	__attribute__((warn_unused_result));

#endif
