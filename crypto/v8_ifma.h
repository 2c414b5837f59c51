/* SPDX-License-Identifier: Apache-2.0 */
/* Eight words in a zmm register. Only for crypto/v8.h. */
#ifndef SP_CRYPTO_V8_IFMA_H
#define SP_CRYPTO_V8_IFMA_H

#include <immintrin.h>

typedef __m512i v8;
typedef __mmask8 v8_mask; /* bit i: lane i */

V8_INLINE v8 v8_zero(void)
{
	return _mm512_setzero_si512();
}

V8_INLINE v8 v8_all(uint64_t word)
{
	return _mm512_set1_epi64((long long)word);
}

V8_INLINE v8 v8_load(const uint64_t *words)
{
	return _mm512_loadu_si512(words);
}

V8_INLINE void v8_store(uint64_t *words, v8 a)
{
	_mm512_storeu_si512(words, a);
}

V8_INLINE v8 v8_add(v8 a, v8 b)
{
	return _mm512_add_epi64(a, b);
}

V8_INLINE v8 v8_sub(v8 a, v8 b)
{
	return _mm512_sub_epi64(a, b);
}

V8_INLINE v8 v8_and(v8 a, v8 b)
{
	return _mm512_and_si512(a, b);
}

V8_INLINE v8 v8_or(v8 a, v8 b)
{
	return _mm512_or_si512(a, b);
}

V8_INLINE v8 v8_xor(v8 a, v8 b)
{
	return _mm512_xor_si512(a, b);
}

V8_INLINE v8 v8_left(v8 a, unsigned bits)
{
	return _mm512_slli_epi64(a, bits);
}

V8_INLINE v8 v8_right(v8 a, unsigned bits)
{
	return _mm512_srli_epi64(a, bits);
}

/* Copies of the sign bit come in. */
V8_INLINE v8 v8_right_signed(v8 a, unsigned bits)
{
	return _mm512_srai_epi64(a, bits);
}

/* Only with a constant number of bits. */
#define v8_rotate(a, bits) _mm512_ror_epi64(a, bits)

/* Bits of b where those of a are set, of c elsewhere. */
V8_INLINE v8 v8_choose(v8 a, v8 b, v8 c)
{
	return _mm512_ternarylogic_epi64(a, b, c, 0xca);
}

V8_INLINE v8 v8_majority(v8 a, v8 b, v8 c)
{
	return _mm512_ternarylogic_epi64(a, b, c, 0xe8);
}

V8_INLINE v8 v8_xor3(v8 a, v8 b, v8 c)
{
	return _mm512_ternarylogic_epi64(a, b, c, 0x96);
}

/* The bytes of each word in reverse order. */
V8_INLINE v8 v8_swap_bytes(v8 a)
{
	const __m512i order = _mm512_broadcast_i32x4(_mm_set_epi8(
		8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));

	return _mm512_shuffle_epi8(a, order);
}

/* The low 64 bits of the product. gcc must not see a constant b, of which it
 * would make shifts and adds. */
V8_INLINE v8 v8_mul(v8 a, v8 b)
{
	__asm__("" : "+v"(b));
	return _mm512_mullo_epi64(a, b);
}

/* c + bits 0 to 51, or 52 to 103, of a * b, of which 52 bits each count. */
V8_INLINE v8 v8_madd_low(v8 c, v8 a, v8 b)
{
	return _mm512_madd52lo_epu64(c, a, b);
}

V8_INLINE v8 v8_madd_high(v8 c, v8 a, v8 b)
{
	return _mm512_madd52hi_epu64(c, a, b);
}

V8_INLINE v8_mask v8_equal(v8 a, v8 b)
{
	return _mm512_cmpeq_epi64_mask(a, b);
}

/* Lanes where a and b have a bit in common. */
V8_INLINE v8_mask v8_test(v8 a, v8 b)
{
	return _mm512_test_epi64_mask(a, b);
}

/* Lanes where the top bit is set. */
V8_INLINE v8_mask v8_negative(v8 a)
{
	return _mm512_movepi64_mask(a);
}

/* Lanes of b where the mask is set, of a elsewhere. */
V8_INLINE v8 v8_blend(v8_mask mask, v8 a, v8 b)
{
	return _mm512_mask_blend_epi64(mask, a, b);
}

/* a + b where the mask is set, a elsewhere. */
V8_INLINE v8 v8_add_where(v8_mask mask, v8 a, v8 b)
{
	return _mm512_mask_add_epi64(a, mask, a, b);
}

V8_INLINE v8 v8_sub_where(v8_mask mask, v8 a, v8 b)
{
	return _mm512_mask_sub_epi64(a, mask, a, b);
}

/* from - a where the mask is set, a elsewhere. */
V8_INLINE v8 v8_sub_from_where(v8_mask mask, v8 a, v8 from)
{
	return _mm512_mask_sub_epi64(a, mask, from, a);
}

/* Lanes 4 to 7 and lanes 0 to 3 change places. */
V8_INLINE v8 v8_swap_halves(v8 a)
{
	return _mm512_shuffle_i64x2(a, a, 0x4e);
}

/*
 * table[index & 15] for each lane. The table is read whole into registers; no
 * address depends on an index.
 */
V8_INLINE v8 v8_permute16(const uint64_t table[16], v8 index)
{
	return _mm512_permutex2var_epi64(_mm512_loadu_si512(table), index,
		_mm512_loadu_si512(table + 8));
}

#endif
