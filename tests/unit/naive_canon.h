/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 6376 3.4 word by word over whole buffers: slow, and plain enough to be
 * believed. What canon/ does in pieces must come out the same.
 *
 * out needs 2 * size + 4 bytes. The functions return the size of the result.
 */
#ifndef SP_TESTS_UNIT_NAIVE_CANON_H
#define SP_TESTS_UNIT_NAIVE_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "include/sealpress.h"

static inline bool naive_ends(const char *text, size_t size, const char *end)
{
	return size >= strlen(end) &&
	       memcmp(text + size - strlen(end), end, strlen(end)) == 0;
}

static inline bool naive_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* Every LF without CR becomes CRLF. */
static inline size_t naive_crlf(char *out, const char *in, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		if (in[i] == '\n' && (i == 0 || in[i - 1] != '\r'))
			out[n++] = '\r';
		out[n++] = in[i];
	}
	return n;
}

/* 3.4.4 a, in place. text ends with CRLF. */
static inline size_t naive_reduce(char *text, size_t size)
{
	size_t n = 0, i = 0;

	while (i < size) {
		if (!naive_wsp(text[i])) {
			text[n++] = text[i++];
			continue;
		}
		while (naive_wsp(text[i]))
			i++;
		if (text[i] != '\r' || text[i + 1] != '\n')
			text[n++] = ' ';
	}
	return n;
}

static inline size_t naive_body(
	char *out, enum sp_canon canon, const char *in, size_t size)
{
	bool relaxed = canon == SP_CANON_RELAXED;
	size_t n = naive_crlf(out, in, size);

	if (!naive_ends(in, size, "\n")) {
		memcpy(out + n, "\r\n", 2);
		n += 2;
	}
	if (relaxed)
		n = naive_reduce(out, n);
	while (naive_ends(out, n, "\r\n\r\n") ||
		(n == 2 && relaxed && naive_ends(out, n, "\r\n")))
		n -= 2;
	return n;
}

static inline void naive_remove(char *text, size_t *size, size_t at, size_t n)
{
	memmove(text + at, text + at + n, *size - at - n);
	*size -= n;
}

/* 3.4.2 in place; the field ends with CRLF and so does the result. */
static inline size_t naive_relax_field(char *text, size_t size)
{
	size_t colon = (size_t)((char *)memchr(text, ':', size) - text);
	size_t n = size;

	for (size_t i = 0; i < colon; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] - 'A' + 'a');
	for (size_t i = 0; i + 1 < n;)
		if (text[i] == '\r' && text[i + 1] == '\n')
			naive_remove(text, &n, i, 2);
		else
			i++;
	for (size_t i = colon; i + 1 < n;)
		if (naive_wsp(text[i]) && naive_wsp(text[i + 1]))
			naive_remove(text, &n, i, 1);
		else
			i++;
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\t')
			text[i] = ' ';
	while (naive_wsp(text[n - 1]))
		n--;
	while (colon + 1 < n && naive_wsp(text[colon + 1]))
		naive_remove(text, &n, colon + 1, 1);
	while (naive_wsp(text[colon - 1]))
		naive_remove(text, &n, --colon, 1);
	memcpy(text + n, "\r\n", 2);
	return n + 2;
}

static inline size_t naive_field(
	char *out, enum sp_canon canon, const char *in, size_t size)
{
	size_t n = naive_crlf(out, in, size);

	if (!naive_ends(in, size, "\n")) {
		memcpy(out + n, "\r\n", 2);
		n += 2;
	}
	return canon == SP_CANON_RELAXED ? naive_relax_field(out, n) : n;
}

#endif
