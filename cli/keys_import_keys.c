/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of "keys import" for what is no text: private keys, archives. */
#include "cli/keys_import.h"

#include "engine/domain.h"
#include "engine/keytext.h"
#include "engine/tables.h"

/* The private key that an entry of a key table names. */
static enum sp_status load(struct sp_pkey *key,
	const struct sp_table_key *entry, const char *path,
	const struct sp_pkey_open_options *options, struct sp_error *error)
{
	if (entry->path.size)
		return sp_pkey_open(key, entry->path.data, options, error);
	return sp_keytext_parse(key, entry->text, path, error);
}

static enum sp_status put_public(struct sp_keys_import *import,
	const struct sp_table_key *entry, const struct sp_pkey *pkey,
	const char *path, struct sp_error *error)
{
	struct sp_archive_key key = sp_keys_import_default(import);
	struct sp_buffer value = {.data = NULL};
	char name[3 * SP_DOMAIN_BYTES_MAX];
	enum sp_status status = sp_keyrecord_write(&value, pkey);

	snprintf(name, sizeof(name), "%.*s._domainkey.%.*s",
		SP_SPAN_ARGS(entry->selector), SP_SPAN_ARGS(entry->domain));
	key.name = sp_span_str(name);
	key.value = sp_buffer_span(&value);
	if (status == SP_OK)
		status = sp_keys_import_put(
			import, &key, path, entry->line, error);
	else
		sp_error(error, status, "%s:%zu: %s", path, entry->line,
			sp_status_name(status));
	sp_buffer_free(&value);
	return status;
}

static enum sp_status import_entry(struct sp_keys_import *import,
	const struct sp_table_key *entry, const char *path,
	struct sp_error *error)
{
	struct sp_pkey key = {.evp = NULL};
	enum sp_status status;

	if (entry->per_domain || entry->domain.size == 0) {
		sp_console_warning(&import->common->console,
			"%s:%zu: names a key per domain with %%; passed over",
			path, entry->line);
		import->passed_over++;
		return SP_OK;
	}
	status = load(&key, entry, path, &import->open, error);
	if (status == SP_OK)
		status = put_public(import, entry, &key, path, error);
	sp_pkey_free(&key);
	return status;
}

enum sp_status sp_keys_import_table(
	struct sp_keys_import *import, const char *path, struct sp_error *error)
{
	struct sp_tables *tables;
	enum sp_status status = sp_tables_open_keys(&tables, path, error);

	if (status != SP_OK)
		return status;
	for (const struct sp_table_key *entry = sp_tables_keys(tables);
		entry && status == SP_OK; entry = entry->next)
		status = import_entry(import, entry, path, error);
	sp_tables_close(tables);
	return status;
}

/* Where a listing of another archive goes. */
struct copy {
	struct sp_keys_import *import;
	const char *path;
	size_t number;
};

static enum sp_status copy_key(
	void *context, const struct sp_archive_key *key, struct sp_error *error)
{
	struct copy *copy = context;
	struct sp_archive_key mine = *key;

	if (mine.note.size == 0)
		mine.note = copy->import->note;
	return sp_keys_import_put(
		copy->import, &mine, copy->path, ++copy->number, error);
}

enum sp_status sp_keys_import_archive(
	struct sp_keys_import *import, const char *path, struct sp_error *error)
{
	struct copy copy = {.import = import, .path = path};
	struct sp_archive *other;
	enum sp_status status =
		sp_archive_open(&other, path, SP_ARCHIVE_READ, error);

	if (status != SP_OK)
		return status;
	status = sp_archive_each(other, NULL, copy_key, &copy, error);
	sp_archive_close(other);
	return status;
}
