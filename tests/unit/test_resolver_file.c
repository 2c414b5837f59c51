/* SPDX-License-Identifier: Apache-2.0 */
/* Key files and zone files (RFC 1035 5, RFC 6376 3.6.2). */
#include "io/resolver.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/guard.h"
#include "tests/unit/shared.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sp_resolver *open_text(const char *text, struct sp_error *error)
{
	struct sp_resolver *resolver = NULL;
	enum sp_status status = sp_resolver_open_text(
		&resolver, sp_span_str(text), "keys", error);

	cr_assert_eq(status == SP_OK, resolver != NULL);
	return resolver;
}

static struct sp_answer ask(struct sp_resolver *resolver, const char *name)
{
	struct sp_span span = sp_span_str(name);
	struct sp_answer answer;
	struct sp_arena arena = {0};

	cr_assert_eq(resolver->ops->lookup(resolver, &span, 1, &answer, &arena),
		SP_OK);
	sp_arena_free(&arena);
	return answer;
}

/* One value and no other. */
static void expect(struct sp_resolver *resolver, const char *name,
	const char *value, const char *text)
{
	struct sp_answer answer = ask(resolver, name);

	cr_assert_eq(answer.status, SP_ANSWER_FOUND, "%s in: %s", name, text);
	cr_assert_eq(answer.count, 1, "%s in: %s", name, text);
	cr_assert(sp_span_is(answer.values[0], value), "'%.*s' in: %s",
		SP_SPAN_ARGS(answer.values[0]), text);
	cr_assert_eq(answer.source, SP_KEY_SOURCE_FILE);
}

Test(resolver_file, values_of_key_and_zone_lines)
{
	static const struct {
		const char *text, *name, *value;
	} cases[] = {
		/* Key lines */
		{"a.b\tv=DKIM1; p=x\n", "a.b", "v=DKIM1; p=x"},
		{"A.B.\tX", "a.b", "X"},
		{"a.b\tx\r\n", "a.b", "x"},
		{"a.b\t\n", "a.b", ""},
		{"# c\n; d\n\na.b\tx\n", "a.b", "x"},
		{"a.b\t\\\\\\n\\r\\t\\x3b\\xFF\n", "a.b", "\\\n\r\t;\xff"},
		{"a.b\t \"x\" ; y\n", "a.b", " \"x\" ; y"},
		{"a.b\tIN\n", "a.b", "IN"},
		{"a.b\tv=TXT IN TXT x\n", "a.b", "v=TXT IN TXT x"},
		{"a.b\t!nx\n", "a.b", "!nx"},
		{"b\xc3\xbc"
		 "cher.example\tx\n",
			"xn--bcher-kva.example", "x"},
		/* Zone lines */
		{"a.b IN TXT \"x\"\n", "a.b", "x"},
		{"a.b. IN TXT \"x\"", "a.b", "x"},
		{"a.b TXT \"x\" \"y z\"\n", "a.b", "xy z"},
		{"a.b\tIN\tTXT\t\"x;\\\"y\\\\\" ; c\n", "a.b", "x;\"y\\"},
		{"a.b 1h IN TXT \"\\059\\;\\255\"\n", "a.b", ";;\xff"},
		{"a.b in 60 txt x y ;c\n", "a.b", "xy"},
		{"a.b IN TXT x\\ y\\;\n", "a.b", "x y;"},
		{"a.b IN TXT ( \"x\" ; c (\n\n \"y\" ) ; d\n", "a.b", "xy"},
		{"a.b IN TXT(\"x\"\n\t\"y\")\n", "a.b", "xy"},
		{"a.b\tIN\tTXT (\n\"x\"\"y\"\n)\n", "a.b", "xy"},
		{"a.b IN TXT \"\"\n", "a.b", ""},
		{"a.b IN TXT \"x\"\r\n", "a.b", "x"},
		{"$ORIGIN b.c.\na IN TXT x\n", "a.b.c", "x"},
		{"$ORIGIN C.\n$ORIGIN b\na IN TXT x\n", "a.b.c", "x"},
		{"$ORIGIN b.\na.d. IN TXT x\n", "a.d", "x"},
		{"$ORIGIN b.c.\n@ TXT x\n", "b.c", "x"},
		{"$ORIGIN .\na.b TXT x\n", "a.b", "x"},
		{"$ORIGIN c.\na.b\tx\n", "a.b", "x"},
		{"$TTL 1w\n$ORIGIN c. ; d\na TXT x\n", "a.c", "x"},
		{"a.b A 192.0.2.1\n\tIN TXT x\n", "a.b", "x"},
		{"a.b SOA n. m. ( 1 2 ; x\n 3 4 5 )\n 5 TXT (x)\n", "a.b", "x"},
		{"a.b TYPE65 \\# 0\n  TXT \"x\"\n", "a.b", "x"},
		{"a\\046b TXT x\n", "a.b", "x"},
		{"B\xc3\xbc"
		 "cher.example. TXT x\n",
			"xn--bcher-kva.example", "x"},
		{"s._domainkey.b\xc3\xbc"
		 "cher.example TXT x\n",
			"s._domainkey.xn--bcher-kva.example", "x"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_error error = {0};
		struct sp_resolver *resolver = open_text(cases[i].text, &error);

		cr_assert_not_null(
			resolver, "%s: %s", cases[i].text, error.text);
		expect(resolver, cases[i].name, cases[i].value, cases[i].text);
		sp_resolver_close(resolver);
	}
}

/* What opendkim-genkey prints, without and with the domain in the name. */
Test(resolver_file, output_of_opendkim_genkey)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{"s1._domainkey\tIN\tTXT\t( \"v=DKIM1; k=rsa; \"\n\t  "
		 "\"p=QUJD\" )  ; ----- DKIM key s1 for Example.COM\n",
			"s1._domainkey.example.com"},
		{"s1._domainkey\tIN\tTXT\t( \"v=DKIM1; k=rsa; \"\n\t  "
		 "\"p=QUJD\" )  ; ----- DKIM s1 for example.com.",
			"s1._domainkey.example.com"},
		{"s1._domainkey.example.com.\tIN\tTXT\t( \"v=DKIM1; k=rsa; "
		 "\"\n\t  \"p=QUJD\" )  ; ----- DKIM key s1 for other.com\n",
			"s1._domainkey.example.com"},
		{"$ORIGIN a.\ns1._domainkey IN TXT \"v=DKIM1; k=rsa; p=QUJD\""
		 " ; ----- DKIM key s1 for example.com\n",
			"s1._domainkey.a"},
		{"s1._domainkey IN TXT ( \"v=DKIM1; k=rsa; p=QUJD\" ; ----- "
		 "DKIM key s1 for example.com\n )",
			"s1._domainkey"},
		{"s1._domainkey IN TXT \"v=DKIM1; k=rsa; p=QUJD\" ; ----- DKIM "
		 "( \"for\" it",
			"s1._domainkey"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_error error = {0};
		struct sp_resolver *resolver = open_text(cases[i].text, &error);

		cr_assert_not_null(resolver, "%s", error.text);
		expect(resolver, cases[i].name, "v=DKIM1; k=rsa; p=QUJD",
			cases[i].text);
		sp_resolver_close(resolver);
	}
}

