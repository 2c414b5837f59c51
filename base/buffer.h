/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte buffer that grows. Memory trouble is remembered in the buffer: add
 * what there is to add, then ask sp_buffer_status() once.
 *
 * A zeroed buffer is empty and valid. Not safe to share between threads.
 */
#ifndef SP_BASE_BUFFER_H
#define SP_BASE_BUFFER_H

#include <assert.h>
#include <stdarg.h>

#include "base/span.h"

struct sp_buffer {
	char *data; /* owned; NULL while empty */
	size_t size;
	size_t room;
	bool failed; /* an append found no memory; nothing is appended since */
};

/*
 * Makes room for count more bytes and returns where they go, or NULL. The
 * caller writes them and adds the number really written to buffer->size.
 */
char *sp_buffer_reserve(struct sp_buffer *buffer, size_t count);

/* What sp_buffer_add() does unless there is room. */
void sp_buffer_add_growing(struct sp_buffer *buffer, struct sp_span bytes);

/* Much is written in very small pieces: there is mostly room. */
static inline void sp_buffer_add(struct sp_buffer *buffer, struct sp_span bytes)
{
	if (buffer->failed || bytes.size > buffer->room - buffer->size) {
		sp_buffer_add_growing(buffer, bytes);
	} else if (bytes.size) {
		assert(bytes.data);
		memcpy(buffer->data + buffer->size, bytes.data, bytes.size);
		buffer->size += bytes.size;
	}
}

static inline void sp_buffer_add_char(struct sp_buffer *buffer, char c)
{
	sp_buffer_add(buffer, sp_span(&c, 1));
}

void sp_buffer_add_str(struct sp_buffer *buffer, const char *text);
void sp_buffer_add_format(struct sp_buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline struct sp_span sp_buffer_span(const struct sp_buffer *buffer)
{
	return sp_span(buffer->data, buffer->size);
}

/* SP_OK, or SP_NO_MEMORY when any append failed since the last clear. */
enum sp_status sp_buffer_status(const struct sp_buffer *buffer);

/* Empties the buffer and keeps its memory. */
void sp_buffer_clear(struct sp_buffer *buffer);

void sp_buffer_free(struct sp_buffer *buffer);

#endif
