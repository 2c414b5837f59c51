/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The middle of bodies with AVX-512 VBMI2 (RFC 6376 3.4.3, 3.4.4).
 *
 * One rule for all: drop white space whose successor is white space or a line
 * end, drop the CR of a CRLF, turn TAB into SP, put a CR before every LF. What
 * becomes of a byte depends on the two behind it and on nothing else, so a
 * turn loads 64 bytes and takes 61. The missing three leave room in a register
 * for the CRs of three line ends; a block with more is put out in halves.
 *
 * Moving a mask to or from a general register costs two cycles (Zen 4) and is
 * what bounds the loop, so what can stay a mask does.
 */
#include <immintrin.h>
#include <stdint.h>

#include "base/cpu.h"
#include "canon/scan.h"

#define BLOCK 64
#define TAKEN 61
#define TAKEN_MASK ((1ULL << TAKEN) - 1)

/* Of a pair of bytes (CR, data): which is which. */
#define PAIR_CR 0x5555555555555555ULL
#define PAIR_DATA 0xaaaaaaaaaaaaaaaaULL

/*
 * SP, TAB and what may be at13 (CR) as a table for vpshufb: at the low four
 * bits of each member the member itself, elsewhere something that is no member.
 * No byte but a member equals what it finds.
 */
#define NONE ((char)0xff)
#define BYTES(at13) \
	_mm512_broadcast_i32x4( \
		_mm_setr_epi8(' ', NONE, NONE, NONE, NONE, NONE, NONE, NONE, \
			NONE, '\t', NONE, NONE, NONE, at13, NONE, NONE))

struct constants {
	__m512i lf, cr, space;
	__m512i white; /* SP, TAB */
	__m512i odd; /* SP, TAB, CR: what makes a block less than easy */
};

/* gcc 12 would make them anew in every turn if it knew what they are. */
#define FORGET(constants) \
	__asm__("" \
		: "+v"((constants).lf), "+v"((constants).cr), \
		"+v"((constants).space), "+v"((constants).white), \
		"+v"((constants).odd))

static inline struct constants constants_make(void)
{
	struct constants c = {
		.lf = _mm512_set1_epi8('\n'),
		.cr = _mm512_set1_epi8('\r'),
		.space = _mm512_set1_epi8(' '),
		.white = BYTES(NONE),
		.odd = BYTES('\r'),
	};

	FORGET(c);
	return c;
}

static inline __mmask64 members(__m512i set, __m512i bytes)
{
	return _mm512_cmpeq_epi8_mask(bytes, _mm512_shuffle_epi8(set, bytes));
}

/* Compilers like to go on in mask registers; arithmetic is slow there. */
static inline uint64_t number(__mmask64 mask)
{
	uint64_t number = mask;

	__asm__("" : "+r"(number));
	return number;
}

static inline unsigned count(uint64_t bits)
{
	return (unsigned)_mm_popcnt_u64(bits);
}

/* How far a loop may get in what it reads and writes: for bounds that cost one
 * comparison each. There are none unless a turn can be made. */
struct bounds {
	const char *from; /* the last place where a block begins */
	const char *to; /* the last one with room for what it becomes */
};

static inline bool bounds_make(struct bounds *bounds, struct sp_span in,
	const char *to, const char *end)
{
	if (in.size < BLOCK || end - to < (ptrdiff_t)SP_SCAN_ROOM)
		return false;
	bounds->from = in.data + in.size - BLOCK;
	bounds->to = end - SP_SCAN_ROOM;
	return true;
}

/* 32 bytes: those to keep, and a CR before each LF. */
static inline char *put_half(char *to, __m256i half, uint32_t keep, uint32_t lf)
{
	uint64_t mask = _pdep_u64(keep, PAIR_DATA) | _pdep_u64(lf, PAIR_CR);
	__m512i pairs = _mm512_or_si512(
		_mm512_slli_epi16(_mm512_cvtepu8_epi16(half), 8),
		_mm512_set1_epi16('\r'));

	_mm512_storeu_si512(to, _mm512_maskz_compress_epi8(mask, pairs));
	return to + count(mask);
}

/* The general case, whatever the number of line ends. */
static char *put_halves(char *to, __m512i bytes, uint64_t keep, uint64_t lf)
{
	to = put_half(to, _mm512_castsi512_si256(bytes), (uint32_t)keep,
		(uint32_t)lf);
	return put_half(to, _mm512_extracti64x4_epi64(bytes, 1),
		(uint32_t)(keep >> 32), (uint32_t)(lf >> 32));
}

/*
 * The first size of bytes, with a CR before each LF. With up to three of them
 * one expansion does: the place of the first CR is where the first LF was, the
 * second stands one further for the CR before it, the third two. No two have
 * the same place, so that a sum, an instruction for two terms, is their union.
 */
static inline char *put_lines(const struct constants *c, char *to,
	__m512i bytes, unsigned size, uint64_t lf)
{
	uint64_t second = lf & (lf - 1);
	uint64_t third = second & (second - 1);
	uint64_t slots = (lf ^ second) + 2 * (second ^ third) + 4 * third;
	unsigned lines = count(lf);

	if (__builtin_expect(lines > BLOCK - TAKEN, 0))
		return put_halves(to, bytes, ~0ULL >> (BLOCK - size), lf);
	_mm512_storeu_si512(to, _mm512_mask_expand_epi8(c->cr, ~slots, bytes));
	return to + size + lines;
}

