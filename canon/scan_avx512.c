/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The middle of bodies with AVX-512 F and BW, which can make and use masks of
 * bytes but not yet compress by them (RFC 6376 3.4.3, 3.4.4).
 */
#include <immintrin.h>
#include <stdint.h>

#include "base/cpu.h"
#include "canon/scan.h"

#define INLINE static inline __attribute__((always_inline))

struct block {
	__m512i bytes;
};

INLINE struct block block_load(const char *from)
{
	return (struct block){_mm512_loadu_si512(from)};
}

INLINE void block_store(char *to, struct block block)
{
	_mm512_storeu_si512(to, block.bytes);
}

INLINE uint64_t block_find(struct block block, char c)
{
	return _mm512_cmpeq_epi8_mask(block.bytes, _mm512_set1_epi8(c));
}

INLINE bool block_has_tab(struct block block)
{
	return block_find(block, '\t') != 0;
}

/*
 * A table for vpshufb: at the low four bits of each member of a set the member
 * itself, elsewhere something that is none. No byte but a member equals what
 * it finds there.
 */
#define NONE ((char)0xff)
#define MEMBERS(block, at13) \
	members(block, _mm512_broadcast_i32x4(_mm_setr_epi8(' ', NONE, NONE, \
			       NONE, NONE, NONE, NONE, NONE, NONE, '\t', NONE, \
			       NONE, NONE, at13, NONE, NONE)))

INLINE uint64_t members(struct block block, __m512i set)
{
	return _mm512_cmpeq_epi8_mask(
		block.bytes, _mm512_shuffle_epi8(set, block.bytes));
}

INLINE uint64_t block_find_white(struct block block)
{
	return MEMBERS(block, NONE);
}

INLINE bool block_is_odd(struct block block)
{
	return MEMBERS(block, '\r') != 0;
}

INLINE struct block block_untab(struct block block)
{
	__mmask64 tab =
		_mm512_cmpeq_epi8_mask(block.bytes, _mm512_set1_epi8('\t'));

	return (struct block){
		_mm512_mask_mov_epi8(block.bytes, tab, _mm512_set1_epi8(' '))};
}

#include "canon/scan_moves.h"

const struct sp_scan_kernel sp_scan_avx512 = {
	.name = "avx512",
	.needs = 1u << SP_FEATURE_AVX512,
	.simple = simple,
	.relaxed = relaxed,
};
