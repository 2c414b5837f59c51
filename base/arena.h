/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bump allocator. A worker owns arenas and resets them batch by batch, so
 * that nothing is allocated per message once the first batches have run.
 *
 * Not safe to share between threads. A zeroed arena is valid: it uses the
 * default chunk size, and freeing it is fine.
 */
#ifndef SP_BASE_ARENA_H
#define SP_BASE_ARENA_H

#include <stddef.h>

#include "base/span.h"

#define SP_ARENA_CHUNK_BYTES (256u << 10)
#define SP_ARENA_ALIGN 64u

struct sp_arena_chunk;

struct sp_arena {
	struct sp_arena_chunk *first; /* owned list */
	struct sp_arena_chunk *current; /* where the next bytes come from */
	size_t used; /* bytes used of current */
	size_t chunk_bytes; /* 0: SP_ARENA_CHUNK_BYTES */
};

/*
 * Returns size bytes aligned to align (a power of two up to SP_ARENA_ALIGN),
 * not cleared, or NULL when memory is exhausted. They live until the next
 * reset. A request larger than a chunk gets a chunk of its own, which the
 * next reset gives back.
 */
void *sp_arena_alloc(struct sp_arena *arena, size_t size, size_t align)
	__attribute__((warn_unused_result));

/* Array of count cleared elements of size bytes; NULL on overflow too. */
void *sp_arena_array(struct sp_arena *arena, size_t count, size_t size)
	__attribute__((warn_unused_result));

/* A copy of the bytes, with a NUL behind it that size does not count. */
char *sp_arena_copy(struct sp_arena *arena, struct sp_span bytes)
	__attribute__((warn_unused_result));

/*
 * Gives back what lies at end and behind it. end is in the last allocation, or
 * right behind it, and then nothing happens.
 */
void sp_arena_trim(struct sp_arena *arena, const void *end);

/* How much memory it holds for what was allocated since the last reset. */
size_t sp_arena_bytes(const struct sp_arena *arena);

/* Takes everything back; ordinary chunks are kept for reuse. */
void sp_arena_reset(struct sp_arena *arena);

void sp_arena_free(struct sp_arena *arena);

#define SP_ARENA_NEW(arena, type) \
	((type *)sp_arena_array((arena), 1, sizeof(type)))
#define SP_ARENA_ARRAY(arena, type, count) \
	((type *)sp_arena_array((arena), (count), sizeof(type)))

#endif
