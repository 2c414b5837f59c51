/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, in words for a person: what, where, and the remedy.
 *
 * Functions that can meet trouble outside of a message (a key file, a
 * directory, a full disk) return an sp_status and fill one of these. Nothing
 * in the library prints; cli/ puts "sealpress: " before the text.
 */
#ifndef SP_BASE_ERROR_H
#define SP_BASE_ERROR_H

#include "include/sealpress.h"

/*
 * Writes the text (cut to fit) and returns status, so that a caller can say
 * "return sp_error(error, SP_IO, ...)". error may be NULL. The form is
 * "FILE[:message N][:byte B]: what is wrong; what to do", N and B from zero.
 */
enum sp_status sp_error(struct sp_error *error, enum sp_status status,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same with ": " and the text of the errno value behind it. */
enum sp_status sp_error_errno(struct sp_error *error, int number,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Where running code reports what a person should hear about but that does
 * not end the work: an unreadable file, a message that lost its key. line may
 * be called from any worker; it must not block for long.
 */
enum sp_log_level { SP_LOG_ERROR, SP_LOG_WARNING, SP_LOG_INFO };

struct sp_log {
	void (*line)(void *context, enum sp_log_level level, const char *text);
	void *context;
};

/* log or its line function may be NULL: then nothing happens. */
void sp_log(const struct sp_log *log, enum sp_log_level level,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