/*
 * A block of a body with CRLFs. Where all line ends are whole CRLFs they stay;
 * otherwise the CR goes and comes back with the LF. *crlf tells whether to
 * expect more of them; a first LF may have left its CR to the block before.
 */
static inline char *put_crlf_block(const struct constants *c, char *to,
	__m512i bytes, uint64_t white, bool *crlf)
{
	uint64_t lf = number(_mm512_cmpeq_epi8_mask(bytes, c->lf));
	uint64_t cr = number(_mm512_cmpeq_epi8_mask(bytes, c->cr)) & lf >> 1;
	uint64_t keep = TAKEN_MASK & ~(white & (white | lf | cr) >> 1);

	lf &= TAKEN_MASK;
	cr &= TAKEN_MASK;
	*crlf = !(lf & ~1ULL & ~(cr << 1));
	if (lf != cr << 1)
		return put_halves(to, bytes, keep & ~cr, lf);
	if (white)
		bytes = _mm512_maskz_compress_epi8(keep, bytes);
	_mm512_storeu_si512(to, bytes);
	return to + count(keep);
}

static char *simple(struct sp_span *in, char *to, const char *end)
{
	const struct constants c = constants_make();
	const char *from = in->data;
	struct bounds last;
	bool crlf = false;

	if (!bounds_make(&last, *in, to, end))
		return to;
	while (from <= last.from && to <= last.to) {
		__m512i bytes = _mm512_loadu_si512(from);
		__mmask64 cr = _mm512_cmpeq_epi8_mask(bytes, c.cr);
		uint64_t lf;

		sp_scan_ahead(from);
		if (crlf) {
			to = put_crlf_block(&c, to, bytes, 0, &crlf);
			from += TAKEN;
			continue;
		}
		crlf = !_kortestz_mask64_u8(cr, cr);
		if (crlf)
			continue;
		lf = number(_mm512_cmpeq_epi8_mask(bytes, c.lf));
		to = put_lines(&c, to, bytes, TAKEN, lf & TAKEN_MASK);
		from += TAKEN;
	}
	*in = sp_span_after(*in, (size_t)(from - in->data));
	return to;
}

/* Where no CR is. odd is where bytes has SP and TAB. */
static inline char *put_squeezed(
	const struct constants *c, char *to, __m512i bytes, __mmask64 odd)
{
	uint64_t lf = number(_mm512_cmpeq_epi8_mask(bytes, c->lf));
	uint64_t white = number(odd);
	uint64_t keep = TAKEN_MASK & ~(white & (white | lf) >> 1);

	bytes = _mm512_mask_mov_epi8(bytes, odd, c->space);
	return put_lines(c, to, _mm512_maskz_compress_epi8(keep, bytes),
		count(keep), _pext_u64(lf, keep));
}

static char *relaxed(struct sp_span *in, char *to, const char *end)
{
	const struct constants c = constants_make();
	const char *from = in->data;
	struct bounds last;
	bool crlf = false;

	if (!bounds_make(&last, *in, to, end))
		return to;
	while (from <= last.from && to <= last.to) {
		__m512i bytes = _mm512_loadu_si512(from);
		__mmask64 odd = members(c.odd, bytes);

		sp_scan_ahead(from);
		if (crlf) {
			__mmask64 white = members(c.white, bytes);

			bytes = _mm512_mask_mov_epi8(bytes, white, c.space);
			to = put_crlf_block(
				&c, to, bytes, number(white), &crlf);
		} else if (_kortestz_mask64_u8(odd, odd)) {
			uint64_t lf =
				number(_mm512_cmpeq_epi8_mask(bytes, c.lf));

			to = put_lines(&c, to, bytes, TAKEN, lf & TAKEN_MASK);
		} else {
			__mmask64 cr = _mm512_cmpeq_epi8_mask(bytes, c.cr);

			crlf = !_kortestz_mask64_u8(cr, cr);
			if (crlf)
				continue;
			to = put_squeezed(&c, to, bytes, odd);
		}
		from += TAKEN;
	}
	*in = sp_span_after(*in, (size_t)(from - in->data));
	return to;
}

/* Mostly a text is done in one turn, for which constants are not worth it. */
static char *unfold(char *to, struct sp_span text)
{
	while (text.size) {
		bool last = text.size <= BLOCK;
		unsigned size = last ? (unsigned)text.size : BLOCK;
		unsigned taken = last ? size : TAKEN;
		__m512i bytes = _mm512_maskz_loadu_epi8(
			_bzhi_u64(~0ULL, size), text.data);
		uint64_t lf =
			_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n'));
		uint64_t blank = members(BYTES(NONE), bytes) | lf;
		uint64_t keep;

		if (lf)
			blank |= lf >> 1 & _mm512_cmpeq_epi8_mask(bytes,
						   _mm512_set1_epi8('\r'));
		keep = _bzhi_u64(~(blank & blank >> 1), taken);
		bytes = _mm512_mask_mov_epi8(
			bytes, blank, _mm512_set1_epi8(' '));
		_mm512_storeu_si512(
			to, _mm512_maskz_compress_epi8(keep, bytes));
		to += count(keep);
		text = sp_span_after(text, taken);
	}
	return to;
}

const struct sp_scan_kernel sp_scan_vbmi2 = {
	.name = "vbmi2",
	.needs = 1u << SP_FEATURE_AVX512 | 1u << SP_FEATURE_VBMI2,
	.simple = simple,
	.relaxed = relaxed,
	.same_simple = sp_scan_same_simple_avx512,
	.same_relaxed = sp_scan_same_relaxed_avx512,
	.unfold = unfold,
	.mark = sp_scan_mark_avx512,
};
