/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 section 4 allows it. */
#ifndef SP_BASE_UTF8_H
#define SP_BASE_UTF8_H

#include "base/span.h"

/* U+FFFD, which stands for bytes that are not UTF-8. */
#define SP_UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Size of the well-formed character text begins with; 0: it is none. */
size_t sp_utf8_bytes(struct sp_span text);

/* True when all of text is well-formed. */
bool sp_utf8_valid(struct sp_span text);

#endif
