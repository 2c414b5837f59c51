/* SPDX-License-Identifier: Apache-2.0 */
/* Points in time as people write them on a command line. */
#ifndef SP_CLI_WHEN_H
#define SP_CLI_WHEN_H

#include "base/error.h"

/* Unix seconds; far enough for RFC 6376's t= and x= (12 digits). */
#define SP_WHEN_MAX 999999999999

/*
 * Unix seconds, or RFC 3339 section 5.6 ("2024-02-29T12:00:00Z", also with an
 * offset, a fraction, which is dropped, or a blank for the T). False when it
 * is neither.
 */
bool sp_when_parse(const char *text, int64_t *seconds);

#endif
