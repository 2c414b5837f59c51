/* SPDX-License-Identifier: Apache-2.0 */
/* Worker threads and the batches they share. */
#include "engine/pool_parts.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include "base/limits.h"

static void *work(void *argument)
{
	struct sp_pool *pool = argument;
	unsigned number = atomic_fetch_add(&pool->started, 1);
	void *worker;

	/* Before it asks for memory, which is then near its processor. */
	if (pool->pinned)
		sp_affinity_pin(&pool->affinity, number);
	worker = pool->ops->worker_open(pool->context);
	if (!worker) {
		struct sp_error error;

		sp_pool_fail(pool,
			sp_error(&error, SP_NO_MEMORY,
				"out of memory for a worker; use fewer --jobs"),
			&error);
		return NULL;
	}
	while (sp_pool_step(pool, worker))
		;
	pool->ops->worker_close(worker);
	return NULL;
}

static void free_batches(struct sp_pool *pool)
{
	for (unsigned i = 0; i < pool->slot_count; i++)
		pool->ops->batch_close(pool->slots[i].batch);
	free(pool->slots);
	free(pool->free_list);
	free(pool->waiting);
}

static enum sp_status make_batches(
	struct sp_pool *pool, unsigned jobs, unsigned parked_max)
{
	/* A lone worker commits what it has just done: one batch will do. */
	unsigned count = jobs == 1 ? 1 : jobs * SP_BATCHES_PER_JOB;

	pool->slot_max = count + parked_max;
	pool->slots = calloc(pool->slot_max, sizeof(*pool->slots));
	pool->free_list = calloc(pool->slot_max, sizeof(*pool->free_list));
	pool->waiting = calloc(pool->slot_max, sizeof(*pool->waiting));
	pool->ready_end = &pool->ready;
	if (!pool->slots || !pool->free_list || !pool->waiting)
		return SP_NO_MEMORY;
	for (unsigned i = 0; i < count; i++)
		if (!sp_pool_open_slot(pool))
			return SP_NO_MEMORY;
	return SP_OK;
}

/* Workers leave signals to the thread that called sp_pool_run(). */
static unsigned start_threads(
	struct sp_pool *pool, pthread_t *threads, unsigned count)
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

/* After a failure, batches may still be waited for. */
static void wait_for_parked(struct sp_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	while (pool->parked)
		pthread_cond_wait(&pool->changed, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

enum sp_status sp_pool_run(const struct sp_pool_ops *ops, void *context,
	unsigned jobs, unsigned parked_max, const atomic_int *stop,
	struct sp_error *error)
{
	struct sp_pool pool = {.ops = ops, .context = context, .stop = stop};
	pthread_t threads[SP_JOBS_MAX];
	unsigned started;

	assert(jobs >= 1 && jobs <= SP_JOBS_MAX);
	if (make_batches(&pool, jobs, parked_max) != SP_OK) {
		free_batches(&pool);
		return sp_error(error, SP_NO_MEMORY,
			"out of memory for batches; use fewer --jobs");
	}
	sp_affinity_get(&pool.affinity);
	pool.pinned = jobs > 1 && jobs == pool.affinity.count;
	pthread_mutex_init(&pool.lock, NULL);
	pthread_cond_init(&pool.changed, NULL);
	started = start_threads(&pool, threads, jobs - 1);
	work(&pool);
	if (pool.pinned)
		sp_affinity_restore(&pool.affinity);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	wait_for_parked(&pool);
	pthread_cond_destroy(&pool.changed);
	pthread_mutex_destroy(&pool.lock);
	free_batches(&pool);
	if (pool.status != SP_OK && error)
		*error = pool.error;
	if (pool.status == SP_OK && pool.stopped)
		return SP_STOPPED;
	return pool.status;
}
