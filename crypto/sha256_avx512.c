/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of sixteen messages at once with AVX-512 F and BW (FIPS 180-4). */
#include "crypto/sha256_kernels.h"

#include <immintrin.h>

typedef __m512i vector;

#define add(x, y) _mm512_add_epi32(x, y)
#define rotate(x, n) _mm512_ror_epi32(x, n)
#define shift(x, n) _mm512_srli_epi32(x, n)
#define xor3(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define choose(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xca)
#define majority(x, y, z) _mm512_ternarylogic_epi32(x, y, z, 0xe8)
#define splat(k) _mm512_set1_epi32((int)(k))

#include "crypto/sha256_lanes.h"

/*
 * Transposes the 4 x 4 words that each quarter of r[0..3] holds: then r[i] has
 * word i of all four, quarter by quarter.
 */
static inline void transpose4(vector *r)
{
	vector low01 = _mm512_unpacklo_epi32(r[0], r[1]);
	vector high01 = _mm512_unpackhi_epi32(r[0], r[1]);
	vector low23 = _mm512_unpacklo_epi32(r[2], r[3]);
	vector high23 = _mm512_unpackhi_epi32(r[2], r[3]);

	r[0] = _mm512_unpacklo_epi64(low01, low23);
	r[1] = _mm512_unpackhi_epi64(low01, low23);
	r[2] = _mm512_unpacklo_epi64(high01, high23);
	r[3] = _mm512_unpackhi_epi64(high01, high23);
}

/* Sets w[j] to word j of all sixteen blocks. */
static inline __attribute__((always_inline)) void load_blocks(
	vector *w, const unsigned char *const *data, size_t at)
{
	const vector swap = _mm512_broadcast_i32x4(
		_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));

	for (unsigned i = 0; i < 16; i++)
		w[i] = _mm512_shuffle_epi8(
			_mm512_loadu_si512(data[i] + at), swap);
	for (unsigned i = 0; i < 16; i += 4)
		transpose4(w + i);
	/* The same with quarters in the place of words. */
	for (unsigned i = 0; i < 4; i++) {
		vector even0 = _mm512_shuffle_i32x4(w[i], w[i + 4], 0x88);
		vector odd0 = _mm512_shuffle_i32x4(w[i], w[i + 4], 0xdd);
		vector even1 = _mm512_shuffle_i32x4(w[i + 8], w[i + 12], 0x88);
		vector odd1 = _mm512_shuffle_i32x4(w[i + 8], w[i + 12], 0xdd);

		w[i] = _mm512_shuffle_i32x4(even0, even1, 0x88);
		w[i + 4] = _mm512_shuffle_i32x4(odd0, odd1, 0x88);
		w[i + 8] = _mm512_shuffle_i32x4(even0, even1, 0xdd);
		w[i + 12] = _mm512_shuffle_i32x4(odd0, odd1, 0xdd);
	}
}

/* Two states side by side, as they lie in memory. */
static inline vector load_two(
	const struct sp_sha256_state *low, const struct sp_sha256_state *high)
{
	return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256(
					  (const __m256i *)low->words)),
		_mm256_loadu_si256((const __m256i *)high->words), 1);
}

static inline void store_two(
	struct sp_sha256_state *low, struct sp_sha256_state *high, vector x)
{
	_mm256_storeu_si256((__m256i *)low->words, _mm512_castsi512_si256(x));
	_mm256_storeu_si256(
		(__m256i *)high->words, _mm512_extracti64x4_epi64(x, 1));
}

/*
 * Quarters of r: words 0-3 and 4-7 of one lane, the same of the lane four
 * further on. Transposed, r[i] has word i and word i + 4 in turn.
 */
static inline void load_states(
	vector *state, struct sp_sha256_state *const *states)
{
	vector r[8];

	for (unsigned i = 0; i < 4; i++) {
		r[i] = load_two(states[i], states[i + 4]);
		r[i + 4] = load_two(states[i + 8], states[i + 12]);
	}
	transpose4(r);
	transpose4(r + 4);
	for (unsigned i = 0; i < 4; i++) {
		state[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
		state[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
	}
}

/* Puts the quarters a b c d, e f g h in the order a e b f or c g d h. */
static inline vector zip(vector x, vector y, const bool second)
{
	vector halves = second ? _mm512_shuffle_i32x4(x, y, 0xee)
			       : _mm512_shuffle_i32x4(x, y, 0x44);

	return _mm512_shuffle_i32x4(halves, halves, 0xd8);
}

static inline void store_states(
	struct sp_sha256_state *const *states, const vector *state)
{
	vector r[8];

	for (unsigned i = 0; i < 4; i++) {
		r[i] = zip(state[i], state[i + 4], false);
		r[i + 4] = zip(state[i], state[i + 4], true);
	}
	transpose4(r);
	transpose4(r + 4);
	for (unsigned i = 0; i < 4; i++) {
		store_two(states[i], states[i + 4], r[i]);
		store_two(states[i + 8], states[i + 12], r[i + 4]);
	}
}

void sp_sha256_avx512(struct sp_sha256_state *const *states,
	const unsigned char *const *data, size_t blocks)
{
	vector state[8];

	load_states(state, states);
	for (size_t b = 0; b < blocks; b++) {
		vector w[16];

		load_blocks(w, data, SP_SHA256_BLOCK * b);
		sha256_block(state, w);
	}
	store_states(states, state);
}
