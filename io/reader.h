/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading files: many small ones at once, or ranges of one. One reader per
 * worker. Two backends behind one table: io_uring (linked open, read, close
 * with direct descriptors) and plain system calls where the kernel forbids
 * io_uring. Results are the same to the byte.
 */
#ifndef SP_IO_READER_H
#define SP_IO_READER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* One file to read from its beginning. */
struct sp_read_file {
	int dir_fd; /* AT_FDCWD or an open folder */
	const char *name; /* relative to dir_fd */
	char *buffer;
	size_t room;
	/*
	 * Bytes read, or a negated errno value. room bytes mean that the file
	 * may go on. EISDIR, ENXIO and the like for what is no regular file;
	 * nothing blocks on a FIFO (O_NONBLOCK).
	 */
	ssize_t result;
};

struct sp_reader;

struct sp_reader_ops {
	const char *name; /* "io_uring" or "pread" */
	struct sp_reader *(*open)(void); /* NULL: cannot be had here */
	void (*close)(struct sp_reader *reader);
	void (*read_files)(struct sp_reader *reader, struct sp_read_file *files,
		size_t count);
	/* Reads until room is full or the file ends; bytes or -errno. */
	ssize_t (*read_range)(struct sp_reader *reader, int fd, uint64_t offset,
		char *buffer, size_t room);
};

struct sp_reader {
	const struct sp_reader_ops *ops;
};

extern const struct sp_reader_ops sp_reader_uring, sp_reader_pread;

/*
 * The best backend that works here, or the one called name (for tests and
 * SEALPRESS_IO). The first open tells the log which one and why. NULL when
 * memory fails or the named one cannot be had.
 */
struct sp_reader *sp_reader_open(const char *name, const struct sp_log *log);
void sp_reader_close(struct sp_reader *reader);

#endif
