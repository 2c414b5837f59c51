/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key files and zone files: reading ends, stays within the text, and what was
 * read can be written as a key file that reads back the same.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "io/resolver.h"
#include "io/zonefile.h"

static void write_escaped(struct sp_buffer *out, struct sp_span s)
{
	for (size_t i = 0; i < s.size; i++)
		sp_buffer_add_format(out, "\\x%02x", (unsigned char)s.data[i]);
}

static bool plain_name(struct sp_span name)
{
	if (!name.size || name.data[name.size - 1] == '.')
		return false;
	for (size_t i = 0; i < name.size; i++) {
		char c = name.data[i];

		if (!sp_is_alpha(c) && !sp_is_digit(c) && c != '.' &&
			c != '_' && c != '-')
			return false;
	}
	return true;
}

/* The record as a key line has the same name and value. */
static void check_record(const struct sp_zone_record *record)
{
	struct sp_buffer text = {0};
	struct sp_arena arena = {0};
	struct sp_zonefile zone;
	struct sp_zone_record again;
	struct sp_error error;
	bool end;

	assert(record->line > 0);
	assert(record->ttl_s <= SP_ZONE_TTL_MAX_S);
	if (!plain_name(record->name) || record->status != SP_ANSWER_FOUND)
		return;
	sp_buffer_add(&text, record->name);
	sp_buffer_add_char(&text, '\t');
	write_escaped(&text, record->value);
	sp_zonefile_init(&zone, text.data, text.size, "again", &arena);
	assert(sp_zonefile_next(&zone, &again, &end, &error) == SP_OK && !end);
	assert(sp_span_equal(again.name, record->name));
	assert(sp_span_equal(again.value, record->value));
	sp_arena_free(&arena);
	sp_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);
	struct sp_arena arena = {.chunk_bytes = 4096};
	struct sp_zonefile zone;
	struct sp_zone_record record;
	struct sp_error error = {0};
	struct sp_resolver *resolver;
	enum sp_status status;
	bool end = false;

	memcpy(text, data, size);
	sp_zonefile_init(&zone, text, size, "text", &arena);
	do {
		const char *before = zone.at;

		status = sp_zonefile_next(&zone, &record, &end, &error);
		assert(status == SP_OK || status == SP_CONFIG);
		if (status == SP_OK && !end) {
			assert(zone.at > before);
			check_record(&record);
		}
	} while (status == SP_OK && !end);
	assert(status == SP_OK || strchr(error.text, ';'));
	sp_arena_free(&arena);
	free(text);

	if (sp_resolver_open_text(
		    &resolver, sp_span(data, size), "text", &error) == SP_OK)
		sp_resolver_close(resolver);
	return 0;
}
