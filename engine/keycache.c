/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key cache: what the table does not have is asked of the resolvers, in
 * one call per resolver for a whole batch (RFC 6376 3.6.1, 6.1.2).
 */
#include "engine/keycache.h"

#include <stdlib.h>

#include "engine/keytable.h"

#define ARENA_CHUNK_BYTES (32u << 10)

struct sp_keycache {
	struct sp_resolver *const *resolvers; /* borrowed */
	size_t resolver_count;
	struct sp_keytable *table; /* owned */
};

/* The names of one call that were not in the table, each once. */
struct missing {
	struct sp_span *names;
	struct sp_answer *answers;
	struct sp_keyentry **entries; /* held once by the call itself */
	size_t count;
	uint32_t *index; /* hash table: position in names, plus one */
	size_t index_mask;
	struct sp_arena arena;
};

struct sp_keycache *sp_keycache_open(struct sp_resolver *const *resolvers,
	size_t resolver_count, size_t entries_max)
{
	struct sp_keycache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->resolvers = resolvers;
	cache->resolver_count = resolver_count;
	cache->table = sp_keytable_open(
		entries_max ? entries_max : SP_KEYCACHE_ENTRIES_MAX);
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

static enum sp_reason answer_reason(const struct sp_answer *answer)
{
	switch (answer->status) {
	case SP_ANSWER_FOUND:
		return answer->count ? SP_REASON_OK : SP_REASON_KEY_NOT_FOUND;
	case SP_ANSWER_SERVFAIL:
		return SP_REASON_DNS_FAILURE;
	case SP_ANSWER_TIMEOUT:
		return SP_REASON_DNS_TIMEOUT;
	case SP_ANSWER_UNKNOWN: /* nobody knows it */
	case SP_ANSWER_NXDOMAIN:
		break;
	}
	return SP_REASON_KEY_NOT_FOUND;
}

static void record_fill(
	struct sp_keyrecord *record, const struct sp_answer *answer, size_t i)
{
	sp_keyrecord_parse(record, answer->values[i]);
	record->dnssec = answer->dnssec;
	if (!answer->seen)
		return;
	record->first_seen = answer->seen[i].first;
	record->last_seen = answer->seen[i].last;
	record->dnssec = answer->seen[i].dnssec;
}

static enum sp_status set_fill(
	struct sp_keyset *set, const struct sp_answer *answer)
{
	size_t most = answer->seen ? SP_KEY_ARCHIVED_MAX : SP_KEY_RECORDS_MAX;
	size_t count = answer->count < most ? answer->count : most;

	set->reason = answer_reason(answer);
	set->source = answer->source;
	set->dnssec = answer->dnssec;
	if (set->reason)
		return SP_OK;
	set->records = calloc(count, sizeof(*set->records));
	if (!set->records)
		return SP_NO_MEMORY;
	set->count = count;
	for (size_t i = 0; i < count; i++)
		record_fill(&set->records[i], answer, i);
	return SP_OK;
}

/* Makes an entry of each answer and puts it into the table. */
static enum sp_status missing_insert(
	struct missing *missing, struct sp_keytable *table)
{
	for (size_t i = 0; i < missing->count; i++) {
		struct sp_keyentry *entry = sp_keyentry_new(missing->names[i]);
		enum sp_status status;

		if (!entry)
			return SP_NO_MEMORY;
		status = set_fill(&entry->set, &missing->answers[i]);
		if (status) {
			sp_keytable_release(table, entry);
			return status;
		}
		missing->entries[i] = sp_keytable_insert(table, entry);
	}
	return SP_OK;
}

/* Finds out about the names whose set is still NULL. */
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
		status = missing_insert(&missing, cache->table);
	for (size_t i = 0; i < count && !status; i++) {
		struct sp_keyentry *entry;

		if (sets[i])
			continue;
		entry = missing.entries[missing_add(&missing, names[i])];
		sp_keytable_hold(cache->table, entry);
		sets[i] = &entry->set;
	}
	for (size_t i = 0; i < missing.count; i++)
		if (missing.entries[i])
			sp_keytable_release(cache->table, missing.entries[i]);
	sp_arena_free(&missing.arena);
	return status;
}

enum sp_status sp_keycache_get(struct sp_keycache *cache,
	const struct sp_span *names, size_t count,
	const struct sp_keyset **sets)
{
	size_t unknown = 0;
	enum sp_status status;

	for (size_t i = 0; i < count; i++) {
		struct sp_keyentry *entry =
			sp_keytable_find(cache->table, names[i]);

		sets[i] = entry ? &entry->set : NULL;
		unknown += !entry;
	}
	if (unknown == 0)
		return SP_OK;
	status = get_missing(cache, names, count, sets, unknown);
	if (status)
		sp_keycache_put(cache, sets, count);
	return status;
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
	sp_keytable_stats(cache->table, stats);
}
