/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Netstrings: LENGTH ":" BYTES ",". LENGTH is in decimal digits, without a
 * needless zero in front.
 */
#ifndef SP_IO_NETSTRING_H
#define SP_IO_NETSTRING_H

#include <stdint.h>

#include "base/buffer.h"

enum sp_netstring_state {
	SP_NETSTRING_WHOLE,
	SP_NETSTRING_MORE, /* so far it is right; more has to come */
	SP_NETSTRING_BAD, /* whatever comes, it is none */
};

struct sp_netstring {
	size_t head; /* size of LENGTH ":", 0 while it is not all there */
	uint64_t length; /* if head is not 0 */
	struct sp_span bytes; /* WHOLE: what it holds, a part of data */
	size_t size; /* WHOLE: with head and comma */
	size_t fault_at; /* BAD: offset of the byte that is wrong */
	const char *fault; /* BAD: what is wrong with it */
};

/* Looks at the netstring that data begins with; max bounds LENGTH. */
enum sp_netstring_state sp_netstring_parse(
	struct sp_netstring *netstring, struct sp_span data, uint64_t max);

/* Appends LENGTH ":"; the caller adds so many bytes, and a comma. */
void sp_netstring_add_head(struct sp_buffer *out, uint64_t length);

#endif
