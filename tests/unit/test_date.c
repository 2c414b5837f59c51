/* SPDX-License-Identifier: Apache-2.0 */
/* Dates in header fields (engine/date.h). */
#include <criterion/criterion.h>

#include "engine/date.h"
#include "tests/unit/guard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Parses a copy that ends at an unmapped page. */
static bool parse(const char *text, int64_t *seconds)
{
	size_t size = strlen(text);
	char *copy = guard_copy(text, size);
	bool parsed = sp_date_parse(sp_span(copy, size), seconds);

	guard_free(copy, size);
	return parsed;
}

struct good {
	const char *text;
	int64_t seconds;
};

static void check_good(const struct good *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t seconds = -1;

		cr_expect(parse(cases[i].text, &seconds), "%s", cases[i].text);
		cr_expect_eq(seconds, cases[i].seconds, "%s: %lld",
			cases[i].text, (long long)seconds);
	}
}

/* RFC 5322 3.3 and appendix A */
Test(date, reads_what_the_rfc_shows)
{
	static const struct good cases[] = {
		{"Fri, 21 Nov 1997 09:55:06 -0600", 880127706},
		{"Tue, 1 Jul 2003 10:52:37 +0200", 1057049557},
		{"Thu, 13 Feb 1969 23:32:54 -0330", -27723426},
		{"1 Jan 1970 00:00:00 +0000", 0},
		{"1 Jan 1970 00:00 +0000", 0},
		{"29 Feb 2000 12:00:00 +0000", 951825600},
		{"31 Dec 2016 23:59:60 +0000", 1483228800},
		{"Fri, 31 Dec 9999 23:59:59 +0000", 253402300799},
		{" Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n", 1057982437},
	};

	check_good(cases, COUNT(cases));
}

/* RFC 5322 4.3 */
Test(date, reads_the_obsolete_forms)
{
	static const struct good cases[] = {
		{"21 Nov 97 09:55:06 GMT", 880106106},
		{"21 Nov 49 00:00:00 UT", 2521065600},
		{"21 Nov 50 00:00:00 UT", -603158400},
		{"21 Nov 097 09:55:06 GMT", 880106106},
		{"21 Nov 103 09:55:06 GMT", 1069408506},
		{"1 Jul 2003 10:00:00 EST", 1057071600},
		{"1 Jul 2003 10:00:00 EDT", 1057068000},
		{"1 Jul 2003 10:00:00 CST", 1057075200},
		{"1 Jul 2003 10:00:00 CDT", 1057071600},
		{"1 Jul 2003 10:00:00 MST", 1057078800},
		{"1 Jul 2003 10:00:00 MDT", 1057075200},
		{"1 Jul 2003 10:00:00 PST", 1057082400},
		{"1 Jul 2003 10:00:00 PDT", 1057078800},
		/* Military letters were defined the wrong way round. */
		{"1 Jul 2003 10:00:00 K", 1057053600},
		{"1 Jul 2003 10:00:00 XYZT", 1057053600},
		{"1 Jul 2003 10:00:00", 1057053600},
	};

	check_good(cases, COUNT(cases));
}

/* RFC 5322 3.2.2, appendix A.5: white space and comments anywhere */
Test(date, passes_over_comments_and_folding)
{
	static const struct good cases[] = {
		{"Thu,\r\n      13\r\n        Feb\r\n          1969\r\n"
		 "      23:32\r\n               -0330 (Newfoundland Time)\r\n",
			-27723480},
		{"(a) Fri (b(c)d) , 21 (\\)e) Nov (f) 1997 (g) 09 (h) : 55 : "
		 "(i)06 (j) -0600 (k)",
			880127706},
		{"Fri,21 Nov 1997 09:55:06 -0600(x)", 880127706},
	};

	check_good(cases, COUNT(cases));
}

Test(date, refuses_what_is_no_date)
{
	static const char *const cases[] = {
		"",
		" ",
		"(",
		"yesterday",
		"Fri 21 Nov 1997 09:55:06 -0600",
		"32 Jan 2000 00:00:00 +0000",
		"0 Jan 2000 00:00:00 +0000",
		"29 Feb 1900 00:00:00 +0000",
		"30 Feb 2000 00:00:00 +0000",
		"31 Apr 2000 00:00:00 +0000",
		"1 Foo 2000 00:00:00 +0000",
		"1 Jan 1899 00:00:00 +0000",
		"1 Jan 1 00:00:00 +0000",
		"1 Jan 20000 00:00:00 +0000",
		"1 Jan 2000 24:00:00 +0000",
		"1 Jan 2000 00:60:00 +0000",
		"1 Jan 2000 00:00:61 +0000",
		"1 Jan 2000 00:00: +0000",
		"1 Jan 2000 0000 +0000",
		"1 Jan 2000",
		"1 Jan 2000 00:00:00 +000",
		"1 Jan 2000 00:00:00 +00000",
		"1 Jan 2000 00:00:00 +0060",
		"1 Jan 2000 00:00:00 +0000 x",
		"1 Jan 2000 00:00:00 +0000 (open",
		"1 Jan 2000 00:00:00 (\\",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t seconds;

		cr_expect_not(parse(cases[i], &seconds), "%s", cases[i]);
	}
}
