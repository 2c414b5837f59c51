/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One message of an archive as its author sends it (RFC 5322, RFC 2045):
 * header fields and a body of some kind, without signature.
 */
#ifndef SP_CORPUS_LETTER_H
#define SP_CORPUS_LETTER_H

#include "corpus/blocks.h"

enum letter_kind {
	LETTER_PLAIN,
	LETTER_QP,
	LETTER_HTML,
	LETTER_ATTACHMENT,
	LETTER_EMPTY,
};

struct letter {
	uint64_t id;
	int64_t time;
	const char *from; /* domain */
	const char *newline;
	const struct blocks *blocks;
	enum letter_kind kind;
	uint32_t bytes; /* wanted, of the body */
};

void letter_add(const struct letter *letter, struct random *random,
	struct sp_buffer *out);

#endif
