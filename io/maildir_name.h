/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of messages in a Maildir (maildir(5), Maildir++):
 * UNIQUE[,S=size][,W=size with CRLF][:2,FLAGS].
 */
#ifndef SP_IO_MAILDIR_NAME_H
#define SP_IO_MAILDIR_NAME_H

#include <limits.h>

#include "io/content.h"

#define SP_MAILDIR_NAME_BYTES (NAME_MAX + 1)

/*
 * Writes a fresh unique part, TIME.MusecPpidQcounter.HOST, NUL behind it. It
 * is unique among the names of this host when counter differs for equal times.
 */
void sp_maildir_name_fresh(
	char out[SP_MAILDIR_NAME_BYTES], unsigned long counter);

/* The part before ":"; what two names of one message have in common. */
struct sp_span sp_maildir_name_base(struct sp_span name);

/* ":2,FLAGS" with its ":", or empty. */
struct sp_span sp_maildir_name_info(struct sp_span name);

/* Is a part between commas "S=" (or "W=") and digits only? */
bool sp_maildir_name_is_size(struct sp_span part, char field);

/* Has the base of name a field ",W=" (or ",S=") with a number? */
bool sp_maildir_name_has(struct sp_span name, char field);

/*
 * Writes name with the numbers of its S= and W= fields replaced, NUL behind
 * it. False when it would be too long.
 */
bool sp_maildir_name_resize(char out[SP_MAILDIR_NAME_BYTES],
	struct sp_span name, const struct sp_content_sizes *sizes);

#endif
