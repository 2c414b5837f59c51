/* SPDX-License-Identifier: Apache-2.0 */
/* Worker threads, the ring of batches that wait for their turn, the commit. */
#include "engine/pool.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/affinity.h"
#include "base/limits.h"

struct pool {
	const struct sp_pool_ops *ops;
	void *context;
	const atomic_int *stop;

	pthread_mutex_t lock;
	pthread_cond_t freed; /* a batch became free, or all is over */
	pthread_cond_t turned; /* turn or committing changed, or a failure */
	void **batches; /* all of them */
	unsigned batch_count;
	void **free_list;
	unsigned free_count;
	void **waiting; /* by ticket modulo batch_count; NULL: not done */
	uint64_t turn; /* ticket to commit next */
	bool committing;
	bool over; /* take no more batches */
	bool stopped; /* because of *stop; what is under way is committed */
	enum sp_status status;
	struct sp_error error;

	struct sp_affinity affinity; /* of the thread that runs the pool */
	bool pinned; /* each worker has a processor to itself */
	atomic_uint started; /* workers */
};

/* Records the first trouble and ends the run. */
static void fail(
	struct pool *pool, enum sp_status status, const struct sp_error *error)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->status == SP_OK) {
		pool->status = status;
		pool->error = *error;
	}
	pool->over = true;
	pthread_cond_broadcast(&pool->freed);
	pthread_cond_broadcast(&pool->turned);
	pthread_mutex_unlock(&pool->lock);
	pool->ops->cancel(pool->context);
}

static bool failed(struct pool *pool)
{
	return pool->status != SP_OK;
}

/* A free batch, or NULL when the run is over. */
static void *take(struct pool *pool)
{
	void *batch = NULL;

	pthread_mutex_lock(&pool->lock);
	while (!pool->over && pool->free_count == 0)
		pthread_cond_wait(&pool->freed, &pool->lock);
	if (!pool->over)
		batch = pool->free_list[--pool->free_count];
	pthread_mutex_unlock(&pool->lock);
	return batch;
}

/* Gives a batch back; the lock is held. */
static void give(struct pool *pool, void *batch)
{
	assert(pool->free_count < pool->batch_count);
	pool->free_list[pool->free_count++] = batch;
	pthread_cond_signal(&pool->freed);
}

/*
 * Commits every batch whose turn has come. Only one worker is in here at a
 * time; the lock is held on entry and exit and released during each commit.
 */
static void commit_waiting(struct pool *pool, void *worker)
{
	struct sp_error error = {0};

	pool->committing = true;
	while (!failed(pool)) {
		unsigned slot = (unsigned)(pool->turn % pool->batch_count);
		void *batch = pool->waiting[slot];
		enum sp_status status;

		if (!batch)
			break;
		pthread_mutex_unlock(&pool->lock);
		status =
			pool->ops->commit(pool->context, worker, batch, &error);
		if (status != SP_OK)
			fail(pool, status, &error);
		pthread_mutex_lock(&pool->lock);
		pool->waiting[slot] = NULL;
		pool->turn++;
		give(pool, batch);
	}
	pool->committing = false;
	pthread_cond_broadcast(&pool->turned);
}

static void put_in_line(
	struct pool *pool, void *worker, void *batch, uint64_t ticket)
{
	unsigned slot = (unsigned)(ticket % pool->batch_count);

	pthread_mutex_lock(&pool->lock);
	assert(!pool->waiting[slot]);
	pool->waiting[slot] = batch;
	if (!pool->committing)
		commit_waiting(pool, worker);
	pthread_mutex_unlock(&pool->lock);
}

/* Waits for the turn of the ticket and commits a part of it. */
static enum sp_status commit_part(struct pool *pool, void *worker, void *batch,
	uint64_t ticket, struct sp_error *error)
{
	enum sp_status status = SP_STOPPED;

	pthread_mutex_lock(&pool->lock);
	while (!failed(pool) && (pool->turn != ticket || pool->committing))
		pthread_cond_wait(&pool->turned, &pool->lock);
	if (!failed(pool)) {
		pool->committing = true;
		pthread_mutex_unlock(&pool->lock);
		status = pool->ops->commit(pool->context, worker, batch, error);
		pthread_mutex_lock(&pool->lock);
		pool->committing = false;
	}
	pthread_mutex_unlock(&pool->lock);
	return status;
}

/* The work on all parts of a ticket; the last of them is still to commit. */
static enum sp_status process(struct pool *pool, void *worker, void *batch,
	uint64_t ticket, struct sp_error *error)
{
	const struct sp_pool_ops *ops = pool->ops;
	enum sp_status status =
		ops->process(pool->context, worker, batch, error);

	while (status == SP_OK && ops->has_more && ops->has_more(batch)) {
		status = commit_part(pool, worker, batch, ticket, error);
		if (status == SP_OK)
			status = ops->more(pool->context, worker, batch, error);
		if (status == SP_OK)
			status = ops->process(
				pool->context, worker, batch, error);
	}
	return status;
}