Test(resolver_file, several_values_stay_in_order)
{
	struct sp_error error;
	struct sp_resolver *resolver = open_text(
		"a.b\t0\nA.b. IN TXT \"1\"\n TXT 2\nc.d\tx\na.b\t3\na.b\t4\n",
		&error);

	cr_assert_not_null(resolver);

	struct sp_answer answer = ask(resolver, "a.b");

	cr_assert_eq(answer.count, 5);
	for (size_t i = 0; i < answer.count; i++)
		cr_assert_eq(answer.values[i].data[0], '0' + (int)i);
	sp_resolver_close(resolver);
}

Test(resolver_file, other_answers_and_names_it_does_not_know)
{
	struct sp_error error;
	struct sp_resolver *resolver = open_text("n\t!NXDOMAIN\nn\t!NXDOMAIN\n"
						 "s\t!SERVFAIL\nt\t!TIMEOUT\n"
						 "x\t\\x21TIMEOUT\n",
		&error);

	cr_assert_not_null(resolver);
	cr_assert_eq(ask(resolver, "n").status, SP_ANSWER_NXDOMAIN);
	cr_assert_eq(ask(resolver, "n").count, 0);
	cr_assert_eq(ask(resolver, "s").status, SP_ANSWER_SERVFAIL);
	cr_assert_eq(ask(resolver, "t").status, SP_ANSWER_TIMEOUT);
	cr_assert_eq(ask(resolver, "x").status, SP_ANSWER_FOUND);
	cr_assert_eq(ask(resolver, "y").status, SP_ANSWER_UNKNOWN);
	cr_assert_eq(ask(resolver, "").status, SP_ANSWER_UNKNOWN);
	sp_resolver_close(resolver);
}

Test(resolver_file, smallest_ttl_of_a_name)
{
	struct sp_error error;
	struct sp_resolver *resolver = open_text(
		"$TTL 2h\na TXT x\na 90 TXT y\nb TXT x\nc 1d2h3m4s TXT x\n",
		&error);

	cr_assert_not_null(resolver);
	cr_assert_eq(ask(resolver, "a").ttl_s, 90);
	cr_assert_eq(ask(resolver, "b").ttl_s, 7200);
	cr_assert_eq(ask(resolver, "c").ttl_s, 86400 + 7200 + 180 + 4);
	sp_resolver_close(resolver);
}

