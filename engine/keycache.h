/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one cache of public keys: name to parsed key records, shared by all
 * workers, bounded in entries and in bytes; what is held counts, and stays.
 *
 * Names are "selector._domainkey.domain" in lower-case A-labels, as
 * engine/signature.h makes them. Safe to use from several threads.
 */
#ifndef SP_ENGINE_KEYCACHE_H
#define SP_ENGINE_KEYCACHE_H

#include <stdatomic.h>

#include "engine/keyrecord.h"
#include "io/resolver.h"

#define SP_KEYCACHE_ENTRIES_MAX 65536u
/* A name with an RSA-2048 key takes about 5 KB, one with sixteen hostile
 * records of 64 KB each 1 MB. */
#define SP_KEYCACHE_BYTES_MAX ((size_t)384 << 20)
#define SP_KEY_TTL_MIN_S 60u
#define SP_KEY_TTL_MAX_S 86400u
#define SP_KEY_TTL_NONE_S 300u /* no such key: no longer than this */
#define SP_KEY_TTL_FAILED_S 30u /* SERVFAIL, timeout */

/* What is known of one name. Read-only while it is held. */
struct sp_keyset {
	/* SP_REASON_OK: there are records; else SP_REASON_KEY_NOT_FOUND,
	 * SP_REASON_DNS_TIMEOUT or SP_REASON_DNS_FAILURE. */
	enum sp_reason reason;
	struct sp_keyrecord *records; /* each with its own reason */
	size_t count; /* at most SP_KEY_RECORDS_MAX, or SP_KEY_ARCHIVED_MAX */
	enum sp_key_source source;
	enum sp_dnssec dnssec;
	uint32_t ttl_s; /* as the DNS said */
};

/* Names found in the cache, and names that resolvers were asked for. */
struct sp_keycache_stats {
	uint64_t hits, misses, evictions;
	uint64_t joined; /* found, but still being asked for */
	uint64_t bytes; /* taken now by entries */
};

/* Zeroed: as it should be. */
struct sp_keycache_options {
	size_t entries_max; /* 0: SP_KEYCACHE_ENTRIES_MAX */
	/* Of entries, and of the tables of hot Ed25519 keys that the lanes of
	 * this process have (crypto/ed25519.h); 0: SP_KEYCACHE_BYTES_MAX. */
	size_t bytes_max;
	/* Answers from DNS hold as long as they say, within these bounds; 0:
	 * SP_KEY_TTL_MIN_S, SP_KEY_TTL_MAX_S. */
	uint32_t ttl_min_s, ttl_max_s;
	int64_t (*clock)(void); /* seconds, for tests; NULL: monotonic */
};

struct sp_keycache;

/*
 * What a batch waits for. left counts the names that are not answered yet, and
 * one more for the batch itself, until it has nothing else to do; whoever takes
 * the last one away calls ready(), or goes on at once if it is the batch.
 */
struct sp_keywait {
	atomic_size_t left;
	void (*ready)(struct sp_keywait *wait); /* must not block */
};

/* Takes one away; true if it was the last. */
static inline bool sp_keywait_last(struct sp_keywait *wait)
{
	return atomic_fetch_sub(&wait->left, 1) == 1;
}

/*
 * Asks the resolvers in the order given; the first one that knows the name
 * answers. One that waits for the network must be the last. They are borrowed
 * until close, and must be closed first. options may be NULL. NULL when memory
 * fails.
 */
struct sp_keycache *sp_keycache_open(struct sp_resolver *const *resolvers,
	size_t resolver_count, const struct sp_keycache_options *options);

/* All keysets must have been put back. */
void sp_keycache_close(struct sp_keycache *cache);

/*
 * Asks for count names, in one call for a whole batch, and does not wait.
 * sets[i] is held until sp_keycache_put(); equal names may give equal pointers,
 * each held once more. What is not answered yet is counted in wait->left, and
 * none of the sets is looked at before that is 0 and sp_keycache_settle() was
 * called. wait and the arena, from which memory is taken, must be there until
 * then. On trouble none is held and wait is as it was.
 */
enum sp_status sp_keycache_begin(struct sp_keycache *cache,
	const struct sp_span *names, size_t count,
	const struct sp_keyset **sets, struct sp_keywait *wait,
	struct sp_arena *arena) __attribute__((warn_unused_result));

/* Makes answers into keys, which is work for workers. */
enum sp_status sp_keycache_settle(struct sp_keycache *cache,
	const struct sp_keyset *const *sets, size_t count)
	__attribute__((warn_unused_result));

/* Does a resolver wait for the network? Else nothing is ever waited for. */
bool sp_keycache_waits(const struct sp_keycache *cache);

/* From now on every question to the network is answered with a timeout. */
void sp_keycache_cancel(struct sp_keycache *cache);

/*
 * The keysets of count names, in one call for a whole batch, waited for. As
 * sp_keycache_begin() and _settle().
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

/*
 * What the cache knows from DNS, as bytes to be kept for the next run: with a
 * version and a checksum. now is Unix time. SP_NO_MEMORY or SP_OK.
 */
enum sp_status sp_keycache_save(struct sp_keycache *cache, int64_t now,
	struct sp_buffer *out) __attribute__((warn_unused_result));

/*
 * Takes back what still holds. SP_CONFIG names name, which is not such a file,
 * of another version, or damaged; then nothing was taken.
 */
enum sp_status sp_keycache_load(struct sp_keycache *cache, struct sp_span bytes,
	int64_t now, const char *name, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
