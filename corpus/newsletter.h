/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Newsletters as a bulk sender makes them: some 25 header fields, a text and
 * an HTML part, links and a name of the recipient's own, List-Unsubscribe for
 * one click (RFC 8058). Message n of a seed is the same whatever is made
 * before it.
 */
#ifndef SP_CORPUS_NEWSLETTER_H
#define SP_CORPUS_NEWSLETTER_H

#include "corpus/blocks.h"

struct newsletter_options {
	uint64_t seed;
	const char *domain; /* of From */
	const char *newline; /* "\n" or "\r\n" */
	uint32_t mean_bytes; /* sizes are log-normal around it, sigma 0.6 */
	bool identical; /* the same body for everybody */
};

struct newsletter {
	struct newsletter_options options;
	struct blocks blocks;
};

void newsletter_init(struct newsletter *newsletter,
	const struct newsletter_options *options);
void newsletter_free(struct newsletter *newsletter);

/* Adds message index to out. */
void newsletter_add(const struct newsletter *newsletter, uint64_t index,
	struct sp_buffer *out);

/* Unix time of the message's Date field. */
int64_t newsletter_time(uint64_t index);

#endif
