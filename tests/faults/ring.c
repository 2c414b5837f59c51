/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes requests of an io_uring fail (see faults.c), as CALL ring-open,
 * ring-read, ring-write or ring-fsync: the request is carried out and its
 * completion says that it failed; with "short" it does half of its work. A
 * read through a direct descriptor has no PATH. ring-submit and ring-setup are
 * the calls themselves.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/faults/faults.h"

#define RING_MAX 256u /* requests in one submission */
#define PATIENCE 20000 /* waits for a completion, 0.1 ms each */

struct failure {
	uint64_t user_data;
	int error;
};

/* The name of the call and of its file; NULL: not one of ours. */
static const char *name_of(const struct io_uring_sqe *sqe, char *path)
{
	*path = '\0';
	if (sqe->opcode == IORING_OP_OPENAT)
		snprintf(path, PATH_MAX, "%s",
			(const char *)(uintptr_t)sqe->addr);
	else if (!(sqe->flags & IOSQE_FIXED_FILE))
		path_of(sqe->fd, path);
	switch (sqe->opcode) {
	case IORING_OP_OPENAT:
		return "ring-open";
	case IORING_OP_READ:
	case IORING_OP_READ_FIXED:
		return "ring-read";
	case IORING_OP_WRITE:
	case IORING_OP_WRITE_FIXED:
		return "ring-write";
	case IORING_OP_FSYNC:
		return "ring-fsync";
	default:
		return NULL;
	}
}

/* The requests that are to fail, of those that wait to be submitted. */
static unsigned choose(struct io_uring *ring, struct failure *failures)
{
	struct io_uring_sq *sq = &ring->sq;
	char path[PATH_MAX];
	unsigned count = 0;

	for (unsigned i = sq->sqe_head; i != sq->sqe_tail; i++) {
		struct io_uring_sqe *sqe = &sq->sqes[i & sq->ring_mask];
		const char *name = name_of(sqe, path);
		int error = name ? fault(name, path) : 0;

		if (error == FAULT_SHORT)
			sqe->len = (sqe->len + 1) / 2;
		else if (error && count < RING_MAX)
			failures[count++] =
				(struct failure){sqe->user_data, error};
	}
	return count;
}

static struct io_uring_cqe *find(struct io_uring *ring, uint64_t user_data)
{
	struct io_uring_cq *cq = &ring->cq;
	unsigned tail = __atomic_load_n(cq->ktail, __ATOMIC_ACQUIRE);

	for (unsigned i = *cq->khead; i != tail; i++)
		if (cq->cqes[i & cq->ring_mask].user_data == user_data)
			return &cq->cqes[i & cq->ring_mask];
	return NULL;
}

/* Waits for the completion, which nobody else may take yet, and changes it. */
static void fail(struct io_uring *ring, const struct failure *failure)
{
	const struct timespec pause = {.tv_nsec = 100000};
	struct io_uring_cqe *cqe = find(ring, failure->user_data);

	for (int i = 0; !cqe && i < PATIENCE; i++) {
		nanosleep(&pause, NULL);
		cqe = find(ring, failure->user_data);
	}
	if (cqe)
		cqe->res = -failure->error;
}

/* liburing has names of its own for parameters. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

int io_uring_submit(struct io_uring *ring)
{
	struct failure failures[RING_MAX];
	unsigned count;
	int result = fault("ring-submit", "");

	if (result)
		return -result;
	count = choose(ring, failures);
	result = NEXT(io_uring_submit)(ring);
	for (unsigned i = 0; i < count; i++)
		fail(ring, &failures[i]);
	return result;
}

int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
	int error = fault("ring-setup", "");

	return error ? -error : NEXT(io_uring_queue_init)(entries, ring, flags);
}

int io_uring_register_buffers(
	struct io_uring *ring, const struct iovec *parts, unsigned count)
{
	int error = fault("ring-register", "");

	return error ? -error
		     : NEXT(io_uring_register_buffers)(ring, parts, count);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
