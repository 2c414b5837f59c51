/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C with the instruction of SSE4.2. It takes eight bytes, three cycles
 * until its result is there, and one until the next may begin: of long texts
 * three parts are summed side by side.
 */
#include "base/crc32c.h"

#include <nmmintrin.h>
#include <wmmintrin.h>

#include "base/cpu.h"
#include "base/word.h"

#define PART_BYTES 1024u /* of three */
/*
 * x^(8n - 33) modulo the polynomial, bits reversed, for n = PART_BYTES and for
 * twice that: what takes a sum across n bytes of zeros. The 33 are what the
 * product of two reversed numbers and the instruction add (32, and one).
 */
#define ACROSS_ONE 0x170076fa
#define ACROSS_TWO 0xa51b6135

/* The sum of what state is the sum of, and as many zeros as factor says. */
__attribute__((target("sse4.2,pclmul"))) static uint64_t across(
	uint64_t state, uint64_t factor)
{
	__m128i product =
		_mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)state),
			_mm_cvtsi64_si128((long long)factor), 0);

	return _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
}

__attribute__((target("sse4.2,pclmul"))) static uint64_t three_parts(
	uint64_t state, const char *data)
{
	uint64_t second = 0, third = 0;

	for (size_t at = 0; at < PART_BYTES; at += 8) {
		state = _mm_crc32_u64(state, sp_word_load(data + at));
		second = _mm_crc32_u64(
			second, sp_word_load(data + PART_BYTES + at));
		third = _mm_crc32_u64(
			third, sp_word_load(data + 2 * PART_BYTES + at));
	}
	return across(state, ACROSS_TWO) ^ across(second, ACROSS_ONE) ^ third;
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t step(
	uint32_t state, struct sp_span bytes)
{
	uint64_t wide = state;
	size_t at = 0;

	for (; bytes.size - at >= 3 * PART_BYTES; at += 3 * PART_BYTES)
		wide = three_parts(wide, bytes.data + at);
	for (; bytes.size - at >= 8; at += 8)
		wide = _mm_crc32_u64(wide, sp_word_load(bytes.data + at));
	state = (uint32_t)wide;
	for (; at < bytes.size; at++)
		state = _mm_crc32_u8(state, (unsigned char)bytes.data[at]);
	return state;
}

/* Every processor with AVX2 has both; others are not worth a level. */
sp_crc32c_step sp_crc32c_native(void)
{
	return sp_cpu_level() >= SP_CPU_AVX2 ? step : NULL;
}
