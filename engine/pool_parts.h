/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the pool share; not for other modules. */
#ifndef SP_ENGINE_POOL_PARTS_H
#define SP_ENGINE_POOL_PARTS_H

#include <pthread.h>

#include "base/affinity.h"
#include "engine/pool.h"

struct sp_pool;

struct sp_pool_slot {
	struct sp_pool *pool;
	void *batch;
	uint64_t ticket;
	struct sp_pool_slot *next; /* in the list of those to be resumed */
};

struct sp_pool {
	const struct sp_pool_ops *ops;
	void *context;
	const atomic_int *stop;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* there may be something to do, or all is over
				 */
	struct sp_pool_slot *slots; /* slot_count of them are open */
	unsigned slot_count;
	unsigned slot_max;
	struct sp_pool_slot **free_list;
	unsigned free_count;
	struct sp_pool_slot **waiting; /* by ticket modulo slot_max; NULL: not
					  done */
	unsigned parked;
	struct sp_pool_slot *ready, **ready_end; /* to be resumed, in turn */
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

static inline bool sp_pool_failed(const struct sp_pool *pool)
{
	return pool->status != SP_OK;
}

/* Records the first trouble and ends the run. */
void sp_pool_fail(struct sp_pool *pool, enum sp_status status,
	const struct sp_error *error);

/* Opens one more batch; the lock is held. False when that cannot be. */
bool sp_pool_open_slot(struct sp_pool *pool);

/* One batch, or the rest of one; false when there is no more to do. */
bool sp_pool_step(struct sp_pool *pool, void *worker);

#endif
