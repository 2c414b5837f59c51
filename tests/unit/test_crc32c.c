/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C: values of RFC 3720 appendix B.4, and all ways to the same sum. */
#include "base/crc32c.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(crc32c, values_of_rfc_3720)
{
	unsigned char bytes[32];

	memset(bytes, 0, sizeof(bytes));
	cr_assert_eq(sp_crc32c(0, sp_span(bytes, 32)), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	cr_assert_eq(sp_crc32c(0, sp_span(bytes, 32)), 0x62a8ab43);
	for (unsigned char i = 0; i < 32; i++)
		bytes[i] = i;
	cr_assert_eq(sp_crc32c(0, sp_span(bytes, 32)), 0x46dd794e);
	for (unsigned char i = 0; i < 32; i++)
		bytes[i] = (unsigned char)(31 - i);
	cr_assert_eq(sp_crc32c(0, sp_span(bytes, 32)), 0x113fdb5c);
	cr_assert_eq(sp_crc32c(0, sp_span_str("123456789")), 0xe3069283);
	cr_assert_eq(sp_crc32c(0, sp_span(NULL, 0)), 0);
}

Test(crc32c, any_split_and_any_way_give_the_same)
{
	unsigned char bytes[100];
	uint32_t whole;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * i * 31 + 7);
	whole = sp_crc32c_portable(0, sp_span(bytes, sizeof(bytes)));
	for (size_t i = 0; i <= sizeof(bytes); i++) {
		struct sp_span left = sp_span(bytes, i);
		struct sp_span right = sp_span(bytes + i, sizeof(bytes) - i);

		cr_assert_eq(sp_crc32c(sp_crc32c(0, left), right), whole);
		cr_assert_eq(sp_crc32c(0, left), sp_crc32c_portable(0, left));
	}
}

/* Three parts of 1 KiB at once, and what is left of them. */
Test(crc32c, long_texts_have_the_sum_of_the_portable_code)
{
	enum { SIZE = 4 * 3072 + 13 };
	char *bytes = malloc(SIZE);

	srand(1);
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)rand();
	for (size_t size = 3060; size <= SIZE; size += 61) {
		struct sp_span all = sp_span(bytes + size % 8, size - 8);

		cr_assert_eq(sp_crc32c((uint32_t)size, all),
			sp_crc32c_portable((uint32_t)size, all), "%zu", size);
	}
	free(bytes);
}
