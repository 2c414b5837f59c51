/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8: the table of RFC 3629 section 4, row by row. */
#include "base/utf8.h"

struct row {
	unsigned char first_low, first_high; /* range of the first byte */
	unsigned char second_low, second_high; /* the rest is 80 to BF */
	unsigned char size;
};

static const struct row rows[] = {
	{0x00, 0x7f, 0x00, 0x00, 1},
	{0xc2, 0xdf, 0x80, 0xbf, 2},
	{0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3},
	{0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4},
	{0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool fits(const struct row *row, struct sp_span text)
{
	const unsigned char *byte = (const unsigned char *)text.data;

	if (byte[0] < row->first_low || byte[0] > row->first_high ||
		text.size < row->size)
		return false;
	if (row->size > 1 &&
		(byte[1] < row->second_low || byte[1] > row->second_high))
		return false;
	for (size_t i = 2; i < row->size; i++)
		if (byte[i] < 0x80 || byte[i] > 0xbf)
			return false;
	return true;
}

size_t sp_utf8_bytes(struct sp_span text)
{
	if (text.size == 0)
		return 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fits(&rows[i], text))
			return rows[i].size;
	return 0;
}

bool sp_utf8_valid(struct sp_span text)
{
	while (text.size) {
		size_t size = sp_utf8_bytes(text);

		if (size == 0)
			return false;
		text = sp_span_after(text, size);
	}
	return true;
}
