/* SPDX-License-Identifier: Apache-2.0 */
/* printf(3) into a buffer, with LF or CRLF. */
#include "corpus/lines.h"

#include <assert.h>
#include <stdio.h>

void lines_add(
	struct sp_buffer *out, const char *newline, const char *format, ...)
{
	char lines[LINES_BYTES_MAX];
	struct sp_span rest;
	va_list args;

	va_start(args, format);
	rest = sp_span(
		lines, (size_t)vsnprintf(lines, sizeof(lines), format, args));
	va_end(args);
	assert(rest.size < sizeof(lines));
	while (rest.size > 0) {
		size_t line = sp_span_find(rest, '\n');

		sp_buffer_add(out, sp_span(rest.data, line));
		if (line == rest.size)
			break;
		sp_buffer_add_str(out, newline);
		rest = sp_span_after(rest, line + 1);
	}
}
