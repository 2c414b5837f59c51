/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto/vector_ifma.h in plain C: what the eight lanes are measured against,
 * and what tools that do not know AVX-512 can follow.
 */
#ifndef SP_TESTS_VECTOR_MODEL_H
#define SP_TESTS_VECTOR_MODEL_H

#include <stdint.h>

#define INLINE static __attribute__((noinline, unused))
#define UNROLL

#define MODEL_LANES 8
#define MODEL_LIMB ((UINT64_C(1) << 52) - 1)
#define EACH(expression) \
	do { \
		vec result; \
		for (int i = 0; i < MODEL_LANES; i++) \
			result.lane[i] = (expression); \
		return result; \
	} while (0)

typedef struct {
	uint64_t lane[MODEL_LANES];
} __attribute__((may_alias)) vec;

typedef vec vec_mask; /* all bits of a lane or none */

static inline vec vec_all(uint64_t x)
{
	EACH(x);
}

static inline vec vec_zero(void)
{
	return vec_all(0);
}

static inline unsigned __int128 model_product(uint64_t a, uint64_t b)
{
	return (unsigned __int128)(a & MODEL_LIMB) * (b & MODEL_LIMB);
}

static inline vec vec_add_low(vec sum, vec a, vec b)
{
	EACH(sum.lane[i] +
		((uint64_t)model_product(a.lane[i], b.lane[i]) & MODEL_LIMB));
}

static inline vec vec_add_high(vec sum, vec a, vec b)
{
	EACH(sum.lane[i] +
		(uint64_t)(model_product(a.lane[i], b.lane[i]) >> 52));
}

static inline vec vec_add(vec a, vec b)
{
	EACH(a.lane[i] + b.lane[i]);
}

static inline vec vec_sub(vec a, vec b)
{
	EACH(a.lane[i] - b.lane[i]);
}

static inline vec vec_and(vec a, vec b)
{
	EACH(a.lane[i] & b.lane[i]);
}

static inline vec vec_right(vec a, unsigned bits)
{
	EACH(a.lane[i] >> bits);
}

static inline vec vec_right_signed(vec a, unsigned bits)
{
	EACH((uint64_t)((int64_t)a.lane[i] >> bits));
}

/* Without a comparison: compilers make branches of those. */
static inline vec_mask vec_negative(vec a)
{
	EACH((uint64_t)0 - (a.lane[i] >> 63));
}

static inline vec_mask vec_equal(vec a, vec b)
{
	vec difference = {{0}};

	for (int i = 0; i < MODEL_LANES; i++)
		difference.lane[i] = a.lane[i] ^ b.lane[i];
	EACH(((difference.lane[i] | (0 - difference.lane[i])) >> 63) - 1);
}

static inline vec vec_choose(vec_mask mask, vec a, vec b)
{
	EACH((a.lane[i] & ~mask.lane[i]) | (b.lane[i] & mask.lane[i]));
}

static inline vec vec_swap_halves(vec a)
{
	EACH(a.lane[i ^ 4]);
}

#endif
