/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of eight messages at once with AVX2 (FIPS 180-4 6.2.2). */
#include "crypto/sha256_kernels.h"

#include <immintrin.h>

typedef __m256i vector;

#define add(x, y) _mm256_add_epi32(x, y)
#define xor2(x, y) _mm256_xor_si256(x, y)
#define and2(x, y) _mm256_and_si256(x, y)
#define shift(x, n) _mm256_srli_epi32(x, n)
#define rotate(x, n) \
	_mm256_or_si256(shift(x, n), _mm256_slli_epi32(x, 32 - (n)))
#define xor3(x, y, z) xor2(xor2(x, y), z)
#define choose(x, y, z) xor2(z, and2(x, xor2(y, z)))
/* The second xor is the next round's first: compilers see that. */
#define majority(x, y, z) xor2(y, and2(xor2(y, z), xor2(x, y)))
#define splat(k) _mm256_set1_epi32((int)(k))

#include "crypto/sha256_lanes.h"

/* Transposes 8 x 8 words: r[i] is then word i of all eight. */
static inline void transpose8(vector *r)
{
	vector quads[8];

	/* quads[4 * half + i]: word i (low) and i + 4 (high) of four rows. */
	for (unsigned half = 0; half < 8; half += 4) {
		vector low01 = _mm256_unpacklo_epi32(r[half], r[half + 1]);
		vector high01 = _mm256_unpackhi_epi32(r[half], r[half + 1]);
		vector low23 = _mm256_unpacklo_epi32(r[half + 2], r[half + 3]);
		vector high23 = _mm256_unpackhi_epi32(r[half + 2], r[half + 3]);

		quads[half] = _mm256_unpacklo_epi64(low01, low23);
		quads[half + 1] = _mm256_unpackhi_epi64(low01, low23);
		quads[half + 2] = _mm256_unpacklo_epi64(high01, high23);
		quads[half + 3] = _mm256_unpackhi_epi64(high01, high23);
	}
	for (unsigned i = 0; i < 4; i++) {
		r[i] = _mm256_permute2x128_si256(quads[i], quads[i + 4], 0x20);
		r[i + 4] =
			_mm256_permute2x128_si256(quads[i], quads[i + 4], 0x31);
	}
}

/* Sets w[j] to word j of all eight blocks. */
static inline __attribute__((always_inline)) void load_blocks(
	vector *w, const unsigned char *const *data, size_t at)
{
	const vector swap = _mm256_broadcastsi128_si256(
		_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));

	for (unsigned half = 0; half < 16; half += 8) {
		for (unsigned i = 0; i < 8; i++)
			w[half + i] = _mm256_shuffle_epi8(
				_mm256_loadu_si256(
					(const __m256i *)(data[i] + at +
							  4 * half)),
				swap);
		transpose8(w + half);
	}
}

void sp_sha256_avx2(struct sp_sha256_state *const *states,
	const unsigned char *const *data, size_t blocks)
{
	vector state[8];

	for (unsigned i = 0; i < 8; i++)
		state[i] =
			_mm256_loadu_si256((const __m256i *)states[i]->words);
	transpose8(state);
	for (size_t b = 0; b < blocks; b++) {
		vector w[16];

		load_blocks(w, data, SP_SHA256_BLOCK * b);
		sha256_block(state, w);
	}
	transpose8(state);
	for (unsigned i = 0; i < 8; i++)
		_mm256_storeu_si256((__m256i *)states[i]->words, state[i]);
}
