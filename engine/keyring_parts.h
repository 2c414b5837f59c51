/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of engine/keyring.h share, and nobody else sees. */
#ifndef SP_ENGINE_KEYRING_PARTS_H
#define SP_ENGINE_KEYRING_PARTS_H

#include "engine/keyring.h"
#include "engine/keystore.h"
#include "engine/tables.h"

struct sp_keyring {
	/* Has a lock; the rest only changes while the keyring is filled. */
	struct sp_keystore store;
	struct sp_arena arena;
	struct sp_signing_key always[SP_KEYS_PER_MESSAGE_MAX];
	size_t always_count;
	struct sp_tables *tables; /* owned; NULL: none */
	/* The tables' keys with a domain of their own, sorted by it; in the
	 * arena. */
	struct sp_signing_key *named;
	size_t named_count;
	struct sp_pkey_open_options options; /* for keys of the tables */
};

/* SP_NO_MEMORY with words. */
enum sp_status sp_keyring_no_memory(struct sp_error *error);

/* Is a key with this domain and selector among keys? */
bool sp_keyring_listed(const struct sp_signing_key *keys, size_t count,
	const struct sp_signing_key *key);

/* Sorts the keys of the tables for sp_keyring_pick(). */
enum sp_status sp_keyring_index(struct sp_keyring *keyring)
	__attribute__((warn_unused_result));

/*
 * Adds what the tables have for address to the list of *count keys, which has
 * room for SP_KEYS_PER_MESSAGE_MAX.
 */
enum sp_status sp_keyring_find_in_tables(struct sp_keyring *keyring,
	struct sp_span address, struct sp_arena *arena,
	struct sp_signing_key *list, size_t *count, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
