/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one cache of public keys: name to parsed key records, shared by all
 * workers, bounded.
 *
 * Names are "selector._domainkey.domain" in lower-case A-labels, as
 * engine/signature.h makes them. Safe to use from several threads.
 */
#ifndef SP_ENGINE_KEYCACHE_H
#define SP_ENGINE_KEYCACHE_H

#include "engine/keyrecord.h"
#include "io/resolver.h"

#define SP_KEYCACHE_ENTRIES_MAX 65536u

/* What is known of one name. Read-only while it is held. */
struct sp_keyset {
	/* SP_REASON_OK: there are records; else SP_REASON_KEY_NOT_FOUND,
	 * SP_REASON_DNS_TIMEOUT or SP_REASON_DNS_FAILURE. */
	enum sp_reason reason;
	struct sp_keyrecord *records; /* each with its own reason */
	size_t count; /* at most SP_KEY_RECORDS_MAX, or SP_KEY_ARCHIVED_MAX */
	enum sp_key_source source;
	enum sp_dnssec dnssec;
};

/* Names found in the cache, and names the resolvers were asked for. */
struct sp_keycache_stats {
	uint64_t hits, misses, evictions;
};

struct sp_keycache;

/*
 * Asks the resolvers in the order given; the first one that knows the name
 * answers. They are borrowed until close. entries_max 0 means
 * SP_KEYCACHE_ENTRIES_MAX. NULL when memory fails.
 */
struct sp_keycache *sp_keycache_open(struct sp_resolver *const *resolvers,
	size_t resolver_count, size_t entries_max);

/* All keysets must have been put back. */
void sp_keycache_close(struct sp_keycache *cache);

/*
 * The keysets of count names, in one call for a whole batch. sets[i] is held
 * until sp_keycache_put(); equal names may give equal pointers, each held once
 * more. On trouble none is held.
 */
enum sp_status sp_keycache_get(struct sp_keycache *cache,
	const struct sp_span *names, size_t count,
	const struct sp_keyset **sets) __attribute__((warn_unused_result));
void sp_keycache_put(struct sp_keycache *cache,
	const struct sp_keyset *const *sets, size_t count);

/* Says why sp_keycache_get() returned a status other than SP_NO_MEMORY. */
void sp_keycache_explain(struct sp_keycache *cache, struct sp_error *error);

void sp_keycache_stats(
	struct sp_keycache *cache, struct sp_keycache_stats *stats);

#endif
