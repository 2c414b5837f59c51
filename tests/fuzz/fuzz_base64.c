/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64: the decoder agrees with a slow and simple one, and what it accepts
 * encodes to the same text again, less white space and unused bits.
 */
#include "crypto/base64.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int value_of(char c)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(letters, c) : NULL;

	return at ? (int)(at - letters) : -1;
}

/* Is text, free of white space, base64? Bit by bit into bytes. */
static bool decode_slowly(
	unsigned char *bytes, size_t *size, const char *text, size_t length)
{
	size_t letters = length, bits = 0;

	if (length % 4)
		return false;
	while (letters && length - letters < 2 && text[letters - 1] == '=')
		letters--;
	memset(bytes, 0, length);
	for (size_t i = 0; i < letters; i++) {
		int value = value_of(text[i]);

		if (value < 0)
			return false;
		for (int bit = 5; bit >= 0; bit--, bits++)
			bytes[bits / 8] |= (unsigned char)((value >> bit & 1)
							   << (7 - bits % 8));
	}
	*size = bits / 8;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span text = sp_span(data, size);
	unsigned char *fast = malloc(SP_BASE64_DECODED_BYTES(size));
	unsigned char *slow = malloc(SP_BASE64_DECODED_BYTES(size) + size);
	char *bare = malloc(size + 1), *again;
	size_t bare_size = 0, fast_size, slow_size;
	bool good;

	for (size_t i = 0; i < size; i++)
		if (!sp_is_fws(text.data[i]))
			bare[bare_size++] = text.data[i];
	good = sp_base64_decode(fast, &fast_size, text);
	assert(good == decode_slowly(slow, &slow_size, bare, bare_size));
	if (good) {
		assert(fast_size == slow_size);
		assert(memcmp(fast, slow, fast_size) == 0);
		again = malloc(SP_BASE64_ENCODED_BYTES(fast_size) + 1);
		assert(sp_base64_encode(again, sp_span(fast, fast_size)) ==
			bare_size);
		for (size_t i = 0; i < fast_size / 3 * 4; i++)
			assert(again[i] == bare[i]);
		assert(sp_base64_decode(
			slow, &slow_size, sp_span(again, bare_size)));
		assert(fast_size == slow_size);
		assert(memcmp(fast, slow, fast_size) == 0);
		free(again);
	}
	free(bare);
	free(slow);
	free(fast);
	return 0;
}
