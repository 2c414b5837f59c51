/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that nobody writes and anybody may send (RFC 6376 3.4.3, 3.4.4): all
 * blanks, nothing but CR, empty lines without end, TABs, NUL, eight-bit bytes
 * that look like white space to whoever drops a bit. Each is a head, a filling
 * over and over, and a tail, and so as large as it is wanted.
 */
#ifndef SP_CORPUS_HOSTILE_H
#define SP_CORPUS_HOSTILE_H

#include "base/buffer.h"

static const struct sp_span hostile_fillings[] = {
	{" ", 1},
	{"\t", 1},
	{" \t", 2},
	{"\r", 1},
	{"\n", 1},
	{"\r\n", 2},
	{"\r\r\n", 3},
	{" \r\n", 3},
	{"\n\r", 2},
	{" \r", 2},
	{"a\n", 2},
	{"a \r\n\n", 5},
	{"\0", 1},
	{"\0 \n", 3},
	{"\x80\xff\xa0\x89\x8a\x8d", 6},
	{"\x80 \xff\t\xa0\r\n", 7},
	{"a", 1},
};

static const char *const hostile_heads[] = {"", "a\n"};
/* What makes all before it count, or some of it; or nothing. */
static const char *const hostile_tails[] = {"", "a", " \r", "\r\n\r\n"};

#define HOSTILE_FILLINGS \
	(sizeof(hostile_fillings) / sizeof(hostile_fillings[0]))
#define HOSTILE_HEADS (sizeof(hostile_heads) / sizeof(hostile_heads[0]))
#define HOSTILE_TAILS (sizeof(hostile_tails) / sizeof(hostile_tails[0]))
#define HOSTILE_BODIES (HOSTILE_FILLINGS * HOSTILE_HEADS * HOSTILE_TAILS)

/* Appends body number index, of bytes and a few more. */
static inline void hostile_add(
	struct sp_buffer *body, size_t index, size_t bytes)
{
	struct sp_span filling = hostile_fillings[index % HOSTILE_FILLINGS];
	size_t head = index / HOSTILE_FILLINGS % HOSTILE_HEADS;
	size_t tail = index / HOSTILE_FILLINGS / HOSTILE_HEADS;
	size_t end = body->size + bytes;

	sp_buffer_add_str(body, hostile_heads[head]);
	while (body->size < end && !body->failed)
		sp_buffer_add(body, filling);
	sp_buffer_add_str(body, hostile_tails[tail % HOSTILE_TAILS]);
}

#endif
