/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table behind the key cache: entries by name, found without a lock.
 *
 * Names hash to sets of eight places, which makes the table as bounded as a
 * processor's cache; a set's lock (one for many sets) is taken by those who
 * change it. Who looks for a name compares tags, holds the entry that may be
 * it, and only then looks inside: entries are used again, but their memory is
 * not given back before the table is closed, so that holding a wrong one does
 * no harm.
 */
#ifndef SP_ENGINE_KEYTABLE_H
#define SP_ENGINE_KEYTABLE_H

#include <stdatomic.h>

#include "engine/keycache.h"

#define SP_KEYTABLE_NEVER INT64_MAX

enum sp_keystate {
	SP_KEY_PENDING, /* being asked for */
	SP_KEY_RAW, /* answered, records not yet parsed */
	SP_KEY_PARSING,
	SP_KEY_READY,
};

/* Somebody to be told when an entry is not pending any more. */
struct sp_keywaiter {
	struct sp_keywait *wait;
	struct sp_keywaiter *next;
};

/* The set comes first: a pointer to a held set is one to its entry. */
struct sp_keyentry {
	struct sp_keyset set; /* good when READY */
	_Atomic(enum sp_keystate) state;
	struct sp_span name; /* owned */
	/* From the state RAW on: what was answered, and until when it holds. */
	struct sp_answer answer;
	void *answer_memory; /* owned: the values, or NULL */
	int64_t expires_s;
	/* The rest is the table's own. */
	struct sp_keywaiter *waiters; /* under the lock */
	uint64_t hash;
	atomic_uint holders; /* one of them the table; 0: free */
	atomic_bool used; /* since the hand of the clock passed */
	size_t bytes; /* counted in the table's */
	bool outside; /* of its set: it had no place there */
	struct sp_keyentry *next, *previous; /* free ones; outside ones */
};

/* Frees the records. */
void sp_keyset_empty(struct sp_keyset *set);

struct sp_keytable;

/*
 * NULL when memory fails. At most entries_max entries stay in it, and so many
 * that they and the tables of hot keys (crypto/ed25519.h) take bytes_max.
 */
struct sp_keytable *sp_keytable_open(size_t entries_max, size_t bytes_max);

/* All entries must have been released. */
void sp_keytable_close(struct sp_keytable *table);

/* What the table distributes names by; also for tables of names elsewhere. */
uint64_t sp_keytable_hash(struct sp_span name);

/* The entry, held, or NULL; one that expired before now_s is not found. */
struct sp_keyentry *sp_keytable_find(
	struct sp_keytable *table, struct sp_span name, int64_t now_s);

/* A new entry, PENDING, held once; NULL when memory fails. */
struct sp_keyentry *sp_keytable_make(
	struct sp_keytable *table, struct sp_span name);

/*
 * Puts a new entry into the table and returns it. If another thread was faster
 * with the same name, releases it and returns that one, held. If all entries
 * it could displace are held, it stays outside: only those who insert its name
 * find it there, until its last holder lets go.
 */
struct sp_keyentry *sp_keytable_insert(
	struct sp_keytable *table, struct sp_keyentry *entry, int64_t now_s);

/* So many bytes more belong to the entry, which nobody else counts now. */
void sp_keytable_charge(
	struct sp_keytable *table, struct sp_keyentry *entry, size_t bytes);

/*
 * Others give way until the table is within its bounds; if they cannot, the
 * entry, which the caller holds, goes outside.
 */
void sp_keytable_keep_bounds(
	struct sp_keytable *table, struct sp_keyentry *entry);

/* Holds an entry once more; the caller holds it already. */
void sp_keytable_hold(struct sp_keyentry *entry);
void sp_keytable_release(struct sp_keytable *table, struct sp_keyentry *entry);

/* Has the waiter told when the entry is answered; false: it is already. */
bool sp_keytable_await(struct sp_keytable *table, struct sp_keyentry *entry,
	struct sp_keywaiter *waiter);

/* The entry is answered: from PENDING to state; tells those who wait. */
void sp_keytable_answered(struct sp_keytable *table, struct sp_keyentry *entry,
	enum sp_keystate state);

/* Calls back for each entry in the table, held meanwhile. */
void sp_keytable_each(struct sp_keytable *table,
	void (*call)(void *context, struct sp_keyentry *entry), void *context);

/* Memory that entries take. */
size_t sp_keytable_bytes(const struct sp_keytable *table);

/* Entries that gave way to others. */
uint64_t sp_keytable_evictions(const struct sp_keytable *table);

#endif
