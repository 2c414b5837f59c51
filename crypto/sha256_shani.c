/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 with the SHA extensions (FIPS 180-4 6.2.2), one message or up to
 * three interleaved: each sha256rnds2 must wait for the one before it, and
 * other messages use that time.
 */
#include "crypto/sha256_kernels.h"

#include <immintrin.h>

#define LANES_MAX 3u
#define ROW \
	4u /* places for a word of each lane; 3 made gcc 12 a sixth slower */

/* The instructions want the state as ABEF and CDGH, high word first. */
struct halves {
	__m128i abef;
	__m128i cdgh;
};

static inline struct halves load(const struct sp_sha256_state *state)
{
	const __m128i *words = (const __m128i *)state->words;
	__m128i dcba = _mm_loadu_si128(words);
	__m128i hgfe = _mm_loadu_si128(words + 1);
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);

	return (struct halves){
		.abef = _mm_alignr_epi8(cdab, efgh, 8),
		.cdgh = _mm_blend_epi16(efgh, cdab, 0xf0),
	};
}

static inline void store(struct sp_sha256_state *state, struct halves s)
{
	__m128i *words = (__m128i *)state->words;
	__m128i feba = _mm_shuffle_epi32(s.abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);

	_mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

static inline void load_block(
	__m128i (*w)[ROW], unsigned lane, const unsigned char *data)
{
	const __m128i swap =
		_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	for (unsigned i = 0; i < 4; i++)
		w[i][lane] = _mm_shuffle_epi8(
			_mm_loadu_si128((const __m128i *)(data + 16 * i)),
			swap);
}

/* Four rounds with the words of w. */
static inline void rounds(struct halves *s, __m128i w, __m128i k)
{
	__m128i wk = _mm_add_epi32(w, k);

	s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, wk);
	wk = _mm_shuffle_epi32(wk, 0x0e);
	s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, wk);
}

/* The four words sixteen further on, given these and the twelve after them. */
static inline __m128i schedule(__m128i w0, __m128i w4, __m128i w8, __m128i w12)
{
	__m128i sum = _mm_add_epi32(
		_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));

	return _mm_sha256msg2_epu32(sum, w12);
}

/*
 * Inlined with a constant number of lanes, so that the loops over them
 * disappear. All words stay in memory and the registers are left to the
 * states; with a ring of four words per lane in registers three lanes took 1.6
 * times as long.
 */
static inline __attribute__((always_inline)) void step(
	struct sp_sha256_state *const *states, const unsigned char *const *data,
	size_t blocks, const unsigned lanes)
{
	const __m128i *k = (const __m128i *)sp_sha256_constants;
	struct halves s[LANES_MAX], before[LANES_MAX];
	__m128i w[16][ROW];

	for (unsigned i = 0; i < lanes; i++)
		s[i] = load(states[i]);
	for (size_t b = 0; b < blocks; b++) {
		for (unsigned i = 0; i < lanes; i++) {
			before[i] = s[i];
			load_block(w, i, data[i] + SP_SHA256_BLOCK * b);
		}
		for (unsigned r = 0; r < 12; r++) {
			for (unsigned i = 0; i < lanes; i++)
				rounds(&s[i], w[r][i], k[r]);
			for (unsigned i = 0; i < lanes; i++)
				w[r + 4][i] = schedule(w[r][i], w[r + 1][i],
					w[r + 2][i], w[r + 3][i]);
		}
		for (unsigned r = 12; r < 16; r++)
			for (unsigned i = 0; i < lanes; i++)
				rounds(&s[i], w[r][i], k[r]);
		for (unsigned i = 0; i < lanes; i++) {
			s[i].abef = _mm_add_epi32(s[i].abef, before[i].abef);
			s[i].cdgh = _mm_add_epi32(s[i].cdgh, before[i].cdgh);
		}
	}
	for (unsigned i = 0; i < lanes; i++)
		store(states[i], s[i]);
}

void sp_sha256_shani(struct sp_sha256_state *const *states,
	const unsigned char *const *data, size_t blocks)
{
	step(states, data, blocks, 1);
}

void sp_sha256_shani_two(struct sp_sha256_state *const *states,
	const unsigned char *const *data, size_t blocks)
{
	step(states, data, blocks, 2);
}

void sp_sha256_shani_three(struct sp_sha256_state *const *states,
	const unsigned char *const *data, size_t blocks)
{
	step(states, data, blocks, 3);
}
