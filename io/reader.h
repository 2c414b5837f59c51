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
	 * may go on. EISDIR for a folder and ENXIO for what is no regular file
	 * and gave nothing; nothing blocks on a FIFO (O_NONBLOCK).
	 */
	ssize_t result;
};

struct sp_reader;

struct sp_reader_ops {
	const char *name; /* "io_uring" or "pread" */
	/* NULL with errno: cannot be had here. */
	struct sp_reader *(*open)(void);
	void (*close)(struct sp_reader *reader);
	void (*read_files)(struct sp_reader *reader, struct sp_read_file *files,
		size_t count);
	/* Reads until room is full or the file ends; bytes or -errno. */
	ssize_t (*read_range)(struct sp_reader *reader, int fd, uint64_t offset,
		char *buffer, size_t room);
};

/* Backends embed this as their first member. */
struct sp_reader {
	const struct sp_reader_ops *ops;
};

/* How every backend opens a file that it is to read (O_CLOEXEC added). */
#define SP_READ_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

/* One file with plain system calls: the truth, and what the ring falls to. */
void sp_reader_file_plain(struct sp_read_file *file);

/* The result when a file gave no byte: 0 if it is a regular file. */
ssize_t sp_reader_empty(const struct sp_read_file *file);

extern const struct sp_reader_ops sp_reader_uring, sp_reader_pread;

/*
 * The best backend that works here, or the one called name (for tests and
 * SEALPRESS_IO). The first open of the process that has a log tells it which
 * one and why (SP_LOG_INFO). NULL when memory fails or the named one cannot be
 * had.
 */
struct sp_reader *sp_reader_open(const char *name, const struct sp_log *log);
void sp_reader_close(struct sp_reader *reader);

#endif
