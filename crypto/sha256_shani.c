/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 with the SHA extensions (FIPS 180-4 6.2.2), one message or up to
 * three interleaved: each sha256rnds2 must wait for the one before it, and
 * other messages use that time.
 *
 * What three lanes need does not fit into sixteen registers. What every next
 * step waits for, the state and the latest words, must stay there; the older
 * words are in memory. Compilers do not find that out: hence no arrays of
 * lanes, and KEEP_IN_MEMORY. Three lanes gain a third by it.
 */
#include "crypto/sha256_kernels.h"

#include <immintrin.h>

#define KEEP_IN_MEMORY(x) __asm__("" : "+m"(x))

/* The instructions want the state as ABEF and CDGH, high word first. */
struct lane {
	__m128i abef, cdgh;
	__m128i abef_before, cdgh_before; /* the block */
	__m128i latest; /* four words of the schedule */
};

typedef __m128i schedule[16]; /* all 64 words of a block (6.2.2 step 1) */

static inline void load(struct lane *x, const struct sp_sha256_state *state)
{
	const __m128i *words = (const __m128i *)state->words;
	__m128i dcba = _mm_loadu_si128(words);
	__m128i hgfe = _mm_loadu_si128(words + 1);
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);

	x->abef = _mm_alignr_epi8(cdab, efgh, 8);
	x->cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

static inline void store(const struct lane *x, struct sp_sha256_state *state)
{
	__m128i *words = (__m128i *)state->words;
	__m128i feba = _mm_shuffle_epi32(x->abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(x->cdgh, 0xb1);

	_mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

static inline void begin(struct lane *x, __m128i *w, const unsigned char *block)
{
	const __m128i swap =
		_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	const __m128i *words = (const __m128i *)block;

	x->abef_before = x->abef;
	x->cdgh_before = x->cdgh;
	w[0] = _mm_shuffle_epi8(_mm_loadu_si128(words), swap);
	w[1] = _mm_shuffle_epi8(_mm_loadu_si128(words + 1), swap);
	w[2] = _mm_shuffle_epi8(_mm_loadu_si128(words + 2), swap);
	w[3] = _mm_shuffle_epi8(_mm_loadu_si128(words + 3), swap);
	x->latest = w[3];
}

/* Four rounds, and with expand the four words sixteen further on. */
static inline void rounds(
	struct lane *x, __m128i *w, __m128i k, const bool expand)
{
	__m128i wk = _mm_add_epi32(w[0], k);

	x->cdgh = _mm_sha256rnds2_epu32(x->cdgh, x->abef, wk);
	wk = _mm_shuffle_epi32(wk, 0x0e);
	x->abef = _mm_sha256rnds2_epu32(x->abef, x->cdgh, wk);
	if (expand) {
		__m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[0], w[1]),
			_mm_alignr_epi8(x->latest, w[2], 4));

		x->latest = _mm_sha256msg2_epu32(sum, x->latest);
		w[4] = x->latest;
	}
}

static inline void end(struct lane *x)
{
	x->abef = _mm_add_epi32(x->abef, x->abef_before);
	x->cdgh = _mm_add_epi32(x->cdgh, x->cdgh_before);
}

/* Does it for as many lanes as there are, a constant. */
#define EACH(lanes, do_0, do_1, do_2) \
	do { \
		do_0; \
		if ((lanes) > 1) \
			do_1; \
		if ((lanes) > 2) \
			do_2; \
	} while (0)

static inline __attribute__((always_inline)) void step(
	struct sp_sha256_state *const *states, const unsigned char *const *data,
	size_t blocks, const unsigned lanes)
{
	const __m128i *k = (const __m128i *)sp_sha256_constants;
	struct lane x = {0}, y = {0}, z = {0};
	schedule u, v, w;

	EACH(lanes, load(&x, states[0]), load(&y, states[1]),
		load(&z, states[2]));
	for (size_t at = 0; at < blocks * SP_SHA256_BLOCK;
		at += SP_SHA256_BLOCK) {
		EACH(lanes, begin(&x, u, data[0] + at),
			begin(&y, v, data[1] + at), begin(&z, w, data[2] + at));
		for (unsigned r = 0; r < 12; r++) {
			EACH(lanes, KEEP_IN_MEMORY(u), KEEP_IN_MEMORY(v),
				KEEP_IN_MEMORY(w));
			EACH(lanes, rounds(&x, &u[r], k[r], true),
				rounds(&y, &v[r], k[r], true),
				rounds(&z, &w[r], k[r], true));
		}
		for (unsigned r = 12; r < 16; r++)
			EACH(lanes, rounds(&x, &u[r], k[r], false),
				rounds(&y, &v[r], k[r], false),
				rounds(&z, &w[r], k[r], false));
		EACH(lanes, end(&x), end(&y), end(&z));
	}
	EACH(lanes, store(&x, states[0]), store(&y, states[1]),
		store(&z, states[2]));
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
