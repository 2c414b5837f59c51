/* SPDX-License-Identifier: Apache-2.0 */
/* "From " with AVX2. */
#include <immintrin.h>

#include "base/cpu.h"
#include "io/mark.h"

typedef __m256i vector;

#define WIDTH 32

static inline vector differences(const char *at)
{
	const char *end = at + SP_MARK_LAST;
	vector first = _mm256_loadu_si256((const __m256i *)at);
	vector last = _mm256_loadu_si256((const __m256i *)end);

	first = _mm256_xor_si256(first, _mm256_set1_epi8(SP_MARK[0]));
	last = _mm256_xor_si256(last, _mm256_set1_epi8(SP_MARK[SP_MARK_LAST]));
	return _mm256_or_si256(first, last);
}

static inline vector least(vector a, vector b)
{
	return _mm256_min_epu8(a, b);
}

static inline uint32_t zeros(vector bytes)
{
	vector equal = _mm256_cmpeq_epi8(bytes, _mm256_setzero_si256());

	return (uint32_t)_mm256_movemask_epi8(equal);
}

#include "io/mark_vectors.h"

static const char *find(const char *at, const char *end)
{
	const char *hit = find_in_vectors(&at, end);

	return hit ? hit
		   : memmem(at, (size_t)(end - at), SP_MARK, SP_MARK_BYTES);
}

const struct sp_mark_kernel sp_mark_avx2 = {
	.name = "avx2",
	.needs = 1u << SP_FEATURE_AVX2,
	.find = find,
};
