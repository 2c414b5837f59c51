/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, escapes and names of zone files (RFC 1035 5.1; RFC 5890). */
#include "io/zonetext.h"

#include <idn2.h>

#define U_NAME_BYTES_MAX 1024u /* longer names are not converted */

enum sp_status sp_zonetext_fault(const struct sp_zonefile *zone, size_t line,
	struct sp_error *error, const char *what)
{
	return sp_error(error, SP_CONFIG, "%s:%zu: %s", zone->path, line, what);
}

/* A blank as it separates tokens; the CR of CRLF is one. */
static bool is_blank(char c)
{
	return sp_is_wsp(c) || c == '\r';
}

static void skip_comment(struct sp_zonefile *zone)
{
	struct sp_span rest = sp_span_between(zone->at, zone->end);

	zone->comment = sp_span(zone->at, sp_span_find(rest, '\n'));
	zone->at += zone->comment.size;
}

/*
 * Passes over blanks, comments, parentheses and the line ends inside them.
 * Leaves at on the first byte of a token, on the line end or at the end.
 */
static enum sp_status skip_between(
	struct sp_zonefile *zone, struct sp_error *error)
{
	for (; zone->at < zone->end; zone->at++) {
		char c = *zone->at;

		if (c == ';') {
			skip_comment(zone);
			if (zone->at == zone->end)
				return SP_OK;
			c = *zone->at;
		}
		if (c == '(') {
			zone->depth++;
			zone->open_line = zone->line;
		} else if (c == ')') {
			if (!zone->depth)
				return sp_zonetext_fault(zone, zone->line,
					error,
					"a \")\" closes nothing; remove it or "
					"add the \"(\" before it");
			zone->depth--;
		} else if (c == '\n') {
			if (!zone->depth)
				return SP_OK;
			zone->line++;
			zone->comment.size = 0;
		} else if (!is_blank(c)) {
			return SP_OK;
		}
	}
	return SP_OK;
}

static enum sp_status token_end(struct sp_zonefile *zone,
	struct sp_zone_token *token, struct sp_error *error)
{
	token->kind = SP_ZONE_END;
	token->data = zone->at;
	token->size = 0;
	if (zone->at < zone->end) {
		zone->at++;
		zone->line++;
		return SP_OK;
	}
	if (zone->depth)
		return sp_zonetext_fault(zone, zone->open_line, error,
			"a \"(\" is never closed; add the \")\" behind the "
			"record");
	return SP_OK;
}

static enum sp_status token_string(struct sp_zonefile *zone,
	struct sp_zone_token *token, struct sp_error *error)
{
	char *at = zone->at + 1;

	token->kind = SP_ZONE_STRING;
	token->data = at;
	while (at < zone->end && *at != '"' && *at != '\n')
		at += *at == '\\' && zone->end - at > 1 && at[1] != '\n' ? 2
									 : 1;
	if (at == zone->end || *at != '"')
		return sp_zonetext_fault(zone, zone->line, error,
			"a quoted string does not end on its line; close it "
			"with a '\"', and write what goes on as a second "
			"string");
	token->size = (size_t)(at - token->data);
	zone->at = at + 1;
	return SP_OK;
}

static void token_word(struct sp_zonefile *zone, struct sp_zone_token *token)
{
	char *at = zone->at;

	token->kind = SP_ZONE_WORD;
	token->data = at;
	while (at < zone->end && !is_blank(*at) && *at != '\n' && *at != ';' &&
		*at != '(' && *at != ')' && *at != '"')
		at += *at == '\\' && zone->end - at > 1 && at[1] != '\n' ? 2
									 : 1;
	token->size = (size_t)(at - token->data);
	token->at_comment = at < zone->end && *at == ';';
	zone->at = at;
}

enum sp_status sp_zonetext_token(struct sp_zonefile *zone,
	struct sp_zone_token *token, struct sp_error *error)
{
	enum sp_status status = skip_between(zone, error);

	*token = (struct sp_zone_token){0};
	if (status != SP_OK)
		return status;
	if (zone->at == zone->end || *zone->at == '\n')
		return token_end(zone, token, error);
	if (*zone->at == '"')
		return token_string(zone, token, error);
	token_word(zone, token);
	return SP_OK;
}

/* The byte that "DDD" stands for, or -1. */
static int decimal_byte(struct sp_span s)
{
	int value;

	if (s.size < 3 || !sp_is_digit(s.data[0]) || !sp_is_digit(s.data[1]) ||
		!sp_is_digit(s.data[2]))
		return -1;
	value = (s.data[0] - '0') * 100 + (s.data[1] - '0') * 10 +
		(s.data[2] - '0');
	return value < 256 ? value : -1;
}

