/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The middle of bodies by moves (RFC 6376 3.4.3, 3.4.4): a kernel for vectors
 * that can be searched and copied, and nothing more.
 *
 * One rule for all: drop white space whose successor is white space or a line
 * end, turn TAB into SP, put a CR before an LF that has none. What becomes of
 * a byte depends on the two behind it and on nothing else, so a turn looks at
 * 64 bytes and takes 62.
 *
 * What is left of a block after that are stretches, each of which stands some
 * bytes further to the left or right than it did. So the block is copied
 * whole, and again from the beginning of each stretch on, to where that one
 * belongs; what a copy brings too much the next one covers. How many stretches
 * there are is hard to foresee, and a branch that is taken wrongly costs more
 * than several copies: the first few are made whether there is a stretch or
 * not.
 *
 * Before this the file that includes it defines for its vectors
 *
 *	struct block                         64 bytes
 *	block_load(from), block_store(to, block)
 *	block_untab(block)                   the block with every TAB as SP
 *	block_has_tab(block)
 *	block_find(block, c)                 a bit for each byte that is c
 *	block_find_white(block)              a bit for each SP and TAB
 *	block_find_other(block)              ... each byte no field name has
 *
 * and INLINE for all of these: a block in memory costs more than all there is
 * to do.
 */
#ifndef SP_CANON_SCAN_MOVES_H
#define SP_CANON_SCAN_MOVES_H

#include <stdint.h>

#include "canon/scan.h"

#define BLOCK 64
#define TAKEN 62
#define TAKEN_MASK ((1ULL << TAKEN) - 1)

/* A copy from the end of a block on goes as far as this. */
#define REACH (2 * BLOCK)

_Static_assert(2 * TAKEN + BLOCK < SP_SCAN_ROOM, "nothing but LF, and a copy");

INLINE unsigned count(uint64_t mask)
{
	return (unsigned)__builtin_popcountll(mask);
}

INLINE uint64_t lowest(uint64_t mask)
{
	return mask & -mask;
}

/* A block of which nothing is dropped, with a CR before each LF in lf. */
INLINE char *put_lines(
	char *to, const char *from, struct block block, uint64_t lf)
{
	block_store(to, block);
	for (; lf; lf &= lf - 1) {
		int i = __builtin_ctzll(lf);

		to[i] = '\r';
		block_store(++to + i, block_load(from + i));
	}
	return to + TAKEN;
}

/* The same without the bytes in drop, and with TAB as SP if tab says so. */
INLINE char *put_stretches(char *to, const char *from, struct block block,
	uint64_t drop, uint64_t lf, bool tab)
{
	uint64_t starts = (drop << 1 & ~drop & TAKEN_MASK) | lf;
	char *next = to;

	block_store(to, tab ? block_untab(block) : block);
	for (; starts; starts &= starts - 1) {
		uint64_t start = lowest(starts);
		int i = __builtin_ctzll(starts);

		next = to + i - count(drop & (start - 1));
		*next = '\r'; /* covered unless there is an LF to precede */
		to += (lf & start) != 0;
		next += (lf & start) != 0;
		block = block_load(from + i);
		block_store(next, tab ? block_untab(block) : block);
	}
	return to + TAKEN - count(drop);
}

/*
 * Of what has been looked for in a block, what stays: *cut is 1 when the CR of
 * an LF at the beginning of the block is there already, and will be for the
 * next one.
 */
INLINE uint64_t lone_lf(uint64_t lf, uint64_t crlf, uint64_t *cut)
{
	uint64_t lone = lf & ~(crlf << 1 | *cut) & TAKEN_MASK;

	*cut = crlf >> (TAKEN - 1) & 1;
	return lone;
}

INLINE bool fits(
	const char *from, const char *stop, const char *to, const char *end)
{
	return stop - from >= REACH && end - to >= (ptrdiff_t)SP_SCAN_ROOM;
}

INLINE size_t count_same(struct sp_span in, bool relaxed)
{
	const char *from = in.data;
	const char *stop = from + in.size;
	uint64_t cut = 0;

	for (; stop - from >= BLOCK; from += TAKEN) {
		struct block block = block_load(from);
		uint64_t lf = block_find(block, '\n');
		uint64_t crlf = block_find(block, '\r') & lf >> 1;
		uint64_t changes = lone_lf(lf, crlf, &cut);

		sp_scan_ahead(from);
		if (relaxed) {
			uint64_t white = block_find_white(block);

			changes |= white & (white | lf | crlf) >> 1;
			changes |= block_find(block, '\t');
			changes &= TAKEN_MASK;
		}
		if (changes) {
			from += __builtin_ctzll(changes);
			break;
		}
	}
	return (size_t)(from - in.data);
}

INLINE void put_marks(
	struct sp_scan_marks *marks, const char *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct block block = block_load(from + i * BLOCK);

		marks[i] = (struct sp_scan_marks){
			.lf = block_find(block, '\n'),
			.white = block_find_white(block),
			.other = block_find_other(block),
		};
	}
}

static char *simple(struct sp_span *in, char *to, const char *end)
{
	const char *from = in->data;
	const char *stop = from + in->size;
	uint64_t cut = 0;

	for (; fits(from, stop, to, end); from += TAKEN) {
		struct block block = block_load(from);
		uint64_t lf = block_find(block, '\n');
		uint64_t crlf = block_find(block, '\r') & lf >> 1;

		sp_scan_ahead(from);
		to = put_lines(to, from, block, lone_lf(lf, crlf, &cut));
	}
	*in = sp_span_between(from, stop);
	return to - cut;
}

static char *relaxed(struct sp_span *in, char *to, const char *end)
{
	const char *from = in->data;
	const char *stop = from + in->size;
	uint64_t cut = 0;

	for (; fits(from, stop, to, end); from += TAKEN) {
		struct block block = block_load(from);
		uint64_t lf = block_find(block, '\n');
		uint64_t white, crlf, drop;

		sp_scan_ahead(from);
		if (!block_is_odd(block)) {
			lf = lone_lf(lf, 0, &cut);
			to = put_lines(to, from, block, lf);
			continue;
		}
		white = block_find_white(block);
		crlf = block_find(block, '\r') & lf >> 1;
		drop = white & (white | lf | crlf) >> 1 & TAKEN_MASK;
		lf = lone_lf(lf, crlf, &cut);
		if (block_has_tab(block))
			to = put_stretches(to, from, block, drop, lf, true);
		else if (!drop)
			to = put_lines(to, from, block, lf);
		else
			to = put_stretches(to, from, block, drop, lf, false);
	}
	*in = sp_span_between(from, stop);
	return to - cut;
}

#endif
