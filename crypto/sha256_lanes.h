/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SHA-256 rounds (FIPS 180-4 6.2.2) over vectors of which each element
 * belongs to another message. A kernel defines `vector` and the operations
 *
 *	add(x, y)  rotate(x, n)  shift(x, n)  xor3(x, y, z)
 *	choose(x, y, z): Ch  majority(x, y, z): Maj  splat(k)
 *
 * and includes this; n is always a constant.
 */
#ifndef SP_CRYPTO_SHA256_LANES_H
#define SP_CRYPTO_SHA256_LANES_H

#include "crypto/sha256.h"

#define BIG0(x) xor3(rotate(x, 2), rotate(x, 13), rotate(x, 22))
#define BIG1(x) xor3(rotate(x, 6), rotate(x, 11), rotate(x, 25))
#define SMALL0(x) xor3(rotate(x, 7), rotate(x, 18), shift(x, 3))
#define SMALL1(x) xor3(rotate(x, 17), rotate(x, 19), shift(x, 10))

/*
 * One round. What it calls a, the next one calls b: instead of moving all
 * eight, the callers turn the names.
 */
#define ROUND(a, b, c, d, e, f, g, h, word, k) \
	do { \
		vector t = add(add(h, add(word, splat(k))), \
			add(BIG1(e), choose(e, f, g))); \
		d = add(d, t); \
		h = add(t, add(BIG0(a), majority(a, b, c))); \
	} while (0)

/* Word i of the next sixteen, in the place of the old one. */
#define EXPAND(w, i) \
	((w)[i] = add(add((w)[i], SMALL0((w)[((i) + 1) % 16])), \
		 add((w)[((i) + 9) % 16], SMALL1((w)[((i) + 14) % 16]))))

/*
 * Sixteen rounds; after word i has been used, does next(w, i). With the next
 * words made between the rounds there is always something to do: a tenth
 * faster than all sixteen after them.
 */
#define SIXTEEN_ROUNDS(w, k, next) \
	do { \
		ROUND(a, b, c, d, e, f, g, h, (w)[0], (k)[0]); \
		next(w, 0); \
		ROUND(h, a, b, c, d, e, f, g, (w)[1], (k)[1]); \
		next(w, 1); \
		ROUND(g, h, a, b, c, d, e, f, (w)[2], (k)[2]); \
		next(w, 2); \
		ROUND(f, g, h, a, b, c, d, e, (w)[3], (k)[3]); \
		next(w, 3); \
		ROUND(e, f, g, h, a, b, c, d, (w)[4], (k)[4]); \
		next(w, 4); \
		ROUND(d, e, f, g, h, a, b, c, (w)[5], (k)[5]); \
		next(w, 5); \
		ROUND(c, d, e, f, g, h, a, b, (w)[6], (k)[6]); \
		next(w, 6); \
		ROUND(b, c, d, e, f, g, h, a, (w)[7], (k)[7]); \
		next(w, 7); \
		ROUND(a, b, c, d, e, f, g, h, (w)[8], (k)[8]); \
		next(w, 8); \
		ROUND(h, a, b, c, d, e, f, g, (w)[9], (k)[9]); \
		next(w, 9); \
		ROUND(g, h, a, b, c, d, e, f, (w)[10], (k)[10]); \
		next(w, 10); \
		ROUND(f, g, h, a, b, c, d, e, (w)[11], (k)[11]); \
		next(w, 11); \
		ROUND(e, f, g, h, a, b, c, d, (w)[12], (k)[12]); \
		next(w, 12); \
		ROUND(d, e, f, g, h, a, b, c, (w)[13], (k)[13]); \
		next(w, 13); \
		ROUND(c, d, e, f, g, h, a, b, (w)[14], (k)[14]); \
		next(w, 14); \
		ROUND(b, c, d, e, f, g, h, a, (w)[15], (k)[15]); \
		next(w, 15); \
	} while (0)

#define KEEP(w, i)

/* One block: w is its sixteen words, and is spent. */
static inline __attribute__((always_inline)) void sha256_block(
	vector *state, vector *w)
{
	const uint32_t *k = sp_sha256_constants;
	vector a = state[0], b = state[1], c = state[2], d = state[3];
	vector e = state[4], f = state[5], g = state[6], h = state[7];

	for (; k < sp_sha256_constants + 48; k += 16)
		SIXTEEN_ROUNDS(w, k, EXPAND);
	SIXTEEN_ROUNDS(w, k, KEEP);
	state[0] = add(state[0], a);
	state[1] = add(state[1], b);
	state[2] = add(state[2], c);
	state[3] = add(state[3], d);
	state[4] = add(state[4], e);
	state[5] = add(state[5], f);
	state[6] = add(state[6], g);
	state[7] = add(state[7], h);
}

#endif
