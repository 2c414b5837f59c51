/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The building blocks of a newsletter: paragraphs of text and rows of an HTML
 * table as template engines write them, indentation, blank lines and trailing
 * blanks included. They are made once; a message copies them together.
 */
#ifndef SP_CORPUS_BLOCKS_H
#define SP_CORPUS_BLOCKS_H

#include "base/buffer.h"
#include "corpus/random.h"

#define BLOCKS_TEXT 128u
#define BLOCKS_HTML 256u

/* Content-Transfer-Encoding (RFC 2045 6) of the HTML part. */
enum encoding { ENCODING_8BIT, ENCODING_QP, ENCODING_COUNT };

/* A piece of text in each encoding, whole lines. */
struct block {
	struct sp_buffer as[ENCODING_COUNT];
};

/* What is around the rows of HTML. */
struct frame {
	struct block head; /* up to the first row */
	struct block tail; /* after the last row */
	/* A link of the recipient's own: 16 characters go in between. */
	struct block link_before;
	struct block link_after;
};

struct blocks {
	const char *newline;
	bool small; /* for small messages (SIZES_SMALL) */
	struct block text[BLOCKS_TEXT];
	struct block html[BLOCKS_HTML]; /* not of small ones */
	struct frame frame; /* a table; of small messages, paragraphs */
};

/* newline, "\n" or "\r\n", is borrowed for good. */
void blocks_init(
	struct blocks *blocks, uint64_t seed, const char *newline, bool small);
void blocks_free(struct blocks *blocks);

void block_add(const struct block *block, enum encoding encoding,
	struct sp_buffer *out);

/* Adds a paragraph of text. Of a small message no more than its first lines:
 * one, or as many as it takes for out to have end bytes. */
void blocks_add_text(const struct blocks *blocks, struct random *random,
	enum encoding encoding, size_t end, struct sp_buffer *out);

/* The same in HTML, for the frame. */
void blocks_add_row(const struct blocks *blocks, struct random *random,
	enum encoding encoding, size_t end, struct sp_buffer *out);

/* A word in ASCII. */
const char *blocks_word(struct random *random);

#endif
