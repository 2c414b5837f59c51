/* SPDX-License-Identifier: Apache-2.0 */
/* "From " with AVX-512. */
#include <immintrin.h>

#include "base/cpu.h"
#include "io/mark.h"

typedef __m512i vector;

#define WIDTH 64

static inline vector differences(const char *at)
{
	vector first = _mm512_loadu_si512(at);
	vector last = _mm512_loadu_si512(at + SP_MARK_LAST);

	first = _mm512_xor_si512(first, _mm512_set1_epi8(SP_MARK[0]));
	last = _mm512_xor_si512(last, _mm512_set1_epi8(SP_MARK[SP_MARK_LAST]));
	return _mm512_or_si512(first, last);
}

static inline vector least(vector a, vector b)
{
	return _mm512_min_epu8(a, b);
}

static inline uint64_t zeros(vector bytes)
{
	return _mm512_testn_epi8_mask(bytes, bytes);
}

#include "io/mark_vectors.h"

/* The bytes from end on are not touched. */
static const char *find_in_rest(const char *at, const char *end)
{
	size_t left = (size_t)(end - at);
	__mmask64 places;
	vector first, last;

	if (left <= SP_MARK_LAST)
		return NULL;
	places = UINT64_MAX >> (WIDTH - (left - SP_MARK_LAST));
	first = _mm512_maskz_loadu_epi8(places, at);
	last = _mm512_maskz_loadu_epi8(places, at + SP_MARK_LAST);
	places = _mm512_mask_cmpeq_epi8_mask(
		places, first, _mm512_set1_epi8(SP_MARK[0]));
	places = _mm512_mask_cmpeq_epi8_mask(
		places, last, _mm512_set1_epi8(SP_MARK[SP_MARK_LAST]));
	return look_at(at, places);
}

static const char *find(const char *at, const char *end)
{
	const char *hit = find_in_vectors(&at, end);

	return hit ? hit : find_in_rest(at, end);
}

const struct sp_mark_kernel sp_mark_avx512 = {
	.name = "avx512",
	.needs = 1u << SP_FEATURE_AVX512,
	.find = find,
};
