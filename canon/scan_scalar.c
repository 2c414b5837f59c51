/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scalar kernel (RFC 6376 3.4.2, 3.4.3, 3.4.4). canon/body.c goes by lines
 * where a kernel takes nothing, and that is the truth for all others; what it
 * and header fields need for it is squeezing.
 *
 * A run of white space becomes one space by one rule: drop every SP and TAB
 * whose successor is one, and turn what is left into SP. Eight bytes at a time
 * are looked at and, when the rule changes nothing in them, copied. The eighth
 * waits for its successor, so a step takes seven.
 */
#include "base/word.h"
#include "canon/scan.h"

#define WORD SP_WORD_BYTES

/* True when the eight bytes hold a TAB, or two SP side by side. */
static bool word_changes(const char *from)
{
	uint64_t word = sp_word_load(from);
	uint64_t space = sp_word_find(word, ' ');

	/* Neighbours are neighbours in either byte order. */
	return (space & space >> 8) | sp_word_has(word, '\t');
}

/* One byte and a look at its successor; no branch, as runs are ragged. */
static char *put_byte(char *to, const char *from)
{
	int drop = (int)sp_is_wsp(from[0]) & (int)sp_is_wsp(from[1]);

	*to = *from == '\t' ? ' ' : *from;
	return to + !drop;
}

char *sp_scan_squeeze(char *to, struct sp_span text)
{
	const char *from = text.data;
	const char *end = from + text.size;
	size_t left;

	if (text.size && sp_is_wsp(*from)) { /* indentation is common */
		*to++ = ' ';
		while (sp_is_wsp(*from))
			from++;
	}
	text = sp_span_between(from, end);
	while ((size_t)(end - from) > WORD) {
		if (word_changes(from)) {
			for (size_t i = 0; i < WORD - 1; i++)
				to = put_byte(to, from + i);
		} else {
			memcpy(to, from, WORD);
			to += WORD - 1;
		}
		from += WORD - 1;
	}
	left = (size_t)(end - from);
	/* The last word, if unchanged, goes over what is there already. */
	if (text.size >= WORD && !word_changes(end - WORD)) {
		memcpy(to + left - WORD, end - WORD, WORD);
		return to + left;
	}
	for (; left > 1; left--)
		to = put_byte(to, from++);
	if (left)
		*to++ = *from;
	return to;
}

char *sp_scan_unfold_scalar(char *to, struct sp_span text)
{
	const char *start = to;

	while (text.size) {
		struct sp_span line;

		sp_scan_line(&text, &line);
		while (line.size && sp_is_wsp(line.data[0]))
			line = sp_span_after(line, 1);
		while (line.size && sp_is_wsp(line.data[line.size - 1]))
			line.size--;
		if (line.size == 0)
			continue;
		if (to != start)
			*to++ = ' ';
		to = sp_scan_squeeze(to, line);
	}
	return to;
}

static char *take_nothing(struct sp_span *in, char *to, const char *end)
{
	(void)in;
	(void)end;
	return to;
}

const struct sp_scan_kernel sp_scan_scalar = {
	.name = "scalar",
	.simple = take_nothing,
	.relaxed = take_nothing,
	.unfold = sp_scan_unfold_scalar,
};
