/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spans (a pointer and a length) and the helpers that parsers need.
 *
 * A span borrows: whoever holds one does not free it, and the header that
 * hands it out says until when it is good. Comparisons are on bytes; the
 * "nocase" ones fold ASCII letters only, as RFC 5322 and RFC 6376 ask.
 */
#ifndef SP_BASE_SPAN_H
#define SP_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "include/sealpress.h"

/* Format a span with "%.*s". */
#define SP_SPAN_ARGS(s) (int)(s).size, (s).data

static inline struct sp_span sp_span(const void *data, size_t size)
{
	return (struct sp_span){.data = data, .size = size};
}

static inline struct sp_span sp_span_str(const char *text)
{
	return sp_span(text, strlen(text));
}

/* The part from first up to (not including) end. */
static inline struct sp_span sp_span_between(const char *first, const char *end)
{
	return sp_span(first, (size_t)(end - first));
}

/* Drops the first count bytes; count must not exceed the size. */
static inline struct sp_span sp_span_after(struct sp_span s, size_t count)
{
	return sp_span(s.data + count, s.size - count);
}

static inline bool sp_is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* White space as it appears in folded values: WSP, CR and LF. */
static inline bool sp_is_fws(char c)
{
	return sp_is_wsp(c) || c == '\r' || c == '\n';
}

static inline bool sp_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool sp_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char sp_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool sp_span_equal(struct sp_span a, struct sp_span b)
{
	return a.size == b.size &&
	       (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static inline bool sp_span_equal_nocase(struct sp_span a, struct sp_span b)
{
	if (a.size != b.size)
		return false;
	for (size_t i = 0; i < a.size; i++)
		if (sp_lower(a.data[i]) != sp_lower(b.data[i]))
			return false;
	return true;
}

static inline bool sp_span_is(struct sp_span s, const char *text)
{
	return sp_span_equal(s, sp_span_str(text));
}

static inline bool sp_span_is_nocase(struct sp_span s, const char *text)
{
	return sp_span_equal_nocase(s, sp_span_str(text));
}

static inline bool sp_span_starts(struct sp_span s, const char *prefix)
{
	size_t size = strlen(prefix);

	return s.size >= size && memcmp(s.data, prefix, size) == 0;
}

/* True when s ends in suffix, without regard to case. */
static inline bool sp_span_ends_nocase(struct sp_span s, struct sp_span suffix)
{
	return s.size >= suffix.size &&
	       sp_span_equal_nocase(
		       sp_span_after(s, s.size - suffix.size), suffix);
}

/* Offset of the first c, or s.size when there is none. */
static inline size_t sp_span_find(struct sp_span s, char c)
{
	const char *at = s.size ? memchr(s.data, c, s.size) : NULL;

	return at ? (size_t)(at - s.data) : s.size;
}

/* Without the folding white space at both ends. */
static inline struct sp_span sp_span_trim(struct sp_span s)
{
	while (s.size && sp_is_fws(s.data[0]))
		s = sp_span_after(s, 1);
	while (s.size && sp_is_fws(s.data[s.size - 1]))
		s.size--;
	return s;
}

/*
 * Takes the part before the next separator off the front of *rest and returns
 * it; *rest is what follows the separator. When no separator is left the whole
 * of *rest is returned and rest->data becomes NULL: loop while rest.data.
 */
static inline struct sp_span sp_span_split(struct sp_span *rest, char separator)
{
	size_t at = sp_span_find(*rest, separator);
	struct sp_span part = sp_span(rest->data, at);

	*rest = at < rest->size ? sp_span_after(*rest, at + 1)
				: sp_span(NULL, 0);
	return part;
}

/* Room for the digits of the largest number. */
#define SP_DIGITS_MAX 20u

/* The decimal digits of number, which lie somewhere in room. */
static inline struct sp_span sp_span_digits(
	char room[SP_DIGITS_MAX], unsigned long long number)
{
	char *at = room + SP_DIGITS_MAX;

	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return sp_span_between(at, room + SP_DIGITS_MAX);
}

/* FNV-1a, 64 bits, of the bytes with ASCII letters folded to lower case. */
static inline unsigned long long sp_span_hash_nocase(struct sp_span s)
{
	unsigned long long hash = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < s.size; i++) {
		hash ^= (unsigned char)sp_lower(s.data[i]);
		hash *= 0x100000001b3ULL;
	}
	return hash;
}

#endif
