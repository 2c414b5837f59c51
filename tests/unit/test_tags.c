/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of engine/tags.c (RFC 6376 2.11, 3.2). */
#include "engine/tags.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/guard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Parses a copy that ends at an unmapped page. */
static enum sp_reason parse(const char *text, size_t size)
{
	static struct sp_tags tags;
	char *copy = guard_copy(text, size);
	enum sp_reason reason = sp_tags_parse(&tags, sp_span(copy, size));

	guard_free(copy, size);
	return reason;
}

/* 3.2, tag-list. */
Test(tags, accepts_what_the_grammar_has)
{
	static const char *const cases[] = {
		"a=b",
		"a=b;",
		"a=b; ",
		"a=b;\r\n ",
		"a=b;\n\t",
		" a = b ",
		"a=",
		"a=;",
		"a= ;b=c",
		"\r\n a\r\n =\r\n b\r\n ;",
		"a=b c\td\r\n  e",
		"a=b=c:/?@!~<>",
		"a1_B=x",
		"a=\xc3\xbc.example",
		"A=x;a=x",
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_eq(parse(cases[i], strlen(cases[i])), SP_REASON_OK,
			"%s", cases[i]);
}

/* 3.2 and 2.8: a line end folds only before white space. */
Test(tags, refuses_what_the_grammar_has_not)
{
	static const char *const cases[] = {
		"",
		" ",
		"\r\n",
		";",
		"a",
		"a;",
		"a=b;c",
		"a=b;;",
		"a=b;;c=d",
		"=b",
		"1a=b",
		"_a=b",
		"a-b=c",
		"a b=c",
		"\xc3\xbc=b",
		"a=b\r\n",
		"a=b\n",
		"a=b\r ",
		"a=b\rc",
		"a=b\r\nc",
		"a\r\n=b",
		"a=b\r\n\r\n c",
		"a=b;\r\n",
		"a=b\x01",
		"a=b\x7f",
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_eq(parse(cases[i], strlen(cases[i])),
			SP_REASON_TAG_SYNTAX, "%s", cases[i]);
	cr_expect_eq(parse("a=b\0c", 5), SP_REASON_TAG_SYNTAX);
	cr_expect_eq(parse("a=b\0", 4), SP_REASON_TAG_SYNTAX);
}

Test(tags, refuses_duplicates_before_later_faults)
{
	cr_expect_eq(parse("a=b;a=c", 7), SP_REASON_TAG_DUPLICATE);
	cr_expect_eq(parse("a=b;a=c;!", 9), SP_REASON_TAG_DUPLICATE);
	cr_expect_eq(parse("a=b;!;a=c", 9), SP_REASON_TAG_SYNTAX);
}

Test(tags, keeps_value_and_area_apart)
{
	struct sp_tags tags;
	const struct sp_tag *tag;

	cr_assert_eq(
		sp_tags_parse(&tags, sp_span_str("v=1; bb =\r\n x y \t; b=")),
		SP_REASON_OK);
	cr_assert_eq(tags.count, 3);
	tag = sp_tags_find(&tags, "bb");
	cr_assert_not_null(tag);
	cr_expect(sp_span_is(tag->value, "x y"));
	cr_expect(sp_span_is(tag->area, "\r\n x y \t"));
	tag = sp_tags_find(&tags, "b");
	cr_assert_not_null(tag);
	cr_expect_not_null(tag->value.data);
	cr_expect_eq(tag->value.size, 0);
	cr_expect_null(sp_tags_find(&tags, "B"));
}

Test(tags, keeps_what_stood_before_a_fault)
{
	struct sp_tags tags;

	cr_expect_eq(sp_tags_parse(&tags, sp_span_str("d=x;s=y;oops")),
		SP_REASON_TAG_SYNTAX);
	cr_expect_eq(tags.count, 2);
	cr_expect_not_null(sp_tags_find(&tags, "s"));
}

Test(tags, has_room_for_so_many_tags_and_no_more)
{
	char text[(SP_TAGS_MAX + 1) * 8];
	size_t size = 0;

	for (unsigned i = 0; i < SP_TAGS_MAX; i++)
		size += (size_t)sprintf(text + size, "t%u=;", i);
	cr_expect_eq(parse(text, size), SP_REASON_OK);
	size += (size_t)sprintf(text + size, "x=;");
	cr_expect_eq(parse(text, size), SP_REASON_TAG_SYNTAX);
}

Test(tags, finds_words_in_colon_lists)
{
	struct sp_span list = sp_span_str("foo : DNS/txt\r\n :x");

	cr_expect(sp_tag_list_has(list, "dns/txt"));
	cr_expect(sp_tag_list_has(list, "foo"));
	cr_expect(sp_tag_list_has(list, "x"));
	cr_expect_not(sp_tag_list_has(list, "dns"));
	cr_expect_not(sp_tag_list_has(sp_span_str(""), "x"));
	cr_expect_not(sp_tag_list_has(sp_span(NULL, 0), "x"));
}

/* 3.5, t=, x=, l=: large values must not fail. */
Test(tags, reads_numbers)
{
	static const struct {
		const char *text;
		int64_t number; /* -1: it is none */
	} cases[] = {
		{"0", 0},
		{"1", 1},
		{"0001", 1},
		{"1172620939", 1172620939},
		{"9223372036854775806", INT64_MAX - 1},
		{"9223372036854775807", INT64_MAX},
		{"9223372036854775808", INT64_MAX},
		{"99999999999999999999999999999", INT64_MAX},
		{"18446744073709551617", INT64_MAX},
		{"", -1},
		{"-1", -1},
		{"+1", -1},
		{"1 2", -1},
		{"0x1", -1},
		{"never", -1},
		{"1234567890123456789012345678901", -1},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t number = -1;

		sp_tag_number(sp_span_str(cases[i].text), 30, &number);
		cr_expect_eq(number, cases[i].number, "%s", cases[i].text);
	}
}

/* 2.11 */
Test(tags, decodes_quoted_printable)
{
	static const struct {
		const char *text;
		const char *decoded; /* NULL: a syntax error */
	} cases[] = {
		{"", ""},
		{"joe", "joe"},
		{"joe=40x", "joe@x"},
		{"=4a=4A", "JJ"},
		{"j o\r\n e", "joe"},
		{"a:b|c", "a:b|c"},
		{"\xc3\xbc", "\xc3\xbc"},
		{"=", NULL},
		{"=4", NULL},
		{"=4g", NULL},
		{"=\r\n x", NULL},
		{"a;b", NULL},
		{"a\rb", NULL},
		{"a\r\nb", NULL},
		{"a\x01", NULL},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[64] = "";
		struct sp_span value = sp_span_str(cases[i].text);
		size_t size = sp_tag_decode_qp(out, value);

		if (!cases[i].decoded)
			cr_expect_eq(size, SIZE_MAX, "%s", cases[i].text);
		else
			cr_expect(sp_span_is(
				sp_span(out, size), cases[i].decoded));
	}
}

Test(tags, encodes_every_byte_so_that_it_comes_back)
{
	struct sp_buffer out = {0};
	char all[256], decoded[256 * 3];
	struct sp_tags tags;

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	sp_buffer_add_str(&out, "i=");
	sp_tag_encode_qp(&out, sp_span(all, sizeof(all)));
	cr_assert_eq(sp_buffer_status(&out), SP_OK);
	cr_expect_eq(out.size, 2 + sp_tag_qp_size(sp_span(all, sizeof(all))));
	cr_assert_eq(sp_tags_parse(&tags, sp_buffer_span(&out)), SP_REASON_OK);
	cr_expect_eq(sp_tag_decode_qp(decoded, tags.tag[0].value), sizeof(all));
	cr_expect_arr_eq(decoded, all, sizeof(all));
	for (size_t i = 2; i < out.size; i++)
		cr_expect_null(memchr(";|: \t", out.data[i], 5));
	sp_buffer_free(&out);
}

/* 3.2 and RFC 8616: values are looked at some bytes at a time. */
Test(tags, every_byte_counts_wherever_it_stands)
{
	for (int byte = 0; byte < 256; byte++) {
		bool blank = byte == ' ' || byte == '\t';
		bool good = (byte > ' ' && byte != 0x7f) || blank;

		for (size_t at = 2; at < 26; at++) {
			char text[26] = "b=";

			memset(text + 2, 'a' + byte % 26, sizeof(text) - 2);
			text[at] = (char)byte;
			/* A ";" ends the tag, and may be the last byte. */
			if (byte == ';')
				good = at + 1 == sizeof(text);
			cr_expect_eq(parse(text, sizeof(text)),
				good ? SP_REASON_OK : SP_REASON_TAG_SYNTAX,
				"0x%02x at %zu", (unsigned)byte, at);
		}
	}
}
