/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "From " with AVX2.
 *
 * A place is looked at closely when it has an "F" and, four bytes on, a space:
 * of all pairs in the mark the one that mail has least. Base64 has no space at
 * all; in text a word of four letters that begins with "F" comes once in some
 * kilobytes. For 128 bytes there is one branch: with the two compared by XOR, a
 * byte that is 0 in the OR of both is a place, and the minimum of four vectors
 * has a 0 where one of them has.
 */
#include <immintrin.h>
#include <stdint.h>

#include "base/cpu.h"
#include "io/mark.h"

#define WIDTH 32
#define VECTORS 4
#define REACH (SP_MARK_BYTES - 1) /* from its first byte to its last */

/* Bytes are 0 where both ends of a mark are. */
static inline __m256i differences(const char *at)
{
	__m256i first = _mm256_loadu_si256((const __m256i *)at);
	__m256i last = _mm256_loadu_si256((const __m256i *)(at + REACH));

	first = _mm256_xor_si256(first, _mm256_set1_epi8(SP_MARK[0]));
	last = _mm256_xor_si256(last, _mm256_set1_epi8(SP_MARK[REACH]));
	return _mm256_or_si256(first, last);
}

static inline uint32_t zeros(__m256i bytes)
{
	__m256i equal = _mm256_cmpeq_epi8(bytes, _mm256_setzero_si256());

	return (uint32_t)_mm256_movemask_epi8(equal);
}

/* The first mark among the WIDTH places from at on, or NULL. */
static const char *look_at(const char *at)
{
	uint32_t places = zeros(differences(at));

	for (; places; places &= places - 1) {
		const char *place = at + __builtin_ctz(places);

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
		hit = look_at(at);
	return hit;
}

static const char *find(const char *at, const char *end)
{
	const char *hit = NULL;

	for (; end - at >= (ptrdiff_t)(VECTORS * WIDTH + REACH);
		at += VECTORS * WIDTH) {
		__m256i low = _mm256_min_epu8(
			differences(at), differences(at + WIDTH));
		__m256i high = _mm256_min_epu8(differences(at + 2 * WIDTH),
			differences(at + 3 * WIDTH));

		if (!zeros(_mm256_min_epu8(low, high)))
			continue;
		hit = look_closely(at);
		if (hit)
			return hit;
	}
	for (; !hit && end - at >= (ptrdiff_t)(WIDTH + REACH); at += WIDTH)
		hit = look_at(at);
	return hit ? hit
		   : memmem(at, (size_t)(end - at), SP_MARK, SP_MARK_BYTES);
}

const struct sp_mark_kernel sp_mark_avx2 = {
	.name = "avx2",
	.needs = 1u << SP_FEATURE_AVX2,
	.find = find,
};
