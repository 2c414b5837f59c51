/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker does next: a new batch, the rest of a parked one, the commit.
 */
#include <assert.h>

#include "engine/pool_parts.h"

void sp_pool_fail(struct sp_pool *pool, enum sp_status status,
	const struct sp_error *error)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->status == SP_OK) {
		pool->status = status;
		pool->error = *error;
	}
	pool->over = true;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	pool->ops->cancel(pool->context);
}

bool sp_pool_open_slot(struct sp_pool *pool)
{
	struct sp_pool_slot *slot = &pool->slots[pool->slot_count];

	if (pool->slot_count == pool->slot_max)
		return false;
	slot->pool = pool;
	slot->batch = pool->ops->batch_open(pool->context, slot);
	if (!slot->batch)
		return false;
	pool->slot_count++;
	pool->free_list[pool->free_count++] = slot;
	return true;
}

/* What a worker does next. */
struct task {
	struct sp_pool_slot *slot; /* NULL: there is no more to do */
	bool resume;
};

/* A batch of an earlier ticket to be resumed, or NULL; the lock is held. */
static struct sp_pool_slot *take_ready(struct sp_pool *pool, uint64_t before)
{
	struct sp_pool_slot **link = &pool->ready;
	struct sp_pool_slot *slot;

	while (*link && (*link)->ticket >= before)
		link = &(*link)->next;
	slot = *link;
	if (!slot)
		return NULL;
	*link = slot->next;
	if (!slot->next)
		pool->ready_end = link;
	return slot;
}

/* A task, if there is one now; the lock is held. */
static bool find_task(struct sp_pool *pool, struct task *task)
{
	*task = (struct task){.resume = true};
	if (sp_pool_failed(pool))
		return true;
	task->slot = take_ready(pool, UINT64_MAX);
	if (task->slot)
		return true;
	if (pool->over)
		return pool->parked == 0;
	if (pool->free_count == 0 && !(pool->parked && sp_pool_open_slot(pool)))
		return false;
	*task = (struct task){.slot = pool->free_list[--pool->free_count]};
	return true;
}

static struct task take(struct sp_pool *pool)
{
	struct task task;

