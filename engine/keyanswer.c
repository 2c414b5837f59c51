/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From answers to keys (RFC 6376 3.6.1, 6.1.2): what an answer means, how long
 * it holds (RFC 2308 section 5), and questions to the network under way.
 */
#include <sched.h>
#include <stdlib.h>

#include "engine/keycache_parts.h"

/* An entry being asked for, which it holds. */
struct asking {
	struct sp_query query; /* first */
	struct sp_keycache *cache;
	struct sp_keyentry *entry;
};

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

static enum sp_status record_fill(
	struct sp_keyrecord *record, const struct sp_answer *answer, size_t i)
{
	enum sp_status status = sp_keyrecord_parse(record, answer->values[i]);

	record->dnssec = answer->dnssec;
	if (status || !answer->seen)
		return status;
	record->first_seen = answer->seen[i].first;
	record->last_seen = answer->seen[i].last;
	record->dnssec = answer->seen[i].dnssec;
	return SP_OK;
}

enum sp_status sp_keyset_fill(
	struct sp_keyset *set, const struct sp_answer *answer)
{
	size_t most = answer->seen ? SP_KEY_ARCHIVED_MAX : SP_KEY_RECORDS_MAX;
	size_t count = answer->count < most ? answer->count : most;
	enum sp_status status = SP_OK;

	set->reason = answer_reason(answer);
	set->source = answer->source;
	set->dnssec = answer->dnssec;
	set->ttl_s = answer->ttl_s;
	if (set->reason)
		return SP_OK;
	set->records = calloc(count, sizeof(*set->records));
	if (!set->records)
		return SP_NO_MEMORY;
	set->count = count;
	for (size_t i = 0; i < count && !status; i++)
		status = record_fill(&set->records[i], answer, i);
	if (status)
		sp_keyset_empty(set);
	return status;
}

static uint32_t clamp(uint32_t value, uint32_t least, uint32_t most)
{
	if (value > most)
		value = most;
	return value < least ? least : value;
}

/* For how many seconds an answer from DNS holds. */
static uint32_t lifetime(
	const struct sp_keycache *cache, const struct sp_answer *answer)
{
	uint32_t none = SP_KEY_TTL_NONE_S;

	switch (answer->status) {
	case SP_ANSWER_FOUND:
		return clamp(answer->ttl_s, cache->ttl_min_s, cache->ttl_max_s);
	case SP_ANSWER_NXDOMAIN:
		if (none > cache->ttl_max_s)
			none = cache->ttl_max_s;
		return clamp(answer->ttl_s,
			cache->ttl_min_s < none ? cache->ttl_min_s : none,
			none);
	default:
		return SP_KEY_TTL_FAILED_S;
	}
}

size_t sp_keyset_bytes(const struct sp_keyset *set)
{
	size_t bytes = set->count * sizeof(*set->records);

	for (size_t i = 0; i < set->count; i++)
		if (set->records[i].key.evp)
			bytes += sp_pkey_bytes(&set->records[i].key);
	return bytes;
}

/* A copy of the answer; false when memory fails. */
static bool keep(struct sp_keytable *table, struct sp_keyentry *entry,
	const struct sp_answer *answer)
{
	size_t count = answer->count < SP_KEY_RECORDS_MAX ? answer->count
							  : SP_KEY_RECORDS_MAX;
	size_t size = count * sizeof(struct sp_span);
	char *at;

	for (size_t i = 0; i < count; i++)
		size += answer->values[i].size;
	entry->answer = *answer;
	entry->answer.count = count;
	entry->answer.values = NULL;
	if (size == 0)
		return true;
	entry->answer_memory = malloc(size);
	if (!entry->answer_memory)
		return false;
	sp_keytable_charge(table, entry, size);
	entry->answer.values = entry->answer_memory;
	at = (char *)entry->answer_memory + count * sizeof(struct sp_span);
	for (size_t i = 0; i < count; i++) {
		struct sp_span value = answer->values[i];

		if (value.size)
			memcpy(at, value.data, value.size);
		entry->answer.values[i] = sp_span(at, value.size);
		at += value.size;
	}
	return true;
}

bool sp_keyentry_answer(struct sp_keycache *cache, struct sp_keyentry *entry,
	const struct sp_answer *answer)
{
	entry->expires_s = cache->clock() + lifetime(cache, answer);
	return keep(cache->table, entry, answer);
}

/* In the resolver's thread, which has better to do than to parse keys. */
static void answered(struct sp_query *query, const struct sp_answer *answer)
{
	struct asking *asking = (struct asking *)query;
	struct sp_keytable *table = asking->cache->table;
	struct sp_keyentry *entry = asking->entry;

	if (!sp_keyentry_answer(asking->cache, entry, answer))
		entry->answer = (struct sp_answer){
			.status = SP_ANSWER_SERVFAIL,
			.source = SP_KEY_SOURCE_DNS,
		};
	free(asking);
	sp_keytable_answered(table, entry, SP_KEY_RAW);
	sp_keytable_release(table, entry);
}

struct sp_query *sp_keyquery_new(
	struct sp_keycache *cache, struct sp_keyentry *entry)
{
	struct asking *asking = malloc(sizeof(*asking));

	if (!asking)
		return NULL;
	*asking = (struct asking){
		.query = {.name = entry->name, .done = answered},
		.cache = cache,
		.entry = entry,
	};
	sp_keytable_hold(entry);
	return &asking->query;
}

void sp_keyquery_free(struct sp_query *query)
{
	struct asking *asking = (struct asking *)query;

	sp_keytable_release(asking->cache->table, asking->entry);
	free(asking);
}

enum sp_status sp_keyentry_settle(
	struct sp_keycache *cache, struct sp_keyentry *entry)
{
	enum sp_keystate state = SP_KEY_RAW;
	enum sp_status status;

	if (atomic_load_explicit(&entry->state, memory_order_acquire) ==
		SP_KEY_READY)
		return SP_OK;
	while (!atomic_compare_exchange_weak(
		&entry->state, &state, SP_KEY_PARSING)) {
		if (state == SP_KEY_READY)
			return SP_OK;
		/* Another thread parses it, in some microseconds. */
		sched_yield();
		state = SP_KEY_RAW;
	}
	status = sp_keyset_fill(&entry->set, &entry->answer);
	sp_keytable_charge(cache->table, entry, sp_keyset_bytes(&entry->set));
	atomic_store(&entry->state, status ? SP_KEY_RAW : SP_KEY_READY);
	sp_keytable_keep_bounds(cache->table, entry);
	return status;
}
