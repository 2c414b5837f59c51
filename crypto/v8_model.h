/* SPDX-License-Identifier: Apache-2.0 */
/* Eight words in plain C. Only for crypto/v8.h, whose comments hold. */
#ifndef SP_CRYPTO_V8_MODEL_H
#define SP_CRYPTO_V8_MODEL_H

#include <string.h>

typedef struct {
	uint64_t lane[V8_LANES];
} __attribute__((may_alias)) v8;
typedef uint8_t v8_mask;

#define V8_LOW52 ((1ull << 52) - 1)

/* A function of v8 whose lane i is the expression. */
#define V8_EACH(head, expression) \
	V8_INLINE v8 head \
	{ \
		v8 out; \
\
		for (unsigned i = 0; i < V8_LANES; i++) \
			out.lane[i] = (expression); \
		return out; \
	}

V8_EACH(v8_zero(void), 0)
V8_EACH(v8_all(uint64_t word), word)
V8_EACH(v8_load(const uint64_t *words), words[i])
V8_EACH(v8_add(v8 a, v8 b), a.lane[i] + b.lane[i])
V8_EACH(v8_sub(v8 a, v8 b), a.lane[i] - b.lane[i])
V8_EACH(v8_and(v8 a, v8 b), a.lane[i] & b.lane[i])
V8_EACH(v8_or(v8 a, v8 b), a.lane[i] | b.lane[i])
V8_EACH(v8_xor(v8 a, v8 b), a.lane[i] ^ b.lane[i])
V8_EACH(v8_left(v8 a, unsigned bits), a.lane[i] << bits)
V8_EACH(v8_right(v8 a, unsigned bits), a.lane[i] >> bits)
V8_EACH(v8_right_signed(v8 a, unsigned bits),
	(uint64_t)((int64_t)a.lane[i] >> bits))
V8_EACH(v8_rotate(v8 a, unsigned bits),
	a.lane[i] >> bits | a.lane[i] << (64 - bits))
V8_EACH(v8_choose(v8 a, v8 b, v8 c),
	(a.lane[i] & b.lane[i]) | (~a.lane[i] & c.lane[i]))
V8_EACH(v8_majority(v8 a, v8 b, v8 c),
	(a.lane[i] & b.lane[i]) | (c.lane[i] & (a.lane[i] | b.lane[i])))
V8_EACH(v8_xor3(v8 a, v8 b, v8 c), a.lane[i] ^ b.lane[i] ^ c.lane[i])
V8_EACH(v8_swap_bytes(v8 a), __builtin_bswap64(a.lane[i]))
V8_EACH(v8_swap_halves(v8 a), a.lane[i ^ V8_LANES / 2])
V8_EACH(v8_mul(v8 a, v8 b), a.lane[i] * b.lane[i])
V8_EACH(v8_madd_low(v8 c, v8 a, v8 b),
	c.lane[i] +
		((a.lane[i] & V8_LOW52) * (b.lane[i] & V8_LOW52) & V8_LOW52))
V8_EACH(v8_madd_high(v8 c, v8 a, v8 b),
	c.lane[i] + (uint64_t)((unsigned __int128)(a.lane[i] & V8_LOW52) *
				       (b.lane[i] & V8_LOW52) >>
			       52))
V8_EACH(v8_blend(v8_mask mask, v8 a, v8 b),
	a.lane[i] ^ ((a.lane[i] ^ b.lane[i]) & -(uint64_t)(mask >> i & 1)))
V8_EACH(v8_add_where(v8_mask mask, v8 a, v8 b),
	a.lane[i] + (b.lane[i] & -(uint64_t)(mask >> i & 1)))
V8_EACH(v8_sub_where(v8_mask mask, v8 a, v8 b),
	a.lane[i] - (b.lane[i] & -(uint64_t)(mask >> i & 1)))
V8_EACH(v8_sub_from_where(v8_mask mask, v8 a, v8 from),
	v8_blend(mask, a, v8_sub(from, a)).lane[i])

V8_INLINE void v8_store(uint64_t *words, v8 a)
{
	memcpy(words, a.lane, sizeof(a.lane));
}

/* Zero is the only number that neither it nor its negation has a top bit. */
V8_INLINE v8_mask v8_test(v8 a, v8 b)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < V8_LANES; i++) {
		uint64_t common = a.lane[i] & b.lane[i];

		mask |= (unsigned)((common | -common) >> 63) << i;
	}
	return (v8_mask)mask;
}

V8_INLINE v8_mask v8_equal(v8 a, v8 b)
{
	v8 difference = v8_xor(a, b);

	return (v8_mask)~v8_test(difference, difference);
}

V8_INLINE v8_mask v8_negative(v8 a)
{
	return v8_test(a, v8_all(1ull << 63));
}

/* A permute reads all sixteen, so does this. */
V8_INLINE v8 v8_permute16(const uint64_t table[16], v8 index)
{
	v8 out = v8_zero();

	for (unsigned entry = 0; entry < 16; entry++) {
		v8 wanted = v8_xor(v8_and(index, v8_all(15)), v8_all(entry));

		out = v8_blend(
			v8_test(wanted, wanted), v8_all(table[entry]), out);
	}
	return out;
}

#undef V8_EACH
#endif
