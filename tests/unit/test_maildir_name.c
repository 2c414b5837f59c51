/* SPDX-License-Identifier: Apache-2.0 */
/* Names in Maildirs (maildir(5), Maildir++). */
#include "io/maildir_name.h"

#include <criterion/criterion.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(maildir_name, names_that_are_odd)
{
	static const struct {
		const char *name, *base, *info;
		bool has_s, resized;
	} cases[] = {
		{"", "", "", false, true},
		{":2,S", "", ":2,S", false, true},
		{",S=1", ",S=1", "", true, true},
		{"S=1", "S=1", "", false, true},
		{"a,S=1:2,a:b", "a,S=1", ":2,a:b", true, true},
		{"a,S=1x", "a,S=1x", "", false, true},
		{",,,S=1,,", ",,,S=1,,", "", true, true},
	};
	struct sp_content_sizes sizes = {UINT64_MAX, UINT64_MAX};
	char out[SP_MAILDIR_NAME_BYTES], many[SP_MAILDIR_NAME_BYTES];

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_span name = sp_span_str(cases[i].name);

		cr_assert(
			sp_span_is(sp_maildir_name_base(name), cases[i].base));
		cr_assert(
			sp_span_is(sp_maildir_name_info(name), cases[i].info));
		cr_assert_eq(sp_maildir_name_has(name, 'S'), cases[i].has_s);
		cr_assert_eq(sp_maildir_name_resize(out, name, &sizes),
			cases[i].resized);
		cr_assert(cases[i].has_s || strcmp(out, cases[i].name) == 0);
	}
	for (size_t i = 0; i + 1 < sizeof(many); i++)
		many[i] = ",S=1"[i % 4];
	many[sizeof(many) - 1] = '\0';
	cr_assert_not(sp_maildir_name_resize(out, sp_span_str(many), &sizes));
}
