/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys sign a message: those of the tables. */
#include "engine/keyring_parts.h"

#include <assert.h>

#include "engine/address.h"
#include "engine/keytext.h"

#define RULES_PER_MESSAGE_MAX 256u

/* Puts the line of the key table before what is wrong with a key. */
static enum sp_status say_where(const struct sp_tables *tables,
	const struct sp_table_key *entry, const struct sp_error *inner,
	struct sp_error *error)
{
	return sp_error(error, inner->status, "%s:%zu: %s",
		sp_tables_key_path(tables), entry->line, inner->text);
}

/* Loads one key of the table, unless the sender's domain is in its name. */
static enum sp_status load_entry(struct sp_keyring *keyring,
	struct sp_tables *tables, struct sp_table_key *entry,
	const struct sp_pkey_open_options *options, struct sp_error *error)
{
	struct sp_error inner;
	struct sp_pkey key;
	enum sp_status status = SP_OK;

	if (entry->path.size && !entry->per_domain)
		status = sp_keystore_load(&keyring->store, entry->path.data,
			options, &entry->pkey, &inner);
	else if (!entry->path.size)
		status = sp_keytext_parse(
			&key, entry->text, "the third part", &inner);
	if (status != SP_OK)
		return say_where(tables, entry, &inner, error);
	if (entry->path.size)
		return SP_OK;
	entry->pkey = sp_keystore_keep(&keyring->store, &key);
	return entry->pkey ? SP_OK : sp_keyring_no_memory(error);
}

/* Keeps the options for keys that are loaded later. */
static enum sp_status keep_options(struct sp_keyring *keyring,
	const struct sp_pkey_open_options *options, struct sp_error *error)
{
	struct sp_pkey_open_options *kept = &keyring->options;

	if (!options)
		return SP_OK;
	*kept = *options;
	if (options->passphrase_file)
		kept->passphrase_file = sp_arena_copy(
			&keyring->arena, sp_span_str(options->passphrase_file));
	if (options->passphrase_env)
		kept->passphrase_env = sp_arena_copy(
			&keyring->arena, sp_span_str(options->passphrase_env));
	if ((options->passphrase_file && !kept->passphrase_file) ||
		(options->passphrase_env && !kept->passphrase_env))
		return sp_keyring_no_memory(error);
	return SP_OK;
}

enum sp_status sp_keyring_load_tables(struct sp_keyring *keyring,
	const char *key_table, const char *signing_table,
	const struct sp_pkey_open_options *options, struct sp_error *error)
{
	struct sp_tables *tables;
	enum sp_status status =
		sp_tables_open(&tables, key_table, signing_table, error);
	struct sp_table_key *entry;

	assert(!keyring->tables);
	if (status != SP_OK)
		return status;
	for (entry = sp_tables_keys(tables); entry && status == SP_OK;
		entry = entry->next)
		status = load_entry(keyring, tables, entry, options, error);
	if (status == SP_OK)
		status = keep_options(keyring, options, error);
	if (status != SP_OK) {
		sp_tables_close(tables);
		return status;
	}
	sp_tables_wipe(tables);
	keyring->tables = tables;
	status = sp_keyring_index(keyring);
	return status == SP_OK ? SP_OK : sp_keyring_no_memory(error);
}

/* text with every "%" replaced; NUL behind it. NULL data: no memory. */
static struct sp_span expand(
	struct sp_arena *arena, struct sp_span text, struct sp_span domain)
{
	size_t size = text.size, used = 0;
	char *made;

	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] == '%')
			size += domain.size;
	made = sp_arena_alloc(arena, size + 1, 1);
	if (!made)
		return sp_span(NULL, 0);
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '%') {
			memcpy(made + used, domain.data, domain.size);
			used += domain.size;
		} else {
			made[used++] = text.data[i];
		}
	}
	made[used] = '\0';
	return sp_span(made, used);
}

/* The key of an entry whose path holds "%"; *key NULL: there is none. */
static enum sp_status key_by_domain(struct sp_keyring *keyring,
	const struct sp_table_key *entry, const struct sp_table_sender *sender,
	struct sp_arena *arena, const struct sp_pkey **key,
	struct sp_error *error)
{
	struct sp_span path = expand(arena, entry->path, sender->domain);
	struct sp_error inner;

	*key = NULL;
	if (!path.data)
		return sp_keyring_no_memory(error);
	if (sp_keystore_find(&keyring->store, path.data, &keyring->options, key,
		    &inner) != SP_OK)
		return say_where(keyring->tables, entry, &inner, error);
	return SP_OK;
}

/* i= of a rule, when it is within d=. */
static enum sp_status rule_identity(const struct sp_table_rule *rule,
	const struct sp_table_sender *sender, struct sp_arena *arena,
	struct sp_signing_key *key, struct sp_error *error)
{
	struct sp_span identity;

	if (!rule->identity.size)
		return SP_OK;
	identity = expand(arena, rule->identity, sender->domain);
	if (!identity.data)
		return sp_keyring_no_memory(error);
	if (sp_span_find(identity, '@') < identity.size &&
		sp_domain_within(sp_address_domain(identity), key->domain))
		key->identity = identity;
	return SP_OK;
}

/* What a rule signs with; key->key stays NULL when it does not. */
static enum sp_status rule_key(struct sp_keyring *keyring,
	const struct sp_table_rule *rule, const struct sp_table_sender *sender,
	struct sp_arena *arena, struct sp_signing_key *key,
	struct sp_error *error)
{
	const struct sp_table_key *entry = rule->key;
	enum sp_status status = SP_OK;

	*key = (struct sp_signing_key){0};
	if (!entry && sender->is_domain)
		entry = sp_tables_key(keyring->tables, sender->domain);
	if (!entry || (!sender->is_domain &&
			      (entry->per_domain || !entry->domain.size)))
		return SP_OK;
	key->domain = entry->domain.size ? entry->domain : sender->domain;
	key->selector = entry->selector;
	key->key = entry->pkey;
	if (entry->per_domain)
		status = key_by_domain(
			keyring, entry, sender, arena, &key->key, error);
	if (status != SP_OK || !key->key)
		return status;
	return rule_identity(rule, sender, arena, key, error);
}

enum sp_status sp_keyring_find_in_tables(struct sp_keyring *keyring,
	struct sp_span address, struct sp_arena *arena,
	struct sp_signing_key *list, size_t *count, struct sp_error *error)
{
	const struct sp_table_rule *rules[RULES_PER_MESSAGE_MAX];
	struct sp_table_sender sender;
	size_t rule_count = 0;

	if (sp_tables_sender(&sender, address, arena) != SP_OK ||
		sp_tables_match(keyring->tables, &sender, arena, rules,
			RULES_PER_MESSAGE_MAX, &rule_count) != SP_OK)
		return sp_keyring_no_memory(error);
	for (size_t i = 0; i < rule_count && *count < SP_KEYS_PER_MESSAGE_MAX;
		i++) {
		struct sp_signing_key key;
		enum sp_status status = rule_key(
			keyring, rules[i], &sender, arena, &key, error);

		if (status != SP_OK)
			return status;
		if (key.key && !sp_keyring_listed(list, *count, &key))
			list[(*count)++] = key;
	}
	return SP_OK;
}
