/* SPDX-License-Identifier: Apache-2.0 */
/* fsync(2) of many files at once: a ring, or one call after the other. */
#include "io/syncer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdlib.h>
#include <unistd.h>

struct sp_syncer {
	struct io_uring ring;
	bool has_ring;
};

struct sp_syncer *sp_syncer_open(bool plain)
{
	struct sp_syncer *syncer = calloc(1, sizeof(*syncer));

	if (syncer && !plain)
		syncer->has_ring = io_uring_queue_init(SP_SYNC_FILES_MAX,
					   &syncer->ring, 0) == 0;
	return syncer;
}

void sp_syncer_use_plain(struct sp_syncer *syncer)
{
	if (syncer->has_ring)
		io_uring_queue_exit(&syncer->ring);
	syncer->has_ring = false;
}

void sp_syncer_close(struct sp_syncer *syncer)
{
	if (syncer)
		sp_syncer_use_plain(syncer);
	free(syncer);
}

/* EINVAL and EROFS: a file of a kind that has nothing to sync. */
static int meaning(int number)
{
	return number == EINVAL || number == EROFS ? 0 : number;
}

static int sync_plain(int fd)
{
	int result;

	do
		result = fsync(fd);
	while (result != 0 && errno == EINTR);
	return result == 0 ? 0 : meaning(errno);
}

/* Waits for one; *fd is whose it was, and -1 when the ring has failed. */
static int reap(struct sp_syncer *syncer, const int *fds, int *fd)
{
	struct io_uring_cqe *cqe;
	int number;

	do
		number = io_uring_wait_cqe(&syncer->ring, &cqe);
	while (number == -EINTR);
	*fd = -1;
	if (number != 0)
		return -number;
	*fd = fds[io_uring_cqe_get_data64(cqe)];
	number = -cqe->res;
	io_uring_cqe_seen(&syncer->ring, cqe);
	/* Cancelled or interrupted: the plain call says what is true. */
	if (number == ECANCELED || number == EINTR || number == EAGAIN)
		return sync_plain(*fd);
	return meaning(number);
}

/* 0, an errno value, or -1: the ring does not do it. */
static int sync_by_ring(struct sp_syncer *syncer, const int *fds, size_t count)
{
	int first = 0;

	for (size_t i = 0; i < count; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&syncer->ring);

		assert(sqe);
		io_uring_prep_fsync(sqe, fds[i], 0);
		io_uring_sqe_set_data64(sqe, i);
	}
	if (io_uring_submit(&syncer->ring) != (int)count)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int fd;
		int number = reap(syncer, fds, &fd);

		if (fd < 0)
			return -1;
		if (first == 0)
			first = number;
	}
	return first;
}

int sp_syncer_files(struct sp_syncer *syncer, const int *fds, size_t count)
{
	int first = 0;

	assert(count <= SP_SYNC_FILES_MAX);
	if (syncer->has_ring && count > 1) {
		first = sync_by_ring(syncer, fds, count);
		if (first >= 0)
			return first;
		sp_syncer_use_plain(syncer);
		first = 0;
	}
	for (size_t i = 0; i < count; i++) {
		int number = sync_plain(fds[i]);

		if (first == 0)
			first = number;
	}
	return first;
}

void sp_sync_folder(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)sync_plain(fd);
	close(fd);
}
