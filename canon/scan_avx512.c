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

/* Printable ASCII but the colon is in names. */
INLINE uint64_t block_find_other(struct block block)
{
	return ~(_mm512_cmpgt_epi8_mask(block.bytes, _mm512_set1_epi8(' ')) &
		 _mm512_cmplt_epi8_mask(block.bytes, _mm512_set1_epi8(127)) &
		 _mm512_cmpneq_epi8_mask(block.bytes, _mm512_set1_epi8(':')));
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

/* The first size bytes with those in blank as SP. */
INLINE struct block block_part(const char *from, size_t size, uint64_t blank)
{
	__mmask64 mask = size < BLOCK ? (1ULL << size) - 1 : ~0ULL;

	return (struct block){
		_mm512_mask_mov_epi8(_mm512_maskz_loadu_epi8(mask, from), blank,
			_mm512_set1_epi8(' '))};
}

static char *unfold(char *to, struct sp_span text)
{
	while (text.size) {
		struct block block = block_part(text.data, text.size, 0);
		uint64_t lf = block_find(block, '\n');
		uint64_t crlf = block_find(block, '\r') & lf >> 1;
		uint64_t blank = block_find_white(block) | lf | crlf;
		/* Behind the end of the text nothing is blank. */
		size_t taken = text.size > BLOCK ? TAKEN : text.size;
		uint64_t drop = blank & blank >> 1 & (~0ULL >> (64 - taken));
		uint64_t starts = drop << 1 & ~drop;

		block_store(to, block_part(text.data, text.size, blank));
		for (; starts; starts &= starts - 1) {
			int i = __builtin_ctzll(starts);

			block_store(to + i - count(drop & ((1ULL << i) - 1)),
				block_part(text.data + i, text.size - (size_t)i,
					blank >> i));
		}
		to += taken - count(drop);
		text = sp_span_after(text, taken);
	}
	return to;
}

/*
 * Looks at each byte and its successor, which a load one further has in the
 * same place, and moves no mask to a general register: twice as fast as the
 * masks of moves.
 */
INLINE size_t same(struct sp_span in, bool relaxed)
{
	const __m512i swallows = _mm512_broadcast_i32x4(
		_mm_setr_epi8(' ', NONE, NONE, NONE, NONE, NONE, NONE, NONE,
			NONE, '\t', '\n', NONE, NONE, '\r', NONE, NONE));
	size_t at = 0;

	if (in.size == 0 || in.data[0] == '\n')
		return 0;
	for (; in.size - at > BLOCK; at += BLOCK) {
		struct block block = block_load(in.data + at);
		struct block next = block_load(in.data + at + 1);
		__mmask64 changes =
			_mm512_mask_cmpneq_epi8_mask(block_find(next, '\n'),
				block.bytes, _mm512_set1_epi8('\r'));

		sp_scan_ahead(in.data + at);
		if (relaxed) {
			__mmask64 white = block_find_white(block);

			changes |= _mm512_mask_cmpeq_epi8_mask(white,
				next.bytes,
				_mm512_shuffle_epi8(swallows, next.bytes));
			changes |= block_find(block, '\t');
		}
		if (changes)
			break;
	}
	return at;
}

size_t sp_scan_same_simple_avx512(struct sp_span in)
{
	return same(in, false);
}

size_t sp_scan_same_relaxed_avx512(struct sp_span in)
{
	return same(in, true);
}

void sp_scan_mark_avx512(
	struct sp_scan_marks *marks, const char *from, size_t count)
{
	put_marks(marks, from, count);
}

const struct sp_scan_kernel sp_scan_avx512 = {
	.name = "avx512",
	.needs = 1u << SP_FEATURE_AVX512,
	.simple = simple,
	.relaxed = relaxed,
	.same_simple = sp_scan_same_simple_avx512,
	.same_relaxed = sp_scan_same_relaxed_avx512,
	.unfold = unfold,
	.mark = sp_scan_mark_avx512,
};
