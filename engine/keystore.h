/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private keys of a keyring, each file loaded once. Nothing is taken out
 * before the store is freed: a key that was given stays good.
 */
#ifndef SP_ENGINE_KEYSTORE_H
#define SP_ENGINE_KEYSTORE_H

#include <pthread.h>

#include "base/arena.h"
#include "base/map.h"
#include "crypto/pkey.h"

/* Files looked for while messages are signed, found or not. */
#define SP_KEYSTORE_LATE_MAX 65536u

struct sp_keystore {
	pthread_rwlock_t lock; /* of all that follows */
	struct sp_arena arena;
	struct sp_keystore_key *keys; /* all of them */
	struct sp_map by_path;
	size_t count; /* keys loaded */
	size_t late; /* files looked for by sp_keystore_find() */
};

bool sp_keystore_init(struct sp_keystore *store);
void sp_keystore_free(struct sp_keystore *store);

/* Takes a key over; NULL when memory is exhausted. The key is zeroed. */
const struct sp_pkey *sp_keystore_keep(
	struct sp_keystore *store, struct sp_pkey *key);

/* The key in the file, as sp_pkey_open() loads it. */
enum sp_status sp_keystore_load(struct sp_keystore *store, const char *path,
	const struct sp_pkey_open_options *options, const struct sp_pkey **key,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * The same for files that need not exist: *key is then NULL. For what comes
 * from messages: at most SP_KEYSTORE_LATE_MAX different paths.
 */
enum sp_status sp_keystore_find(struct sp_keystore *store, const char *path,
	const struct sp_pkey_open_options *options, const struct sp_pkey **key,
	struct sp_error *error) __attribute__((warn_unused_result));

size_t sp_keystore_count(struct sp_keystore *store);

/* Was a key loaded from the file at path, whatever it was called then? */
bool sp_keystore_has_file(struct sp_keystore *store, const char *path);

#endif
