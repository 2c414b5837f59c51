/* SPDX-License-Identifier: Apache-2.0 */
/* The middle of bodies with AVX2 (RFC 6376 3.4.3, 3.4.4). */
#include <immintrin.h>
#include <stdint.h>

#include "base/cpu.h"
#include "canon/scan.h"

#define INLINE static inline __attribute__((always_inline))

struct block {
	__m256i low, high;
};

INLINE struct block block_load(const char *from)
{
	return (struct block){
		_mm256_loadu_si256((const __m256i *)from),
		_mm256_loadu_si256((const __m256i *)(from + 32)),
	};
}

INLINE void block_store(char *to, struct block block)
{
	_mm256_storeu_si256((__m256i *)to, block.low);
	_mm256_storeu_si256((__m256i *)(to + 32), block.high);
}

INLINE uint64_t bits(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

INLINE uint64_t block_find(struct block block, char c)
{
	__m256i all = _mm256_set1_epi8(c);

	return bits(_mm256_cmpeq_epi8(block.low, all),
		_mm256_cmpeq_epi8(block.high, all));
}

INLINE bool block_has_tab(struct block block)
{
	__m256i tab = _mm256_set1_epi8('\t');

	return _mm256_movemask_epi8(
		_mm256_or_si256(_mm256_cmpeq_epi8(block.low, tab),
			_mm256_cmpeq_epi8(block.high, tab)));
}

/*
 * A table for vpshufb: at the low four bits of each member of a set the member
 * itself, elsewhere something that is none. No byte but a member equals what
 * it finds there.
 */
#define NONE ((char)0xff)
#define MEMBERS(block, at13) \
	members(block, _mm256_broadcastsi128_si256(_mm_setr_epi8(' ', NONE, \
			       NONE, NONE, NONE, NONE, NONE, NONE, NONE, '\t', \
			       NONE, NONE, NONE, at13, NONE, NONE)))

INLINE struct block members(struct block block, __m256i set)
{
	return (struct block){
		_mm256_cmpeq_epi8(
			block.low, _mm256_shuffle_epi8(set, block.low)),
		_mm256_cmpeq_epi8(
			block.high, _mm256_shuffle_epi8(set, block.high)),
	};
}

INLINE uint64_t block_find_white(struct block block)
{
	struct block white = MEMBERS(block, NONE);

	return bits(white.low, white.high);
}

/* Printable ASCII but the colon is in names; the rest is negative or low. */
INLINE __m256i is_other(__m256i bytes)
{
	__m256i name = _mm256_and_si256(
		_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(' ')),
		_mm256_cmpgt_epi8(_mm256_set1_epi8(127), bytes));
	__m256i colon = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(':'));

	return _mm256_xor_si256(
		_mm256_andnot_si256(colon, name), _mm256_set1_epi8((char)0xff));
}

INLINE uint64_t block_find_other(struct block block)
{
	return bits(is_other(block.low), is_other(block.high));
}

INLINE bool block_is_odd(struct block block)
{
	struct block odd = MEMBERS(block, '\r');

	return _mm256_movemask_epi8(_mm256_or_si256(odd.low, odd.high));
}

INLINE __m256i untab(__m256i bytes)
{
	return _mm256_blendv_epi8(bytes, _mm256_set1_epi8(' '),
		_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\t')));
}

INLINE struct block block_untab(struct block block)
{
	return (struct block){untab(block.low), untab(block.high)};
}
#include "canon/scan_moves.h"

static size_t same_simple(struct sp_span in)
{
	return count_same(in, false);
}

static size_t same_relaxed(struct sp_span in)
{
	return count_same(in, true);
}

static void mark(struct sp_scan_marks *marks, const char *from, size_t count)
{
	put_marks(marks, from, count);
}

const struct sp_scan_kernel sp_scan_avx2 = {
	.name = "avx2",
	.needs = 1u << SP_FEATURE_AVX2,
	.simple = simple,
	.relaxed = relaxed,
	.same_simple = same_simple,
	.same_relaxed = same_relaxed,
	.unfold = sp_scan_unfold_scalar,
	.mark = mark,
};
