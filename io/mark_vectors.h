/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "From " by vectors of any width.
 *
 * A place is looked at closely when it has an "F" and, four bytes on, a space:
 * of all pairs in the mark the one that mail has least. Base64 has no space at
 * all; in text a word of four letters that begins with "F" comes once in some
 * kilobytes. For four vectors there is one branch: with the two compared by
 * XOR, a byte that is 0 in the OR of both is a place, and the minimum of four
 * vectors has a 0 where one of them has.
 *
 * Before this the file that includes it defines for its vectors
 *
 *	vector
 *	WIDTH                                bytes in one
 *	differences(at)                      0 where both ends of a mark are
 *	least(a, b)                          the minimum of each pair of bytes
 *	zeros(v)                             a bit for each byte that is 0
 */
#ifndef SP_IO_MARK_VECTORS_H
#define SP_IO_MARK_VECTORS_H

#include <stdint.h>

#include "io/mark.h"

#define VECTORS 4

/* The first mark among the places, or NULL. */
static inline const char *look_at(const char *at, uint64_t places)
{
	for (; places; places &= places - 1) {
		const char *place = at + __builtin_ctzll(places);

		if (memcmp(place, SP_MARK, SP_MARK_BYTES) == 0)
			return place;
	}
	return NULL;
}

/* Among the places of four vectors. */
static const char *look_closely(const char *at)
{
	const char *hit = NULL;

	for (unsigned i = 0; i < VECTORS && !hit; i++, at += WIDTH)
		hit = look_at(at, zeros(differences(at)));
	return hit;
}

/* The first mark among whole vectors of places; or NULL, with less than what
 * another one takes left from *rest on. */
static inline const char *find_in_vectors(const char **rest, const char *end)
{
	const char *at = *rest;
	const char *hit = NULL;

	for (; end - at >= (ptrdiff_t)(VECTORS * WIDTH + SP_MARK_LAST);
		at += VECTORS * WIDTH) {
		vector low = least(differences(at), differences(at + WIDTH));
		vector high = least(differences(at + 2 * WIDTH),
			differences(at + 3 * WIDTH));

		if (!zeros(least(low, high)))
			continue;
		hit = look_closely(at);
		if (hit)
			return hit;
	}
	for (; !hit && end - at >= (ptrdiff_t)(WIDTH + SP_MARK_LAST);
		at += WIDTH)
		hit = look_at(at, zeros(differences(at)));
	*rest = at;
	return hit;
}

#endif
