/* SPDX-License-Identifier: Apache-2.0 */
/* Reading ahead of the workers, past the page cache. */
#include "io/ahead.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/pages.h"

enum state {
	EMPTY,
	FLYING, /* the ring reads it */
	THERE,
};

struct piece {
	enum state state;
	unsigned copying; /* workers; it stays until they are done */
	uint64_t offset; /* in the file */
	size_t size; /* when it is there */
	char *data;
};

struct sp_ahead {
	int fd; /* borrowed */
	uint64_t file_size;
	const char *path;
	const struct sp_log *log;
	void *map; /* of the file; never read: for mincore(2) only */
	size_t page_bytes;

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t landed;
	bool begun; /* what follows is there */
	bool refused; /* by the system: nothing more is sent for */
	bool waiting; /* somebody waits for the ring */
	bool registered; /* the memory is, with the ring */
	struct io_uring ring;
	int direct_fd;
	char *memory; /* owned */
	uint64_t next; /* first piece that was not looked at */
	struct piece piece[SP_AHEAD_PIECES]; /* by number in the file */
};

struct sp_ahead *sp_ahead_open(
	int fd, uint64_t file_size, const char *path, const struct sp_log *log)
{
	struct sp_ahead *ahead;

	if (file_size < (uint64_t)SP_AHEAD_PIECES_NEXT * SP_AHEAD_PIECE_BYTES ||
		file_size > SIZE_MAX)
		return NULL;
	ahead = calloc(1, sizeof(*ahead));
	if (!ahead)
		return NULL;
	ahead->fd = fd;
	ahead->file_size = file_size;
	ahead->path = path;
	ahead->log = log;
	ahead->page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	ahead->map =
		mmap(NULL, (size_t)file_size, PROT_NONE, MAP_SHARED, fd, 0);
	if (ahead->map == MAP_FAILED) {
		free(ahead);
		return NULL;
	}
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->landed, NULL);
	return ahead;
}

/*
 * Another open file of the same one: O_DIRECT belongs to the open file, and
 * reads of what is in memory need not be aligned.
 */
static int open_direct(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);
}

/* All that reading takes; only when there is something to read. */
static bool begin(struct sp_ahead *ahead)
{
	struct iovec all = {.iov_len = SP_AHEAD_PIECES * SP_AHEAD_PIECE_BYTES};

	ahead->direct_fd = open_direct(ahead->fd);
	if (ahead->direct_fd < 0)
		return false;
	all.iov_base = ahead->memory = sp_pages_alloc(all.iov_len);
	if (!ahead->memory ||
		io_uring_queue_init(SP_AHEAD_PIECES, &ahead->ring, 0) != 0) {
		free(ahead->memory);
		close(ahead->direct_fd);
		return false;
	}
	/* Where it will not (RLIMIT_MEMLOCK), any memory does. */
	ahead->registered =
		io_uring_register_buffers(&ahead->ring, &all, 1) == 0;
	for (size_t i = 0; i < SP_AHEAD_PIECES; i++)
		ahead->piece[i].data = ahead->memory + i * SP_AHEAD_PIECE_BYTES;
	ahead->begun = true;
	sp_log(ahead->log, SP_LOG_INFO,
		"%s: is not in memory; read ahead, past the page cache",
		ahead->path);
	return true;
}

static bool is_resident(const struct sp_ahead *ahead, uint64_t offset)
{
	unsigned char resident = 1;

	offset -= offset % ahead->page_bytes;
	/* Who may not know is told that it is. */
	return mincore((char *)ahead->map + offset, 1, &resident) != 0 ||
	       resident & 1;
}

/* Both ends are looked at: what was read ahead by the system ends somewhere. */
static bool is_cold(const struct sp_ahead *ahead, uint64_t offset)
{
	uint64_t last = offset + SP_AHEAD_PIECE_BYTES - 1;

	if (last >= ahead->file_size)
		last = ahead->file_size - 1;
	return !is_resident(ahead, offset) || !is_resident(ahead, last);
}

static struct piece *piece_of(struct sp_ahead *ahead, uint64_t offset)
{
	return &ahead->piece[offset / SP_AHEAD_PIECE_BYTES % SP_AHEAD_PIECES];
}

/* Sends for a piece; the ring has room for all of them. */
static bool launch(struct sp_ahead *ahead, struct piece *piece, uint64_t offset)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ahead->ring);

	if (!sqe)
		return false;
	if (ahead->registered)
		io_uring_prep_read_fixed(sqe, ahead->direct_fd, piece->data,
			SP_AHEAD_PIECE_BYTES, offset, 0);
	else
		io_uring_prep_read(sqe, ahead->direct_fd, piece->data,
			SP_AHEAD_PIECE_BYTES, offset);
	io_uring_sqe_set_data(sqe, piece);
	if (io_uring_submit(&ahead->ring) != 1)
		return false;
	piece->offset = offset;
	piece->state = FLYING;
	return true;
}

