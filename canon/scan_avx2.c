/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The middle of bodies with AVX2 (RFC 6376 3.4.3, 3.4.4).
 *
 * One rule for all: drop white space whose successor is white space or a line
 * end, drop the CR of a CRLF, turn TAB into SP, put a CR before every LF. What
 * becomes of a byte depends on the two behind it and on nothing else, so a
 * turn loads 64 bytes and takes 62.
 *
 * Where nothing is to be dropped the block is copied, and behind each LF once
 * more, one further. Else eight bytes at a time are packed by a table of what
 * to keep, and spread by a table of where LFs are.
 */
#include <immintrin.h>
#include <stdint.h>

#include "base/cpu.h"
#include "canon/scan.h"

#define BLOCK 64
#define TAKEN 62
#define TAKEN_MASK ((1ULL << TAKEN) - 1)
#define GROUP 8

/* Reaching from an LF at the end of a block, a copy ends here. */
#define REACH (TAKEN + BLOCK)

_Static_assert(TAKEN + REACH < SP_SCAN_ROOM, "nothing but LF, and a copy");

/* A table of 256 entries; ENTRY is a constant for every index. */
#define FOUR(ENTRY, i) ENTRY(i), ENTRY(i + 1), ENTRY(i + 2), ENTRY(i + 3)
#define SIXTEEN(ENTRY, i) \
	FOUR(ENTRY, i), FOUR(ENTRY, i + 4), FOUR(ENTRY, i + 8), \
		FOUR(ENTRY, i + 12)
#define SIXTY_FOUR(ENTRY, i) \
	SIXTEEN(ENTRY, i), SIXTEEN(ENTRY, i + 16), SIXTEEN(ENTRY, i + 32), \
		SIXTEEN(ENTRY, i + 48)
#define TABLE(ENTRY) \
	SIXTY_FOUR(ENTRY, 0), SIXTY_FOUR(ENTRY, 64), SIXTY_FOUR(ENTRY, 128), \
		SIXTY_FOUR(ENTRY, 192)

#define BIT(mask, i) ((uint64_t)(mask) >> (i)&1)

/*
 * For vpshufb: the numbers of the bits set in a mask, lowest first. Built from
 * the highest down; each one kept shifts the others up by a byte.
 */
#define KEEP(mask, i, rest) \
	((uint64_t)(rest) << 8 * BIT(mask, i) | (i)*BIT(mask, i))
#define KEEP_FROM_4(mask) \
	KEEP(mask, 4, KEEP(mask, 5, KEEP(mask, 6, KEEP(mask, 7, 0))))
#define PACK(mask) \
	KEEP(mask, 0, \
		KEEP(mask, 1, \
			KEEP(mask, 2, KEEP(mask, 3, KEEP_FROM_4(mask)))))

static const uint64_t pack_table[256] = {TABLE(PACK)};

/* The same for all eight bytes, and an entry with the high bit set before
 * those in mask. */
#define NEW 0x80u
typedef unsigned __int128 uint128;
#define MAKE(mask, i, rest) \
	(((uint128)(rest) << 8 | (i)) << 8 * BIT(mask, i) | NEW * BIT(mask, i))
#define MAKE_FROM_4(mask) \
	MAKE(mask, 4, MAKE(mask, 5, MAKE(mask, 6, MAKE(mask, 7, 0))))
#define SPREAD(mask) \
	MAKE(mask, 0, \
		MAKE(mask, 1, \
			MAKE(mask, 2, MAKE(mask, 3, MAKE_FROM_4(mask)))))

static const uint128 spread_table[256] = {TABLE(SPREAD)};

/* A block as an argument in memory costs more than all there is to do. */
#define INLINE static inline __attribute__((always_inline))

struct block {
	__m256i low, high;
};

INLINE struct block block_load(const char *from)
{
	return (struct block){
		_mm256_loadu_si256((const __m256i *)from),
		_mm256_loadu_si256((const __m256i *)(from + BLOCK / 2)),
	};
}

INLINE void block_store(char *to, struct block block)
{
	_mm256_storeu_si256((__m256i *)to, block.low);
	_mm256_storeu_si256((__m256i *)(to + BLOCK / 2), block.high);
}

