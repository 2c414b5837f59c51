/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-512, eight blocks side by side (RFC 6234 5.2, 6.3). */
#include "crypto/sha512_v8.h"

/* Of the cube roots of the first 80 primes, 64 bits after the point. */
static const uint64_t constants[80] = {0x428a2f98d728ae22ull,
	0x7137449123ef65cdull, 0xb5c0fbcfec4d3b2full, 0xe9b5dba58189dbbcull,
	0x3956c25bf348b538ull, 0x59f111f1b605d019ull, 0x923f82a4af194f9bull,
	0xab1c5ed5da6d8118ull, 0xd807aa98a3030242ull, 0x12835b0145706fbeull,
	0x243185be4ee4b28cull, 0x550c7dc3d5ffb4e2ull, 0x72be5d74f27b896full,
	0x80deb1fe3b1696b1ull, 0x9bdc06a725c71235ull, 0xc19bf174cf692694ull,
	0xe49b69c19ef14ad2ull, 0xefbe4786384f25e3ull, 0x0fc19dc68b8cd5b5ull,
	0x240ca1cc77ac9c65ull, 0x2de92c6f592b0275ull, 0x4a7484aa6ea6e483ull,
	0x5cb0a9dcbd41fbd4ull, 0x76f988da831153b5ull, 0x983e5152ee66dfabull,
	0xa831c66d2db43210ull, 0xb00327c898fb213full, 0xbf597fc7beef0ee4ull,
	0xc6e00bf33da88fc2ull, 0xd5a79147930aa725ull, 0x06ca6351e003826full,
	0x142929670a0e6e70ull, 0x27b70a8546d22ffcull, 0x2e1b21385c26c926ull,
	0x4d2c6dfc5ac42aedull, 0x53380d139d95b3dfull, 0x650a73548baf63deull,
	0x766a0abb3c77b2a8ull, 0x81c2c92e47edaee6ull, 0x92722c851482353bull,
	0xa2bfe8a14cf10364ull, 0xa81a664bbc423001ull, 0xc24b8b70d0f89791ull,
	0xc76c51a30654be30ull, 0xd192e819d6ef5218ull, 0xd69906245565a910ull,
	0xf40e35855771202aull, 0x106aa07032bbd1b8ull, 0x19a4c116b8d2d0c8ull,
	0x1e376c085141ab53ull, 0x2748774cdf8eeb99ull, 0x34b0bcb5e19b48a8ull,
	0x391c0cb3c5c95a63ull, 0x4ed8aa4ae3418acbull, 0x5b9cca4f7763e373ull,
	0x682e6ff3d6b2b8a3ull, 0x748f82ee5defb2fcull, 0x78a5636f43172f60ull,
	0x84c87814a1f0ab72ull, 0x8cc702081a6439ecull, 0x90befffa23631e28ull,
	0xa4506cebde82bde9ull, 0xbef9a3f7b2c67915ull, 0xc67178f2e372532bull,
	0xca273eceea26619cull, 0xd186b8c721c0c207ull, 0xeada7dd6cde0eb1eull,
	0xf57d4f7fee6ed178ull, 0x06f067aa72176fbaull, 0x0a637dc5a2c898a6ull,
	0x113f9804bef90daeull, 0x1b710b35131c471bull, 0x28db77f523047d84ull,
	0x32caab7b40c72493ull, 0x3c9ebe0a15c9bebcull, 0x431d67c49c100d4cull,
	0x4cc5d4becb3e42b6ull, 0x597f299cfc657e2aull, 0x5fcb6fab3ad6faecull,
	0x6c44198c4a475817ull};
/* Of the square roots of the first 8. */
static const uint64_t start[SHA512_WORDS] = {0x6a09e667f3bcc908ull,
	0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
	0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull,
	0x5be0cd19137e2179ull};

#define BIG_SIGMA0(a) \
	v8_xor3(v8_rotate(a, 28), v8_rotate(a, 34), v8_rotate(a, 39))
#define BIG_SIGMA1(a) \
	v8_xor3(v8_rotate(a, 14), v8_rotate(a, 18), v8_rotate(a, 41))
#define SMALL_SIGMA0(a) \
	v8_xor3(v8_rotate(a, 1), v8_rotate(a, 8), v8_right(a, 7))
#define SMALL_SIGMA1(a) \
	v8_xor3(v8_rotate(a, 19), v8_rotate(a, 61), v8_right(a, 6))

/* The state, whose word i stands in slot (i - round) & 7: nothing moves. */
#define STATE(i) state->word[((i)-round) & 7]

LANE_INLINE void do_round(
	struct sha512_v8 *state, unsigned round, v8 message, uint64_t constant)
{
	v8 one = v8_add(v8_add(STATE(7), BIG_SIGMA1(STATE(4))),
		v8_add(v8_choose(STATE(4), STATE(5), STATE(6)),
			v8_add(message, v8_all(constant))));
	v8 two = v8_add(BIG_SIGMA0(STATE(0)),
		v8_majority(STATE(0), STATE(1), STATE(2)));

	STATE(3) = v8_add(STATE(3), one);
	STATE(7) = v8_add(one, two);
}

/* The message word of sixteen rounds later takes the place of this one. */
LANE_INLINE void extend(v8 message[16], unsigned i)
{
	message[i] = v8_add(v8_add(message[i], message[(i + 9) & 15]),
		v8_add(SMALL_SIGMA0(message[(i + 1) & 15]),
			SMALL_SIGMA1(message[(i + 14) & 15])));
}

/* Written out, for indices must be constants for the words to stay in
 * registers. */
#define ROUND(i) \
	(do_round(&state, i, message[i], constants[first + (i)]), \
		extend(message, i))

void sp_sha512_v8(struct sha512_v8 *digest, const uint64_t block[16][V8_LANES])
{
	struct sha512_v8 state;
	v8 message[16];

	for (unsigned i = 0; i < SHA512_WORDS; i++)
		state.word[i] = v8_all(start[i]);
	for (unsigned i = 0; i < 16; i++)
		message[i] = v8_load(block[i]);
	for (unsigned first = 0; first < 80; first += 16) {
		ROUND(0);
		ROUND(1);
		ROUND(2);
		ROUND(3);
		ROUND(4);
		ROUND(5);
		ROUND(6);
		ROUND(7);
		ROUND(8);
		ROUND(9);
		ROUND(10);
		ROUND(11);
		ROUND(12);
		ROUND(13);
		ROUND(14);
		ROUND(15);
	}
	for (unsigned i = 0; i < SHA512_WORDS; i++)
		digest->word[i] = v8_add(state.word[i], v8_all(start[i]));
}
