/* SPDX-License-Identifier: Apache-2.0 */
/* OpenDKIM's KeyTable and SigningTable (opendkim.conf(5)). */
#include "engine/tables.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/guard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Keys a, b, c and so on, each in a file of its name. */
static const char keys[] = "a a.example:sa:/keys/a\n"
			   "b b.example:sb:/keys/b\n"
			   "c c.example:sc:/keys/c\n"
			   "d d.example:sd:/keys/d\n"
			   "e e.example:se:/keys/e\n"
			   "f f.example:sf:/keys/f\n"
			   "g g.example:sg:/keys/g\n"
			   "any.example %:s:/keys/%.pem\n";

static struct sp_tables *parse(const char *key_text, const char *signing_text,
	enum sp_table_form form, struct sp_error *error)
{
	struct sp_table_text key_table = {
		sp_span_str(key_text), "etc/keys", SP_TABLE_AUTO};
	struct sp_table_text signing_table = {
		sp_span_str(signing_text), "etc/sign", form};
	struct sp_tables *tables;
	enum sp_status status =
		sp_tables_parse(&tables, &key_table, &signing_table, error);

	cr_assert_eq(status == SP_OK, tables != NULL);
	return tables;
}

/* The names of the keys that match, one letter each; "%" is by domain. */
static const char *match(const struct sp_tables *tables, const char *address)
{
	static char names[300];
	const struct sp_table_rule *rules[256];
	struct sp_table_sender sender;
	struct sp_arena arena = {0};
	size_t count;

	cr_assert_eq(
		sp_tables_sender(&sender, sp_span_str(address), &arena), SP_OK);
	cr_assert_eq(sp_tables_match(tables, &sender, &arena, rules,
			     COUNT(rules), &count),
		SP_OK);
	for (size_t i = 0; i < count; i++)
		names[i] = rules[i]->key ? rules[i]->key->name.data[0] : '%';
	names[count] = '\0';
	sp_arena_free(&arena);
	return names;
}

static void expect_matches(const char *text, enum sp_table_form form,
	const char *const (*cases)[2], size_t count)
{
	struct sp_error error = {0};
	struct sp_tables *tables = parse(keys, text, form, &error);

	cr_assert_not_null(tables, "%s", error.text);
	for (size_t i = 0; i < count; i++)
		cr_assert_str_eq(match(tables, cases[i][0]), cases[i][1], "%s",
			cases[i][0]);
	sp_tables_close(tables);
}

/* The order of opendkim.conf(5), whatever the order of the file. */
Test(tables, plain_table_is_looked_up_from_special_to_general)
{
	static const char *const cases[][2] = {
		{"joe@mail.example.com", "abcdefg"},
		{"Joe@MAIL.example.COM.", "abcdefg"},
		{"ann@mail.example.com", "bdeg"},
		{"joe@example.com", "cefg"},
		{"joe@other.com", "cefg"},
		{"joe@xmail.example.com", "cdefg"},
		{"x@localhost", "g"},
		{"\"joe@x\"@mail.example.com", "bdeg"},
		{"@mail.example.com", "bdeg"},
		{"no address", ""},
	};

	expect_matches("* g\n"
		       "joe@* f\n"
		       ".com e # all of com\n"
		       "  .example.com   d\n"
		       "joe@.com c\n"
		       "\n# comment\n"
		       "Mail.Example.com b\r\n"
		       "JOE@mail.example.com A",
		SP_TABLE_FILE, cases, COUNT(cases));
}

Test(tables, plain_table_parents_and_odd_addresses)
{
	static const char *const cases[][2] = {
		{"joe@a.b.example", "ab"},
		{"joe@example", ""},
		{"joe@b.example", "b"},
		{"ann@b.example", ""},
		{"x@y@literal", "c"},
		{"joe@[192.0.2.1]", "d"},
		{"no address", ""},
		{"", ""},
		{"@", ""},
		{"joe@", ""},
	};

	expect_matches("joe@.b.example a\n"
		       "joe@.example b\n"
		       "literal c\n"
		       "[192.0.2.1] d\n",
		SP_TABLE_AUTO, cases, COUNT(cases));
}

/* Several keys for one sender: a signature of each. */
Test(tables, all_entries_of_a_pattern_count_in_file_order)
{
	static const char *const cases[][2] = {
		{"joe@b.example", "cab"},
		{"joe@d.example", "dba"},
		{"joe@f.example", ""},
	};

	expect_matches("b.example c\nd.example d\nb.example a\nd.example b\n"
		       "b.example b\nd.example a\n",
		SP_TABLE_FILE, cases, COUNT(cases));
	expect_matches("*@b.example c\n*@d.example d\n*@b.example a\n"
		       "*@d.example b\n*@b.example b\n*@d.example a\n",
		SP_TABLE_AUTO, cases, COUNT(cases));
}

