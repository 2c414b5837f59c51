/* SPDX-License-Identifier: Apache-2.0 */
/* Mail and bodies to measure with, the same bytes on every machine. */
#ifndef SP_BENCH_LETTERS_H
#define SP_BENCH_LETTERS_H

#include "base/buffer.h"

enum letters_body {
	LETTERS_HTML,
	LETTERS_BASE64,
	LETTERS_QP,
	LETTERS_HTML_CRLF,
	LETTERS_BASE64_CRLF,
	LETTERS_BODIES,
};

/* "html", "base64", "qp", "html-crlf", "base64-crlf". */
extern const char *const letters_body_names[LETTERS_BODIES];

/* Adds lines of that kind until the buffer holds at least bytes. */
void letters_add_body(
	struct sp_buffer *out, enum letters_body kind, size_t bytes);

/*
 * Newsletters of 20 KB on average (corpus/newsletter.h), LF. Those of an
 * identical set differ in their headers only.
 */
#define LETTERS_MAX 64u
struct letters {
	struct sp_buffer text; /* all of them; owned */
	struct sp_span at[LETTERS_MAX];
	size_t count;
	size_t bytes; /* of all */
};

void letters_open(struct letters *letters, size_t count, bool identical);
void letters_close(struct letters *letters);

#endif
