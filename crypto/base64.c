/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 by table, four characters at a time (RFC 4648 4, RFC 6376 2.10). */
#include "crypto/base64.h"

#include <stdint.h>

/*
 * What a character is: LETTER with its six bits, PAD, BLANK, or 0 for what
 * does not belong. The bit apart makes one AND of four characters tell
 * whether all are letters.
 */
#define LETTER 0x40u
#define PAD 0x01u
#define BLANK 0x02u

#define L(value) (LETTER | (value))
/* clang-format off */
static const unsigned char kinds[256] = {
	['A'] = L(0), ['B'] = L(1), ['C'] = L(2), ['D'] = L(3),
	['E'] = L(4), ['F'] = L(5), ['G'] = L(6), ['H'] = L(7),
	['I'] = L(8), ['J'] = L(9), ['K'] = L(10), ['L'] = L(11),
	['M'] = L(12), ['N'] = L(13), ['O'] = L(14), ['P'] = L(15),
	['Q'] = L(16), ['R'] = L(17), ['S'] = L(18), ['T'] = L(19),
	['U'] = L(20), ['V'] = L(21), ['W'] = L(22), ['X'] = L(23),
	['Y'] = L(24), ['Z'] = L(25), ['a'] = L(26), ['b'] = L(27),
	['c'] = L(28), ['d'] = L(29), ['e'] = L(30), ['f'] = L(31),
	['g'] = L(32), ['h'] = L(33), ['i'] = L(34), ['j'] = L(35),
	['k'] = L(36), ['l'] = L(37), ['m'] = L(38), ['n'] = L(39),
	['o'] = L(40), ['p'] = L(41), ['q'] = L(42), ['r'] = L(43),
	['s'] = L(44), ['t'] = L(45), ['u'] = L(46), ['v'] = L(47),
	['w'] = L(48), ['x'] = L(49), ['y'] = L(50), ['z'] = L(51),
	['0'] = L(52), ['1'] = L(53), ['2'] = L(54), ['3'] = L(55),
	['4'] = L(56), ['5'] = L(57), ['6'] = L(58), ['7'] = L(59),
	['8'] = L(60), ['9'] = L(61), ['+'] = L(62), ['/'] = L(63),
	['='] = PAD,
	[' '] = BLANK, ['\t'] = BLANK, ['\r'] = BLANK, ['\n'] = BLANK,
};
/* clang-format on */
#undef L

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789+/";

size_t sp_base64_encode(char *out, struct sp_span in)
{
	const unsigned char *at = (const unsigned char *)in.data;
	size_t left = in.size;

	for (; left >= 3; at += 3, left -= 3, out += 4) {
		uint32_t bits =
			(uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];

		out[0] = letters[bits >> 18];
		out[1] = letters[bits >> 12 & 63];
		out[2] = letters[bits >> 6 & 63];
		out[3] = letters[bits & 63];
	}
	if (left) {
		uint32_t bits = (uint32_t)at[0] << 16;

		if (left == 2)
			bits |= (uint32_t)at[1] << 8;
		out[0] = letters[bits >> 18];
		out[1] = letters[bits >> 12 & 63];
		out[2] = left == 2 ? letters[bits >> 6 & 63] : '=';
		out[3] = '=';
	}
	return SP_BASE64_ENCODED_BYTES(in.size);
}

static unsigned char *put(unsigned char *to, uint32_t bits)
{
	to[0] = (unsigned char)(bits >> 16);
	to[1] = (unsigned char)(bits >> 8);
	to[2] = (unsigned char)bits;
	return to + 3;
}

/* Decodes groups of four letters up to the first that is not; moves *to. */
static const unsigned char *decode_groups(
	unsigned char **to, const unsigned char *at, const unsigned char *end)
{
	unsigned char *out = *to;

	for (; end - at >= 4; at += 4) {
		uint32_t a = kinds[at[0]], b = kinds[at[1]];
		uint32_t c = kinds[at[2]], d = kinds[at[3]];

		if (!(a & b & c & d & LETTER))
			break;
		out = put(out, (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 |
				       (d & 63));
	}
	*to = out;
	return at;
}

/*
 * Ends a text whose first "=" was met with held letters, six bits each,
 * waiting: rest is what follows that "=". The bits that padding leaves unused
 * are not looked at: RFC 4648 3.5 allows either, the grammar of RFC 6376 does
 * not forbid them, and a wrong hash is better named so than as bad syntax.
 */
static bool finish_padded(unsigned char **to, uint32_t bits, unsigned held,
	const unsigned char *rest, const unsigned char *end)
{
	unsigned pads = 1;

	for (; rest < end; rest++) {
		if (kinds[*rest] == PAD)
			pads++;
		else if (kinds[*rest] != BLANK)
			return false;
	}
	if (held < 2 || held + pads != 4)
		return false;
	bits <<= 6 * (4 - held);
	*(*to)++ = (unsigned char)(bits >> 16);
	if (held == 3)
		*(*to)++ = (unsigned char)(bits >> 8);
	return true;
}

bool sp_base64_decode(unsigned char *out, size_t *size, struct sp_span text)
{
	const unsigned char *at = (const unsigned char *)text.data;
	const unsigned char *end = text.size ? at + text.size : at;
	unsigned char *to = out;
	uint32_t bits = 0;
	unsigned held = 0; /* letters in bits */

	while (at < end) {
		unsigned char kind;

		if (held == 0) {
			at = decode_groups(&to, at, end);
			if (at == end)
				break;
		}
		kind = kinds[*at++];
		if (kind & LETTER) {
			bits = bits << 6 | (kind & 63);
			if (++held == 4) {
				to = put(to, bits);
				bits = 0;
				held = 0;
			}
		} else if (kind == PAD) {
			bool good = finish_padded(&to, bits, held, at, end);

			*size = (size_t)(to - out);
			return good;
		} else if (kind != BLANK) {
			return false;
		}
	}
	*size = (size_t)(to - out);
	return held == 0;
}
