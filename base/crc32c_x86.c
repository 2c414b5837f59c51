/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C with the instruction of SSE4.2, eight bytes at a time. */
#include "base/crc32c.h"

#include <nmmintrin.h>

#include "base/cpu.h"

__attribute__((target("sse4.2"))) static uint32_t step(
	uint32_t state, struct sp_span bytes)
{
	uint64_t wide = state;
	size_t at = 0;

	for (; bytes.size - at >= 8; at += 8) {
		uint64_t word;

		memcpy(&word, bytes.data + at, 8);
		wide = _mm_crc32_u64(wide, word);
	}
	state = (uint32_t)wide;
	for (; at < bytes.size; at++)
		state = _mm_crc32_u8(state, (unsigned char)bytes.data[at]);
	return state;
}

/* Every processor with AVX2 has SSE4.2; others are not worth a level. */
sp_crc32c_step sp_crc32c_native(void)
{
	return sp_cpu_level() >= SP_CPU_AVX2 ? step : NULL;
}
