/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648 4) with folding white space (RFC 6376 2.10). */
#include "crypto/base64.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "tests/unit/guard.h"

TestSuite(base64);

/* Decodes text from and into memory that ends at unmapped pages. */
static bool decode(struct sp_span text, unsigned char *bytes, size_t *size)
{
	size_t room = SP_BASE64_DECODED_BYTES(text.size);
	char *in = guard_copy(text.data, text.size);
	char *zeros = calloc(1, room);
	char *out = guard_copy(zeros, room);
	bool good = sp_base64_decode(
		(unsigned char *)out, size, sp_span(in, text.size));

	if (good)
		memcpy(bytes, out, *size);
	guard_free(in, text.size);
	guard_free(out, room);
	free(zeros);
	return good;
}

/* RFC 4648 10 */
static const struct {
	const char *bytes, *text;
} vectors[] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
};

Test(base64, encodes_and_decodes_the_vectors_of_rfc_4648)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct sp_span bytes = sp_span_str(vectors[i].bytes);
		struct sp_span text = sp_span_str(vectors[i].text);
		unsigned char out[64];
		char written[64];
		size_t size = 99;

		cr_assert_eq(sp_base64_encode(written, bytes), text.size);
		cr_assert(sp_span_equal(sp_span(written, text.size), text),
			"%s", vectors[i].text);
		cr_assert(decode(text, out, &size), "%s", vectors[i].text);
		cr_assert(sp_span_equal(sp_span(out, size), bytes));
	}
}

Test(base64, encodes_as_openssl_does_at_every_length)
{
	for (size_t size = 0; size <= 300; size++) {
		unsigned char bytes[300], back[512];
		char expected[512], *copy;
		size_t back_size;

		for (size_t i = 0; i < size; i++)
			bytes[i] = (unsigned char)(i * 151 + size * 31);
		copy = guard_copy(bytes, size);
		EVP_EncodeBlock((unsigned char *)expected, bytes, (int)size);
		char *out = guard_copy(expected, strlen(expected));
		memset(out, 'x', strlen(expected));
		cr_assert_eq(sp_base64_encode(out, sp_span(copy, size)),
			strlen(expected));
		cr_assert_eq(memcmp(out, expected, strlen(expected)), 0);
		cr_assert(decode(sp_span_str(expected), back, &back_size));
		cr_assert_eq(back_size, size);
		cr_assert_eq(memcmp(back, bytes, size), 0);
		guard_free(out, strlen(expected));
		guard_free(copy, size);
	}
}

/* RFC 6376 2.10: base64string has FWS between any two characters. */
Test(base64, passes_over_white_space_anywhere)
{
	static const char *const blanks[] = {" ", "\t", "\r\n ", "\r\n\t \t"};
	static const char text[] = "Zm9vYmFyIQ==";

	for (size_t b = 0; b < sizeof(blanks) / sizeof(blanks[0]); b++) {
		for (size_t at = 0; at < sizeof(text); at++) {
			char folded[64];
			unsigned char out[64];
			size_t size;

			snprintf(folded, sizeof(folded), "%.*s%s%s", (int)at,
				text, blanks[b], text + at);
			cr_assert(decode(sp_span_str(folded), out, &size));
			cr_assert(sp_span_is(sp_span(out, size), "foobar!"));
		}
	}
}

Test(base64, refuses_what_is_not_base64)
{
	static const char *const bad[] = {
		"Z",
		"Zg",
		"Zg=",
		"Zm9",
		"Zm9v=",
		"Zm9v==",
		"=",
		"==",
		"====",
		"Z===",
		"Zg===",
		"Zm8==",
		"Zg==Zg==",
		"Zg= =x",
		"Zg=g",
		"Zm8=v",
		"Zm9vY",
		"Zm9v.mFy",
		"Zm9-",
		"Zm9_",
		"Zm9v,",
		"Zm9v\x80",
		"Zm9v\xff",
		"Zm\v8=",
		"Zm\f8=",
	};
	unsigned char out[64];
	size_t size;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(
			decode(sp_span_str(bad[i]), out, &size), "%zu", i);
	cr_expect_not(decode(sp_span("Zm\0v", 4), out, &size));
}

/* RFC 4648 3.5 */
Test(base64, unused_bits_mean_nothing)
{
	static const char *const same[] = {
		"Zg==", "Zh==", "Zv==", "Zm8=", "Zm9=", "Zm/="};
	unsigned char out[16];
	size_t size;

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		cr_assert(decode(sp_span_str(same[i]), out, &size));
		cr_assert_eq(size, i < 3 ? 1 : 2, "%s", same[i]);
		cr_expect_arr_eq(out, "fo", size, "%s", same[i]);
	}
}

Test(base64, knows_its_alphabet_and_no_other)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";

	for (int c = 0; c < 256; c++) {
		for (int at = 0; at < 4; at++) {
			char text[4] = {'A', 'A', 'A', 'A'};
			const char *found =
				c ? strchr(alphabet, (char)c) : NULL;
			unsigned char out[8];
			size_t size;
			bool good;

			text[at] = (char)c;
			good = decode(sp_span(text, 4), out, &size);
			if (found) {
				unsigned value = (unsigned)(found - alphabet);
				unsigned bits = value << 6 * (3 - at);

				cr_assert(good && size == 3);
				cr_assert_eq((unsigned)out[0] << 16 |
						     (unsigned)out[1] << 8 |
						     out[2],
					bits);
			} else {
				cr_assert_eq(good, c == '=' && at == 3,
					"%d at %d", c, at);
			}
		}
	}
}

Test(base64, takes_blanks_alone_as_nothing)
{
	unsigned char out[16];
	size_t size = 99;

	cr_assert(decode(sp_span_str(" \r\n\t"), out, &size));
	cr_assert_eq(size, 0);
	size = 99;
	cr_assert(sp_base64_decode(out, &size, sp_span(NULL, 0)));
	cr_assert_eq(size, 0);
}
