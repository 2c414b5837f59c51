/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of "keys import" for what is text: zone files, JSON lines, CSV. */
#include "cli/keys_import.h"

#include <jansson.h>
#include <stdlib.h>

#include "cli/csv.h"
#include "cli/when.h"
#include "crypto/base64.h"
#include "io/zonefile.h"

enum sp_status sp_keys_import_zone(struct sp_keys_import *import,
	const char *path, struct sp_buffer *text, struct sp_error *error)
{
	struct sp_arena arena = {0};
	struct sp_zonefile zone;
	enum sp_status status = SP_OK;
	bool end = false;

	/* So that an empty file has a place, too. */
	if (!sp_buffer_reserve(text, 1))
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	sp_zonefile_init(&zone, text->data, text->size, path, &arena);
	while (status == SP_OK && !end) {
		struct sp_archive_key key = sp_keys_import_default(import);
		struct sp_zone_record record;

		status = sp_zonefile_next(&zone, &record, &end, error);
		if (status != SP_OK || end || record.status != SP_ANSWER_FOUND)
			continue;
		key.name = record.name;
		key.value = record.value;
		status = sp_keys_import_put(
			import, &key, path, record.line, error);
	}
	sp_arena_free(&arena);
	return status;
}

/* A record of JSON or CSV, value by value. */
struct record {
	struct sp_archive_key key;
	bool has_name, has_value;
	struct sp_arena *arena;
};

static bool set_base64(struct record *record, struct sp_span text)
{
	unsigned char *bytes;
	size_t size;

	if (text.size == 0)
		return true;
	bytes = sp_arena_alloc(
		record->arena, SP_BASE64_DECODED_BYTES(text.size), 1);
	if (!bytes || !sp_base64_decode(bytes, &size, text))
		return false;
	record->key.value = sp_span(bytes, size);
	record->has_value = true;
	return true;
}

static bool set_time(struct sp_span text, int64_t *time)
{
	char copy[64];

	if (text.size == 0)
		return true;
	if (text.size >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	return sp_when_parse(copy, time);
}

/* Sets a member by its name; false: the value does not fit it. */
static bool set(struct record *record, struct sp_span name, struct sp_span text)
{
	struct sp_archive_key *key = &record->key;

	if (sp_span_is(name, "name")) {
		key->name = text;
		record->has_name = text.size > 0;
	} else if (sp_span_is(name, "value")) {
		/* The exact bytes may have been there before it. */
		if (!record->has_value)
			key->value = text;
		record->has_value = true;
	} else if (sp_span_is(name, "value_base64")) {
		return set_base64(record, text);
	} else if (sp_span_is(name, "first_seen")) {
		return set_time(text, &key->first_seen);
	} else if (sp_span_is(name, "last_seen")) {
		return set_time(text, &key->last_seen);
	} else if (sp_span_is(name, "source")) {
		key->source = text.size ? text : key->source;
	} else if (sp_span_is(name, "note")) {
		key->note = text.size ? text : key->note;
	} else if (sp_span_is(name, "dnssec")) {
		return text.size == 0 ||
		       sp_archive_dnssec_parse(text, &key->dnssec);
	}
	return true;
}

static enum sp_status bad_value(const char *path, size_t line,
	struct sp_span name, struct sp_error *error)
{
	return sp_error(error, SP_CONFIG,
		"%s:%zu: the value of %.*s does not fit; times are Unix "
		"seconds or RFC 3339, dnssec is secure, insecure or unknown",
		path, line, SP_SPAN_ARGS(name));
}

static enum sp_status put(struct sp_keys_import *import,
	const struct record *record, const char *path, size_t line,
	struct sp_error *error)
{
	if (!record->has_name || !record->has_value)
		return sp_error(error, SP_CONFIG,
			"%s:%zu: has no %s; name and value are needed", path,
			line, record->has_name ? "value" : "name");
	return sp_keys_import_put(import, &record->key, path, line, error);
}

/* A member as text: strings and whole numbers; others do not fit. */
static bool member_text(
	const json_t *value, char *digits, size_t room, struct sp_span *text)
{
	if (json_is_string(value)) {
		*text = sp_span(
			json_string_value(value), json_string_length(value));
		return true;
	}
	if (!json_is_integer(value) && !json_is_null(value))
		return false;
	*text = sp_span(digits, 0);
	if (json_is_integer(value))
		text->size = (size_t)snprintf(digits, room, "%lld",
			(long long)json_integer_value(value));
	return true;
}

static enum sp_status import_object(struct sp_keys_import *import,
	json_t *object, struct sp_arena *arena, const char *path, size_t line,
	struct sp_error *error)
{
	struct record record = {
		.key = sp_keys_import_default(import), .arena = arena};
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		char digits[32];
		struct sp_span text;

		if (!member_text(value, digits, sizeof(digits), &text))
			text = sp_span(NULL, SIZE_MAX);
		if (text.size == SIZE_MAX ||
			!set(&record, sp_span_str(name), text))
			return bad_value(path, line, sp_span_str(name), error);
	}
	return put(import, &record, path, line, error);
}

