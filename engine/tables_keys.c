/* SPDX-License-Identifier: Apache-2.0 */
/* OpenDKIM's key table: its entries (RFC 6376 3.1 for selectors). */
#include "engine/tables_parts.h"

#include "engine/domain.h"

static enum sp_status key_fault(const struct sp_tables *tables, size_t line,
	const char *what, struct sp_error *error)
{
	return sp_error(
		error, SP_CONFIG, "%s:%zu: %s", tables->key_path, line, what);
}

/* What base64 has not (RFC 4648 4): it must be the name of a file. */
static bool is_path(struct sp_span value)
{
	if (sp_span_starts(value, "/"))
		return true;
	for (size_t i = 0; i < value.size; i++)
		if (!sp_is_alpha(value.data[i]) &&
			!sp_is_digit(value.data[i]) && value.data[i] != '+' &&
			value.data[i] != '/' && value.data[i] != '=')
			return true;
	return false;
}

/* A path relative to the folder that the table is in. */
static struct sp_span path_from_table(
	struct sp_tables *tables, struct sp_span value)
{
	const char *slash = strrchr(tables->key_path, '/');
	size_t folder = 0;
	char *path;

	/* "./key" and "key" are one file, and loaded once. */
	while (sp_span_starts(value, "./") && value.size > 2)
		value = sp_span_after(value, 2);
	if (slash && value.data[0] != '/')
		folder = (size_t)(slash + 1 - tables->key_path);
	path = sp_arena_alloc(&tables->arena, folder + value.size + 1, 1);
	if (!path)
		return sp_span(NULL, 0);
	memcpy(path, tables->key_path, folder);
	memcpy(path + folder, value.data, value.size);
	path[folder + value.size] = '\0';
	return sp_span(path, folder + value.size);
}

/* The A-label form, in the arena; empty when it is no name. */
static enum sp_status name_copy(struct sp_tables *tables, struct sp_span name,
	struct sp_span *copy, struct sp_error *error)
{
	char ascii[SP_DOMAIN_BYTES_MAX + 1];

	*copy = sp_span("", 0);
	if (!sp_domain_to_ascii(ascii, name))
		return SP_OK;
	*copy = sp_span_str(ascii);
	copy->data = sp_arena_copy(&tables->arena, *copy);
	return copy->data ? SP_OK : sp_tables_no_memory(error);
}

/* DOMAIN:SELECTOR:KEY */
static enum sp_status key_value(struct sp_tables *tables,
	struct sp_table_key *key, struct sp_span value, struct sp_error *error)
{
	struct sp_span domain = sp_span_trim(sp_span_split(&value, ':'));
	struct sp_span selector =
		value.data ? sp_span_split(&value, ':') : sp_span(NULL, 0);
	struct sp_span material = sp_span_trim(value);

	if (!value.data || !material.size)
		return key_fault(tables, key->line,
			"needs three parts; write NAME "
			"DOMAIN:SELECTOR:KEYFILE, for example \"s1 "
			"example.com:s1:/etc/keys/s1.pem\"",
			error);
	if (!sp_span_is(domain, "%") &&
		name_copy(tables, domain, &key->domain, error) != SP_OK)
		return SP_NO_MEMORY;
	if (name_copy(tables, sp_span_trim(selector), &key->selector, error) !=
		SP_OK)
		return SP_NO_MEMORY;
	if (!sp_span_is(domain, "%") && !key->domain.size)
		return key_fault(tables, key->line,
			"the first part is no domain name; write one, or "
			"\"%\" for the sender's domain",
			error);
	if (!key->selector.size)
		return key_fault(tables, key->line,
			"the second part is no selector; write the name that "
			"stands before \"._domainkey\"",
			error);
	if (!is_path(material)) {
		key->text = material;
		return SP_OK;
	}
	key->per_domain = sp_span_find(material, '%') < material.size;
	key->path = path_from_table(tables, material);
	return key->path.data ? SP_OK : sp_tables_no_memory(error);
}

static enum sp_status add_key(struct sp_tables *tables,
	const struct sp_table_line *line, struct sp_table_key ***end,
	struct sp_error *error)
{
	struct sp_table_key *key =
		SP_ARENA_NEW(&tables->arena, struct sp_table_key);
	const struct sp_table_key *other;
	enum sp_status status;

	if (!key)
		return sp_tables_no_memory(error);
	key->name = line->word;
	key->line = line->number;
	sp_tables_lower(key->name);
	other = sp_map_get(&tables->keys_by_name, key->name);
	if (other)
		return sp_error(error, SP_CONFIG,
			"%s:%zu: the name %.*s was given in line %zu; give "
			"each key its own, and list both in the signing table",
			tables->key_path, line->number, SP_SPAN_ARGS(key->name),
			other->line);
	status = key_value(tables, key, line->rest, error);
	if (status != SP_OK)
		return status;
	**end = key;
	*end = &key->next;
	if (sp_map_add(&tables->keys_by_name, key->name, key) != SP_OK)
		return sp_tables_no_memory(error);
	return SP_OK;
}

enum sp_status sp_tables_read_keys(
	struct sp_tables *tables, struct sp_error *error)
{
	struct sp_span text = sp_buffer_span(&tables->key_text);
	struct sp_table_key **end = &tables->keys;
	struct sp_table_line line = {0};

	while (sp_tables_next_line(&text, &line)) {
		enum sp_status status = add_key(tables, &line, &end, error);

		if (status != SP_OK)
			return status;
	}
	if (tables->keys)
		return SP_OK;
	return sp_error(error, SP_CONFIG,
		"%s: holds no key; write NAME DOMAIN:SELECTOR:KEYFILE",
		tables->key_path);
}

const struct sp_table_key *sp_tables_key(
	const struct sp_tables *tables, struct sp_span name)
{
	return sp_map_get(&tables->keys_by_name, name);
}
