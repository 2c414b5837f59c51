/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys by file: many read, few load. */
#include "engine/keystore.h"

#include <assert.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct sp_keystore_key {
	struct sp_keystore_key *next;
	struct sp_pkey key;
	bool missing; /* there is no such file */
	dev_t device; /* and inode, of its file */
	ino_t inode; /* 0: it is from none */
};

static enum sp_status no_memory(const char *path, struct sp_error *error)
{
	return sp_error(error, SP_NO_MEMORY,
		"%s: not enough memory for the key; free some", path);
}

bool sp_keystore_init(struct sp_keystore *store)
{
	*store = (struct sp_keystore){0};
	return pthread_rwlock_init(&store->lock, NULL) == 0;
}

void sp_keystore_free(struct sp_keystore *store)
{
	for (struct sp_keystore_key *at = store->keys; at; at = at->next)
		sp_pkey_free(&at->key);
	sp_map_free(&store->by_path);
	sp_arena_free(&store->arena);
	pthread_rwlock_destroy(&store->lock);
}

static struct sp_keystore_key *keep(
	struct sp_keystore *store, struct sp_pkey *key)
{
	struct sp_keystore_key *made =
		SP_ARENA_NEW(&store->arena, struct sp_keystore_key);

	if (made) {
		made->key = *key;
		made->next = store->keys;
		store->keys = made;
	} else {
		sp_pkey_free(key);
	}
	*key = (struct sp_pkey){0};
	return made;
}

/* Remembers what is at path. */
static enum sp_status keep_path(struct sp_keystore *store, const char *path,
	struct sp_keystore_key *kept, struct sp_error *error)
{
	struct sp_span name = sp_span_str(path);

	name.data = sp_arena_copy(&store->arena, name);
	if (!name.data || sp_map_add(&store->by_path, name, kept) != SP_OK)
		return no_memory(path, error);
	return SP_OK;
}

/* The lock is held for writing; path is not known yet. */
static enum sp_status load(struct sp_keystore *store, const char *path,
	const struct sp_pkey_open_options *options,
	struct sp_keystore_key **kept, struct sp_error *error)
{
	struct sp_pkey key;
	struct stat info;
	enum sp_status status = sp_pkey_open(&key, path, options, error);

	if (status != SP_OK)
		return status;
	*kept = keep(store, &key);
	if (!*kept)
		return no_memory(path, error);
	store->count++;
	if (stat(path, &info) == 0) {
		(*kept)->device = info.st_dev;
		(*kept)->inode = info.st_ino;
	}
	return keep_path(store, path, *kept, error);
}

/* The same when there may be no such file, which is remembered, too. */
static enum sp_status load_late(struct sp_keystore *store, const char *path,
	const struct sp_pkey_open_options *options,
	struct sp_keystore_key **kept, struct sp_error *error)
{
	struct sp_pkey none = {0};

	if (store->late == SP_KEYSTORE_LATE_MAX)
		return sp_error(error, SP_CONFIG,
			"%s: more than %u keys named by senders' domains; list "
			"the keys in the key table instead",
			path, SP_KEYSTORE_LATE_MAX);
	store->late++;
	if (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
		return load(store, path, options, kept, error);
	*kept = keep(store, &none);
	if (!*kept)
		return no_memory(path, error);
	(*kept)->missing = true;
	return keep_path(store, path, *kept, error);
}

static struct sp_keystore_key *known(
	struct sp_keystore *store, const char *path)
{
	struct sp_keystore_key *kept;

	pthread_rwlock_rdlock(&store->lock);
	kept = sp_map_get(&store->by_path, sp_span_str(path));
	pthread_rwlock_unlock(&store->lock);
	return kept;
}

/* One of the two loaders, unless the file is known. */
static enum sp_status find(struct sp_keystore *store, const char *path,
	const struct sp_pkey_open_options *options, bool late,
	const struct sp_pkey **key, struct sp_error *error)
{
	struct sp_keystore_key *kept = known(store, path);
	enum sp_status status = SP_OK;

	*key = NULL;
	if (!kept) {
		pthread_rwlock_wrlock(&store->lock);
		kept = sp_map_get(&store->by_path, sp_span_str(path));
		if (!kept)
			status =
				late ? load_late(store, path, options, &kept,
					       error)
				     : load(store, path, options, &kept, error);
		pthread_rwlock_unlock(&store->lock);
	}
	if (status != SP_OK)
		return status;
	assert(kept);
	if (!kept->missing)
		*key = &kept->key;
	return SP_OK;
}

const struct sp_pkey *sp_keystore_keep(
	struct sp_keystore *store, struct sp_pkey *key)
{
	struct sp_keystore_key *kept;

	pthread_rwlock_wrlock(&store->lock);
	kept = keep(store, key);
	store->count += kept != NULL;
	pthread_rwlock_unlock(&store->lock);
	return kept ? &kept->key : NULL;
}

enum sp_status sp_keystore_load(struct sp_keystore *store, const char *path,
	const struct sp_pkey_open_options *options, const struct sp_pkey **key,
	struct sp_error *error)
{
	return find(store, path, options, false, key, error);
}

enum sp_status sp_keystore_find(struct sp_keystore *store, const char *path,
	const struct sp_pkey_open_options *options, const struct sp_pkey **key,
	struct sp_error *error)
{
	return find(store, path, options, true, key, error);
}

size_t sp_keystore_count(struct sp_keystore *store)
{
	size_t count;

	pthread_rwlock_rdlock(&store->lock);
	count = store->count;
	pthread_rwlock_unlock(&store->lock);
	return count;
}

bool sp_keystore_has_file(struct sp_keystore *store, const char *path)
{
	struct stat info;
	bool found = false;

	if (stat(path, &info) != 0)
		return false;
	pthread_rwlock_rdlock(&store->lock);
	for (const struct sp_keystore_key *at = store->keys; at && !found;
		at = at->next)
		found = at->inode != 0 && at->inode == info.st_ino &&
			at->device == info.st_dev;
	pthread_rwlock_unlock(&store->lock);
	return found;
}
