/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines, and runs of white space: what splitting and canonicalizing share
 * (RFC 5322 2.1; RFC 6376 3.4).
 */
#ifndef SP_CANON_SCAN_H
#define SP_CANON_SCAN_H

#include "base/span.h"

/*
 * Takes the next line off *rest, LF or CRLF included, and gives it without
 * them. True when it had a line end; the last line may have none.
 */
bool sp_scan_line(struct sp_span *rest, struct sp_span *line);

/*
 * Copies text to to with every run of SP and TAB as one SP (RFC 6376 3.4.2,
 * 3.4.4) and returns the end of the copy. text must not end with SP or TAB.
 * There must be room for text.size bytes, all of which may be overwritten.
 */
char *sp_scan_squeeze(char *to, struct sp_span text);

#endif
