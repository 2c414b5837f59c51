/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table behind the key cache: sets of eight places, read without a lock. An
 * entry that nobody holds may give way to a new one; it gets a second chance if
 * it was used since the last time it was looked at.
 */
#include "engine/keytable_parts.h"

#include <assert.h>
#include <stdlib.h>

#include "base/word.h"

static unsigned tag_of(uint64_t hash)
{
	return (unsigned)(hash >> 32) | 1;
}

struct sp_keytable *sp_keytable_open(size_t entries_max, size_t bytes_max)
{
	struct sp_keytable *table =
		aligned_alloc(_Alignof(struct sp_keytable), sizeof(*table));
	size_t sets = 1;

	assert(entries_max && bytes_max);
	if (!table)
		return NULL;
	/* Half full, a set hardly ever overflows. */
	while (sets * SP_KEY_PLACES < 2 * entries_max)
		sets *= 2;
	*table = (struct sp_keytable){
		.set_mask = sets - 1,
		.entries_max = entries_max,
		.bytes_max = bytes_max,
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
			sp_keyentry_empty(table, entry);
			free(entry);
		}
	for (size_t i = 0; i < SP_KEY_LOCKS; i++) {
		struct sp_keyentry *entry = table->locks[i].free_list;

		assert(!table->locks[i].outside);
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
	for (; at + SP_WORD_BYTES <= name.size; at += SP_WORD_BYTES) {
		hash = (hash ^ sp_word_load(name.data + at)) *
		       0xff51afd7ed558ccdULL;
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
			sp_keyentry_fresh(entry, now_s)) {
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

		if (!sp_keyentry_may_go(atomic_load(&set->entry[place]),
			    i >= SP_KEY_PLACES))
			continue;
		*displaced = sp_keytable_unlink(table, set, place);
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
		if (sp_keyentry_fresh(other, now_s)) {
			sp_keytable_hold(other);
			return other;
		}
		*displaced = sp_keytable_unlink(table, set, i);
	}
	return sp_keytable_find_outside(table, entry, now_s);
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
	} else if (!rival) {
		sp_keytable_put_outside(table, entry);
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
	sp_keytable_keep_bounds(table, entry);
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

size_t sp_keytable_bytes(const struct sp_keytable *table)
{
	return atomic_load(&table->bytes);
}