/* Looks at the next piece; false when it has to be done another time. */
static bool send_for(struct sp_ahead *ahead, uint64_t offset)
{
	struct piece *piece = piece_of(ahead, offset);

	if (piece->state == FLYING || piece->copying)
		return false;
	piece->state = EMPTY;
	if (!is_cold(ahead, offset))
		return true;
	if (!ahead->begun && !begin(ahead))
		ahead->refused = true;
	if (!ahead->refused && !launch(ahead, piece, offset))
		ahead->refused = true;
	return true;
}

void sp_ahead_go(struct sp_ahead *ahead, uint64_t offset)
{
	uint64_t end;

	if (!ahead)
		return;
	offset -= offset % SP_AHEAD_PIECE_BYTES;
	end = offset + (uint64_t)SP_AHEAD_PIECES_NEXT * SP_AHEAD_PIECE_BYTES;
	if (end > ahead->file_size)
		end = ahead->file_size;
	pthread_mutex_lock(&ahead->lock);
	if (ahead->next < offset)
		ahead->next = offset;
	while (!ahead->refused && ahead->next < end &&
		send_for(ahead, ahead->next))
		ahead->next += SP_AHEAD_PIECE_BYTES;
	pthread_mutex_unlock(&ahead->lock);
}

/*
 * A piece of which nothing came is the caller's to read; where that is because
 * the file system does not read past the page cache, no other is sent for.
 */
static void land(struct sp_ahead *ahead, const struct io_uring_cqe *cqe)
{
	struct piece *piece = io_uring_cqe_get_data(cqe);

	piece->size = cqe->res > 0 ? (size_t)cqe->res : 0;
	piece->state = piece->size ? THERE : EMPTY;
	ahead->refused |= cqe->res == -EINVAL || cqe->res == -EOPNOTSUPP;
}

/*
 * Until some piece has landed; the lock is held, but for as long as that takes.
 * One worker waits for the ring and the others for it. Waiting on a ring of
 * ours cannot fail.
 */
static void wait_for_one(struct sp_ahead *ahead)
{
	struct io_uring_cqe *cqe;
	int error;

	if (ahead->waiting) {
		pthread_cond_wait(&ahead->landed, &ahead->lock);
		return;
	}
	ahead->waiting = true;
	pthread_mutex_unlock(&ahead->lock);
	do
		error = io_uring_wait_cqe(&ahead->ring, &cqe);
	while (error == -EINTR);
	assert(error == 0);
	pthread_mutex_lock(&ahead->lock);
	do {
		land(ahead, cqe);
		io_uring_cqe_seen(&ahead->ring, cqe);
	} while (io_uring_peek_cqe(&ahead->ring, &cqe) == 0);
	ahead->waiting = false;
	pthread_cond_broadcast(&ahead->landed);
}

/* Copies of one piece what it has from offset on; the lock is held, but. */
static size_t copy(
	struct sp_ahead *ahead, uint64_t offset, char *buffer, size_t room)
{
	struct piece *piece = piece_of(ahead, offset);
	size_t from = (size_t)(offset % SP_AHEAD_PIECE_BYTES), size;

	while (piece->state == FLYING && piece->offset == offset - from)
		wait_for_one(ahead);
	if (piece->state != THERE || piece->offset != offset - from ||
		piece->size <= from)
		return 0;
	size = piece->size - from;
	if (size > room)
		size = room;
	piece->copying++;
	pthread_mutex_unlock(&ahead->lock);
	memcpy(buffer, piece->data + from, size);
	pthread_mutex_lock(&ahead->lock);
	piece->copying--;
	return size;
}

size_t sp_ahead_read(
	struct sp_ahead *ahead, uint64_t offset, char *buffer, size_t room)
{
	size_t size = 0, got = 1;

	if (!ahead)
		return 0;
	pthread_mutex_lock(&ahead->lock);
	while (ahead->begun && size < room && got) {
		got = copy(ahead, offset + size, buffer + size, room - size);
		size += got;
	}
	pthread_mutex_unlock(&ahead->lock);
	return size;
}

/* The ring must not write into memory that is somebody else's by then. */
static void end(struct sp_ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	for (size_t i = 0; i < SP_AHEAD_PIECES; i++)
		while (ahead->piece[i].state == FLYING)
			wait_for_one(ahead);
	pthread_mutex_unlock(&ahead->lock);
	io_uring_queue_exit(&ahead->ring);
	close(ahead->direct_fd);
	free(ahead->memory);
}

void sp_ahead_close(struct sp_ahead *ahead)
{
	if (!ahead)
		return;
	if (ahead->begun)
		end(ahead);
	munmap(ahead->map, (size_t)ahead->file_size);
	pthread_mutex_destroy(&ahead->lock);
	pthread_cond_destroy(&ahead->landed);
	free(ahead);
}
