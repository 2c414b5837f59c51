/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way to standard error: whole lines, one at a time, with the
 * progress bar out of their way and nothing in them that could steer a
 * terminal.
 *
 * Safe to use from several threads after sp_console_init().
 */
#ifndef SP_CLI_CONSOLE_H
#define SP_CLI_CONSOLE_H

#include <pthread.h>

#include "base/buffer.h"
#include "base/error.h"

struct sp_console {
	pthread_mutex_t lock;
	bool quiet; /* errors only */
	bool verbose; /* SP_LOG_INFO too */
	bool bar_shown; /* the last line on the terminal is a bar */
};

void sp_console_init(struct sp_console *console);

/* "sealpress: TEXT", whatever quiet says. */
void sp_console_error(struct sp_console *console, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* "sealpress: warning: TEXT" and "sealpress: TEXT", unless quiet. */
void sp_console_warning(struct sp_console *console, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void sp_console_note(struct sp_console *console, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The log of a run; the console must outlive it. */
struct sp_log sp_console_log(struct sp_console *console);

/* Ready-made lines to stderr as they are, also when quiet. */
void sp_console_write(struct sp_console *console, struct sp_span lines);

/* Draws the bar over the last one; NULL takes it away. */
void sp_console_bar(struct sp_console *console, const char *bar);

/*
 * Appends text that comes from outside (mail, file names) for a person to
 * read: control bytes and what is not UTF-8 appear as \xHH.
 */
void sp_text_add(struct sp_buffer *out, struct sp_span text);

/* What a noun ends in: "s", or nothing when there is one of it. */
const char *sp_plural(uint64_t count);

#endif
