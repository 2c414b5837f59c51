/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading files through an io_uring. A small file is one chain of linked
 * requests on a direct descriptor: open, read, look whether that was all,
 * close. A range is read in several pieces at once.
 */
#include "io/reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/limits.h"

#define WINDOW SP_BATCH_FILES /* files at once: one descriptor each */
#define RANGE_PIECE_BYTES (256u << 10)
#define RANGE_WINDOW 8u /* pieces at once */
#define PATIENCE_S 1 /* a completion late by that: see cancel_all() */
#define CANCEL UINT64_MAX /* user_data of the cancellation */

/* The requests of one file, in order; low bits of user_data. */
enum step { STEP_OPEN, STEP_READ, STEP_END, STEP_CLOSE, STEPS };

struct sp_uring {
	struct sp_reader reader; /* first */
	struct io_uring ring;
	bool broken; /* the kernel stopped taking requests */
	char past_end[WINDOW]; /* never used: what a file has beyond room */
};

static struct sp_uring *uring_of(struct sp_reader *reader)
{
	return (struct sp_uring *)reader;
}

static struct sp_reader *uring_open(void)
{
	struct sp_uring *uring = calloc(1, sizeof(*uring));
	int error;

	if (!uring)
		return NULL;
	error = io_uring_queue_init(WINDOW * STEPS, &uring->ring, 0);
	if (error == 0) {
		error = io_uring_register_files_sparse(&uring->ring, WINDOW);
		if (error)
			io_uring_queue_exit(&uring->ring);
	}
	if (error) {
		free(uring);
		errno = -error;
		return NULL;
	}
	uring->reader.ops = &sp_reader_uring;
	return &uring->reader;
}

static void uring_close(struct sp_reader *reader)
{
	struct sp_uring *uring = uring_of(reader);

	io_uring_queue_exit(&uring->ring);
	free(uring);
}

/* The ring is empty when a window begins, and has room for all of it. */
static struct io_uring_sqe *next_request(struct sp_uring *uring)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);

	assert(sqe);
	return sqe;
}

/*
 * A short read breaks an ordinary link (io_uring_enter(2)), so what follows a
 * read hangs on a hard one. Both reads are at the file position: when the
 * second finds nothing, the first had all.
 */
static void queue_file(
	struct sp_uring *uring, unsigned slot, const struct sp_read_file *file)
{
	struct io_uring_sqe *sqe = next_request(uring);

	io_uring_prep_openat_direct(
		sqe, file->dir_fd, file->name, SP_READ_FLAGS, 0, slot);
	sqe->flags |= IOSQE_IO_LINK;
	sqe->user_data = slot * STEPS + STEP_OPEN;

	sqe = next_request(uring);
	io_uring_prep_read(sqe, (int)slot, file->buffer, (unsigned)file->room,
		(uint64_t)-1);
	sqe->flags |= IOSQE_FIXED_FILE | IOSQE_IO_HARDLINK;
	sqe->user_data = slot * STEPS + STEP_READ;

	sqe = next_request(uring);
	io_uring_prep_read(
		sqe, (int)slot, &uring->past_end[slot], 1, (uint64_t)-1);
	sqe->flags |= IOSQE_FIXED_FILE | IOSQE_IO_HARDLINK;
	sqe->user_data = slot * STEPS + STEP_END;

	sqe = next_request(uring);
	io_uring_prep_close_direct(sqe, slot);
	sqe->user_data = slot * STEPS + STEP_CLOSE;
}

/* Trouble that says nothing about the file: ask again with plain calls. */
static bool is_passing(int result)
{
	return result == -EINTR || result == -EAGAIN || result == -ECANCELED;
}

/*
 * Breaks off what is still under way. Reads of regular files cannot be broken
 * off and come to their end; but a FIFO that has taken the place of a file
 * would keep the ring waiting for its writer, O_NONBLOCK or not.
 */
static void cancel_all(struct sp_uring *uring)
{
	struct io_uring_sqe *sqe = next_request(uring);

	io_uring_prep_cancel64(sqe, 0, IORING_ASYNC_CANCEL_ANY);
	sqe->user_data = CANCEL;
	io_uring_submit(&uring->ring);
}

