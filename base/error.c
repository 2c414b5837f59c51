/* SPDX-License-Identifier: Apache-2.0 */
/* Error texts and the log callback. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum sp_status sp_error(
	struct sp_error *error, enum sp_status status, const char *format, ...)
{
	va_list args;

	if (!error)
		return status;
	error->status = status;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return status;
}

enum sp_status sp_error_errno(
	struct sp_error *error, int number, const char *format, ...)
{
	char reason[128];
	va_list args;
	size_t used;

	if (!error)
		return SP_IO;
	error->status = SP_IO;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	used = strlen(error->text);
	snprintf(error->text + used, sizeof(error->text) - used, ": %s",
		strerror_r(number, reason, sizeof(reason)));
	return SP_IO;
}

void sp_log(const struct sp_log *log, enum sp_log_level level,
	const char *format, ...)
{
	char text[SP_ERROR_TEXT_BYTES];
	va_list args;

	if (!log || !log->line)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log->line(log->context, level, text);
}
