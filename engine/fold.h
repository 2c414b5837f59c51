/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a folded header field (RFC 5322 2.1.1, 2.2.3): no line longer than
 * SP_FOLD_COLUMNS bytes unless one piece alone is.
 */
#ifndef SP_ENGINE_FOLD_H
#define SP_ENGINE_FOLD_H

#include "base/buffer.h"

/* The longest line, its line end not counted: below 78. */
#define SP_FOLD_COLUMNS 77u

struct sp_fold {
	struct sp_buffer *out; /* borrowed */
	size_t column; /* bytes in the present line */
	bool crlf;
};

/* Goes on behind what is in out; the field begins at offset start of it. */
struct sp_fold sp_fold_begin(struct sp_buffer *out, size_t start, bool crlf);

/* Appends text as it is; text holds no line end. */
void sp_fold_text(struct sp_fold *fold, struct sp_span text);

/* Ends the line; the next one continues the field with one space. */
void sp_fold_break(struct sp_fold *fold);

/* True when size more bytes fit in the line. */
bool sp_fold_fits(const struct sp_fold *fold, size_t size);

/* Appends text, which stays whole, in a new line if it does not fit here. */
void sp_fold_piece(struct sp_fold *fold, struct sp_span text);

/*
 * Appends DKIM-quoted-printable text (RFC 6376 2.11), folded inside where it
 * has to be but never inside "=XX". The first whole bytes stay together.
 */
void sp_fold_qp(struct sp_fold *fold, struct sp_span text, size_t whole);

/* The line end that closes the field. */
void sp_fold_end(struct sp_fold *fold);

#endif