/* One completion to its place. Waiting on a ring of ours cannot fail. */
static void take_completion(struct sp_uring *uring, int *results)
{
	struct __kernel_timespec patience = {.tv_sec = PATIENCE_S};
	struct io_uring_cqe *cqe;
	int error;

	do {
		error = io_uring_wait_cqe_timeout(
			&uring->ring, &cqe, &patience);
		if (error == -ETIME && !uring->broken)
			cancel_all(uring);
		if (error == 0 && cqe->user_data == CANCEL) {
			io_uring_cqe_seen(&uring->ring, cqe);
			error = -EINTR;
		}
	} while (error == -EINTR || error == -ETIME);
	assert(error == 0);
	results[cqe->user_data] = cqe->res;
	io_uring_cqe_seen(&uring->ring, cqe);
}

/*
 * Runs the queued requests and puts what became of each into results, by its
 * user_data. When the kernel will not take some of them the ring is given up:
 * they stay ECANCELED, and the reader goes on with plain calls for good. No
 * request is under way any more when this returns.
 */
static void run_queued(struct sp_uring *uring, int *results)
{
	unsigned queued = io_uring_sq_ready(&uring->ring);

	for (unsigned i = 0; i < queued; i++)
		results[i] = -ECANCELED;
	while (queued && !uring->broken) {
		int error = io_uring_submit(&uring->ring);
		unsigned left = io_uring_sq_ready(&uring->ring);

		for (; queued > left; queued--)
			take_completion(uring, results);
		uring->broken =
			error < 0 && !is_passing(error) && error != -EBUSY;
	}
}

/* What the chain of one file says; plain calls where it says too little. */
static void settle_file(struct sp_read_file *file, const int *results)
{
	int opened = results[STEP_OPEN], got = results[STEP_READ];
	int end = results[STEP_END];
	bool all = end == 0 || (got > 0 && (size_t)got == file->room);

	if (opened < 0 && !is_passing(opened))
		file->result = opened;
	else if (got < 0 && !is_passing(got))
		file->result = got;
	else if (got >= 0 && all)
		file->result = got ? got : sp_reader_empty(file);
	else
		sp_reader_file_plain(file);
}

static void uring_files(
	struct sp_reader *reader, struct sp_read_file *files, size_t count)
{
	struct sp_uring *uring = uring_of(reader);
	int results[WINDOW * STEPS];

	for (size_t first = 0; first < count; first += WINDOW) {
		size_t left = count - first;
		unsigned window = left < WINDOW ? (unsigned)left : WINDOW;

		if (uring->broken) {
			sp_reader_pread.read_files(reader, files + first, left);
			return;
		}
		for (unsigned i = 0; i < window; i++)
			queue_file(uring, i, &files[first + i]);
		run_queued(uring, results);
		for (unsigned i = 0; i < window; i++)
			settle_file(&files[first + i], results + i * STEPS);
	}
}

/* Up to RANGE_WINDOW pieces at once; bytes in a row from offset, or -errno. */
static ssize_t read_pieces(struct sp_uring *uring, int fd, uint64_t offset,
	char *buffer, size_t room)
{
	int results[RANGE_WINDOW];
	size_t at = 0;
	unsigned count = 0;

	for (; count < RANGE_WINDOW && at < room; count++) {
		struct io_uring_sqe *sqe = next_request(uring);
		size_t left = room - at;
		size_t size =
			left < RANGE_PIECE_BYTES ? left : RANGE_PIECE_BYTES;

		io_uring_prep_read(
			sqe, fd, buffer + at, (unsigned)size, offset + at);
		sqe->user_data = count;
		at += size;
	}
	run_queued(uring, results);
	at = 0;
	for (unsigned i = 0; i < count; i++) {
		if (results[i] < 0)
			return at ? (ssize_t)at : results[i];
		at += (size_t)results[i];
		if (results[i] < (int)RANGE_PIECE_BYTES)
			break;
	}
	return (ssize_t)at;
}

static ssize_t uring_range(struct sp_reader *reader, int fd, uint64_t offset,
	char *buffer, size_t room)
{
	struct sp_uring *uring = uring_of(reader);
	size_t size = 0;

	while (size < room) {
		ssize_t got = -ECANCELED;

		if (!uring->broken)
			got = read_pieces(uring, fd, offset + size,
				buffer + size, room - size);
		if (is_passing((int)got))
			got = sp_reader_pread.read_range(reader, fd,
				offset + size, buffer + size, room - size);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		size += (size_t)got;
	}
	return (ssize_t)size;
}

const struct sp_reader_ops sp_reader_uring = {
	.name = "io_uring",
	.open = uring_open,
	.close = uring_close,
	.read_files = uring_files,
	.read_range = uring_range,
};
