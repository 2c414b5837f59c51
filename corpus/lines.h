/* SPDX-License-Identifier: Apache-2.0 */
/* Formatted lines of mail, with the line ends of the corpus. */
#ifndef SP_CORPUS_LINES_H
#define SP_CORPUS_LINES_H

#include "base/buffer.h"

/* Of one call: the list fields of a newsletter name its domain eight times,
 * and it has up to OPTIONS_DOMAIN_MAX letters. */
#define LINES_BYTES_MAX 4096u

/* Adds what printf(3) makes of it; each "\n" becomes newline. */
__attribute__((format(printf, 3, 4))) void lines_add(
	struct sp_buffer *out, const char *newline, const char *format, ...);

#endif
