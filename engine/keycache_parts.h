/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the key cache share; not for other modules. */
#ifndef SP_ENGINE_KEYCACHE_PARTS_H
#define SP_ENGINE_KEYCACHE_PARTS_H

#include "engine/keytable.h"

struct sp_keycache {
	struct sp_resolver *const *resolvers; /* borrowed; these never wait */
	size_t resolver_count;
	struct sp_resolver *network; /* borrowed, asked last; or NULL */
	int64_t (*clock)(void);
	uint32_t ttl_min_s, ttl_max_s;
	struct sp_keytable *table; /* owned */
	_Alignas(64) atomic_uint_fast64_t hits;
	atomic_uint_fast64_t misses, joined;
};

/* Parses what was answered; on trouble the set is as it was. */
enum sp_status sp_keyset_fill(struct sp_keyset *set,
	const struct sp_answer *answer) __attribute__((warn_unused_result));

/* Keeps an answer from DNS, with its lifetime; false when memory fails. */
bool sp_keyentry_answer(struct sp_keycache *cache, struct sp_keyentry *entry,
	const struct sp_answer *answer);

/* Memory that the records of a set take. */
size_t sp_keyset_bytes(const struct sp_keyset *set);

/* An answered entry, which the caller holds, becomes READY. */
enum sp_status sp_keyentry_settle(struct sp_keycache *cache,
	struct sp_keyentry *entry) __attribute__((warn_unused_result));

/* A query for the entry that answers it, or NULL; free if it is not started. */
struct sp_query *sp_keyquery_new(
	struct sp_keycache *cache, struct sp_keyentry *entry);
void sp_keyquery_free(struct sp_query *query);

#endif