INLINE uint64_t bits(__m256i low, __m256i high)
{
	return (uint32_t)_mm256_movemask_epi8(low) |
	       (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << BLOCK / 2;
}

INLINE uint64_t find(struct block block, char c)
{
	__m256i all = _mm256_set1_epi8(c);

	return bits(_mm256_cmpeq_epi8(block.low, all),
		_mm256_cmpeq_epi8(block.high, all));
}

/* Where SP and TAB are; in the block they are all SP then. */
INLINE uint64_t find_white(struct block *block)
{
	__m256i space = _mm256_set1_epi8(' ');
	__m256i tab = _mm256_set1_epi8('\t');
	__m256i low = _mm256_cmpeq_epi8(block->low, tab);
	__m256i high = _mm256_cmpeq_epi8(block->high, tab);

	block->low = _mm256_blendv_epi8(block->low, space, low);
	block->high = _mm256_blendv_epi8(block->high, space, high);
	return find(*block, ' ');
}

INLINE unsigned count(uint64_t mask)
{
	return (unsigned)__builtin_popcountll(mask);
}

INLINE __m128i pack(const char *from, unsigned keep)
{
	return _mm_shuffle_epi8(_mm_loadl_epi64((const __m128i *)from),
		_mm_loadl_epi64((const __m128i *)&pack_table[keep]));
}

/* Eight bytes: those to keep. */
INLINE char *put_packed(char *to, const char *from, unsigned keep)
{
	_mm_storel_epi64((__m128i *)to, pack(from, keep));
	return to + count(keep);
}

/* Eight bytes: those to keep, and a CR before each LF. */
INLINE char *put_spread(char *to, const char *from, unsigned keep, unsigned lf)
{
	__m128i bytes = pack(from, keep);
	/* Behind those kept there are copies of the first one. Whatever comes
	 * of them is written over. */
	unsigned ends = (unsigned)_mm_movemask_epi8(
				_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))) &
			0xff;
	__m128i spread = _mm_load_si128((const __m128i *)&spread_table[ends]);

	_mm_storeu_si128(
		(__m128i *)to, _mm_blendv_epi8(_mm_shuffle_epi8(bytes, spread),
				       _mm_set1_epi8('\r'), spread));
	return to + count(keep) + count(lf);
}

/* A block of which something is dropped; lf is where CRs go in. */
static char *put_groups(char *to, const char *bytes, uint64_t keep, uint64_t lf)
{
	unsigned i;

	if (!lf) {
		for (i = 0; i < BLOCK; i += GROUP)
			to = put_packed(to, bytes + i, keep >> i & 0xff);
		return to;
	}
	for (i = 0; i < BLOCK; i += GROUP)
		to = put_spread(
			to, bytes + i, keep >> i & 0xff, lf >> i & 0xff);
	return to;
}

/* A block that is copied as it stands in from, but for CRs before LFs. */
INLINE char *put_lines(
	char *to, struct block block, const char *from, uint64_t lf)
{
	block_store(to, block);
	for (; lf; lf &= lf - 1) {
		int i = __builtin_ctzll(lf);

		to[i] = '\r';
		block_store(++to + i, block_load(from + i));
	}
	return to + TAKEN;
}

/*
 * A block of a body with CRLFs. Where all line ends are whole CRLFs they stay;
 * otherwise the CR goes and comes back with the LF. *crlf tells whether to
 * expect more of them; a first LF may have left its CR to the block before.
 */
INLINE char *put_crlf_block(
	char *to, struct block block, uint64_t white, uint64_t lf, bool *crlf)
{
	char bytes[BLOCK];
	uint64_t cr = find(block, '\r') & lf >> 1;
	uint64_t keep = TAKEN_MASK & ~(white & (white | lf | cr) >> 1);

	lf &= TAKEN_MASK;
	cr &= TAKEN_MASK;
	*crlf = !(lf & ~1ULL & ~(cr << 1));
	if (lf == cr << 1 && keep == TAKEN_MASK) {
		block_store(to, block);
		return to + TAKEN;
	}
	block_store(bytes, block);
	if (lf == cr << 1)
		return put_groups(to, bytes, keep, 0);
	return put_groups(to, bytes, keep & ~cr, lf);
}

static char *simple(struct sp_span *in, char *to, const char *end)
{
	const char *from = in->data;
	const char *stop = from + in->size;
	bool crlf = false;

	while (stop - from >= REACH && end - to >= (ptrdiff_t)SP_SCAN_ROOM) {
		struct block block = block_load(from);
		uint64_t lf = find(block, '\n');

		if (crlf) {
			to = put_crlf_block(to, block, 0, lf, &crlf);
			from += TAKEN;
			continue;
		}
		crlf = find(block, '\r') != 0;
		if (crlf)
			continue;
		to = put_lines(to, block, from, lf & TAKEN_MASK);
		from += TAKEN;
	}
	*in = sp_span_between(from, stop);
	return to;
}

static char *relaxed(struct sp_span *in, char *to, const char *end)
{
	const char *from = in->data;
	const char *stop = from + in->size;
	bool crlf = false;
	char bytes[BLOCK];

	while (stop - from >= REACH && end - to >= (ptrdiff_t)SP_SCAN_ROOM) {
		struct block block = block_load(from);
		uint64_t lf = find(block, '\n');
		uint64_t tab = find(block, '\t');
		uint64_t white = find_white(&block);
		uint64_t drop = white & (white | lf) >> 1 & TAKEN_MASK;

		if (crlf) {
			to = put_crlf_block(to, block, white, lf, &crlf);
			from += TAKEN;
			continue;
		}
		crlf = find(block, '\r') != 0;
		if (crlf)
			continue;
		if (drop | tab) {
			block_store(bytes, block);
			to = put_groups(
				to, bytes, ~drop & TAKEN_MASK, lf & TAKEN_MASK);
		} else {
			to = put_lines(to, block, from, lf & TAKEN_MASK);
		}
		from += TAKEN;
	}
	*in = sp_span_between(from, stop);
	return to;
}

const struct sp_scan_kernel sp_scan_avx2 = {
	.name = "avx2",
	.needs = 1u << SP_FEATURE_AVX2,
	.simple = simple,
	.relaxed = relaxed,
};
