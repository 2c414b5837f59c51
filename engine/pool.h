/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers, one thread each, that carry batches from a source through
 * processing to a commit in input order. The pool knows nothing of mail: a
 * batch is memory of the user's, a ticket is its number.
 *
 * Each worker takes a free batch, fills it, processes it, and goes on. A batch
 * done before its turn waits without its worker; whoever completes the batch
 * whose turn it is commits it and all that wait behind it. There are only so
 * many batches, which bounds memory: when all are under way or waiting, workers
 * wait for the commit.
 *
 * A batch that lacks something from outside, such as a key from DNS, is parked:
 * it waits without a worker, too, and is taken up again by whichever worker is
 * free first once sp_pool_resume() was called for it.
 */
#ifndef SP_ENGINE_POOL_H
#define SP_ENGINE_POOL_H

#include <stdatomic.h>

#include "base/error.h"

/* One for each batch, as long as that; what sp_pool_resume() wants. */
struct sp_pool_slot;

struct sp_pool_ops {
	/* What one worker needs of its own; NULL: memory is exhausted. */
	void *(*worker_open)(void *context);
	void (*worker_close)(void *worker);
	void *(*batch_open)(void *context, struct sp_pool_slot *slot);
	void (*batch_close)(void *batch);
	/*
	 * Fills the batch. Tickets are 0, 1, 2, ... without gaps over all
	 * workers. *end: nothing was left, no ticket was taken.
	 */
	enum sp_status (*next)(void *context, void *worker, void *batch,
		uint64_t *ticket, bool *end, struct sp_error *error);
	/*
	 * After next() or more(): does the ticket go on? Then this part of it
	 * is processed and committed, and more() fills the batch with the next
	 * one. NULL: tickets have one part.
	 */
	bool (*has_more)(const void *batch);
	enum sp_status (*more)(void *context, void *worker, void *batch,
		struct sp_error *error);
	/*
	 * The work, by many workers at once. *parked set: not done, and the
	 * batch is not touched any more by this call: sp_pool_resume() will be
	 * called for it, or has been already, and then resume(). Not for a part
	 * that more() follows.
	 */
	enum sp_status (*process)(void *context, void *worker, void *batch,
		bool *parked, struct sp_error *error);
	/* The rest of the work of a parked batch. NULL: none is ever parked. */
	enum sp_status (*resume)(void *context, void *worker, void *batch,
		struct sp_error *error);
	/* One call at a time, in the order of tickets, in any worker. */
	enum sp_status (*commit)(void *context, void *worker, void *batch,
		struct sp_error *error);
	/*
	 * After a failure: wakes whoever waits inside next() or process(), and
	 * sees to it that parked batches are resumed soon.
	 */
	void (*cancel)(void *context);
};

/*
 * Runs jobs workers (1 to SP_JOBS_MAX) until the input ends, *stop is not 0
 * (may be NULL) or something fails. Batches that have a ticket when *stop is
 * seen are processed and committed, but of a ticket that has several parts, and
 * what comes behind it, no further part is. SP_OK at the end of input;
 * SP_STOPPED for *stop or when an op returned it; otherwise the first failure,
 * in error. After a failure no further batch is committed. Where the system
 * gives fewer threads than asked for, those do the work. When there are as many
 * workers as processors that the caller may use, each is kept on one of them
 * until the end. Up to parked_max batches are opened beyond those that the
 * workers need, when batches are parked.
 */
enum sp_status sp_pool_run(const struct sp_pool_ops *ops, void *context,
	unsigned jobs, unsigned parked_max, const atomic_int *stop,
	struct sp_error *error) __attribute__((warn_unused_result));

/* What a parked batch waited for is there. From any thread; does not block. */
void sp_pool_resume(struct sp_pool_slot *slot);

#endif
