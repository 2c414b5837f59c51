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
	/* Entries that had no place, while somebody holds them: newest first */
	struct sp_keyentry *outside;
};

struct sp_keytable {
	struct sp_keyplaces *sets; /* owned; set_mask + 1 */
	size_t set_mask;
	size_t entries_max;
	size_t bytes_max;
	atomic_size_t count;
	atomic_size_t bytes; /* of all entries, outside ones too */
	atomic_size_t hand; /* set to look at next */
	atomic_uint_fast64_t evictions;
	struct sp_keylock locks[SP_KEY_LOCKS];
};

static inline struct sp_keylock *sp_keytable_lock(
	struct sp_keytable *table, uint64_t hash)
{
	return &table->locks[hash & table->set_mask & (SP_KEY_LOCKS - 1)];
}

/* Is it being asked for, or does its answer still hold? */
static inline bool sp_keyentry_fresh(
	const struct sp_keyentry *entry, int64_t now_s)
{
	return atomic_load(&entry->state) == SP_KEY_PENDING ||
	       entry->expires_s > now_s;
}

/* Holds an entry that may be free or become another meanwhile. */
bool sp_keyentry_try_hold(struct sp_keyentry *entry);

/* Frees what an entry owns. */
void sp_keyentry_empty(struct sp_keytable *table, struct sp_keyentry *entry);

/* May it give way? Not while others hold it, nor at its first chance. */
bool sp_keyentry_may_go(struct sp_keyentry *entry, bool second_look);

/* Takes the entry out of its place; the set is locked. The caller releases. */
struct sp_keyentry *sp_keytable_unlink(
	struct sp_keytable *table, struct sp_keyplaces *set, size_t place);

/*
 * Entries without a place, so that their names are not asked for twice. All
 * three want the lock of the name. find: one with the name of entry that
 * still holds, held; or NULL.
 */
void sp_keytable_put_outside(
	struct sp_keytable *table, struct sp_keyentry *entry);
void sp_keytable_drop_outside(
	struct sp_keytable *table, struct sp_keyentry *entry);
struct sp_keyentry *sp_keytable_find_outside(struct sp_keytable *table,
	const struct sp_keyentry *entry, int64_t now_s);

#endif
