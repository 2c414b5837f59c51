/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight lanes of 64 bits in AVX-512 registers, with the 52-bit multiply-add of
 * AVX-512 IFMA: what crypto/rsa_template.h is written over. tests/ hold the
 * same layer in plain C.
 */
#ifndef SP_CRYPTO_VECTOR_H
#define SP_CRYPTO_VECTOR_H

#include <immintrin.h>
#include <stdint.h>

/* Sums stay in registers only if all of this is one straight line of code. */
#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 5")

typedef __m512i vec; /* aligned to 64 bytes, may alias */
typedef __mmask8 vec_mask;

static inline vec vec_all(uint64_t x)
{
	return _mm512_set1_epi64((long long)x);
}

static inline vec vec_zero(void)
{
	return _mm512_setzero_si512();
}

/* sum + the low 52 bits of the product of the low 52 bits of a and b. */
static inline vec vec_add_low(vec sum, vec a, vec b)
{
	return _mm512_madd52lo_epu64(sum, a, b);
}

/* The same with the high 52 bits of the 104-bit product. */
static inline vec vec_add_high(vec sum, vec a, vec b)
{
	return _mm512_madd52hi_epu64(sum, a, b);
}

static inline vec vec_add(vec a, vec b)
{
	return _mm512_add_epi64(a, b);
}

static inline vec vec_sub(vec a, vec b)
{
	return _mm512_sub_epi64(a, b);
}

static inline vec vec_and(vec a, vec b)
{
	return _mm512_and_si512(a, b);
}

static inline vec vec_right(vec a, unsigned bits)
{
	return _mm512_srli_epi64(a, bits);
}

/* Shifts in copies of the sign. */
static inline vec vec_right_signed(vec a, unsigned bits)
{
	return _mm512_srai_epi64(a, bits);
}

static inline vec_mask vec_equal(vec a, vec b)
{
	return _mm512_cmpeq_epi64_mask(a, b);
}

static inline vec_mask vec_negative(vec a)
{
	return _mm512_cmplt_epi64_mask(a, _mm512_setzero_si512());
}

/* b where the mask is set, a elsewhere. */
static inline vec vec_choose(vec_mask mask, vec a, vec b)
{
	return _mm512_mask_mov_epi64(a, mask, b);
}

/* Lanes 4 to 7 and lanes 0 to 3 change places. */
static inline vec vec_swap_halves(vec a)
{
	return _mm512_shuffle_i64x2(a, a, 0x4e);
}

#endif
