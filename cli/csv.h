/* SPDX-License-Identifier: Apache-2.0 */
/* Values of CSV (RFC 4180). The caller writes the commas and CRLF. */
#ifndef SP_CLI_CSV_H
#define SP_CLI_CSV_H

#include "base/arena.h"
#include "base/buffer.h"

/*
 * A value, in quotes where it needs them. Bytes that are not UTF-8 become
 * U+FFFD.
 */
void sp_csv_value(struct sp_buffer *out, struct sp_span text);

#define SP_CSV_COLUMNS_MAX 64u

/*
 * Takes the next record off *rest: its values, at most SP_CSV_COLUMNS_MAX,
 * unquoted into the arena where need be. *line grows by the lines it had. False
 * when it is no CSV (a quote that is not closed or stands inside of a bare
 * value, too many columns) or memory fails (then *values is NULL).
 */
bool sp_csv_next(struct sp_span *rest, struct sp_arena *arena,
	struct sp_span **values, size_t *count, size_t *line);

#endif
