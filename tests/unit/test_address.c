/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of engine/address.c (RFC 5322 3.4, 4.4; RFC 6854). */
#include "engine/address.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/unit/guard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void expect_address(const char *value, const char *expected)
{
	struct sp_arena arena = {0};
	size_t size = strlen(value);
	char *copy = guard_copy(value, size);
	struct sp_span address;

	cr_assert_eq(
		sp_address_first(&arena, sp_span(copy, size), &address), SP_OK);
	cr_expect(sp_span_is(address, expected), "%s gave %.*s", value,
		SP_SPAN_ARGS(address));
	guard_free(copy, size);
	sp_arena_free(&arena);
}

Test(address, finds_the_first_mailbox)
{
	static const char *const cases[][2] = {
		{" joe@example.com\r\n", "joe@example.com"},
		{"Joe <joe@example.com>", "joe@example.com"},
		{"Joe Q. Public <joe@example.com>", "joe@example.com"},
		{"Joe\r\n\t<joe@example.com>\r\n", "joe@example.com"},
		{"\"Joe, <x@y>\" <joe@example.com>", "joe@example.com"},
		{"\"a\\\"<x@y>\" <joe@example.com>", "joe@example.com"},
		{"joe@example.com, ann@example.org", "joe@example.com"},
		{"Joe <joe@example.com>, ann@x", "joe@example.com"},
		{"Joe Public joe@example.com", "joe@example.com"},
		{"joe@EXAMPLE.com.", "joe@EXAMPLE.com."},
		{"joe.@example.com", "joe.@example.com"},
		{"j\xc3\xbc@b\xc3\xbc.example", "j\xc3\xbc@b\xc3\xbc.example"},
		{"joe@[192.0.2.1]", "joe@[192.0.2.1]"},
		{"<joe@[IPv6:2001:db8::1]>", "joe@[IPv6:2001:db8::1]"},
		{"\"joe public\"@example.com", "\"joe public\"@example.com"},
		{"<\"a@b\"@example.com>", "\"a@b\"@example.com"},
		{"<\"a\r\n b\"@example.com>", "\"a b\"@example.com"},
		{"Joe <joe@example.com", "joe@example.com"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_address(cases[i][0], cases[i][1]);
}

/* 3.2.2: comments nest and may hold anything. */
Test(address, passes_over_comments_and_white_space)
{
	static const char *const cases[][2] = {
		{"joe@example.com (Joe)", "joe@example.com"},
		{"(c(d)e)joe(f)@(g\\))example(h) . (i)com", "joe@example.com"},
		{"(<x@y>, z@w) <joe@example.com>", "joe@example.com"},
		{"joe (it's \"me) @ example . com", "joe@example.com"},
		{"joe\r\n @\r\n example.com", "joe@example.com"},
		{"(open joe@example.com", ""},
		{"joe@example.com (open", "joe@example.com"},
		{"(a\\", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_address(cases[i][0], cases[i][1]);
}

/* RFC 6854; RFC 5322 4.4 */
Test(address, understands_groups_and_routes)
{
	static const char *const cases[][2] = {
		{"Team: joe@example.com, ann@x;", "joe@example.com"},
		{"\"a:b\": Joe <joe@example.com>;", "joe@example.com"},
		{"Nobody:;", ""},
		{"Nobody:; , joe@example.com", "joe@example.com"},
		{"<@a.example,@b.example:joe@example.com>", "joe@example.com"},
		{"<@a.example:joe@example.com>", "joe@example.com"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_address(cases[i][0], cases[i][1]);
}

Test(address, is_not_misled_by_a_name_that_looks_like_an_address)
{
	static const char *const cases[][2] = {
		{"bank@example.com <joe@evil.example>", "joe@evil.example"},
		{"\"bank@example.com\" <joe@evil.example>", "joe@evil.example"},
		{"bank@example.com@evil.example, joe@x", "joe@x"},
		{"<bank@example.com@evil.example>", ""},
		{"bank@example.com joe@evil.example", ""},
		{"<bank @ example.com evil.example>", ""},
		{"<bank@example.com:evil.example>", ""},
		{"bank@[example.com@evil.example]", ""},
		{"bank@exam\x01ple.com", ""},
		{"<x>, joe@example.com", "joe@example.com"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_address(cases[i][0], cases[i][1]);
}

Test(address, finds_none_where_there_is_none)
{
	static const char *const cases[] = {"", "\r\n", "root", "<>", "<root>",
		"@example.com", "joe@", "joe@.", "<@>", "<@a:>",
		"\"joe@example.com\"", "\"open joe@example.com",
		"[joe@example.com", "joe\\@x", ",,;>", "joe)@x"};

	for (size_t i = 0; i < COUNT(cases); i++)
		expect_address(cases[i], "");
}

Test(address, takes_linear_time_and_no_stack_for_deep_nesting)
{
	size_t size = 1 << 20;
	char *text = malloc(size);
	struct sp_arena arena = {0};
	struct sp_span address;

	cr_assert_not_null(text);
	memset(text, '(', size);
	cr_expect_eq(
		sp_address_first(&arena, sp_span(text, size), &address), SP_OK);
	cr_expect_eq(address.size, 0);
	memset(text, '<', size);
	cr_expect_eq(
		sp_address_first(&arena, sp_span(text, size), &address), SP_OK);
	cr_expect_eq(address.size, 0);
	free(text);
	sp_arena_free(&arena);
}

Test(address, gives_the_domain_after_the_last_at)
{
	static const char *const cases[][2] = {
		{"joe@example.com", "example.com"},
		{"joe@example.com.", "example.com"},
		{"\"a@b\"@example.com", "example.com"},
		{"@example.com", "example.com"},
		{"joe", ""},
		{"joe@", ""},
		{"joe@.", ""},
		{"", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect(
			sp_span_is(sp_address_domain(sp_span_str(cases[i][0])),
				cases[i][1]),
			"%s", cases[i][0]);
}
