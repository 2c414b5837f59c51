/* SPDX-License-Identifier: Apache-2.0 */
/* Naming and counting what is skipped. */
#include "io/skips.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

void sp_skip(struct sp_skips *skips, const char *format, ...)
{
	char text[SP_ERROR_TEXT_BYTES];
	va_list args;

	atomic_fetch_add(&skips->count, 1);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sp_log(skips->log, SP_LOG_ERROR, "%s", text);
}

const char *sp_skip_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a folder";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "no regular file";
	}
}
