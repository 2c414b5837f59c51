/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table behind the key cache: chained buckets in shards. An entry that
 * nobody holds may give way to a new one; it gets a second chance if it was
 * used since the last time it was looked at.
 */
#include "engine/keytable.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define SHARDS_MAX 64u
/* Fewer shards rather than smaller ones. */
#define SHARD_ENTRIES_MIN 8u

struct shard {
	pthread_mutex_t lock;
	struct sp_keyentry **bucket; /* bucket_mask + 1 chains */
	struct sp_keyentry **slot; /* all linked entries, for the clock */
	size_t slot_count;
	size_t hand;
	struct sp_keycache_stats stats;
};

struct sp_keytable {
	size_t shard_mask;
	size_t shard_entries; /* limit of each shard */
	size_t bucket_mask;
	struct shard shard[SHARDS_MAX];
};

static struct shard *shard_of(struct sp_keytable *table, uint64_t hash)
{
	return &table->shard[hash & table->shard_mask];
}

static struct sp_keyentry **bucket_of(
	struct sp_keytable *table, struct shard *shard, uint64_t hash)
{
	return &shard->bucket[hash >> 8 & table->bucket_mask];
}

static enum sp_status shard_init(struct sp_keytable *table, struct shard *shard)
{
	shard->bucket = calloc(table->bucket_mask + 1, sizeof(void *));
	shard->slot = calloc(table->shard_entries, sizeof(void *));
	return shard->bucket && shard->slot ? SP_OK : SP_NO_MEMORY;
}

struct sp_keytable *sp_keytable_open(size_t entries_max)
{
	struct sp_keytable *table = calloc(1, sizeof(*table));
	size_t shards = SHARDS_MAX;
	size_t buckets = 1;
	enum sp_status status = SP_OK;

	assert(entries_max);
	if (!table)
		return NULL;
	while (shards > 1 && entries_max / shards < SHARD_ENTRIES_MIN)
		shards /= 2;
	table->shard_mask = shards - 1;
	table->shard_entries = entries_max / shards;
	while (buckets < table->shard_entries)
		buckets *= 2;
	table->bucket_mask = buckets - 1;
	for (size_t i = 0; i < shards; i++)
		pthread_mutex_init(&table->shard[i].lock, NULL);
	for (size_t i = 0; i < shards && !status; i++)
		status = shard_init(table, &table->shard[i]);
	if (status) {
		sp_keytable_close(table);
		return NULL;
	}
	return table;
}

static void entry_free(struct sp_keyentry *entry)
{
	for (size_t i = 0; i < entry->set.count; i++)
		sp_keyrecord_free(&entry->set.records[i]);
	free(entry->set.records);
	free(entry);
}

void sp_keytable_close(struct sp_keytable *table)
{
	if (!table)
		return;
	for (size_t i = 0; i <= table->shard_mask; i++) {
		struct shard *shard = &table->shard[i];

		for (size_t j = 0; j < shard->slot_count; j++) {
			assert(shard->slot[j]->holders == 0);
			entry_free(shard->slot[j]);
		}
		free(shard->slot);
		free(shard->bucket);
		pthread_mutex_destroy(&shard->lock);
	}
	free(table);
}