Test(resolver_file, faults_name_line_and_remedy)
{
	static const struct {
		const char *text, *where, *remedy;
	} cases[] = {
		{"\na TXT \"x\n", "keys:2: ", "close it"},
		{"a TXT \"x", "keys:1: ", "close it"},
		{"a TXT (\n\"x\"\n\n", "keys:1: ", "add the \")\""},
		{"a TXT \"x\" )\n", "keys:1: ", "remove it"},
		{"a\tx\nb\t\\q\n", "keys:2: ", "write \\\\"},
		{"b\t\\\n", "keys:1: ", "write \\\\"},
		{"b\t\\x1\n", "keys:1: ", "write \\\\"},
		{"a TXT \\256\n", "keys:1: ", "write \\\\"},
		{"a\\300 TXT x\n", "keys:1: ", "remove it"},
		{"a TXT v=DKIM1; p=x\n", "keys:1: ", "double quotes"},
		{"a TXT\n", "keys:1: ", "write \"\""},
		{"a v=DKIM1; p=x\n", "keys:1: ", "NAME<TAB>VALUE"},
		{"a\n", "keys:1: ", "NAME<TAB>VALUE"},
		{" TXT x\n", "keys:1: ", "start of the line"},
		{"@ TXT x\n", "keys:1: ", "$ORIGIN"},
		{"$INCLUDE x\n", "keys:1: ", "option of its own"},
		{"$TTL x\n", "keys:1: ", "$TTL"},
		{"$TTL 1 2\n", "keys:1: ", "$TTL"},
		{"$ORIGIN\n", "keys:1: ", "$ORIGIN"},
		{"a\t!NXDOMAIN\na\tx\n", "keys:2: ", "remove one"},
		{"a TXT (x\ny)\nb TXT (\nx\ny\n z\\300)\n",
			"keys:6: ", "write \\\\"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_error error = {0};
		struct sp_resolver *resolver = open_text(cases[i].text, &error);

		cr_assert_null(resolver, "%s", cases[i].text);
		cr_assert_eq(error.status, SP_CONFIG, "%s", cases[i].text);
		cr_assert(strstr(error.text, cases[i].where) == error.text,
			"%s", error.text);
		cr_assert_not_null(
			strstr(error.text, cases[i].remedy), "%s", error.text);
	}
}

Test(resolver_file, text_is_copied_and_read_no_further_than_its_end)
{
	static const char *const texts[] = {"", "\n", "a", "a\t", "a\tx",
		"a TXT", "a TXT \"", "a TXT (", "a TXT x\\", "a\tx\\", "$", " ",
		";", "#", "a TXT \\1", "a\tx\\x1", "a TXT \"\\", "a\\ TXT x"};

	for (size_t i = 0; i < COUNT(texts); i++) {
		size_t size = strlen(texts[i]);
		char *guarded = guard_copy(texts[i], size);
		struct sp_resolver *resolver;
		struct sp_error error;

		if (sp_resolver_open_text(&resolver, sp_span(guarded, size),
			    "keys", &error) == SP_OK) {
			guard_free(guarded, size);
			ask(resolver, "a");
			sp_resolver_close(resolver);
		} else {
			guard_free(guarded, size);
		}
	}
}

Test(resolver_file, file_that_is_not_there)
{
	struct sp_resolver *resolver;
	struct sp_error error;

	cr_assert_eq(
		sp_resolver_open_file(&resolver, "/none/such", &error), SP_IO);
	cr_assert_not_null(strstr(error.text, "/none/such: "));
	cr_assert_null(resolver);
}

/* All zone files of the conformance data load, whatever is in them. */
Test(resolver_file, conformance_key_files)
{
	static const char *const files[] = {
		"keys.zone", "keys-dkimpy.zone", "keys-kumomta.zone"};
	size_t done = 0;

	for (size_t i = 0; i < COUNT(files); i++) {
		const char *path = shared_path("conformance/%s", files[i]);
		struct sp_resolver *resolver;
		struct sp_error error = {0};

		if (access(path, R_OK) != 0) {
			cr_log_warn("skipped: no %s", path);
			continue;
		}
		cr_assert_eq(sp_resolver_open_file(&resolver, path, &error),
			SP_OK, "%s", error.text);
		if (i == 0)
			cr_assert_eq(
				ask(resolver, "brisbane._domainkey.football."
					      "example.com")
					.status,
				SP_ANSWER_FOUND);
		sp_resolver_close(resolver);
		done++;
	}
	cr_log_warn("%zu key files read", done);
}
