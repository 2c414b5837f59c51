/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing keys by sender: triples given one by one, or OpenDKIM's KeyTable
 * and SigningTable files (engine/tables.h).
 *
 * Fill it in one thread, then share it: sp_keyring_find() is safe in several
 * at once. A reload makes a new keyring and puts it in place of the old one as
 * a unit; a keyring that failed to load is closed, and nothing of it was used.
 */
#ifndef SP_ENGINE_KEYRING_H
#define SP_ENGINE_KEYRING_H

#include "base/arena.h"
#include "crypto/pkey.h"

#define SP_KEYS_PER_MESSAGE_MAX 16u

/* One signature to make. */
struct sp_signing_key {
	struct sp_span domain; /* d=, in A-labels */
	struct sp_span selector; /* s=, in A-labels */
	struct sp_span identity; /* i= of the table entry, or empty */
	const struct sp_pkey *key;
};

struct sp_keyring;

/* NULL when memory is exhausted. Close takes NULL. */
struct sp_keyring *sp_keyring_open(void);
void sp_keyring_close(struct sp_keyring *keyring);

/*
 * Adds a key that signs every message, whatever its sender. A file used twice
 * is loaded once. Fails with words as sp_pkey_open() does, for a bad domain or
 * selector, for the same pair a second time, and for more than
 * SP_KEYS_PER_MESSAGE_MAX of them.
 */
enum sp_status sp_keyring_add(struct sp_keyring *keyring, const char *domain,
	const char *selector, const char *path,
	const struct sp_pkey_open_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * The same with a key that is already loaded; takes it over (it is zeroed)
 * whatever the outcome.
 */
enum sp_status sp_keyring_add_pkey(struct sp_keyring *keyring,
	const char *domain, const char *selector, struct sp_pkey *key,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Loads both tables and all keys in them, once per keyring; only files named
 * with "%" are loaded when a sender first needs them. Faults name FILE:LINE
 * and the remedy, and leave the keyring as it was. options may be NULL.
 */
enum sp_status sp_keyring_load_tables(struct sp_keyring *keyring,
	const char *key_table, const char *signing_table,
	const struct sp_pkey_open_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * The keys for a sender's address (addr-spec of From), at most
 * SP_KEYS_PER_MESSAGE_MAX: those that sign everything, then those of the
 * tables in the order of engine/tables.h, each pair of domain and selector
 * once. The array is in the arena or the keyring, and so is what it points
 * to. count 0: nothing signs this sender. An entry whose "%" leads to no key
 * or no file does not sign; a file that is there but cannot be used is trouble.
 * An i= that is not within d= is left out (RFC 6376 3.5).
 */
enum sp_status sp_keyring_find(struct sp_keyring *keyring,
	struct sp_span address, struct sp_arena *arena,
	const struct sp_signing_key **keys, size_t *count,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Keys by name; what is empty is left open, but not both. */
struct sp_key_choice {
	struct sp_span domain;
	struct sp_span selector;
};

/*
 * The keys that are loaded and have this domain and selector, whoever the
 * sender is: at most SP_KEYS_PER_MESSAGE_MAX, those that sign everything first.
 * Not those of a table that "%" makes up by sender. count 0: there is none.
 */
enum sp_status sp_keyring_pick(struct sp_keyring *keyring,
	const struct sp_key_choice *choice, struct sp_arena *arena,
	const struct sp_signing_key **keys, size_t *count,
	struct sp_error *error) __attribute__((warn_unused_result));

/* How many keys are loaded, for the summary. */
size_t sp_keyring_count(struct sp_keyring *keyring);

/* Is the file at path one that a key was loaded from? */
bool sp_keyring_has_file(struct sp_keyring *keyring, const char *path);

#endif
