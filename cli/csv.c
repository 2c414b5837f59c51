/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, written and read (RFC 4180 section 2). */
#include "cli/csv.h"

#include "base/utf8.h"

static bool needs_quotes(struct sp_span text)
{
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];

		if (c == '"' || c == ',' || c == '\r' || c == '\n')
			return true;
	}
	/* Readers may drop blanks at the ends of a bare value. */
	return text.size &&
	       (sp_is_wsp(text.data[0]) || sp_is_wsp(text.data[text.size - 1]));
}

static void add_characters(struct sp_buffer *out, struct sp_span text)
{
	while (text.size) {
		size_t size = sp_utf8_bytes(text);

		if (size == 0)
			sp_buffer_add_str(out, SP_UTF8_REPLACEMENT);
		else
			sp_buffer_add(out, sp_span(text.data, size));
		/* A quote inside stands for itself twice. */
		if (text.data[0] == '"')
			sp_buffer_add_char(out, '"');
		text = sp_span_after(text, size ? size : 1);
	}
}

void sp_csv_value(struct sp_buffer *out, struct sp_span text)
{
	bool quotes = needs_quotes(text);

	if (quotes)
		sp_buffer_add_char(out, '"');
	add_characters(out, text);
	if (quotes)
		sp_buffer_add_char(out, '"');
}

/* Takes a quoted value off *rest, which begins behind its first quote. */
static bool take_quoted(struct sp_span *rest, struct sp_arena *arena,
	struct sp_span *value, size_t *line)
{
	char *copy = sp_arena_alloc(arena, rest->size + 1, 1);
	size_t size = 0;

	if (!copy)
		return false;
	for (; rest->size; *rest = sp_span_after(*rest, 1)) {
		char c = rest->data[0];

		if (c == '"') {
			*rest = sp_span_after(*rest, 1);
			if (!rest->size || rest->data[0] != '"') {
				*value = sp_span(copy, size);
				sp_arena_trim(arena, copy + size);
				return true;
			}
		}
		*line += c == '\n';
		copy[size++] = c;
	}
	return false;
}

static bool take_bare(struct sp_span *rest, struct sp_span *value)
{
	size_t size = 0;

	while (size < rest->size && rest->data[size] != ',' &&
		rest->data[size] != '\r' && rest->data[size] != '\n') {
		if (rest->data[size] == '"')
			return false;
		size++;
	}
	*value = sp_span(rest->data, size);
	*rest = sp_span_after(*rest, size);
	return true;
}

/* Takes a line end off *rest, or finds the end; else false. */
static bool take_end(struct sp_span *rest)
{
	if (rest->size && rest->data[0] == '\r')
		*rest = sp_span_after(*rest, 1);
	if (rest->size == 0)
		return true;
	if (rest->data[0] != '\n')
		return false;
	*rest = sp_span_after(*rest, 1);
	return true;
}

bool sp_csv_next(struct sp_span *rest, struct sp_arena *arena,
	struct sp_span **values, size_t *count, size_t *line)
{
	*count = 0;
	*values = SP_ARENA_ARRAY(arena, struct sp_span, SP_CSV_COLUMNS_MAX);
	if (!*values)
		return false;
	for (;;) {
		struct sp_span *value = &(*values)[*count];
		bool good;

		if (++*count > SP_CSV_COLUMNS_MAX)
			return false;
		if (rest->size && rest->data[0] == '"') {
			*rest = sp_span_after(*rest, 1);
			good = take_quoted(rest, arena, value, line);
		} else {
			good = take_bare(rest, value);
		}
		if (!good)
			return false;
		if (!rest->size || rest->data[0] != ',')
			break;
		*rest = sp_span_after(*rest, 1);
	}
	++*line;
	return take_end(rest);
}
