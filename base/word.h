/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight bytes at a time in a general register, for loops that need no vector.
 * Bytes stand in the order of the machine, which must not matter.
 */
#ifndef SP_BASE_WORD_H
#define SP_BASE_WORD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SP_WORD_BYTES sizeof(uint64_t)

/* A word of eight times the same byte. */
#define SP_WORD_EACH(byte) (0x0101010101010101ULL * (byte))

/* What the functions below say of a byte stands in its high bit. */
#define SP_WORD_HIGH SP_WORD_EACH(0x80)

static inline uint64_t sp_word_load(const char *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	return word;
}

static inline void sp_word_store(char *to, uint64_t word)
{
	memcpy(to, &word, sizeof(word));
}

/* Which bytes are this one, below 0x80? */
static inline uint64_t sp_word_find(uint64_t word, unsigned char byte)
{
	uint64_t other = word ^ SP_WORD_EACH(byte);

	return ~(((other & SP_WORD_EACH(0x7f)) + SP_WORD_EACH(0x7f)) | other) &
	       SP_WORD_HIGH;
}

/* Not 0 when a byte is this one; which it is does not come out. */
static inline uint64_t sp_word_has(uint64_t word, unsigned char byte)
{
	uint64_t other = word ^ SP_WORD_EACH(byte);

	return (other - SP_WORD_EACH(1)) & ~other & SP_WORD_HIGH;
}

#endif