	pthread_mutex_lock(&pool->lock);
	while (!find_task(pool, &task))
		pthread_cond_wait(&pool->changed, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	return task;
}

/* Gives a batch back; the lock is held. */
static void give(struct sp_pool *pool, struct sp_pool_slot *slot)
{
	assert(pool->free_count < pool->slot_count);
	pool->free_list[pool->free_count++] = slot;
	pthread_cond_broadcast(&pool->changed);
}

void sp_pool_resume(struct sp_pool_slot *slot)
{
	struct sp_pool *pool = slot->pool;

	pthread_mutex_lock(&pool->lock);
	slot->next = NULL;
	*pool->ready_end = slot;
	pool->ready_end = &slot->next;
	/* It may come before the worker has said that the batch is parked. */
	pool->parked--;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

/*
 * Commits every batch whose turn has come. Only one worker is in here at a
 * time; the lock is held on entry and exit and released during each commit.
 */
static void commit_waiting(struct sp_pool *pool, void *worker)
{
	struct sp_error error = {0};

	pool->committing = true;
	while (!sp_pool_failed(pool)) {
		unsigned at = (unsigned)(pool->turn % pool->slot_max);
		struct sp_pool_slot *done = pool->waiting[at];
		enum sp_status status;

		if (!done)
			break;
		pthread_mutex_unlock(&pool->lock);
		status = pool->ops->commit(
			pool->context, worker, done->batch, &error);
		if (status != SP_OK)
			sp_pool_fail(pool, status, &error);
		pthread_mutex_lock(&pool->lock);
		pool->waiting[at] = NULL;
		pool->turn++;
		give(pool, done);
	}
	pool->committing = false;
	pthread_cond_broadcast(&pool->changed);
}

static void put_in_line(
	struct sp_pool *pool, void *worker, struct sp_pool_slot *slot)
{
	unsigned at = (unsigned)(slot->ticket % pool->slot_max);

	pthread_mutex_lock(&pool->lock);
	assert(!pool->waiting[at]);
	pool->waiting[at] = slot;
	if (!pool->committing)
		commit_waiting(pool, worker);
	pthread_mutex_unlock(&pool->lock);
}

/* The rest of a batch that was parked. */
static enum sp_status resume(struct sp_pool *pool, void *worker,
	struct sp_pool_slot *slot, struct sp_error *error)
{
	enum sp_status status =
		pool->ops->resume(pool->context, worker, slot->batch, error);

	if (status == SP_OK)
		put_in_line(pool, worker, slot);
	return status;
}

/*
 * Waits until it is the ticket's turn to be committed; the lock is held. What
 * comes before it may be parked and need this very worker. What comes behind it
 * may wait for its messages to be counted, and that is not for this one.
 */
static enum sp_status await_turn(struct sp_pool *pool, void *worker,
	uint64_t ticket, struct sp_error *error)
{
	while (!sp_pool_failed(pool) &&
		(pool->turn != ticket || pool->committing)) {
		struct sp_pool_slot *ready = take_ready(pool, ticket);
		enum sp_status status;

		if (!ready) {
			pthread_cond_wait(&pool->changed, &pool->lock);
			continue;
		}
		pthread_mutex_unlock(&pool->lock);
		status = resume(pool, worker, ready, error);
		pthread_mutex_lock(&pool->lock);
		if (status != SP_OK)
			return status;
	}
	return sp_pool_failed(pool) ? SP_STOPPED : SP_OK;
}

static bool asked_to_stop(struct sp_pool *pool)
{
	return pool->stop && atomic_load(pool->stop) != 0;
}

/* Waits for the turn of the ticket and commits a part of it. */
static enum sp_status commit_part(struct sp_pool *pool, void *worker,
	struct sp_pool_slot *slot, struct sp_error *error)
{
	enum sp_status status;

	pthread_mutex_lock(&pool->lock);
	status = await_turn(pool, worker, slot->ticket, error);
	if (status == SP_OK) {
		pool->committing = true;
		pthread_mutex_unlock(&pool->lock);
		status = pool->ops->commit(
			pool->context, worker, slot->batch, error);
		pthread_mutex_lock(&pool->lock);
		pool->committing = false;
	}
	pthread_mutex_unlock(&pool->lock);
	return status;
}

/*
 * The work on all parts of a ticket; the last of them is still to commit. When
 * the run is to stop it ends behind the part that was: there may be hundreds.
 */
static enum sp_status process(struct sp_pool *pool, void *worker,
	struct sp_pool_slot *slot, bool *parked, struct sp_error *error)
{
	const struct sp_pool_ops *ops = pool->ops;
	enum sp_status status =
		ops->process(pool->context, worker, slot->batch, parked, error);

	while (status == SP_OK && !*parked && ops->has_more &&
		ops->has_more(slot->batch)) {
		status = commit_part(pool, worker, slot, error);
		if (status == SP_OK && asked_to_stop(pool))
			status = SP_STOPPED;
		if (status == SP_OK)
			status = ops->more(
				pool->context, worker, slot->batch, error);
		if (status == SP_OK)
			status = ops->process(pool->context, worker,
				slot->batch, parked, error);
	}
	return status;
}

/* No more batches; an unused one comes back. */
static void wind_up(
	struct sp_pool *pool, struct sp_pool_slot *slot, bool stopped)
{
	pthread_mutex_lock(&pool->lock);
	if (slot)
		give(pool, slot);
	pool->over = true;
	pool->stopped |= stopped;
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

/* Counts the batch as parked; before process(), which others may overtake. */
static void count_parked(struct sp_pool *pool, int more)
{
	if (!pool->ops->resume)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->parked += (unsigned)more;
	if (more < 0)
		pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

/* Reads a batch and works on it; *done: there is nothing left of it to do. */
static enum sp_status begin_batch(struct sp_pool *pool, void *worker,
	struct sp_pool_slot *slot, bool *done, struct sp_error *error)
{
	bool end = false;
	bool parked = false;
	enum sp_status status = pool->ops->next(
		pool->context, worker, slot->batch, &slot->ticket, &end, error);

	if (status == SP_OK && end) {
		/* The source may have ended because of it. */
		wind_up(pool, slot, asked_to_stop(pool));
		return SP_OK;
	}
	if (status != SP_OK)
		return status;
	count_parked(pool, 1);
	status = process(pool, worker, slot, &parked, error);
	if (parked)
		return status;
	count_parked(pool, -1);
	*done = true;
	return status;
}

bool sp_pool_step(struct sp_pool *pool, void *worker)
{
	struct sp_error error = {0};
	enum sp_status status;
	struct task task;
	bool done = false;

	if (asked_to_stop(pool))
		wind_up(pool, NULL, true);
	task = take(pool);
	if (!task.slot)
		return false;
	if (task.resume)
		status = resume(pool, worker, task.slot, &error);
	else
		status = begin_batch(pool, worker, task.slot, &done, &error);
	if (status != SP_OK) {
		sp_pool_fail(pool, status, &error);
		return false;
	}
	if (done)
		put_in_line(pool, worker, task.slot);
	return true;
}
