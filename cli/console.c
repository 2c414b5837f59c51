/* SPDX-License-Identifier: Apache-2.0 */
/* Lines and the progress bar on standard error. */
#include "cli/console.h"

#include <stdio.h>
#include <unistd.h>

#include "base/utf8.h"

void sp_console_init(struct sp_console *console)
{
	*console = (struct sp_console){.quiet = false};
	pthread_mutex_init(&console->lock, NULL);
}

/* A failed write to stderr has nowhere to be told. */
static void put(struct sp_span bytes)
{
	while (bytes.size) {
		ssize_t done = write(STDERR_FILENO, bytes.data, bytes.size);

		if (done <= 0)
			return;
		bytes = sp_span_after(bytes, (size_t)done);
	}
}

static void take_bar_away(struct sp_console *console)
{
	if (console->bar_shown)
		put(sp_span_str("\r\033[K"));
	console->bar_shown = false;
}

static void put_line(
	struct sp_console *console, const char *prefix, const char *text)
{
	struct sp_buffer line = {.data = NULL};

	sp_buffer_add_str(&line, "sealpress: ");
	sp_buffer_add_str(&line, prefix);
	sp_text_add(&line, sp_span_str(text));
	sp_buffer_add_char(&line, '\n');
	pthread_mutex_lock(&console->lock);
	take_bar_away(console);
	put(sp_buffer_span(&line));
	pthread_mutex_unlock(&console->lock);
	sp_buffer_free(&line);
}

static void __attribute__((format(printf, 3, 0)))
put_words(struct sp_console *console, const char *prefix, const char *format,
	va_list args)
{
	char text[SP_ERROR_TEXT_BYTES];

	vsnprintf(text, sizeof(text), format, args);
	put_line(console, prefix, text);
}

void sp_console_error(struct sp_console *console, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_words(console, "", format, args);
	va_end(args);
}

void sp_console_warning(struct sp_console *console, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!console->quiet)
		put_words(console, "warning: ", format, args);
	va_end(args);
}

void sp_console_note(struct sp_console *console, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!console->quiet)
		put_words(console, "", format, args);
	va_end(args);
}

static void log_line(void *context, enum sp_log_level level, const char *text)
{
	struct sp_console *console = context;

	switch (level) {
	case SP_LOG_ERROR:
		put_line(console, "", text);
		break;
	case SP_LOG_WARNING:
		if (!console->quiet)
			put_line(console, "warning: ", text);
		break;
	case SP_LOG_INFO:
		if (console->verbose)
			put_line(console, "", text);
		break;
	}
}

struct sp_log sp_console_log(struct sp_console *console)
{
	return (struct sp_log){.line = log_line, .context = console};
}

void sp_console_write(struct sp_console *console, struct sp_span lines)
{
	pthread_mutex_lock(&console->lock);
	take_bar_away(console);
	put(lines);
	pthread_mutex_unlock(&console->lock);
}

void sp_console_bar(struct sp_console *console, const char *bar)
{
	pthread_mutex_lock(&console->lock);
	if (bar) {
		put(sp_span_str("\r"));
		put(sp_span_str(bar));
		put(sp_span_str("\033[K"));
		console->bar_shown = true;
	} else {
		take_bar_away(console);
	}
	pthread_mutex_unlock(&console->lock);
}

/* C0, DEL, and C1 in its UTF-8 form: what a terminal obeys. */
static bool is_control(struct sp_span character)
{
	unsigned char first = (unsigned char)character.data[0];

	if (character.size == 2)
		return first == 0xc2 && (unsigned char)character.data[1] < 0xa0;
	return first < 0x20 || first == 0x7f;
}

void sp_text_add(struct sp_buffer *out, struct sp_span text)
{
	while (text.size) {
		size_t size = sp_utf8_bytes(text);

		if (size && !is_control(sp_span(text.data, size))) {
			sp_buffer_add(out, sp_span(text.data, size));
		} else {
			size = size ? size : 1;
			for (size_t i = 0; i < size; i++)
				sp_buffer_add_format(out, "\\x%02X",
					(unsigned char)text.data[i]);
		}
		text = sp_span_after(text, size);
	}
}

const char *sp_plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}
