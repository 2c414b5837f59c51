/* SPDX-License-Identifier: Apache-2.0 */
/* Netstrings in memory. */
#include <criterion/criterion.h>

#include "io/netstring.h"

#define MAX 100u

static enum sp_netstring_state parse(
	struct sp_netstring *netstring, const char *text)
{
	return sp_netstring_parse(netstring, sp_span_str(text), MAX);
}

Test(netstring, whole)
{
	static const struct {
		const char *text, *holds;
		size_t size;
	} cases[] = {
		{"0:,", "", 3},
		{"5:hello,", "hello", 8},
		{"5:hello,0:,", "hello", 8},
		{"3:,,,,", ",,,", 6},
		{"12:hello, world,", "hello, world", 16},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_netstring netstring;

		cr_assert_eq(parse(&netstring, cases[i].text),
			SP_NETSTRING_WHOLE, "%s", cases[i].text);
		cr_assert(sp_span_is(netstring.bytes, cases[i].holds));
		cr_assert_eq(netstring.size, cases[i].size);
	}
}

Test(netstring, every_beginning_wants_more)
{
	static const char text[] = "12:hello, world,";

	for (size_t size = 0; size < sizeof(text) - 1; size++) {
		struct sp_netstring netstring;

		cr_assert_eq(sp_netstring_parse(
				     &netstring, sp_span(text, size), MAX),
			SP_NETSTRING_MORE, "%zu", size);
		cr_assert_eq(netstring.head, size >= 3 ? 3 : 0);
		cr_assert_eq(netstring.head ? netstring.length : 12, 12);
	}
}

Test(netstring, bad)
{
	static const struct {
		const char *text;
		size_t at;
	} cases[] = {
		{":", 0},
		{"x", 0},
		{"-1:", 0},
		{" 1:a,", 0},
		{"1 :a,", 1},
		{"00:,", 1},
		{"01:a,", 1},
		{"101:", 2},
		{"100000000000000000000000000000:", 3},
		{"99999999999999999999:", 2},
		{"1:ab", 3},
		{"0:x", 2},
		{"5:hello\n", 7},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_netstring netstring;

		cr_assert_eq(parse(&netstring, cases[i].text), SP_NETSTRING_BAD,
			"%s", cases[i].text);
		cr_assert_eq(netstring.fault_at, cases[i].at, "%s: %zu",
			cases[i].text, netstring.fault_at);
		cr_assert(netstring.fault);
	}
}

Test(netstring, length_up_to_the_limit)
{
	struct sp_netstring netstring;

	cr_assert_eq(parse(&netstring, "100:"), SP_NETSTRING_MORE);
	cr_assert_eq(netstring.length, 100);
	cr_assert_eq(sp_netstring_parse(&netstring,
			     sp_span_str("18446744073709551615:"), UINT64_MAX),
		SP_NETSTRING_MORE);
	cr_assert_eq(netstring.length, UINT64_MAX);
	cr_assert_eq(sp_netstring_parse(&netstring,
			     sp_span_str("18446744073709551616:"), UINT64_MAX),
		SP_NETSTRING_BAD);
}

Test(netstring, written)
{
	struct sp_buffer out = {.data = NULL};

	sp_netstring_add_head(&out, 0);
	sp_netstring_add_head(&out, 1234567890123u);
	cr_assert(sp_span_is(sp_buffer_span(&out), "0:1234567890123:"));
	sp_buffer_free(&out);
}
