/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table behind the key cache: sets of eight places, read without a lock. An
 * entry that nobody holds may give way to a new one; it gets a second chance if
 * it was used since the last time it was looked at.
 */
#include "engine/keytable_parts.h"

#include <assert.h>
#include <stdlib.h>

/* Sets that one insertion into a full table looks at. */
#define LOOK_SETS 64u

static unsigned tag_of(uint64_t hash)
{
	return (unsigned)(hash >> 32) | 1;
}

struct sp_keytable *sp_keytable_open(size_t entries_max)
{
	struct sp_keytable *table =
		aligned_alloc(_Alignof(struct sp_keytable), sizeof(*table));
	size_t sets = 1;

	assert(entries_max);
	if (!table)
		return NULL;
	/* Half full, a set hardly ever overflows. */
	while (sets * SP_KEY_PLACES < 2 * entries_max)
		sets *= 2;
	*table = (struct sp_keytable){
		.set_mask = sets - 1,
		.entries_max = entries_max,
		.sets = aligned_alloc(128, sets * sizeof(struct sp_keyplaces)),
	};
	if (!table->sets) {
		free(table);
		return NULL;
	}
	memset(table->sets, 0, sets * sizeof(struct sp_keyplaces));
	for (size_t i = 0; i < SP_KEY_LOCKS; i++)
		pthread_mutex_init(&table->locks[i].mutex, NULL);
	return table;
}

void sp_keytable_close(struct sp_keytable *table)
{
	if (!table)
		return;
	for (size_t i = 0; i <= table->set_mask; i++)
		for (size_t j = 0; j < SP_KEY_PLACES; j++) {
			struct sp_keyentry *entry =
				atomic_load(&table->sets[i].entry[j]);

			if (!entry)
				continue;
			assert(atomic_load(&entry->holders) == 1);
			sp_keyentry_empty(entry);
			free(entry);
		}
	for (size_t i = 0; i < SP_KEY_LOCKS; i++) {
		struct sp_keyentry *entry = table->locks[i].free_list;

		while (entry) {
			struct sp_keyentry *next = entry->next;

			free(entry);
			entry = next;
		}
		pthread_mutex_destroy(&table->locks[i].mutex);
	}
	free(table->sets);
	free(table);
}

uint64_t sp_keytable_hash(struct sp_span name)
{
	uint64_t hash = 0x9e3779b97f4a7c15ULL ^ name.size;
	size_t at = 0;

	/* Eight bytes at a time; names are lower case already. */
	for (; at + 8 <= name.size; at += 8) {
		uint64_t word;

		memcpy(&word, name.data + at, 8);
		hash = (hash ^ word) * 0xff51afd7ed558ccdULL;
		hash ^= hash >> 32;
	}
	for (; at < name.size; at++)
		hash = (hash ^ (unsigned char)name.data[at]) * 0x100000001b3ULL;
	hash ^= hash >> 29;
	hash *= 0xc4ceb9fe1a85ec53ULL;
	return hash ^ hash >> 32;
}

/* With somebody else's names in one set, the wrong one is hardly ever held. */
struct sp_keyentry *sp_keytable_find(
	struct sp_keytable *table, struct sp_span name, int64_t now_s)
{
	uint64_t hash = sp_keytable_hash(name);
	struct sp_keyplaces *set = &table->sets[hash & table->set_mask];
	unsigned tag = tag_of(hash);

	for (size_t i = 0; i < SP_KEY_PLACES; i++) {
		struct sp_keyentry *entry;

		if (atomic_load_explicit(&set->tag[i], memory_order_acquire) !=
			tag)
			continue;
		entry = atomic_load_explicit(
			&set->entry[i], memory_order_acquire);
		if (!entry || !sp_keyentry_try_hold(entry))
			continue;
		/* It may have become another, and not be in the table yet. */
		if (atomic_load(&set->entry[i]) == entry &&
			sp_span_equal(entry->name, name) &&
			(atomic_load(&entry->state) == SP_KEY_PENDING ||
				entry->expires_s > now_s)) {
			if (!atomic_load_explicit(
				    &entry->used, memory_order_relaxed))
				atomic_store_explicit(&entry->used, true,
					memory_order_relaxed);
			return entry;
		}
		sp_keytable_release(table, entry);
	}
	return NULL;
}

/* Takes the entry out of its place; the set is locked. The caller releases. */
static struct sp_keyentry *unlink_place(
	struct sp_keytable *table, struct sp_keyplaces *set, size_t place)
{
	struct sp_keyentry *entry = atomic_load(&set->entry[place]);

	atomic_store(&set->tag[place], 0);
	atomic_store(&set->entry[place], NULL);
	atomic_fetch_sub(&table->count, 1);
	return entry;
}

/* May it give way? Not while others hold it, nor at its first chance. */
static bool may_go(struct sp_keyentry *entry, bool second_look)
{
	if (atomic_load(&entry->holders) > 1)
		return false;
	return !atomic_exchange(&entry->used, false) || second_look;
}

/* A place in the set, made free if it must be, or SP_KEY_PLACES; the set is
 * locked. */