uint64_t sp_keytable_hash(struct sp_span name)
{
	uint64_t hash = sp_span_hash_nocase(name);

	/* FNV leaves little in the high bits of short names: mix. */
	hash ^= hash >> 32;
	hash *= 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* The entry with this name, or NULL; the shard is locked. */
static struct sp_keyentry *shard_find(struct sp_keytable *table,
	struct shard *shard, struct sp_span name, uint64_t hash)
{
	struct sp_keyentry *entry = *bucket_of(table, shard, hash);

	for (; entry; entry = entry->next)
		if (entry->hash == hash &&
			sp_span_equal(
				sp_span(entry->name, entry->name_size), name))
			return entry;
	return NULL;
}

struct sp_keyentry *sp_keytable_find(
	struct sp_keytable *table, struct sp_span name)
{
	uint64_t hash = sp_keytable_hash(name);
	struct shard *shard = shard_of(table, hash);
	struct sp_keyentry *entry;

	pthread_mutex_lock(&shard->lock);
	entry = shard_find(table, shard, name, hash);
	if (entry) {
		entry->holders++;
		entry->used = true;
		shard->stats.hits++;
	}
	pthread_mutex_unlock(&shard->lock);
	return entry;
}

struct sp_keyentry *sp_keyentry_new(struct sp_span name)
{
	struct sp_keyentry *entry = calloc(1, sizeof(*entry) + name.size);

	if (!entry)
		return NULL;
	entry->hash = sp_keytable_hash(name);
	entry->holders = 1;
	entry->name_size = name.size;
	if (name.size)
		memcpy(entry->name, name.data, name.size);
	return entry;
}

static void shard_unlink(struct sp_keytable *table, struct shard *shard,
	struct sp_keyentry *entry)
{
	struct sp_keyentry **link = bucket_of(table, shard, entry->hash);

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
}

/*
 * A slot for a new entry, made free if it must be; NULL when every entry of
 * the shard is held. Two rounds: the first takes the second chances away.
 */
static struct sp_keyentry **shard_slot(
	struct sp_keytable *table, struct shard *shard)
{
	if (shard->slot_count < table->shard_entries)
		return &shard->slot[shard->slot_count++];
	for (size_t i = 0; i < 2 * shard->slot_count; i++) {
		struct sp_keyentry **slot = &shard->slot[shard->hand];

		shard->hand = (shard->hand + 1) % shard->slot_count;
		if ((*slot)->holders)
			continue;
		if ((*slot)->used) {
			(*slot)->used = false;
			continue;
		}
		shard_unlink(table, shard, *slot);
		entry_free(*slot);
		shard->stats.evictions++;
		return slot;
	}
	return NULL;
}

/* The entry that holds the name from now on; the shard is locked. */
static struct sp_keyentry *shard_insert(struct sp_keytable *table,
	struct shard *shard, struct sp_keyentry *entry)
{
	struct sp_keyentry **bucket = bucket_of(table, shard, entry->hash);
	struct sp_keyentry *other = shard_find(table, shard,
		sp_span(entry->name, entry->name_size), entry->hash);
	struct sp_keyentry **slot;

	shard->stats.misses++;
	if (other) {
		other->holders++;
		return other;
	}
	slot = shard_slot(table, shard);
	if (!slot)
		return entry;
	*slot = entry;
	entry->next = *bucket;
	*bucket = entry;
	entry->linked = true;
	return entry;
}

struct sp_keyentry *sp_keytable_insert(
	struct sp_keytable *table, struct sp_keyentry *entry)
{
	struct shard *shard = shard_of(table, entry->hash);
	struct sp_keyentry *winner;

	pthread_mutex_lock(&shard->lock);
	winner = shard_insert(table, shard, entry);
	pthread_mutex_unlock(&shard->lock);
	if (winner != entry)
		entry_free(entry);
	return winner;
}

void sp_keytable_hold(struct sp_keytable *table, struct sp_keyentry *entry)
{
	struct shard *shard = shard_of(table, entry->hash);

	pthread_mutex_lock(&shard->lock);
	assert(entry->holders);
	entry->holders++;
	pthread_mutex_unlock(&shard->lock);
}

void sp_keytable_release(struct sp_keytable *table, struct sp_keyentry *entry)
{
	struct shard *shard = shard_of(table, entry->hash);
	bool last;

	pthread_mutex_lock(&shard->lock);
	assert(entry->holders);
	last = --entry->holders == 0 && !entry->linked;
	pthread_mutex_unlock(&shard->lock);
	if (last)
		entry_free(entry);
}

void sp_keytable_stats(
	struct sp_keytable *table, struct sp_keycache_stats *stats)
{
	*stats = (struct sp_keycache_stats){0};
	for (size_t i = 0; i <= table->shard_mask; i++) {
		struct shard *shard = &table->shard[i];

		pthread_mutex_lock(&shard->lock);
		stats->hits += shard->stats.hits;
		stats->misses += shard->stats.misses;
		stats->evictions += shard->stats.evictions;
		pthread_mutex_unlock(&shard->lock);
	}
}
