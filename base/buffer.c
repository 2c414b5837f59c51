/* SPDX-License-Identifier: Apache-2.0 */
/* A byte buffer that grows by doubling. */
#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM_MIN 256u

char *sp_buffer_reserve(struct sp_buffer *buffer, size_t count)
{
	size_t room = buffer->room ? buffer->room : ROOM_MIN;
	char *data;

	if (buffer->failed)
		return NULL;
	if (count <= buffer->room - buffer->size)
		return buffer->data + buffer->size;
	if (count > SIZE_MAX / 2 - buffer->size) {
		buffer->failed = true;
		return NULL;
	}
	while (room < buffer->size + count)
		room *= 2;
	data = realloc(buffer->data, room);
	if (!data) {
		buffer->failed = true;
		return NULL;
	}
	buffer->data = data;
	buffer->room = room;
	return data + buffer->size;
}

void sp_buffer_add_growing(struct sp_buffer *buffer, struct sp_span bytes)
{
	char *at = bytes.size ? sp_buffer_reserve(buffer, bytes.size) : NULL;

	if (!at)
		return;
	memcpy(at, bytes.data, bytes.size);
	buffer->size += bytes.size;
}

void sp_buffer_add_str(struct sp_buffer *buffer, const char *text)
{
	sp_buffer_add(buffer, sp_span_str(text));
}

void sp_buffer_add_format(struct sp_buffer *buffer, const char *format, ...)
{
	va_list args;
	int size;
	char *at;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	at = size < 0 ? NULL : sp_buffer_reserve(buffer, (size_t)size + 1);
	if (!at) {
		buffer->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(at, (size_t)size + 1, format, args);
	va_end(args);
	buffer->size += (size_t)size;
}

enum sp_status sp_buffer_status(const struct sp_buffer *buffer)
{
	return buffer->failed ? SP_NO_MEMORY : SP_OK;
}

void sp_buffer_clear(struct sp_buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
}

void sp_buffer_free(struct sp_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct sp_buffer){0};
}