Test(tables, wildcards_match_whole_addresses_in_file_order)
{
	static const char *const cases[][2] = {
		{"joe@example.com", "abcg"},
		{"ann@example.com", "bg"},
		{"joe@mail.example.com", "cdg"},
		{"news-1@x", "eg"},
		{"news-@x", "eg"},
		{"NEWS-1@X", "eg"},
		{"news-1@xx", "g"},
		{"a.b@f.f", "fg"},
		{"axb@f.f", "g"},
		{"example.com", ""},
	};

	expect_matches("joe@example.com a\n"
		       "*@example.com b\n"
		       "joe@*example.com c\n"
		       "*@*.Example.com d\n"
		       "news-*@x e\n"
		       "a.b@f.* f\n"
		       "* g\n",
		SP_TABLE_AUTO, cases, COUNT(cases));
}

Test(tables, prefix_decides_how_a_star_is_read)
{
	static const char *const cases[][2] = {{"joe@x", "g"}, {"a@b", "g"}};
	struct sp_error error;

	expect_matches("* g\n", SP_TABLE_REFILE, cases, 2);
	expect_matches("* g\n", SP_TABLE_FILE, cases, 2);
	expect_matches("joe@* g\n", SP_TABLE_REFILE, cases, 1);
	expect_matches("joe@* g\n", SP_TABLE_FILE, cases, 1);
	cr_assert_null(parse(keys, "*@x g\n", SP_TABLE_FILE, &error));
	cr_assert_not_null(strstr(error.text, "refile:"), "%s", error.text);
	cr_assert_null(parse(keys, "x.example g\n", SP_TABLE_REFILE, &error));
	cr_assert_not_null(strstr(error.text, "*@example.com"));
}

/* RFC 8616: both forms of a name are the same name. */
Test(tables, u_labels_equal_a_labels)
{
	static const char *const cases[][2] = {
		{"joe@b\xc3\xbc"
		 "cher.example",
			"a"},
		{"joe@xn--bcher-kva.example", "a"},
		{"joe@m.B\xc3\xbc"
		 "cher.example",
			"b"},
		{"J\xc3\xb6@x", "c"},
		{"ann@xn--bcher-kva.example", "d"},
	};

	expect_matches("joe@B\xc3\xbc"
		       "cher.example a\n"
		       "*@*.b\xc3\xbc"
		       "cher.example b\n"
		       "j\xc3\xb6@* c\n"
		       "ann@xn--bcher-kva.example d\n",
		SP_TABLE_REFILE, cases, COUNT(cases));
	expect_matches("joe@b\xc3\xbc"
		       "cher.example a\n"
		       ".b\xc3\xbc"
		       "cher.example b\n"
		       "j\xc3\xb6@* c\n"
		       "ann@b\xc3\xbc"
		       "cher.example d\n",
		SP_TABLE_FILE, cases, COUNT(cases));
}

