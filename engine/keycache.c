/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key cache: what the table does not have is asked of the resolvers, in
 * one call per resolver for a whole batch (RFC 6376 3.6.1, 6.1.2).
 */
#include "engine/keycache.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "engine/keycache_parts.h"

#define ARENA_CHUNK_BYTES (32u << 10)

/* The names of one call that were not in the table, each once. */
struct missing {
	struct sp_span *names;
	struct sp_answer *answers;
	struct sp_query *asked; /* of the resolver that waits */
	struct sp_keyentry **entries; /* held once by the call itself */
	size_t count;
	uint32_t *index; /* hash table: position in names, plus one */
	size_t index_mask;
	struct sp_arena arena;
};

static int64_t clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

struct sp_keycache *sp_keycache_open(struct sp_resolver *const *resolvers,
	size_t resolver_count, const struct sp_keycache_options *options)
{
	static const struct sp_keycache_options usual = {0};
	struct sp_keycache *cache =
		aligned_alloc(_Alignof(struct sp_keycache), sizeof(*cache));

	if (!cache)
		return NULL;
	if (!options)
		options = &usual;
	*cache = (struct sp_keycache){0};
	cache->resolvers = resolvers;
	cache->resolver_count = resolver_count;
	if (resolver_count && resolvers[resolver_count - 1]->ops->start)
		cache->network = resolvers[--cache->resolver_count];
	cache->clock = options->clock ? options->clock : clock_s;
	cache->ttl_min_s =
		options->ttl_min_s ? options->ttl_min_s : SP_KEY_TTL_MIN_S;
	cache->ttl_max_s =
		options->ttl_max_s ? options->ttl_max_s : SP_KEY_TTL_MAX_S;
	cache->table =
		sp_keytable_open(options->entries_max ? options->entries_max
						      : SP_KEYCACHE_ENTRIES_MAX,
			options->bytes_max ? options->bytes_max
					   : SP_KEYCACHE_BYTES_MAX);
	if (!cache->table) {
		free(cache);
		return NULL;
	}
	return cache;
}

void sp_keycache_close(struct sp_keycache *cache)
{
	if (!cache)
		return;
	sp_keytable_close(cache->table);
	free(cache);
}

static enum sp_status missing_init(struct missing *missing, size_t room)
{
	struct sp_arena *arena = &missing->arena;
	size_t index = 2;

	while (index < 2 * room)
		index *= 2;
	*missing = (struct missing){
		.index_mask = index - 1,
		.arena.chunk_bytes = ARENA_CHUNK_BYTES,
	};
	missing->names = SP_ARENA_ARRAY(arena, struct sp_span, room);
	missing->answers = SP_ARENA_ARRAY(arena, struct sp_answer, room);
	missing->entries = SP_ARENA_ARRAY(arena, struct sp_keyentry *, room);
	missing->index = SP_ARENA_ARRAY(arena, uint32_t, index);
	if (!missing->names || !missing->answers || !missing->entries ||
		!missing->index)
		return SP_NO_MEMORY;
	return SP_OK;
}

/* The position of a name, which is added if it is not there. */
static size_t missing_add(struct missing *missing, struct sp_span name)
{
	size_t at = sp_keytable_hash(name) & missing->index_mask;

	while (missing->index[at]) {
		if (sp_span_equal(missing->names[missing->index[at] - 1], name))
			return missing->index[at] - 1;
		at = (at + 1) & missing->index_mask;
	}
	missing->names[missing->count++] = name;
	missing->index[at] = (uint32_t)missing->count;
	return missing->count - 1;
}

/* Asks one resolver for what those before it did not know. */
static enum sp_status missing_ask(
	struct missing *missing, struct sp_resolver *resolver)
{
	struct sp_arena *arena = &missing->arena;
	size_t count = missing->count;
	struct sp_span *names = SP_ARENA_ARRAY(arena, struct sp_span, count);
	struct sp_answer *answers =
		SP_ARENA_ARRAY(arena, struct sp_answer, count);
	size_t asked = 0;
	size_t answered = 0;
	enum sp_status status;

