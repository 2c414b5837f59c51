/* SPDX-License-Identifier: Apache-2.0 */
/* From-line quoting of an mbox and its removal, in pieces (mbox(5)). */
#include "io/mbox.h"

/* Where the (un)quoter is; LINE_START is the 0 that callers begin with. */
enum {
	LINE_START,
	IN_LINE,
	HELD /* ">" and (state - HELD) bytes of SP_MARK */
};

/* O and CL undo one ">" only, RD (and AUTO) one of any number. */
static bool many_marks(enum sp_mbox_kind kind)
{
	return kind == SP_MBOX_AUTO || kind == SP_MBOX_RD;
}

/*
 * The first line of body, which begins a line if at_start, that has a mark
 * below at least quotes_min and at most quotes_max ">". Gives that mark and
 * moves *line to the beginning of its line.
 */
static const char *find_quoted(struct sp_span body, bool at_start,
	size_t quotes_min, size_t quotes_max, const char **line)
{
	size_t at = sp_mark_find(body, 0);

	for (; at < body.size; at = sp_mark_find(body, at + SP_MARK_BYTES)) {
		const char *hit = body.data + at, *first = hit;
		size_t quotes;

		while (first > body.data && first[-1] == '>')
			first--;
		quotes = (size_t)(hit - first);
		if (first == body.data ? !at_start : first[-1] != '\n')
			continue;
		if (quotes < quotes_min || quotes > quotes_max)
			continue;
		*line = first;
		return hit;
	}
	return NULL;
}

/* The same for lines that lose a ">" in this kind. */
static const char *find_undone(enum sp_mbox_kind kind, struct sp_span body,
	bool at_start, const char **line)
{
	return find_quoted(
		body, at_start, 1, many_marks(kind) ? SIZE_MAX : 1, line);
}

bool sp_mbox_is_quoted(enum sp_mbox_kind kind, struct sp_span body)
{
	const char *line;

	return kind != SP_MBOX_CL2 && find_undone(kind, body, true, &line);
}

/*
 * Copies what no ">" is taken from: up to the next line that loses one, or, if
 * there is none, up to the last line, which may yet become one. Moves *to.
 */
static const char *copy_plain(enum sp_mbox_kind kind, unsigned *state,
	char **to, const char *from, const char *end)
{
	struct sp_span rest = sp_span_between(from, end);
	const char *stop;

	if (!find_undone(kind, rest, *state == LINE_START, &stop)) {
		stop = memrchr(from, '\n', rest.size);
		stop = stop ? stop + 1 : from;
	}
	if (stop == from)
		return from;
	memmove(*to, from, (size_t)(stop - from));
	*to += stop - from;
	*state = LINE_START;
	return stop;
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
		memcpy(out, ">" SP_MARK, held);
	*state = IN_LINE;
	return held;
}

/* From state on, one line or what there is of it; moves *to. */
static const char *unquote_line(enum sp_mbox_kind kind, unsigned *state,
	char **to, const char *from, const char *end)
{
	while (from < end && *state != IN_LINE) {
		unsigned seen = *state - HELD;

		if (*state == LINE_START) {
			*state = *from == '>' ? HELD : IN_LINE;
			from += *from == '>';
		} else if (*from == SP_MARK[seen]) {
			from++;
			*state = HELD + seen + 1;
			if (seen + 1 < SP_MARK_BYTES)
				continue;
			memcpy(*to, SP_MARK, SP_MARK_BYTES);
			*to += SP_MARK_BYTES;
			*state = IN_LINE;
		} else if (seen == 0 && *from == '>' && many_marks(kind)) {
			*(*to)++ = *from++;
		} else {
			*to += sp_mbox_unquote_end(state, *to);
		}
	}
	return from < end ? copy_line(state, to, from, end) : from;
}

size_t sp_mbox_unquote(
	enum sp_mbox_kind kind, unsigned *state, char *out, struct sp_span in)
{
	const char *from = in.data, *end = in.data + in.size;
	char *to = out;

	if (kind == SP_MBOX_CL2) {
		if (in.size)
			memmove(out, in.data, in.size);
		return in.size;
	}
	while (from < end) {
		if (*state < HELD)
			from = copy_plain(kind, state, &to, from, end);
		if (from < end)
			from = unquote_line(kind, state, &to, from, end);
	}
	return (size_t)(to - out);
}

bool sp_mbox_needs_quoting(struct sp_span body)
{
	const char *line;

	return find_quoted(body, true, 0, SIZE_MAX, &line) != NULL;
}

/*
 * The new ">" goes behind those that are there: the bytes are the same, and no
 * run of them has to be held back.
 */
void sp_mbox_quote(struct sp_buffer *out, unsigned *state, struct sp_span body)
{
	bool at_start = *state == LINE_START;
	const char *end = body.data + body.size, *last = end, *hit, *line;
	struct sp_span rest = body;

	if (!body.size)
		return;
	while ((hit = find_quoted(rest, at_start, 0, SIZE_MAX, &line))) {
		sp_buffer_add(out, sp_span_between(rest.data, hit));
		sp_buffer_add_char(out, '>');
		sp_buffer_add(out, sp_span(SP_MARK, SP_MARK_BYTES));
		rest = sp_span_between(hit + SP_MARK_BYTES, end);
		at_start = false;
	}
	sp_buffer_add(out, rest);
	while (last > rest.data && last[-1] == '>')
		last--;
	if (last > rest.data)
		at_start = last[-1] == '\n';
	*state = at_start ? LINE_START : IN_LINE;
}

size_t sp_mbox_partial_mark(struct sp_span piece)
{
	for (size_t size = SP_MARK_BYTES - 1; size > 0; size--)
		if (piece.size >= size && memcmp(piece.data + piece.size - size,
						  SP_MARK, size) == 0)
			return size;
	return 0;
}