Test(tables, values_of_the_key_table)
{
	static const struct {
		const char *line, *domain, *selector, *path, *text;
		bool per_domain;
	} cases[] = {
		{"k Example.COM.:S1:/k/s1", "example.com", "s1", "/k/s1", "",
			false},
		{"k\t%:s1:/k/%/x%", "", "s1", "/k/%/x%", "", true},
		{"k a:s.t:./s1 # x", "a", "s.t", "etc/s1", "", false},
		{"k a:s:../s1", "a", "s", "etc/../s1", "", false},
		{"k a:s:s1.pem", "a", "s", "etc/s1.pem", "", false},
		{"k a:s:dir/s-1", "a", "s", "etc/dir/s-1", "", false},
		{"k a : s : /c:d e", "a", "s", "/c:d e", "", false},
		{"k a:s:AB+/cd==", "a", "s", "", "AB+/cd==", false},
		{"k b\xc3\xbc"
		 "cher:\xc3\xbc"
		 ":/x",
			"xn--bcher-kva", "xn--tda", "/x", "", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_error error = {0};
		struct sp_tables *tables =
			parse(cases[i].line, "x k\n", SP_TABLE_FILE, &error);
		const struct sp_table_key *key;

		cr_assert_not_null(tables, "%s", error.text);
		key = sp_tables_keys(tables);
		cr_assert_null(key->next);
		cr_assert(sp_span_is(key->domain, cases[i].domain));
		cr_assert(sp_span_is(key->selector, cases[i].selector));
		cr_assert(sp_span_is(key->path, cases[i].path), "%.*s",
			SP_SPAN_ARGS(key->path));
		cr_assert(!key->path.size ||
			  key->path.data[key->path.size] == '\0');
		cr_assert(sp_span_is(key->text, cases[i].text));
		cr_assert_eq(key->per_domain, cases[i].per_domain);
		sp_tables_wipe(tables);
		cr_assert_eq(key->text.size, 0);
		sp_tables_close(tables);
	}
}

Test(tables, identity_and_key_by_domain)
{
	struct sp_error error;
	struct sp_tables *tables = parse(keys,
		"a.example a:joe@%\nb.example %:@x:y\nc.example % :\n",
		SP_TABLE_FILE, &error);
	const struct sp_table_rule *rule;
	struct sp_table_sender sender;
	struct sp_arena arena = {0};
	size_t count;
	static const struct {
		const char *address, *identity;
		bool key;
	} cases[] = {{"x@a.example", "joe@%", true},
		{"x@b.example", "@x:y", false}, {"x@c.example", "", false}};

	cr_assert_not_null(tables);
	for (size_t i = 0; i < COUNT(cases); i++) {
		cr_assert_eq(sp_tables_sender(&sender,
				     sp_span_str(cases[i].address), &arena),
			SP_OK);
		cr_assert_eq(sp_tables_match(
				     tables, &sender, &arena, &rule, 1, &count),
			SP_OK);
		cr_assert_eq(count, 1);
		cr_assert(sp_span_is(rule->identity, cases[i].identity));
		cr_assert_eq(rule->key != NULL, cases[i].key);
	}
	cr_assert_not_null(sp_tables_key(tables, sp_span_str("any.example")));
	sp_arena_free(&arena);
	sp_tables_close(tables);
}

Test(tables, faults_name_file_line_and_remedy)
{
	static const struct {
		const char *keys, *rules, *where, *remedy;
	} cases[] = {
		{"", "* a\n", "etc/keys: ", "write NAME"},
		{"# nothing\n", "* a\n", "etc/keys: ", "write NAME"},
		{"a\n", "* a\n", "etc/keys:1: ", "DOMAIN:SELECTOR"},
		{"\na x:y\n", "* a\n", "etc/keys:2: ", "DOMAIN:SELECTOR"},
		{"a x:y:\n", "* a\n", "etc/keys:1: ", "DOMAIN:SELECTOR"},
		{"a x..y:s:/k\n", "* a\n", "etc/keys:1: ", "for the sender's"},
		{"a :s:/k\n", "* a\n", "etc/keys:1: ", "for the sender's"},
		{"a %x:s:/k\n", "* a\n", "etc/keys:1: ", "for the sender's"},
		{"a x::/k\n", "* a\n", "etc/keys:1: ", "_domainkey"},
		{"a x:%:/k\n", "* a\n", "etc/keys:1: ", "_domainkey"},
		{"a x:s:/k\nA y:s:/l\n", "* a\n", "etc/keys:2: ", "line 1"},
		{"a x:s:/k\n", "", "etc/sign: ", "write PATTERN"},
		{"a x:s:/k\n", "*\n", "etc/sign:1: ", "write PATTERN"},
		{"a x:s:/k\n", "* :x\n", "etc/sign:1: ", "write PATTERN"},
		{"a x:s:/k\n", "* a\n* b\n", "etc/sign:2: ", "no key b in"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_error error = {0};

		cr_assert_null(parse(cases[i].keys, cases[i].rules,
				       SP_TABLE_AUTO, &error),
			"case %zu", i);
		cr_assert_eq(error.status, SP_CONFIG);
		cr_assert(strstr(error.text, cases[i].where) == error.text,
			"%s", error.text);
		cr_assert_not_null(
			strstr(error.text, cases[i].remedy), "%s", error.text);
	}
}

Test(tables, files_that_cannot_be_read)
{
	struct sp_tables *tables;
	struct sp_error error;

	cr_assert_eq(sp_tables_open(&tables, "/none/keys", "refile:/none/sign",
			     &error),
		SP_IO);
	cr_assert(strstr(error.text, "/none/keys: ") == error.text);
	cr_assert_eq(sp_tables_open(&tables, "file:/dev/null",
			     "refile:/none/sign", &error),
		SP_IO);
	cr_assert(strstr(error.text, "/none/sign: ") == error.text);
	cr_assert_null(tables);
}