	if (!names || !answers)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (missing->answers[i].status == SP_ANSWER_UNKNOWN)
			names[asked++] = missing->names[i];
	if (asked == 0)
		return SP_OK;
	status = resolver->ops->lookup(resolver, names, asked, answers, arena);
	if (status)
		return status;
	for (size_t i = 0; i < count; i++)
		if (missing->answers[i].status == SP_ANSWER_UNKNOWN)
			missing->answers[i] = answers[answered++];
	return SP_OK;
}

/* The entry of one missing name, in the table; asked for if it must be. */
static enum sp_status missing_insert(
	struct sp_keycache *cache, struct missing *missing, size_t i)
{
	const struct sp_answer *answer = &missing->answers[i];
	struct sp_keyentry *entry =
		sp_keytable_make(cache->table, missing->names[i]);
	struct sp_query *query = NULL;
	struct sp_keyentry *winner;
	enum sp_status status = SP_OK;

	if (!entry)
		return SP_NO_MEMORY;
	if (cache->network && answer->status == SP_ANSWER_UNKNOWN) {
		query = sp_keyquery_new(cache, entry);
		status = query ? SP_OK : SP_NO_MEMORY;
	} else {
		status = sp_keyset_fill(&entry->set, answer);
		sp_keytable_charge(
			cache->table, entry, sp_keyset_bytes(&entry->set));
		atomic_store(&entry->state, SP_KEY_READY);
	}
	if (status) {
		sp_keytable_release(cache->table, entry);
		return status;
	}
	winner = sp_keytable_insert(cache->table, entry, cache->clock());
	missing->entries[i] = winner;
	if (query && winner != entry) {
		atomic_fetch_add(&cache->joined, 1);
		sp_keyquery_free(query);
	} else if (query) {
		query->next = missing->asked;
		missing->asked = query;
	}
	return SP_OK;
}

/* Finds out about the names whose set is still NULL, or begins to. */
static enum sp_status get_missing(struct sp_keycache *cache,
	const struct sp_span *names, size_t count,
	const struct sp_keyset **sets, size_t unknown)
{
	struct missing missing;
	enum sp_status status = missing_init(&missing, unknown);

	for (size_t i = 0; i < count && !status; i++)
		if (!sets[i])
			missing_add(&missing, names[i]);
	for (size_t i = 0; i < cache->resolver_count && !status; i++)
		status = missing_ask(&missing, cache->resolvers[i]);
	if (!status)
		atomic_fetch_add(&cache->misses, missing.count);
	for (size_t i = 0; i < missing.count && !status; i++)
		status = missing_insert(cache, &missing, i);
	for (size_t i = 0; i < count && !status; i++) {
		struct sp_keyentry *entry;

		if (sets[i])
			continue;
		entry = missing.entries[missing_add(&missing, names[i])];
		sp_keytable_hold(entry);
		sets[i] = &entry->set;
	}
	/* In any case: others may have joined meanwhile. */
	if (missing.asked)
		cache->network->ops->start(cache->network, missing.asked);
	for (size_t i = 0; i < missing.count; i++)
		if (missing.entries[i])
			sp_keytable_release(cache->table, missing.entries[i]);
	sp_arena_free(&missing.arena);
	return status;
}

static struct sp_keyentry *entry_of(const struct sp_keyset *set)
{
	return (struct sp_keyentry *)(uintptr_t)set;
}

/* Counts what is pending in wait->left. */
static void await_all(struct sp_keycache *cache, struct sp_keyset const **sets,
	size_t count, struct sp_keywait *wait, struct sp_keywaiter *waiters)
{
	for (size_t i = 0; i < count; i++) {
		struct sp_keyentry *entry = entry_of(sets[i]);

		if (atomic_load(&entry->state) != SP_KEY_PENDING)
			continue;
		waiters[i].wait = wait;
		atomic_fetch_add(&wait->left, 1);
		if (!sp_keytable_await(cache->table, entry, &waiters[i]))
			atomic_fetch_sub(&wait->left, 1);
	}
}

