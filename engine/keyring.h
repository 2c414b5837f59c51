/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing keys by sender: triples given one by one, or OpenDKIM's KeyTable
 * and SigningTable files. Read-only once loaded and shared by all workers; a
 * reload makes a new keyring and puts it in place of the old one as a unit.
 */
#ifndef SP_ENGINE_KEYRING_H
#define SP_ENGINE_KEYRING_H

#include "base/arena.h"
#include "crypto/pkey.h"

#define SP_KEYS_PER_MESSAGE_MAX 16u

/* One signature to make. */
struct sp_signing_key {
	struct sp_span domain; /* d= */
	struct sp_span selector; /* s= */
	struct sp_span identity; /* i= of the table entry, or empty */
	const struct sp_pkey *key;
};

struct sp_keyring;

struct sp_keyring *sp_keyring_open(void);
void sp_keyring_close(struct sp_keyring *keyring);

/*
 * Adds a key that signs every message, whatever its sender. Fails with words
 * as sp_pkey_open() does, or for a bad domain or selector.
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
 * Loads OpenDKIM tables (opendkim.conf(5): KeyTable, SigningTable). A path may
 * be prefixed by "file:" or "refile:"; the signing table is read with wildcard
 * matching when it says refile: or holds a "*". In the key table the domain,
 * the selector and the key's path may hold "%", which stands for the sender's
 * domain; keys
 * so named are loaded and kept when first needed, the others at once. Paths
 * are relative to the table's folder. All matching entries of a sender sign,
 * in the order of the file. Faults name FILE:LINE and the remedy.
 */
enum sp_status sp_keyring_load_tables(struct sp_keyring *keyring,
	const char *key_table, const char *signing_table,
	const struct sp_pkey_open_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * The keys for a sender's address (addr-spec of From), in the order they
 * sign; at most SP_KEYS_PER_MESSAGE_MAX. The array is in the arena, what it
 * points to in the keyring or the arena. count 0: nothing signs this sender.
 */
enum sp_status sp_keyring_find(struct sp_keyring *keyring,
	struct sp_span address, struct sp_arena *arena,
	const struct sp_signing_key **keys, size_t *count,
	struct sp_error *error) __attribute__((warn_unused_result));

/* How many keys are loaded, for the summary. */
size_t sp_keyring_count(const struct sp_keyring *keyring);

#endif
