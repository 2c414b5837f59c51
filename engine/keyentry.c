/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an entry: made, held, awaited, answered, used again. */
#include <stdlib.h>

#include "engine/keytable_parts.h"

void sp_keyset_empty(struct sp_keyset *set)
{
	for (size_t i = 0; i < set->count; i++)
		sp_keyrecord_free(&set->records[i]);
	free(set->records);
	set->records = NULL;
	set->count = 0;
}

void sp_keyentry_empty(struct sp_keytable *table, struct sp_keyentry *entry)
{
	atomic_fetch_sub(&table->bytes, entry->bytes);
	sp_keyset_empty(&entry->set);
	free((void *)(uintptr_t)entry->name.data);
	free(entry->answer_memory);
	entry->set = (struct sp_keyset){.count = 0};
}

bool sp_keyentry_try_hold(struct sp_keyentry *entry)
{
	unsigned holders =
		atomic_load_explicit(&entry->holders, memory_order_relaxed);

	while (holders)
		if (atomic_compare_exchange_weak_explicit(&entry->holders,
			    &holders, holders + 1, memory_order_acquire,
			    memory_order_relaxed))
			return true;
	return false;
}

/* An entry of old, if one is free. */
static struct sp_keyentry *used_entry(struct sp_keylock *lock)
{
	struct sp_keyentry *entry;

	pthread_mutex_lock(&lock->mutex);
	entry = lock->free_list;
	if (entry)
		lock->free_list = entry->next;
	pthread_mutex_unlock(&lock->mutex);
	return entry;
}

struct sp_keyentry *sp_keytable_make(
	struct sp_keytable *table, struct sp_span name)
{
	uint64_t hash = sp_keytable_hash(name);
	struct sp_keyentry *entry = used_entry(sp_keytable_lock(table, hash));
	char *copy = malloc(name.size + 1);

	if (!entry && copy)
		entry = calloc(1, sizeof(*entry));
	if (!entry || !copy) {
		free(copy);
		free(entry);
		return NULL;
	}
	if (name.size)
		memcpy(copy, name.data, name.size);
	entry->bytes = 0;
	sp_keytable_charge(table, entry, sizeof(*entry) + name.size);
	entry->name = sp_span(copy, name.size);
	entry->hash = hash;
	entry->answer = (struct sp_answer){.status = SP_ANSWER_UNKNOWN};
	entry->answer_memory = NULL;
	entry->expires_s = SP_KEYTABLE_NEVER;
	entry->waiters = NULL;
	entry->outside = false;
	entry->next = entry->previous = NULL;
	atomic_store(&entry->state, SP_KEY_PENDING);
	atomic_store(&entry->used, false);
	atomic_store_explicit(&entry->holders, 1, memory_order_release);
	return entry;
}

void sp_keytable_hold(struct sp_keyentry *entry)
{
	atomic_fetch_add_explicit(&entry->holders, 1, memory_order_relaxed);
}

/* The last one has let go: the entry may be used again. */
static void recycle(struct sp_keytable *table, struct sp_keyentry *entry)
{
	struct sp_keylock *lock = sp_keytable_lock(table, entry->hash);

	/* Out of sight before it is emptied. */
	if (entry->outside) {
		pthread_mutex_lock(&lock->mutex);
		sp_keytable_drop_outside(table, entry);
		pthread_mutex_unlock(&lock->mutex);
	}
	sp_keyentry_empty(table, entry);
	pthread_mutex_lock(&lock->mutex);
	entry->next = lock->free_list;
	lock->free_list = entry;
	pthread_mutex_unlock(&lock->mutex);
}

void sp_keytable_release(struct sp_keytable *table, struct sp_keyentry *entry)
{
	if (atomic_fetch_sub_explicit(
		    &entry->holders, 1, memory_order_acq_rel) == 1)
		recycle(table, entry);
}

bool sp_keytable_await(struct sp_keytable *table, struct sp_keyentry *entry,
	struct sp_keywaiter *waiter)
{
	struct sp_keylock *lock = sp_keytable_lock(table, entry->hash);
	bool pending;

	if (atomic_load(&entry->state) != SP_KEY_PENDING)
		return false;
	pthread_mutex_lock(&lock->mutex);
	pending = atomic_load(&entry->state) == SP_KEY_PENDING;
	if (pending) {
		waiter->next = entry->waiters;
		entry->waiters = waiter;
	}
	pthread_mutex_unlock(&lock->mutex);
	return pending;
}

void sp_keytable_answered(struct sp_keytable *table, struct sp_keyentry *entry,
	enum sp_keystate state)
{
	struct sp_keylock *lock = sp_keytable_lock(table, entry->hash);
	struct sp_keywaiter *waiters;

	pthread_mutex_lock(&lock->mutex);
	waiters = entry->waiters;
	entry->waiters = NULL;
	atomic_store(&entry->state, state);
	pthread_mutex_unlock(&lock->mutex);
	while (waiters) {
		struct sp_keywait *wait = waiters->wait;

		/* Afterwards the memory of the waiter may be gone. */
		waiters = waiters->next;
		if (sp_keywait_last(wait))
			wait->ready(wait);
	}
}
