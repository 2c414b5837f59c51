/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounds of the key table, in entries and in bytes: who gives way, and what
 * becomes of an entry that has no place.
 */
#include "crypto/ed25519.h"
#include "engine/keytable_parts.h"

/* Sets that are looked at, twice, for one that gives way. */
#define LOOK_SETS 64u
/* Entries outside that are looked at for a name, under the lock: enough that
 * hardly a name is asked for twice, and no more work than that for names made
 * to meet in one list. */
#define LOOK_OUTSIDE 256u

void sp_keytable_charge(
	struct sp_keytable *table, struct sp_keyentry *entry, size_t bytes)
{
	entry->bytes += bytes;
	atomic_fetch_add_explicit(&table->bytes, bytes, memory_order_relaxed);
}

struct sp_keyentry *sp_keytable_unlink(
	struct sp_keytable *table, struct sp_keyplaces *set, size_t place)
{
	struct sp_keyentry *entry = atomic_load(&set->entry[place]);

	atomic_store(&set->tag[place], 0);
	atomic_store(&set->entry[place], NULL);
	atomic_fetch_sub(&table->count, 1);
	return entry;
}

bool sp_keyentry_may_go(struct sp_keyentry *entry, bool second_look)
{
	if (atomic_load(&entry->holders) > 1)
		return false;
	return !atomic_exchange(&entry->used, false) || second_look;
}

void sp_keytable_put_outside(
	struct sp_keytable *table, struct sp_keyentry *entry)
{
	struct sp_keylock *lock = sp_keytable_lock(table, entry->hash);

	entry->outside = true;
	entry->previous = NULL;
	entry->next = lock->outside;
	if (entry->next)
		entry->next->previous = entry;
	lock->outside = entry;
}

void sp_keytable_drop_outside(
	struct sp_keytable *table, struct sp_keyentry *entry)
{
	struct sp_keylock *lock = sp_keytable_lock(table, entry->hash);

	if (entry->previous)
		entry->previous->next = entry->next;
	else
		lock->outside = entry->next;
	if (entry->next)
		entry->next->previous = entry->previous;
	entry->outside = false;
}

struct sp_keyentry *sp_keytable_find_outside(struct sp_keytable *table,
	const struct sp_keyentry *entry, int64_t now_s)
{
	struct sp_keyentry *other =
		sp_keytable_lock(table, entry->hash)->outside;

	for (unsigned i = 0; other && i < LOOK_OUTSIDE; i++) {
		/* One that nobody holds any more is on its way out. */
		if (other->hash == entry->hash &&
			sp_span_equal(other->name, entry->name) &&
			sp_keyentry_fresh(other, now_s) &&
			sp_keyentry_try_hold(other))
			return other;
		other = other->next;
	}
	return NULL;
}

/* Makes one entry of the set give way; true if one could. */
static bool displace_from(struct sp_keytable *table, size_t at, bool second)
{
	struct sp_keyplaces *set = &table->sets[at];
	struct sp_keylock *lock = &table->locks[at & (SP_KEY_LOCKS - 1)];
	struct sp_keyentry *gone = NULL;

	pthread_mutex_lock(&lock->mutex);
	for (size_t i = 0; i < SP_KEY_PLACES && !gone; i++) {
		struct sp_keyentry *entry = atomic_load(&set->entry[i]);

		if (entry && sp_keyentry_may_go(entry, second))
			gone = sp_keytable_unlink(table, set, i);
	}
	pthread_mutex_unlock(&lock->mutex);
	if (!gone)
		return false;
	atomic_fetch_add(&table->evictions, 1);
	sp_keytable_release(table, gone);
	return true;
}

/* The clock's hand goes on from where it was, to one that gives way. */
static bool shrink(struct sp_keytable *table)
{
	size_t sets = table->set_mask + 1;
	size_t look = sets < LOOK_SETS ? sets : LOOK_SETS;

	for (size_t i = 0; i < 2 * look; i++) {
		size_t at = atomic_fetch_add(&table->hand, 1);

		if (displace_from(table, at & table->set_mask, i >= look))
			return true;
	}
	return false;
}

/* Takes an entry out of its set, if it is still there. */
static void step_out(struct sp_keytable *table, struct sp_keyentry *entry)
{
	struct sp_keyplaces *set = &table->sets[entry->hash & table->set_mask];
	struct sp_keylock *lock = sp_keytable_lock(table, entry->hash);
	struct sp_keyentry *gone = NULL;

	pthread_mutex_lock(&lock->mutex);
	for (size_t i = 0; i < SP_KEY_PLACES && !gone; i++)
		if (atomic_load(&set->entry[i]) == entry)
			gone = sp_keytable_unlink(table, set, i);
	if (gone)
		sp_keytable_put_outside(table, gone);
	pthread_mutex_unlock(&lock->mutex);
	if (gone)
		sp_keytable_release(table, gone);
}

static bool is_over(const struct sp_keytable *table)
{
	return atomic_load(&table->count) > table->entries_max ||
	       atomic_load(&table->bytes) + sp_ed25519_table_bytes() >
		       table->bytes_max;
}

void sp_keytable_keep_bounds(
	struct sp_keytable *table, struct sp_keyentry *entry)
{
	while (is_over(table))
		if (!shrink(table)) {
			step_out(table, entry);
			return;
		}
}
