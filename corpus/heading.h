/* SPDX-License-Identifier: Apache-2.0 */
/* The header fields of a newsletter (RFC 5322, RFC 2369, RFC 8058). */
#ifndef SP_CORPUS_HEADING_H
#define SP_CORPUS_HEADING_H

#include "corpus/newsletter.h"

/* What is drawn for one message before any of it is written. */
struct draft {
	struct random random;
	uint64_t id;
	uint64_t index;
	uint32_t bytes; /* wanted; beyond the least, of a small one */
	enum encoding encoding;
	const char *name; /* of the recipient */
	const char *surname;
};

/* Adds all fields but those of MIME. */
void heading_add(const struct newsletter *newsletter, struct draft *draft,
	struct sp_buffer *out);

#endif
