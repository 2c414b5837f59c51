/* SPDX-License-Identifier: Apache-2.0 */
/* A bump allocator over a list of chunks. */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

struct sp_arena_chunk {
	struct sp_arena_chunk *next;
	size_t size; /* of data */
	_Alignas(SP_ARENA_ALIGN) unsigned char data[];
};

static size_t chunk_bytes(const struct sp_arena *arena)
{
	return arena->chunk_bytes ? arena->chunk_bytes : SP_ARENA_CHUNK_BYTES;
}

static struct sp_arena_chunk *chunk_new(size_t size)
{
	size_t total = sizeof(struct sp_arena_chunk) + size;
	struct sp_arena_chunk *chunk;

	if (total < size || total > SIZE_MAX - SP_ARENA_ALIGN)
		return NULL;
	total = (total + SP_ARENA_ALIGN - 1) & ~(size_t)(SP_ARENA_ALIGN - 1);
	chunk = aligned_alloc(SP_ARENA_ALIGN, total);
	if (!chunk)
		return NULL;
	chunk->next = NULL;
	chunk->size = size;
	return chunk;
}

/* Makes current a chunk with room for size bytes, reusing kept ones. */
static struct sp_arena_chunk *chunk_advance(struct sp_arena *arena, size_t size)
{
	struct sp_arena_chunk *current = arena->current;
	struct sp_arena_chunk *next = current ? current->next : arena->first;

	if (!next || next->size < size) {
		size_t usual = chunk_bytes(arena);
		struct sp_arena_chunk *made =
			chunk_new(size > usual ? size : usual);

		if (!made)
			return NULL;
		made->next = next;
		if (current)
			current->next = made;
		else
			arena->first = made;
		next = made;
	}
	arena->current = next;
	arena->used = 0;
	return next;
}

void *sp_arena_alloc(struct sp_arena *arena, size_t size, size_t align)
{
	size_t at = (arena->used + align - 1) & ~(align - 1);
	struct sp_arena_chunk *chunk = arena->current;

	assert(align && align <= SP_ARENA_ALIGN && !(align & (align - 1)));
	if (!chunk || at > chunk->size || size > chunk->size - at) {
		chunk = chunk_advance(arena, size);
		if (!chunk)
			return NULL;
		at = 0;
	}
	arena->used = at + size;
	return chunk->data + at;
}

void *sp_arena_array(struct sp_arena *arena, size_t count, size_t size)
{
	void *data;

	if (size && count > SIZE_MAX / size)
		return NULL;
	data = sp_arena_alloc(arena, count * size, _Alignof(max_align_t));
	if (data)
		memset(data, 0, count * size);
	return data;
}

char *sp_arena_copy(struct sp_arena *arena, struct sp_span bytes)
{
	char *copy = sp_arena_alloc(arena, bytes.size + 1, 1);

	if (!copy)
		return NULL;
	if (bytes.size)
		memcpy(copy, bytes.data, bytes.size);
	copy[bytes.size] = '\0';
	return copy;
}

void sp_arena_trim(struct sp_arena *arena, const void *end)
{
	struct sp_arena_chunk *chunk = arena->current;
	const unsigned char *at = end;

	if (chunk && at >= chunk->data && at < chunk->data + arena->used)
		arena->used = (size_t)(at - chunk->data);
}

size_t sp_arena_bytes(const struct sp_arena *arena)
{
	const struct sp_arena_chunk *chunk = arena->first;
	size_t bytes = 0;

	while (chunk && chunk != arena->current) {
		bytes += chunk->size;
		chunk = chunk->next;
	}
	return bytes + arena->used;
}

void sp_arena_reset(struct sp_arena *arena)
{
	size_t usual = chunk_bytes(arena);
	struct sp_arena_chunk **link = &arena->first;

	while (*link) {
		struct sp_arena_chunk *chunk = *link;

		if (chunk->size > usual) {
			*link = chunk->next;
			free(chunk);
		} else {
			link = &chunk->next;
		}
	}
	arena->current = arena->first;
	arena->used = 0;
}

void sp_arena_free(struct sp_arena *arena)
{
	struct sp_arena_chunk *chunk = arena->first;

	while (chunk) {
		struct sp_arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	*arena = (struct sp_arena){.chunk_bytes = arena->chunk_bytes};
}
