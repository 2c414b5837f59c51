/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of engine/domain.c (RFC 1035 2.3, RFC 8616, RFC 7489 3.1.1). */
#include "engine/domain.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/guard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(domain, converts_to_lower_case_a_labels)
{
	static const struct {
		const char *text;
		const char *ascii;
	} cases[] = {
		{"example.com", "example.com"},
		{"EXAMPLE.Com.", "example.com"},
		{"com", "com"},
		{"s1", "s1"},
		{"a.b._c-d.example", "a.b._c-d.example"},
		{"xn--bcher-kva.example", "xn--bcher-kva.example"},
		{"b\xc3\xbc"
		 "cher.example",
			"xn--bcher-kva.example"},
		{"B\xc3\x9c"
		 "CHER.example.",
			"xn--bcher-kva.example"},
		{"stra\xc3\x9f"
		 "e.example",
			"xn--strae-oqa.example"},
		{"_k.\xe4\xbe\x8b\xe5\xad\x90.example",
			"_k.xn--fsqu00a.example"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[SP_DOMAIN_BYTES_MAX + 1];
		size_t size = strlen(cases[i].text);
		char *copy = guard_copy(cases[i].text, size);

		cr_expect(sp_domain_to_ascii(out, sp_span(copy, size)), "%s",
			cases[i].text);
		cr_expect_str_eq(out, cases[i].ascii);
		guard_free(copy, size);
	}
}

Test(domain, refuses_what_no_name_has)
{
	static const char *const cases[] = {
		"",
		".",
		"..",
		".example",
		"a..b",
		"a b",
		"a\r\n b",
		"a/b",
		"*.example",
		"a@b",
		"a:b",
		"\xff\xfe.example",
		"\xc3.example",
		"\xc3\xbc..example",
		"\xc3\xbc b.example",
	};
	char out[SP_DOMAIN_BYTES_MAX + 1];

	for (size_t i = 0; i < COUNT(cases); i++) {
		cr_expect_eq(sp_domain_convert(out, sp_span_str(cases[i])),
			SP_DOMAIN_MALFORMED, "%s", cases[i]);
		cr_expect_str_empty(out);
	}
	cr_expect_eq(sp_domain_convert(out, sp_span("a\0b", 3)),
		SP_DOMAIN_MALFORMED);
	cr_expect_eq(sp_domain_convert(out, sp_span("\xc3\xbc\0b", 4)),
		SP_DOMAIN_MALFORMED);
}

/* RFC 1035 2.3.4 */
Test(domain, tells_names_too_long_from_bad_ones)
{
	char out[SP_DOMAIN_BYTES_MAX + 1];
	char label[65], name[4096];

	memset(label, 'a', 64);
	cr_expect_eq(sp_domain_convert(out, sp_span(label, 63)), SP_DOMAIN_OK);
	cr_expect_eq(
		sp_domain_convert(out, sp_span(label, 64)), SP_DOMAIN_TOO_LONG);
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? '.' : 'a';
	cr_expect_eq(sp_domain_convert(out, sp_span(name, 253)), SP_DOMAIN_OK);
	cr_expect_eq(strlen(out), 253);
	cr_expect_eq(
		sp_domain_convert(out, sp_span(name, 255)), SP_DOMAIN_TOO_LONG);
	cr_expect_eq(sp_domain_convert(out, sp_span(name, sizeof(name))),
		SP_DOMAIN_TOO_LONG);
	for (size_t i = 0; i + 1 < sizeof(name); i += 2)
		name[i] = '\xc3', name[i + 1] = '\xbc';
	for (size_t size = 2; size < sizeof(name); size += 2)
		cr_expect_eq(sp_domain_convert(out, sp_span(name, size)),
			size <= 114 ? SP_DOMAIN_OK : SP_DOMAIN_TOO_LONG, "%zu",
			size);
}

/* RFC 6376 6.1.1, with the suffix trap. */
Test(domain, knows_what_lies_within)
{
	static const struct {
		const char *name, *parent;
		bool within;
	} cases[] = {
		{"example.com", "example.com", true},
		{"Example.COM", "example.com", true},
		{"mail.example.com", "EXAMPLE.com", true},
		{"badexample.com", "example.com", false},
		{"example.com", "mail.example.com", false},
		{"example.com", "", false},
		{"", "", false},
		{".example.com", "example.com", true},
		{"m.b\xc3\xbc"
		 "cher.example",
			"xn--bcher-kva.example", true},
		{"xn--bcher-kva.example",
			"b\xc3\xbc"
			"cher.example",
			true},
		{"a b.example.com", "example.com", true},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_eq(sp_domain_within(sp_span_str(cases[i].name),
				     sp_span_str(cases[i].parent)),
			cases[i].within, "%s in %s", cases[i].name,
			cases[i].parent);
}

/* RFC 7489 3.1.1 */
Test(domain, aligns)
{
	static const struct {
		const char *signing, *from;
		enum sp_alignment alignment;
	} cases[] = {
		{"example.com", "Example.com", SP_ALIGNED_STRICT},
		{"b\xc3\xbc"
		 "cher.example",
			"xn--bcher-kva.example", SP_ALIGNED_STRICT},
		{"mail.example.com", "example.com", SP_ALIGNED_RELAXED},
		{"example.com", "mail.example.com", SP_ALIGNED_RELAXED},
		{"com", "example.com", SP_ALIGNED_NO},
		{"example.com", "com", SP_ALIGNED_NO},
		{"a.example.com", "b.example.com", SP_ALIGNED_NO},
		{"badexample.com", "example.com", SP_ALIGNED_NO},
		{"", "example.com", SP_ALIGNED_NO},
		{"example.com", "", SP_ALIGNED_NO},
		{"", "", SP_ALIGNED_NO},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_expect_eq(sp_domain_alignment(sp_span_str(cases[i].signing),
				     sp_span_str(cases[i].from)),
			cases[i].alignment, "%s, %s", cases[i].signing,
			cases[i].from);
}
