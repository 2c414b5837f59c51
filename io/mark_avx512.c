/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "From " with AVX-512.
 *
 * A place is looked at closely when it has an "F" and, four bytes on, a space:
 * of all pairs in the mark the one that mail has least. Base64 has no space at
 * all; in text a word of four letters that begins with "F" comes once in some
 * kilobytes. For 256 bytes there is one branch: with the two compared by XOR, a
 * byte that is 0 in the OR of both is a place, and the minimum of four vectors
 * has a 0 where one of them has.
 */
#include <immintrin.h>
#include <stdint.h>

#include "base/cpu.h"
#include "io/mark.h"

#define WIDTH 64
#define VECTORS 4
#define REACH (SP_MARK_BYTES - 1) /* from its first byte to its last */

/* Bytes are 0 where both ends of a mark are. */
static inline __m512i differences(const char *at)
{
	__m512i first = _mm512_loadu_si512(at);
	__m512i last = _mm512_loadu_si512(at + REACH);

	first = _mm512_xor_si512(first, _mm512_set1_epi8(SP_MARK[0]));
	last = _mm512_xor_si512(last, _mm512_set1_epi8(SP_MARK[REACH]));
	return _mm512_or_si512(first, last);
}

static inline uint64_t zeros(__m512i bytes)
{
	return _mm512_testn_epi8_mask(bytes, bytes);
}

/* The first mark among the places, or NULL. */
static const char *look_at(const char *at, uint64_t places)
{
	for (; places; places &= places - 1) {
		const char *place = at + __builtin_ctzll(places);

		if (memcmp(place, SP_MARK, SP_MARK_BYTES) == 0)
			return place;
	}
	return NULL;
}

/* The same for all vectors of a turn. */
static const char *look_closely(const char *at)
{
	const char *hit = NULL;

	for (unsigned i = 0; i < VECTORS && !hit; i++, at += WIDTH)
		hit = look_at(at, zeros(differences(at)));
	return hit;
}

/* Fewer than WIDTH places are left: the bytes from end on are not touched. */
static const char *find_in_rest(const char *at, const char *end)
{
	size_t left = (size_t)(end - at);
	__mmask64 places;
	__m512i first, last;

	if (left <= REACH)
		return NULL;
	places = UINT64_MAX >> (WIDTH - (left - REACH));
	first = _mm512_maskz_loadu_epi8(places, at);
	last = _mm512_maskz_loadu_epi8(places, at + REACH);
	places = _mm512_mask_cmpeq_epi8_mask(
		places, first, _mm512_set1_epi8(SP_MARK[0]));
	places = _mm512_mask_cmpeq_epi8_mask(
		places, last, _mm512_set1_epi8(SP_MARK[REACH]));
	return look_at(at, places);
}

static const char *find(const char *at, const char *end)
{
	const char *hit = NULL;

	for (; end - at >= (ptrdiff_t)(VECTORS * WIDTH + REACH);
		at += VECTORS * WIDTH) {
		__m512i low = _mm512_min_epu8(
			differences(at), differences(at + WIDTH));
		__m512i high = _mm512_min_epu8(differences(at + 2 * WIDTH),
			differences(at + 3 * WIDTH));

		if (!zeros(_mm512_min_epu8(low, high)))
			continue;
		hit = look_closely(at);
		if (hit)
			return hit;
	}
	for (; !hit && end - at >= (ptrdiff_t)(WIDTH + REACH); at += WIDTH)
		hit = look_at(at, zeros(differences(at)));
	return hit ? hit : find_in_rest(at, end);
}

const struct sp_mark_kernel sp_mark_avx512 = {
	.name = "avx512",
	.needs = 1u << SP_FEATURE_AVX512,
	.find = find,
};
