/* SPDX-License-Identifier: Apache-2.0 */
/* OpenDKIM's tables: both files together. */
#include "engine/tables.h"

#include <stdlib.h>

#include "engine/tables_parts.h"
#include "io/file.h"

#define TABLE_BYTES_MAX ((size_t)1 << 30)

/* Takes "file:" or "refile:" off *path. */
static enum sp_table_form table_form(const char **path)
{
	if (strncmp(*path, "refile:", 7) == 0) {
		*path += 7;
		return SP_TABLE_REFILE;
	}
	if (strncmp(*path, "file:", 5) == 0) {
		*path += 5;
		return SP_TABLE_FILE;
	}
	return SP_TABLE_AUTO;
}

const char *sp_tables_path(const char *name)
{
	(void)table_form(&name);
	return name;
}

/* Reads what is in the buffers of *tables, or closes it. */
static enum sp_status tables_read(struct sp_tables **tables,
	const char *key_path, const char *signing_path, enum sp_table_form form,
	struct sp_error *error)
{
	struct sp_tables *made = *tables;
	enum sp_status status = SP_NO_MEMORY;

	made->key_path = sp_arena_copy(&made->arena, sp_span_str(key_path));
	made->signing_path =
		sp_arena_copy(&made->arena, sp_span_str(signing_path));
	if (made->key_path && made->signing_path)
		status = sp_tables_read_keys(made, error);
	else
		sp_tables_no_memory(error);
	if (status == SP_OK)
		status = sp_tables_read_rules(made, form, error);
	if (status != SP_OK) {
		sp_tables_close(made);
		*tables = NULL;
	}
	return status;
}

enum sp_status sp_tables_open(struct sp_tables **tables, const char *key_table,
	const char *signing_table, struct sp_error *error)
{
	struct sp_tables *made = calloc(1, sizeof(*made));
	enum sp_table_form form = table_form(&signing_table);
	enum sp_status status;

	key_table = sp_tables_path(key_table); /* its names are no patterns */
	*tables = NULL;
	if (!made)
		return sp_tables_no_memory(error);
	status = sp_file_read(
		&made->key_text, key_table, TABLE_BYTES_MAX, error);
	if (status == SP_OK)
		status = sp_file_read(&made->signing_text, signing_table,
			TABLE_BYTES_MAX, error);
	if (status != SP_OK) {
		sp_tables_close(made);
		return status;
	}
	*tables = made;
	return tables_read(tables, key_table, signing_table, form, error);
}

enum sp_status sp_tables_open_keys(struct sp_tables **tables,
	const char *key_table, struct sp_error *error)
{
	struct sp_tables *made = calloc(1, sizeof(*made));
	enum sp_status status;

	(void)table_form(&key_table);
	*tables = NULL;
	if (!made)
		return sp_tables_no_memory(error);
	status = sp_file_read(
		&made->key_text, key_table, TABLE_BYTES_MAX, error);
	if (status == SP_OK) {
		made->key_path =
			sp_arena_copy(&made->arena, sp_span_str(key_table));
		status = made->key_path ? sp_tables_read_keys(made, error)
					: sp_tables_no_memory(error);
	}
	if (status == SP_OK)
		*tables = made;
	else
		sp_tables_close(made);
	return status;
}

enum sp_status sp_tables_parse(struct sp_tables **tables,
	const struct sp_table_text *key_table,
	const struct sp_table_text *signing_table, struct sp_error *error)
{
	struct sp_tables *made = calloc(1, sizeof(*made));

	*tables = NULL;
	if (!made)
		return sp_tables_no_memory(error);
	sp_buffer_add(&made->key_text, key_table->text);
	sp_buffer_add(&made->signing_text, signing_table->text);
	if (sp_buffer_status(&made->key_text) != SP_OK ||
		sp_buffer_status(&made->signing_text) != SP_OK) {
		sp_tables_close(made);
		return sp_tables_no_memory(error);
	}
	*tables = made;
	return tables_read(tables, key_table->path, signing_table->path,
		signing_table->form, error);
}

void sp_tables_close(struct sp_tables *tables)
{
	if (!tables)
		return;
	if (tables->key_text.data)
		explicit_bzero(tables->key_text.data, tables->key_text.room);
	sp_buffer_free(&tables->key_text);
	sp_buffer_free(&tables->signing_text);
	sp_map_free(&tables->keys_by_name);
	sp_map_free(&tables->rules_by_pattern);
	sp_arena_free(&tables->arena);
	free(tables);
}

void sp_tables_wipe(struct sp_tables *tables)
{
	for (struct sp_table_key *key = tables->keys; key; key = key->next) {
		if (key->text.size)
			explicit_bzero((char *)(uintptr_t)key->text.data,
				key->text.size);
		key->text.size = 0;
	}
}

struct sp_table_key *sp_tables_keys(struct sp_tables *tables)
{
	return tables->keys;
}

const char *sp_tables_key_path(const struct sp_tables *tables)
{
	return tables->key_path;
}
