/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Newsletters as a bulk sender makes them: some 25 header fields, a text and
 * an HTML part, links and a name of the recipient's own, List-Unsubscribe for
 * one click (RFC 8058). Small ones (SIZES_SMALL) have ten fields, no more text
 * than a greeting and a line, and HTML of paragraphs. Message n of a seed is
 * the same whatever is made before it.
 */
#ifndef SP_CORPUS_NEWSLETTER_H
#define SP_CORPUS_NEWSLETTER_H

#include "corpus/blocks.h"

struct newsletter_options {
	uint64_t seed;
	const char *domain; /* of From */
	const char *newline; /* "\n" or "\r\n" */
	/* Sizes are log-normal around it, sigma 0.6; of small newsletters, what
	 * is said in them is, and identical ones have it. */
	uint32_t mean_bytes;
	bool identical; /* the same body for everybody */
};

struct newsletter {
	struct newsletter_options options;
	struct blocks blocks;
	uint32_t least_bytes; /* of small ones, or 0 */
};

/* There is nothing to be made where mean_bytes is less than least_bytes. */
void newsletter_init(struct newsletter *newsletter,
	const struct newsletter_options *options);
void newsletter_free(struct newsletter *newsletter);

/* Adds message index to out. */
void newsletter_add(const struct newsletter *newsletter, uint64_t index,
	struct sp_buffer *out);

/* Unix time of the message's Date field. */
int64_t newsletter_time(uint64_t index);

#endif
