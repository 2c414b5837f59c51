/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers that are the same on every machine: xoshiro256** (Blackman
 * and Vigna) seeded by splitmix64. Integers only; no libm, whose last bits
 * differ between systems.
 */
#ifndef SP_CORPUS_RANDOM_H
#define SP_CORPUS_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state[4];
};

static inline uint64_t random_splitmix(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Streams of one seed are independent of each other. */
static inline struct random random_stream(uint64_t seed, uint64_t stream)
{
	struct random random;
	uint64_t state = seed;

	state = random_splitmix(&state) ^ stream;
	for (unsigned i = 0; i < 4; i++)
		random.state[i] = random_splitmix(&state);
	return random;
}

static inline uint64_t random_next(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t scrambled = s[1] * 5;
	uint64_t result = ((scrambled << 7) | (scrambled >> 57)) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = (s[3] << 45) | (s[3] >> 19);
	return result;
}

/* 0 to below - 1, near enough to uniform for mail. */
static inline uint32_t random_below(struct random *random, uint32_t below)
{
	return (uint32_t)(((random_next(random) >> 32) * below) >> 32);
}

/* True in percent of 100 cases. */
static inline int random_chance(struct random *random, uint32_t percent)
{
	return random_below(random, 100) < percent;
}

#endif
