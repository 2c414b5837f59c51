/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys sign a message: those of all messages. */
#include "engine/keyring.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/domain.h"
#include "engine/keyring_parts.h"

enum sp_status sp_keyring_no_memory(struct sp_error *error)
{
	return sp_error(error, SP_NO_MEMORY,
		"not enough memory for the signing keys; free some");
}

struct sp_keyring *sp_keyring_open(void)
{
	struct sp_keyring *keyring = calloc(1, sizeof(*keyring));

	if (keyring && !sp_keystore_init(&keyring->store)) {
		free(keyring);
		return NULL;
	}
	return keyring;
}

void sp_keyring_close(struct sp_keyring *keyring)
{
	if (!keyring)
		return;
	sp_keystore_free(&keyring->store);
	sp_tables_close(keyring->tables);
	sp_arena_free(&keyring->arena);
	free(keyring);
}

/* Writes the A-label form into the arena. */
static enum sp_status checked_name(struct sp_keyring *keyring, const char *name,
	const char *what, struct sp_span *copy, struct sp_error *error)
{
	char ascii[SP_DOMAIN_BYTES_MAX + 1];

	if (!sp_domain_to_ascii(ascii, sp_span_str(name)))
		return sp_error(error, SP_CONFIG,
			"%s: is no %s; it needs labels of letters, digits and "
			"hyphens, 63 at most in each",
			name, what);
	*copy = sp_span_str(ascii);
	copy->data = sp_arena_copy(&keyring->arena, *copy);
	return copy->data ? SP_OK : sp_keyring_no_memory(error);
}

bool sp_keyring_listed(const struct sp_signing_key *keys, size_t count,
	const struct sp_signing_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (sp_span_equal(keys[i].domain, key->domain) &&
			sp_span_equal(keys[i].selector, key->selector))
			return true;
	return false;
}

/* Checks domain and selector and makes room; the key is still to come. */
static enum sp_status always_prepare(struct sp_keyring *keyring,
	const char *domain, const char *selector, struct sp_signing_key *entry,
	struct sp_error *error)
{
	enum sp_status status;

	*entry = (struct sp_signing_key){0};
	if (keyring->always_count == SP_KEYS_PER_MESSAGE_MAX)
		return sp_error(error, SP_CONFIG,
			"%s: more than %u keys for every message; give fewer, "
			"or use a signing table",
			domain, SP_KEYS_PER_MESSAGE_MAX);
	status = checked_name(
		keyring, domain, "domain name", &entry->domain, error);
	if (status == SP_OK)
		status = checked_name(
			keyring, selector, "selector", &entry->selector, error);
	if (status != SP_OK)
		return status;
	if (sp_keyring_listed(keyring->always, keyring->always_count, entry))
		return sp_error(error, SP_CONFIG,
			"%s: two keys with the selector %s; give each key its "
			"own selector",
			domain, selector);
	return SP_OK;
}

enum sp_status sp_keyring_add(struct sp_keyring *keyring, const char *domain,
	const char *selector, const char *path,
	const struct sp_pkey_open_options *options, struct sp_error *error)
{
	struct sp_signing_key entry;
	enum sp_status status =
		always_prepare(keyring, domain, selector, &entry, error);

	if (status == SP_OK)
		status = sp_keystore_load(
			&keyring->store, path, options, &entry.key, error);
	if (status != SP_OK)
		return status;
	keyring->always[keyring->always_count++] = entry;
	return SP_OK;
}

enum sp_status sp_keyring_add_pkey(struct sp_keyring *keyring,
	const char *domain, const char *selector, struct sp_pkey *key,
	struct sp_error *error)
{
	struct sp_signing_key entry;
	enum sp_status status =
		always_prepare(keyring, domain, selector, &entry, error);

	assert(key->private_half);
	if (status != SP_OK) {
		sp_pkey_free(key);
		return status;
	}
	entry.key = sp_keystore_keep(&keyring->store, key);
	if (!entry.key)
		return sp_keyring_no_memory(error);
	keyring->always[keyring->always_count++] = entry;
	return SP_OK;
}

enum sp_status sp_keyring_find(struct sp_keyring *keyring,
	struct sp_span address, struct sp_arena *arena,
	const struct sp_signing_key **keys, size_t *count,
	struct sp_error *error)
{
	struct sp_signing_key *list;

	*keys = keyring->always;
	*count = keyring->always_count;
	if (!keyring->tables)
		return SP_OK;
	list = SP_ARENA_ARRAY(
		arena, struct sp_signing_key, SP_KEYS_PER_MESSAGE_MAX);
	if (!list)
		return sp_keyring_no_memory(error);
	memcpy(list, keyring->always, *count * sizeof(*list));
	*keys = list;
	return sp_keyring_find_in_tables(
		keyring, address, arena, list, count, error);
}

size_t sp_keyring_count(struct sp_keyring *keyring)
{
	return sp_keystore_count(&keyring->store);
}

bool sp_keyring_has_file(struct sp_keyring *keyring, const char *path)
{
	return sp_keystore_has_file(&keyring->store, path);
}