/* Takes the escape behind a backslash off the front of *rest. */
static int zone_escape(struct sp_span *rest)
{
	int byte;

	if (!rest->size)
		return -1;
	if (!sp_is_digit(rest->data[0])) {
		byte = (unsigned char)rest->data[0];
		*rest = sp_span_after(*rest, 1);
		return byte;
	}
	byte = decimal_byte(*rest);
	if (byte >= 0)
		*rest = sp_span_after(*rest, 3);
	return byte;
}

static int hex_digit(char c)
{
	c = sp_lower(c);
	if (sp_is_digit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int key_escape(struct sp_span *rest)
{
	char c = rest->size ? rest->data[0] : '\0';
	int high, low;

	if (c == 'x' && rest->size >= 3) {
		high = hex_digit(rest->data[1]);
		low = hex_digit(rest->data[2]);
		*rest = sp_span_after(*rest, 3);
		return high < 0 || low < 0 ? -1 : high * 16 + low;
	}
	if (rest->size)
		*rest = sp_span_after(*rest, 1);
	switch (c) {
	case '\\':
		return '\\';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return -1;
	}
}

static bool unescape(char *out, size_t *size, struct sp_span raw,
	int (*escape)(struct sp_span *rest))
{
	char *to = out;

	while (raw.size) {
		size_t plain = sp_span_find(raw, '\\');
		int byte;

		if (to != raw.data)
			memmove(to, raw.data, plain);
		to += plain;
		raw = sp_span_after(raw, plain);
		if (!raw.size)
			break;
		raw = sp_span_after(raw, 1);
		byte = escape(&raw);
		if (byte < 0)
			return false;
		*to++ = (char)byte;
	}
	*size = (size_t)(to - out);
	return true;
}

bool sp_zonetext_unescape(char *out, size_t *size, struct sp_span raw)
{
	return unescape(out, size, raw, zone_escape);
}

bool sp_zonetext_unescape_key(char *out, size_t *size, struct sp_span raw)
{
	return unescape(out, size, raw, key_escape);
}

/* Lower case in place; false when there is something other than ASCII. */
static bool lower_ascii(char *text, size_t size)
{
	bool ascii = true;

	for (size_t i = 0; i < size; i++) {
		text[i] = sp_lower(text[i]);
		ascii &= (unsigned char)text[i] < 0x80;
	}
	return ascii;
}

/*
 * The A-label form of a name with U-labels (RFC 5890). What is no such name
 * stays as it is: nobody will ask for it.
 */
static struct sp_span name_to_ascii(struct sp_arena *arena, struct sp_span name)
{
	char copy[U_NAME_BYTES_MAX + 1];
	uint8_t *ascii = NULL;
	struct sp_span made = name;

	if (name.size > U_NAME_BYTES_MAX || memchr(name.data, '\0', name.size))
		return name;
	memcpy(copy, name.data, name.size);
	copy[name.size] = '\0';
	if (idn2_lookup_u8((const uint8_t *)copy, &ascii,
		    IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
		made = sp_span_str((const char *)ascii);
		made.data = sp_arena_copy(arena, made);
	}
	idn2_free(ascii);
	return made;
}

/* name below origin, in the arena; data is NULL when memory is exhausted. */
static struct sp_span name_join(
	struct sp_arena *arena, struct sp_span name, struct sp_span origin)
{
	size_t size = name.size + 1 + origin.size;
	char *joined = sp_arena_alloc(arena, size, 1);

	if (!joined)
		return sp_span(NULL, 0);
	memcpy(joined, name.data, name.size);
	joined[name.size] = '.';
	for (size_t i = 0; i < origin.size; i++)
		joined[name.size + 1 + i] = sp_lower(origin.data[i]);
	return sp_span(joined, size);
}

enum sp_status sp_zonetext_name(struct sp_zonefile *zone, struct sp_span *name,
	char *text, size_t size, struct sp_span origin, struct sp_error *error)
{
	struct sp_span made;

	if (!sp_zonetext_unescape(text, &size, sp_span(text, size)))
		return sp_zonetext_fault(zone, zone->entry_line, error,
			"a backslash in a name must stand before a character "
			"or three digits up to 255; remove it");
	made = sp_span(text, size);
	if (!lower_ascii(text, size))
		made = name_to_ascii(zone->arena, made);
	if (made.size && made.data[made.size - 1] == '.')
		made.size--;
	else if (made.size && origin.size)
		made = name_join(zone->arena, made, origin);
	if (!made.data)
		return sp_error(error, SP_NO_MEMORY,
			"%s:%zu: not enough memory to go on; free some, or "
			"give a smaller file",
			zone->path, zone->entry_line);
	*name = made;
	return SP_OK;
}
