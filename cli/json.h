/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing JSON (RFC 8259) straight into a buffer. The caller writes braces,
 * commas and keys as literals; this does the values.
 */
#ifndef SP_CLI_JSON_H
#define SP_CLI_JSON_H

#include "base/buffer.h"
#include "include/sealpress.h"

/*
 * A quoted string. JSON text is UTF-8: each byte that is part of no
 * well-formed character becomes U+FFFD.
 */
void sp_json_string(struct sp_buffer *out, struct sp_span text);

/* The same, or null when text is empty. */
void sp_json_string_or_null(struct sp_buffer *out, struct sp_span text);

void sp_json_number(struct sp_buffer *out, uint64_t number);
void sp_json_integer(struct sp_buffer *out, int64_t number);
/* Unix seconds, or null when it is SP_TIME_NONE. */
void sp_json_time(struct sp_buffer *out, int64_t time);
void sp_json_bool(struct sp_buffer *out, bool value);

#endif
