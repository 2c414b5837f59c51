/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the key table share; not for other modules. */
#ifndef SP_ENGINE_KEYTABLE_PARTS_H
#define SP_ENGINE_KEYTABLE_PARTS_H

#include <pthread.h>

#include "engine/keytable.h"

#define SP_KEY_PLACES 8u
#define SP_KEY_LOCKS 64u
/* Two lines of the processor's cache, which it fetches together. */
struct sp_keyplaces {
	_Alignas(128) atomic_uint tag[SP_KEY_PLACES]; /* 0: the place is free */
	_Atomic(struct sp_keyentry *) entry[SP_KEY_PLACES];
};

struct sp_keylock {
	_Alignas(64) pthread_mutex_t mutex;
	struct sp_keyentry *free_list; /* entries to be used again */
};

struct sp_keytable {
	struct sp_keyplaces *sets; /* owned; set_mask + 1 */
	size_t set_mask;
	size_t entries_max;
	atomic_size_t count;
	atomic_size_t hand; /* set to look at next */
	atomic_uint_fast64_t evictions;
	struct sp_keylock locks[SP_KEY_LOCKS];
};

static inline struct sp_keylock *sp_keytable_lock(
	struct sp_keytable *table, uint64_t hash)
{
	return &table->locks[hash & table->set_mask & (SP_KEY_LOCKS - 1)];
}

/* Holds an entry that may be free or become another meanwhile. */
bool sp_keyentry_try_hold(struct sp_keyentry *entry);

/* Frees what an entry owns. */
void sp_keyentry_empty(struct sp_keyentry *entry);

#endif
