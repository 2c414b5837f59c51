/* SPDX-License-Identifier: Apache-2.0 */
/* From-line quoting of an mbox and its removal, in pieces (mbox(5)). */
#include "io/mbox.h"

#define MARK "From "

/* Where the (un)quoter is; LINE_START is the 0 that callers begin with. */
enum { LINE_START, IN_LINE, HELD /* ">" and (state - HELD) bytes of MARK */ };

/* O and CL undo one ">" only, RD (and AUTO) one of any number. */
static bool many_marks(enum sp_mbox_kind kind)
{
	return kind == SP_MBOX_AUTO || kind == SP_MBOX_RD;
}

/* Number of ">" right before at, or -1 when they do not begin a line. */
static ptrdiff_t quotes_before(struct sp_span body, const char *at)
{
	const char *first = at;

	while (first > body.data && first[-1] == '>')
		first--;
	return first == body.data || first[-1] == '\n' ? at - first : -1;
}

/* The first MARK in a line of its own or below ">"; *quotes is their number. */
static const char *find_mark(struct sp_span body, ptrdiff_t *quotes)
{
	const char *at = body.data, *end = body.data + body.size;

	while (at < end) {
		const char *hit = memmem(
			at, (size_t)(end - at), MARK, SP_MBOX_MARK_BYTES);

		if (!hit)
			return NULL;
		*quotes = quotes_before(body, hit);
		if (*quotes >= 0)
			return hit;
		at = hit + SP_MBOX_MARK_BYTES;
	}
	return NULL;
}

bool sp_mbox_is_quoted(enum sp_mbox_kind kind, struct sp_span body)
{
	struct sp_span rest = body;
	const char *end = body.data + body.size;
	ptrdiff_t quotes;
	const char *hit;

	if (kind == SP_MBOX_CL2)
		return false;
	while ((hit = find_mark(rest, &quotes))) {
		if (quotes == 1 || (quotes > 1 && many_marks(kind)))
			return true;
		rest = sp_span_between(hit + SP_MBOX_MARK_BYTES - 1, end);
	}
	return false;
}

/* The rest of the line goes through as it is. */
static const char *copy_line(
	unsigned *state, char **to, const char *from, const char *end)
{
	const char *newline = memchr(from, '\n', (size_t)(end - from));
	size_t size = (size_t)((newline ? newline + 1 : end) - from);

	memmove(*to, from, size);
	*to += size;
	*state = newline ? LINE_START : IN_LINE;
	return from + size;
}

size_t sp_mbox_unquote_end(unsigned *state, char *out)
{
	size_t held = *state >= HELD ? *state - HELD + 1 : 0;

	if (held)
		memcpy(out, ">" MARK, held);
	*state = IN_LINE;
	return held;
}

size_t sp_mbox_unquote(
	enum sp_mbox_kind kind, unsigned *state, char *out, struct sp_span in)
{
	const char *from = in.data, *end = in.data + in.size;
	char *to = out;

	while (from < end) {
		unsigned seen = *state - HELD;

		if (kind == SP_MBOX_CL2 || *state == IN_LINE) {
			from = copy_line(state, &to, from, end);
		} else if (*state == LINE_START) {
			*state = *from == '>' ? HELD : IN_LINE;
			from += *from == '>';
		} else if (*from == MARK[seen]) {
			from++;
			*state = HELD + seen + 1;
			if (seen + 1 < SP_MBOX_MARK_BYTES)
				continue;
			memcpy(to, MARK, SP_MBOX_MARK_BYTES);
			to += SP_MBOX_MARK_BYTES;
			*state = IN_LINE;
		} else if (seen == 0 && *from == '>' && many_marks(kind)) {
			*to++ = *from++;
		} else {
			to += sp_mbox_unquote_end(state, to);
		}
	}
	return (size_t)(to - out);
}

bool sp_mbox_needs_quoting(struct sp_span body)
{
	ptrdiff_t quotes;

	return find_mark(body, &quotes) != NULL;
}

/*
 * The new ">" goes behind those that are there: the bytes are the same, and no
 * run of them has to be held back.
 */
void sp_mbox_quote(struct sp_buffer *out, unsigned *state, struct sp_span body)
{
	struct sp_span rest = body;

	while (rest.size) {
		size_t size = 0;

		if (*state == LINE_START && rest.data[0] == '>') {
			size = 1;
		} else {
			if (*state == LINE_START && sp_span_starts(rest, MARK))
				sp_buffer_add_char(out, '>');
			size = sp_span_find(rest, '\n');
			*state = size < rest.size ? LINE_START : IN_LINE;
			size += size < rest.size;
		}
		sp_buffer_add(out, sp_span(rest.data, size));
		rest = sp_span_after(rest, size);
	}
}

size_t sp_mbox_partial_mark(struct sp_span piece)
{
	for (size_t size = SP_MBOX_MARK_BYTES - 1; size > 0; size--)
		if (piece.size >= size &&
			memcmp(piece.data + piece.size - size, MARK, size) == 0)
			return size;
	return 0;
}
