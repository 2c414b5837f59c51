/* SPDX-License-Identifier: Apache-2.0 */
/* The middle of bodies with NEON (RFC 6376 3.4.3, 3.4.4). */
#include <arm_neon.h>
#include <stdint.h>

#include "base/cpu.h"
#include "canon/scan.h"

#define INLINE static inline __attribute__((always_inline))

struct block {
	uint8x16x4_t bytes;
};

INLINE struct block block_load(const char *from)
{
	return (struct block){vld1q_u8_x4((const uint8_t *)from)};
}

INLINE void block_store(char *to, struct block block)
{
	vst1q_u8_x4((uint8_t *)to, block.bytes);
}

/* Each byte 0 or 0xff: the bytes keep a bit each by their place, and pairs are
 * added three times over. */
INLINE uint64_t bits(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
	const uint8x16_t place =
		vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201));
	uint8x16_t low = vpaddq_u8(vandq_u8(a, place), vandq_u8(b, place));
	uint8x16_t high = vpaddq_u8(vandq_u8(c, place), vandq_u8(d, place));

	low = vpaddq_u8(low, high);
	return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(low, low)), 0);
}

INLINE uint64_t block_find(struct block block, char c)
{
	const uint8x16_t *v = block.bytes.val;
	uint8x16_t all = vdupq_n_u8((uint8_t)c);

	return bits(vceqq_u8(v[0], all), vceqq_u8(v[1], all),
		vceqq_u8(v[2], all), vceqq_u8(v[3], all));
}

INLINE uint8x16_t is_white(uint8x16_t bytes)
{
	return vorrq_u8(vceqq_u8(bytes, vdupq_n_u8(' ')),
		vceqq_u8(bytes, vdupq_n_u8('\t')));
}

INLINE uint64_t block_find_white(struct block block)
{
	const uint8x16_t *v = block.bytes.val;

	return bits(
		is_white(v[0]), is_white(v[1]), is_white(v[2]), is_white(v[3]));
}

/* Printable ASCII but the colon is in names. */
INLINE uint8x16_t is_other(uint8x16_t bytes)
{
	return vorrq_u8(vceqq_u8(bytes, vdupq_n_u8(':')),
		vorrq_u8(vcleq_u8(bytes, vdupq_n_u8(' ')),
			vcgeq_u8(bytes, vdupq_n_u8(127))));
}

INLINE uint64_t block_find_other(struct block block)
{
	const uint8x16_t *v = block.bytes.val;

	return bits(
		is_other(v[0]), is_other(v[1]), is_other(v[2]), is_other(v[3]));
}

INLINE bool any(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
	return vmaxvq_u8(vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d))) != 0;
}

INLINE bool block_has_tab(struct block block)
{
	const uint8x16_t *v = block.bytes.val;
	uint8x16_t tab = vdupq_n_u8('\t');

	return any(vceqq_u8(v[0], tab), vceqq_u8(v[1], tab),
		vceqq_u8(v[2], tab), vceqq_u8(v[3], tab));
}

INLINE uint8x16_t is_odd(uint8x16_t bytes)
{
	return vorrq_u8(is_white(bytes), vceqq_u8(bytes, vdupq_n_u8('\r')));
}

INLINE bool block_is_odd(struct block block)
{
	const uint8x16_t *v = block.bytes.val;

	return any(is_odd(v[0]), is_odd(v[1]), is_odd(v[2]), is_odd(v[3]));
}

INLINE struct block block_untab(struct block block)
{
	for (int i = 0; i < 4; i++)
		block.bytes.val[i] =
			vbslq_u8(vceqq_u8(block.bytes.val[i], vdupq_n_u8('\t')),
				vdupq_n_u8(' '), block.bytes.val[i]);
	return block;
}

#include "canon/scan_moves.h"

static size_t same_simple(struct sp_span in)
{
	return count_same(in, false);
}

static size_t same_relaxed(struct sp_span in)
{
	return count_same(in, true);
}

static void mark(struct sp_scan_marks *marks, const char *from, size_t count)
{
	put_marks(marks, from, count);
}

const struct sp_scan_kernel sp_scan_neon = {
	.name = "neon",
	.needs = 1u << SP_FEATURE_NEON,
	.simple = simple,
	.relaxed = relaxed,
	.same_simple = same_simple,
	.same_relaxed = same_relaxed,
	.unfold = sp_scan_unfold_scalar,
	.mark = mark,
};