enum sp_status sp_keys_import_json(struct sp_keys_import *import,
	const char *path, struct sp_buffer *text, struct sp_error *error)
{
	struct sp_span rest = sp_buffer_span(text);
	struct sp_arena arena = {0};
	enum sp_status status = SP_OK;

	for (size_t line = 1; rest.data && status == SP_OK; line++) {
		struct sp_span one = sp_span_trim(sp_span_split(&rest, '\n'));
		json_error_t fault;
		json_t *object;

		if (one.size == 0)
			continue;
		object = json_loadb(one.data, one.size, JSON_ALLOW_NUL, &fault);
		if (json_is_object(object))
			status = import_object(
				import, object, &arena, path, line, error);
		else
			status = sp_error(error, SP_CONFIG,
				"%s:%zu: is no JSON object (%s); write one per "
				"line",
				path, line,
				object ? "another value" : fault.text);
		json_decref(object);
		sp_arena_reset(&arena);
	}
	sp_arena_free(&arena);
	return status;
}

/* The names of the columns, and what is read so far. */
struct table {
	struct sp_span *names;
	size_t count;
	size_t line;
	const char *path;
};

static enum sp_status import_row(struct sp_keys_import *import,
	const struct table *table, const struct sp_span *values, size_t count,
	struct sp_arena *arena, struct sp_error *error)
{
	struct record record = {
		.key = sp_keys_import_default(import), .arena = arena};

	if (count != table->count)
		return sp_error(error, SP_CONFIG,
			"%s:%zu: has %zu values where the first line has %zu; "
			"give each column one",
			table->path, table->line, count, table->count);
	for (size_t i = 0; i < count; i++) {
		/* An empty value may be that of a key: nothing published. */
		if (!set(&record, table->names[i], values[i]))
			return bad_value(table->path, table->line,
				table->names[i], error);
	}
	return put(import, &record, table->path, table->line, error);
}

enum sp_status sp_keys_import_csv(struct sp_keys_import *import,
	const char *path, struct sp_buffer *text, struct sp_error *error)
{
	struct sp_span rest = sp_buffer_span(text);
	struct sp_arena names = {0}, arena = {0};
	struct table table = {.path = path};
	enum sp_status status = SP_OK;

	while (rest.size && status == SP_OK) {
		struct sp_span *values;
		size_t count;

		sp_arena_reset(&arena);
		if (!sp_csv_next(&rest, table.names ? &arena : &names, &values,
			    &count, &table.line))
			status = sp_error(error, SP_CONFIG,
				"%s:%zu: is no CSV; close each quote, double "
				"those inside, and end lines with CRLF or LF",
				path, table.line + 1);
		else if (!table.names)
			table.names = values, table.count = count;
		else if (count > 1 || values[0].size)
			status = import_row(
				import, &table, values, count, &arena, error);
	}
	sp_arena_free(&arena);
	sp_arena_free(&names);
	return status;
}