enum sp_status sp_keycache_begin(struct sp_keycache *cache,
	const struct sp_span *names, size_t count,
	const struct sp_keyset **sets, struct sp_keywait *wait,
	struct sp_arena *arena)
{
	struct sp_keywaiter *waiters = NULL;
	int64_t now_s = cache->clock();
	size_t unknown = 0;
	enum sp_status status = SP_OK;

	if (cache->network) {
		waiters = SP_ARENA_ARRAY(arena, struct sp_keywaiter, count);
		if (!waiters)
			return SP_NO_MEMORY;
	}
	for (size_t i = 0; i < count; i++) {
		struct sp_keyentry *entry =
			sp_keytable_find(cache->table, names[i], now_s);

		sets[i] = entry ? &entry->set : NULL;
		unknown += !entry;
	}
	atomic_fetch_add_explicit(
		&cache->hits, count - unknown, memory_order_relaxed);
	if (unknown)
		status = get_missing(cache, names, count, sets, unknown);
	if (status)
		sp_keycache_put(cache, sets, count);
	else if (waiters)
		await_all(cache, sets, count, wait, waiters);
	return status;
}

enum sp_status sp_keycache_settle(struct sp_keycache *cache,
	const struct sp_keyset *const *sets, size_t count)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; cache->network && i < count && !status; i++)
		status = sp_keyentry_settle(cache, entry_of(sets[i]));
	return status;
}

/* A thread that has nothing else to do. */
struct blocked {
	struct sp_keywait wait;
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool done;
};

static void unblock(struct sp_keywait *wait)
{
	struct blocked *blocked = (struct blocked *)wait;

	pthread_mutex_lock(&blocked->lock);
	blocked->done = true;
	pthread_cond_signal(&blocked->over);
	pthread_mutex_unlock(&blocked->lock);
}

static void block(struct blocked *blocked)
{
	if (sp_keywait_last(&blocked->wait))
		return;
	pthread_mutex_lock(&blocked->lock);
	while (!blocked->done)
		pthread_cond_wait(&blocked->over, &blocked->lock);
	pthread_mutex_unlock(&blocked->lock);
}

enum sp_status sp_keycache_get(struct sp_keycache *cache,
	const struct sp_span *names, size_t count,
	const struct sp_keyset **sets)
{
	struct blocked blocked = {
		.wait = {.left = 1, .ready = unblock},
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.over = PTHREAD_COND_INITIALIZER,
	};
	struct sp_arena arena = {.chunk_bytes = ARENA_CHUNK_BYTES};
	enum sp_status status = sp_keycache_begin(
		cache, names, count, sets, &blocked.wait, &arena);

	if (!status) {
		block(&blocked);
		status = sp_keycache_settle(cache, sets, count);
		if (status)
			sp_keycache_put(cache, sets, count);
	}
	sp_arena_free(&arena);
	return status;
}

bool sp_keycache_waits(const struct sp_keycache *cache)
{
	return cache->network != NULL;
}

void sp_keycache_cancel(struct sp_keycache *cache)
{
	if (cache->network)
		cache->network->ops->cancel(cache->network);
}

void sp_keycache_put(struct sp_keycache *cache,
	const struct sp_keyset *const *sets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (sets[i])
			sp_keytable_release(cache->table,
				(struct sp_keyentry *)(uintptr_t)sets[i]);
}

void sp_keycache_explain(struct sp_keycache *cache, struct sp_error *error)
{
	for (size_t i = 0; i < cache->resolver_count; i++)
		if (cache->resolvers[i]->ops->explain)
			cache->resolvers[i]->ops->explain(
				cache->resolvers[i], error);
}

void sp_keycache_stats(
	struct sp_keycache *cache, struct sp_keycache_stats *stats)
{
	*stats = (struct sp_keycache_stats){
		.hits = atomic_load(&cache->hits),
		.misses = atomic_load(&cache->misses),
		.joined = atomic_load(&cache->joined),
		.evictions = sp_keytable_evictions(cache->table),
		.bytes = sp_keytable_bytes(cache->table),
	};
}
