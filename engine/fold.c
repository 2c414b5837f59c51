/* SPDX-License-Identifier: Apache-2.0 */
/* Folding of the header fields that are written (RFC 5322 2.2.3). */
#include "engine/fold.h"

/* What a continuation line begins with. One column, whatever a tab is. */
#define INDENT " "

struct sp_fold sp_fold_begin(struct sp_buffer *out, size_t start, bool crlf)
{
	struct sp_fold fold = {.out = out, .crlf = crlf};

	while (fold.column < out->size - start &&
		out->data[out->size - fold.column - 1] != '\n')
		fold.column++;
	return fold;
}

void sp_fold_text(struct sp_fold *fold, struct sp_span text)
{
	sp_buffer_add(fold->out, text);
	fold->column += text.size;
}

void sp_fold_end(struct sp_fold *fold)
{
	sp_buffer_add_str(fold->out, fold->crlf ? "\r\n" : "\n");
	fold->column = 0;
}

void sp_fold_break(struct sp_fold *fold)
{
	sp_fold_end(fold);
	sp_fold_text(fold, sp_span_str(INDENT));
}

bool sp_fold_fits(const struct sp_fold *fold, size_t size)
{
	return fold->column <= SP_FOLD_COLUMNS &&
	       size <= SP_FOLD_COLUMNS - fold->column;
}

/* True when a break would gain nothing: the line holds only its indent. */
static bool is_fresh(const struct sp_fold *fold)
{
	return fold->column <= strlen(INDENT);
}

void sp_fold_piece(struct sp_fold *fold, struct sp_span text)
{
	if (!sp_fold_fits(fold, text.size) && !is_fresh(fold))
		sp_fold_break(fold);
	sp_fold_text(fold, text);
}

void sp_fold_qp(struct sp_fold *fold, struct sp_span text, size_t whole)
{
	size_t at = 0;

	while (at < text.size) {
		size_t size = text.data[at] == '=' ? 3 : 1;

		if (at < whole)
			size = whole - at;
		if (size > text.size - at)
			size = text.size - at;
		sp_fold_piece(fold, sp_span(text.data + at, size));
		at += size;
	}
}