static size_t find_place(struct sp_keytable *table, struct sp_keyplaces *set,
	struct sp_keyentry **displaced)
{
	for (size_t i = 0; i < SP_KEY_PLACES; i++)
		if (!atomic_load(&set->entry[i]))
			return i;
	for (size_t i = 0; i < 2 * SP_KEY_PLACES; i++) {
		size_t place = i % SP_KEY_PLACES;

		if (!may_go(atomic_load(&set->entry[place]),
			    i >= SP_KEY_PLACES))
			continue;
		*displaced = unlink_place(table, set, place);
		atomic_fetch_add(&table->evictions, 1);
		return place;
	}
	return SP_KEY_PLACES;
}

/* Another entry of this name, held, or NULL; an old one is displaced. */
static struct sp_keyentry *find_rival(struct sp_keytable *table,
	struct sp_keyplaces *set, const struct sp_keyentry *entry,
	int64_t now_s, struct sp_keyentry **displaced)
{
	for (size_t i = 0; i < SP_KEY_PLACES; i++) {
		struct sp_keyentry *other = atomic_load(&set->entry[i]);

		if (!other || other->hash != entry->hash ||
			!sp_span_equal(other->name, entry->name))
			continue;
		if (atomic_load(&other->state) == SP_KEY_PENDING ||
			other->expires_s > now_s) {
			sp_keytable_hold(other);
			return other;
		}
		*displaced = unlink_place(table, set, i);
	}
	return NULL;
}

/* Makes one entry of the set give way; true if one could. */
static bool displace_from(struct sp_keytable *table, size_t at, bool second)
{
	struct sp_keyplaces *set = &table->sets[at];
	struct sp_keylock *lock = &table->locks[at & (SP_KEY_LOCKS - 1)];
	struct sp_keyentry *gone = NULL;

	pthread_mutex_lock(&lock->mutex);
	for (size_t i = 0; i < SP_KEY_PLACES && !gone; i++) {
		struct sp_keyentry *entry = atomic_load(&set->entry[i]);

		if (entry && may_go(entry, second))
			gone = unlink_place(table, set, i);
	}
	pthread_mutex_unlock(&lock->mutex);
	if (!gone)
		return false;
	atomic_fetch_add(&table->evictions, 1);
	sp_keytable_release(table, gone);
	return true;
}

/* Back within the bound: the clock's hand goes on from where it was. */
static bool shrink(struct sp_keytable *table)
{
	size_t sets = table->set_mask + 1;
	size_t look = sets < LOOK_SETS ? sets : LOOK_SETS;

	for (size_t i = 0; i < 2 * look; i++) {
		size_t at = atomic_fetch_add(&table->hand, 1);

		if (displace_from(table, at & table->set_mask, i >= look))
			return true;
	}
	return false;
}

/* Takes an entry out again, if it is still in. */
static void take_out(struct sp_keytable *table, struct sp_keyentry *entry)
{
	struct sp_keyplaces *set = &table->sets[entry->hash & table->set_mask];
	struct sp_keylock *lock = sp_keytable_lock(table, entry->hash);
	struct sp_keyentry *gone = NULL;

	pthread_mutex_lock(&lock->mutex);
	for (size_t i = 0; i < SP_KEY_PLACES && !gone; i++)
		if (atomic_load(&set->entry[i]) == entry)
			gone = unlink_place(table, set, i);
	pthread_mutex_unlock(&lock->mutex);
	if (gone)
		sp_keytable_release(table, gone);
}

struct sp_keyentry *sp_keytable_insert(
	struct sp_keytable *table, struct sp_keyentry *entry, int64_t now_s)
{
	struct sp_keyplaces *set = &table->sets[entry->hash & table->set_mask];
	struct sp_keylock *lock = sp_keytable_lock(table, entry->hash);
	struct sp_keyentry *expired = NULL;
	struct sp_keyentry *displaced = NULL;
	struct sp_keyentry *rival;
	size_t place = SP_KEY_PLACES;

	pthread_mutex_lock(&lock->mutex);
	rival = find_rival(table, set, entry, now_s, &expired);
	if (!rival)
		place = find_place(table, set, &displaced);
	if (place < SP_KEY_PLACES) {
		sp_keytable_hold(entry); /* the table's */
		atomic_store(&set->entry[place], entry);
		atomic_store(&set->tag[place], tag_of(entry->hash));
		atomic_fetch_add(&table->count, 1);
	}
	pthread_mutex_unlock(&lock->mutex);
	if (expired)
		sp_keytable_release(table, expired);
	if (displaced)
		sp_keytable_release(table, displaced);
	if (rival) {
		sp_keytable_release(table, entry);
		return rival;
	}
	if (atomic_load(&table->count) > table->entries_max && !shrink(table))
		take_out(table, entry);
	return entry;
}

void sp_keytable_each(struct sp_keytable *table,
	void (*call)(void *context, struct sp_keyentry *entry), void *context)
{
	for (size_t i = 0; i <= table->set_mask; i++)
		for (size_t j = 0; j < SP_KEY_PLACES; j++) {
			struct sp_keyentry *entry =
				atomic_load(&table->sets[i].entry[j]);

			if (!entry || !sp_keyentry_try_hold(entry))
				continue;
			call(context, entry);
			sp_keytable_release(table, entry);
		}
}

uint64_t sp_keytable_evictions(const struct sp_keytable *table)
{
	return atomic_load(&table->evictions);
}
