/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table behind the key cache: entries by name, bounded, with a lock per
 * shard. Who holds an entry may read it; nobody changes it once it is in.
 */
#ifndef SP_ENGINE_KEYTABLE_H
#define SP_ENGINE_KEYTABLE_H

#include "engine/keycache.h"

/* The set comes first: a pointer to a held set is one to its entry. */
struct sp_keyentry {
	struct sp_keyset set;
	/* The rest is the table's own. */
	uint64_t hash;
	struct sp_keyentry *next; /* in its bucket */
	unsigned holders;
	bool linked; /* in the table; else freed with its last holder */
	bool used; /* since the hand of the clock passed */
	size_t name_size;
	char name[];
};

struct sp_keytable;

/* NULL when memory fails. At most entries_max entries stay in it. */
struct sp_keytable *sp_keytable_open(size_t entries_max);

/* All entries must have been released. */
void sp_keytable_close(struct sp_keytable *table);

/* What the table distributes names by; also for tables of names elsewhere. */
uint64_t sp_keytable_hash(struct sp_span name);

/* The entry, held, or NULL. */
struct sp_keyentry *sp_keytable_find(
	struct sp_keytable *table, struct sp_span name);

/* A new entry with an empty set, held once; NULL when memory fails. */
struct sp_keyentry *sp_keyentry_new(struct sp_span name);

/*
 * Puts a new entry into the table and returns it. If another thread was faster
 * with the same name, frees it and returns that one, held. If all entries it
 * could displace are held, it stays outside and goes with its last holder.
 */
struct sp_keyentry *sp_keytable_insert(
	struct sp_keytable *table, struct sp_keyentry *entry);

/* Holds an entry once more; the caller holds it already. */
void sp_keytable_hold(struct sp_keytable *table, struct sp_keyentry *entry);
void sp_keytable_release(struct sp_keytable *table, struct sp_keyentry *entry);

void sp_keytable_stats(
	struct sp_keytable *table, struct sp_keycache_stats *stats);

#endif