static bool asked_to_stop(struct pool *pool)
{
	return pool->stop && atomic_load(pool->stop) != 0;
}

/* No more batches; an unused one comes back. */
static void wind_up(struct pool *pool, void *batch, bool stopped)
{
	pthread_mutex_lock(&pool->lock);
	if (batch)
		give(pool, batch);
	pool->over = true;
	pool->stopped |= stopped;
	pthread_cond_broadcast(&pool->freed);
	pthread_mutex_unlock(&pool->lock);
}

/* One batch from source to commit; false when there is no more to do. */
static bool step(struct pool *pool, void *worker)
{
	struct sp_error error = {0};
	enum sp_status status;
	uint64_t ticket = 0;
	bool end = false;
	void *batch;

	if (asked_to_stop(pool)) {
		wind_up(pool, NULL, true);
		return false;
	}
	batch = take(pool);
	if (!batch)
		return false;
	status = pool->ops->next(
		pool->context, worker, batch, &ticket, &end, &error);
	if (status == SP_OK && end) {
		/* The source may have ended because of it. */
		wind_up(pool, batch, asked_to_stop(pool));
		return false;
	}
	if (status == SP_OK)
		status = process(pool, worker, batch, ticket, &error);
	if (status != SP_OK) {
		fail(pool, status, &error);
		return false;
	}
	put_in_line(pool, worker, batch, ticket);
	return true;
}

static void *work(void *argument)
{
	struct pool *pool = argument;
	unsigned number = atomic_fetch_add(&pool->started, 1);
	void *worker;

	/* Before it asks for memory, which is then near its processor. */
	if (pool->pinned)
		sp_affinity_pin(&pool->affinity, number);
	worker = pool->ops->worker_open(pool->context);
	if (!worker) {
		struct sp_error error;

		fail(pool,
			sp_error(&error, SP_NO_MEMORY,
				"out of memory for a worker; use fewer --jobs"),
			&error);
		return NULL;
	}
	while (step(pool, worker))
		;
	pool->ops->worker_close(worker);
	return NULL;
}

static void free_batches(struct pool *pool)
{
	for (unsigned i = 0; i < pool->batch_count; i++)
		if (pool->batches[i])
			pool->ops->batch_close(pool->batches[i]);
	free(pool->batches);
	free(pool->free_list);
	free(pool->waiting);
}

static enum sp_status make_batches(struct pool *pool, unsigned jobs)
{
	/* A lone worker commits what it has just done: one batch will do. */
	unsigned count = jobs == 1 ? 1 : jobs * SP_BATCHES_PER_JOB;

	pool->batches = calloc(count, sizeof(void *));
	pool->free_list = calloc(count, sizeof(void *));
	pool->waiting = calloc(count, sizeof(void *));
	if (!pool->batches || !pool->free_list || !pool->waiting)
		return SP_NO_MEMORY;
	pool->batch_count = count;
	for (unsigned i = 0; i < count; i++) {
		pool->batches[i] = pool->ops->batch_open(pool->context);
		if (!pool->batches[i])
			return SP_NO_MEMORY;
		pool->free_list[pool->free_count++] = pool->batches[i];
	}
	return SP_OK;
}

/* Workers leave signals to the thread that called sp_pool_run(). */
static unsigned start_threads(
	struct pool *pool, pthread_t *threads, unsigned count)
{
	unsigned started = 0;
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (started < count &&
		pthread_create(&threads[started], NULL, work, pool) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started;
}

enum sp_status sp_pool_run(const struct sp_pool_ops *ops, void *context,
	unsigned jobs, const atomic_int *stop, struct sp_error *error)
{
	struct pool pool = {.ops = ops, .context = context, .stop = stop};
	pthread_t threads[SP_JOBS_MAX];
	unsigned started;

	assert(jobs >= 1 && jobs <= SP_JOBS_MAX);
	if (make_batches(&pool, jobs) != SP_OK) {
		free_batches(&pool);
		return sp_error(error, SP_NO_MEMORY,
			"out of memory for batches; use fewer --jobs");
	}
	sp_affinity_get(&pool.affinity);
	pool.pinned = jobs > 1 && jobs == pool.affinity.count;
	pthread_mutex_init(&pool.lock, NULL);
	pthread_cond_init(&pool.freed, NULL);
	pthread_cond_init(&pool.turned, NULL);
	started = start_threads(&pool, threads, jobs - 1);
	work(&pool);
	if (pool.pinned)
		sp_affinity_restore(&pool.affinity);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&pool.freed);
	pthread_cond_destroy(&pool.turned);
	pthread_mutex_destroy(&pool.lock);
	free_batches(&pool);
	if (pool.status != SP_OK && error)
		*error = pool.error;
	if (pool.status == SP_OK && pool.stopped)
		return SP_STOPPED;
	return pool.status;
}
