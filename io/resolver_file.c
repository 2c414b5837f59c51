/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TXT answers from key files and zone files (RFC 6376 3.6.2). The text is kept
 * as one piece that names and values point into; once it is loaded, nothing
 * changes any more and lookups need no lock.
 */
#include "io/resolver.h"

#include <stdlib.h>

#include "base/map.h"
#include "io/file.h"
#include "io/zonefile.h"

#define FILE_BYTES_MAX ((size_t)4 << 30)

/* What is known of a name. */
struct entry {
	struct sp_span *values; /* in the arena; room is a power of two */
	uint32_t count;
	uint32_t ttl_s;
	enum sp_answer_status status;
	size_t line; /* where it was first seen */
};

struct resolver_file {
	struct sp_resolver base;
	char *text; /* owned */
	struct sp_arena arena;
	struct sp_map entries;
};

static void file_close(struct sp_resolver *resolver)
{
	struct resolver_file *file = (struct resolver_file *)resolver;

	sp_map_free(&file->entries);
	sp_arena_free(&file->arena);
	free(file->text);
	free(file);
}

static enum sp_status file_lookup(struct sp_resolver *resolver,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena)
{
	const struct resolver_file *file = (struct resolver_file *)resolver;

	(void)arena;
	for (size_t i = 0; i < count; i++) {
		const struct entry *entry =
			sp_map_get(&file->entries, names[i]);

		answers[i] = (struct sp_answer){.status = SP_ANSWER_UNKNOWN};
		if (!entry)
			continue;
		answers[i].status = entry->status;
		answers[i].values = entry->values;
		answers[i].count = entry->count;
		answers[i].ttl_s = entry->ttl_s;
		answers[i].source = SP_KEY_SOURCE_FILE;
		answers[i].dnssec = SP_DNSSEC_UNKNOWN;
	}
	return SP_OK;
}

static const struct sp_resolver_ops file_ops = {
	.name = "file",
	.lookup = file_lookup,
	.close = file_close,
};

static bool entry_add_value(
	struct entry *entry, struct sp_arena *arena, struct sp_span value)
{
	uint32_t count = entry->count;

	if ((count & (count - 1)) == 0) {
		struct sp_span *values = SP_ARENA_ARRAY(
			arena, struct sp_span, count ? 2 * (size_t)count : 1);

		if (!values)
			return false;
		if (count)
			memcpy(values, entry->values, count * sizeof(*values));
		entry->values = values;
	}
	entry->values[entry->count++] = value;
	return true;
}

/* The entry of the record's name, made when there is none. */
static struct entry *entry_of(
	struct resolver_file *file, const struct sp_zone_record *record)
{
	struct entry *entry = sp_map_get(&file->entries, record->name);

	if (entry)
		return entry;
	entry = SP_ARENA_NEW(&file->arena, struct entry);
	if (!entry || sp_map_add(&file->entries, record->name, entry) != SP_OK)
		return NULL;
	entry->status = record->status;
	entry->ttl_s = record->ttl_s;
	entry->line = record->line;
	return entry;
}

static enum sp_status file_add(struct resolver_file *file,
	const struct sp_zone_record *record, const char *path,
	struct sp_error *error)
{
	struct entry *entry = entry_of(file, record);

	if (entry && entry->status != record->status)
		return sp_error(error, SP_CONFIG,
			"%s:%zu: contradicts line %zu, which gives another "
			"answer for the same name; remove one of them",
			path, record->line, entry->line);
	if (!entry ||
		(record->status == SP_ANSWER_FOUND &&
			!entry_add_value(entry, &file->arena, record->value)))
		return sp_error(error, SP_NO_MEMORY,
			"%s:%zu: not enough memory to go on; free some, or "
			"give a smaller file",
			path, record->line);
	if (record->ttl_s < entry->ttl_s)
		entry->ttl_s = record->ttl_s;
	return SP_OK;
}

static enum sp_status file_load(struct resolver_file *file, size_t size,
	const char *path, struct sp_error *error)
{
	struct sp_zonefile zone;
	struct sp_zone_record record;
	bool end = false;

	sp_zonefile_init(&zone, file->text, size, path, &file->arena);
	for (;;) {
		enum sp_status status =
			sp_zonefile_next(&zone, &record, &end, error);

		if (status != SP_OK || end)
			return status;
		status = file_add(file, &record, path, error);
		if (status != SP_OK)
			return status;
	}
}

/* Takes text over, whatever the outcome. */
static enum sp_status open_taken(struct sp_resolver **resolver, char *text,
	size_t size, const char *path, struct sp_error *error)
{
	struct resolver_file *file = calloc(1, sizeof(*file));
	enum sp_status status;

	*resolver = NULL;
	if (!file) {
		free(text);
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some", path);
	}
	file->base.ops = &file_ops;
	file->text = text;
	status = file_load(file, size, path, error);
	if (status != SP_OK) {
		file_close(&file->base);
		return status;
	}
	*resolver = &file->base;
	return SP_OK;
}

enum sp_status sp_resolver_open_file(
	struct sp_resolver **resolver, const char *path, struct sp_error *error)
{
	struct sp_buffer text = {0};
	enum sp_status status =
		sp_file_read(&text, path, FILE_BYTES_MAX, error);

	*resolver = NULL;
	if (status != SP_OK) {
		sp_buffer_free(&text);
		return status;
	}
	return open_taken(resolver, text.data, text.size, path, error);
}

enum sp_status sp_resolver_open_text(struct sp_resolver **resolver,
	struct sp_span text, const char *name, struct sp_error *error)
{
	struct sp_buffer copy = {0};

	*resolver = NULL;
	sp_buffer_reserve(&copy, 1); /* so that there is a place at all */
	sp_buffer_add(&copy, text);
	if (sp_buffer_status(&copy) != SP_OK)
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some", name);
	return open_taken(resolver, copy.data, copy.size, name, error);
}
