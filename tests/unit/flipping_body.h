/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RSA kernel with one flipping bit, over whatever crypto/v8.h is: its
 * operations under macros of their own names, which let every result pass
 * through here.
 */
#include "tests/unit/flipping.h"

#include "crypto/v8.h"

/* Of use only where all must be fast; here it would cost compilers minutes. */
#undef LANE_INLINE
#undef LANE_UNROLL
#define LANE_INLINE static __attribute__((noinline, unused))
#define LANE_UNROLL

/* The pass at work, and the counters of what it is doing. */
static void *memory;
static flip_counters *in_phase = &flip_left[FLIP_POWER];
static uint64_t *in_part = flip_left[FLIP_POWER][FLIP_REST];

static __attribute__((noinline)) v8 struck(v8 result)
{
	uint64_t words[V8_LANES];

	v8_store(words, result);
	flip_strike(memory, words);
	return v8_load(words);
}

V8_INLINE v8 passed(enum flip_kind kind, v8 result)
{
	return --in_part[kind] == 0 ? struck(result) : result;
}

V8_INLINE v8_mask passed_mask(v8_mask result)
{
	if (--in_part[FLIP_MASK] == 0)
		result ^= flip_strike_mask();
	return result;
}

#define v8_madd_low(c, a, b) passed(FLIP_MADD, v8_madd_low(c, a, b))
#define v8_madd_high(c, a, b) passed(FLIP_MADD, v8_madd_high(c, a, b))
#define v8_add(a, b) passed(FLIP_SUM, v8_add(a, b))
#define v8_sub(a, b) passed(FLIP_SUM, v8_sub(a, b))
#define v8_add_where(m, a, b) passed(FLIP_SUM, v8_add_where(m, a, b))
#define v8_sub_where(m, a, b) passed(FLIP_SUM, v8_sub_where(m, a, b))
#define v8_right_signed(a, bits) passed(FLIP_SHIFT, v8_right_signed(a, bits))
#define v8_and(a, b) passed(FLIP_AND, v8_and(a, b))
#define v8_blend(m, a, b) passed(FLIP_BLEND, v8_blend(m, a, b))
#define v8_equal(a, b) passed_mask(v8_equal(a, b))
#define v8_negative(a) passed_mask(v8_negative(a))
#define v8_swap_halves(a) passed(FLIP_SWAP, v8_swap_halves(a))

#include "crypto/montgomery.h"

#define IN(part, call) \
	(in_part = (*in_phase)[part], (call), in_part = (*in_phase)[FLIP_REST])
#define set_differences(...) IN(FLIP_DIFFERENCES, set_differences(__VA_ARGS__))
#define mont_reduce(...) IN(FLIP_REDUCE, mont_reduce(__VA_ARGS__))
#define mont_multiply(...) IN(FLIP_MULTIPLY, mont_multiply(__VA_ARGS__))
#define lookup_end(...) IN(FLIP_LOOKUP, lookup_end(__VA_ARGS__))
#define subtract_modulus(...) IN(FLIP_SUBTRACT, subtract_modulus(__VA_ARGS__))
#define karatsuba(...) IN(FLIP_KARATSUBA, karatsuba(__VA_ARGS__))
#define carry_columns(...) IN(FLIP_CARRY, carry_columns(__VA_ARGS__))
#define sp_rsa_ifma FLIPPED

/* NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "crypto/rsa_ifma.c"

static void begin(enum flip_phase phase, void *pass)
{
	memory = pass;
	in_phase = &flip_left[phase];
	in_part = flip_left[phase][FLIP_REST];
}

static void flipping_power(struct sp_rsa_private_pass *pass)
{
	begin(FLIP_POWER, pass);
	FLIPPED.power(pass);
}

static void flipping_join(struct sp_rsa_private_pass *pass)
{
	begin(FLIP_JOIN, pass);
	FLIPPED.join(pass);
}

static void flipping_open(struct sp_rsa_public_pass *pass)
{
	begin(FLIP_OPEN, pass);
	FLIPPED.open(pass);
}

const struct sp_rsa_kernel FLIPPING = {
	.name = "flipping",
	.power = flipping_power,
	.join = flipping_join,
	.open = flipping_open,
};
