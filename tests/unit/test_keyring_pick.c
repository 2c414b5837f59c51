/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are chosen by domain and selector. */
#include "engine/keyring.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/unit/folder.h"

/* RFC 8463 A.2 */
#define SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="

static char *folder;
static struct sp_arena arena;
static struct sp_keyring *keyring;

static void setup(void)
{
	folder = test_folder();
	keyring = sp_keyring_open();
	cr_assert_not_null(keyring);
}

static void teardown(void)
{
	sp_keyring_close(keyring);
	sp_arena_free(&arena);
	test_folder_free(folder);
}

TestSuite(keyring_pick, .init = setup, .fini = teardown);

static void add(const char *domain, const char *selector)
{
	struct sp_pkey key;
	struct sp_error error;

	cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_ED25519, 0, &error), SP_OK);
	cr_assert_eq(
		sp_keyring_add_pkey(keyring, domain, selector, &key, &error),
		SP_OK, "%s", error.text);
}

static void load(const char *keys)
{
	struct sp_error error;

	test_write(folder, "keys", keys, strlen(keys));
	test_write(folder, "sign", "*@nobody.example a\n", 19);
	chmod(test_path(folder, "keys"), 0600);
	cr_assert_eq(sp_keyring_load_tables(keyring, test_path(folder, "keys"),
			     test_path(folder, "sign"), NULL, &error),
		SP_OK, "%s", error.text);
}

/* "domain:selector domain:selector" of the keys that are chosen. */
static const char *pick(const char *domain, const char *selector)
{
	static char text[1024];
	const struct sp_key_choice choice = {
		sp_span_str(domain), sp_span_str(selector)};
	const struct sp_signing_key *keys;
	struct sp_error error;
	size_t count, size = 0;

	cr_assert_eq(sp_keyring_pick(
			     keyring, &choice, &arena, &keys, &count, &error),
		SP_OK);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size,
			"%s%.*s:%.*s", i ? " " : "",
			SP_SPAN_ARGS(keys[i].domain),
			SP_SPAN_ARGS(keys[i].selector));
	return text;
}

Test(keyring_pick, those_that_sign_everything)
{
	add("example.com", "a");
	add("example.net", "a");
	add("example.com", "b");
	cr_assert_str_eq(pick("example.com", "b"), "example.com:b");
	cr_assert_str_eq(
		pick("example.com", ""), "example.com:a example.com:b");
	cr_assert_str_eq(pick("", "a"), "example.com:a example.net:a");
	cr_assert_str_eq(pick("EXAMPLE.Net.", "A"), "example.net:a");
	cr_assert_str_eq(pick("example.org", ""), "");
	cr_assert_str_eq(pick("example.com", "c"), "");
	cr_assert_str_eq(pick("not a name", ""), "");
	cr_assert_str_eq(pick("", "not a name"), "");
}

Test(keyring_pick, those_of_a_table)
{
	load("d d.example:s:" SEED "\n"
	     "a a.example:s:" SEED "\n"
	     "c c.example:t:" SEED "\n"
	     "b b.example:s:" SEED "\n"
	     "c2 c.example:s:" SEED "\n"
	     "any %:s:" SEED "\n");
	cr_assert_str_eq(pick("a.example", "s"), "a.example:s");
	cr_assert_str_eq(pick("d.example", ""), "d.example:s");
	cr_assert_str_eq(pick("c.example", ""), "c.example:s c.example:t");
	cr_assert_str_eq(pick("c.example", "t"), "c.example:t");
	cr_assert_str_eq(pick("", "t"), "c.example:t");
	cr_assert_str_eq(pick("", "s"),
		"a.example:s b.example:s c.example:s d.example:s");
	cr_assert_str_eq(pick("e.example", "s"), "");
	cr_assert_str_eq(pick("%", "s"), "");
}

Test(keyring_pick, no_more_than_a_message_may_have)
{
	char keys[41 * 80] = "a z.example:s:" SEED "\n";
	const char *list;
	size_t count = 1;

	for (int i = 0; i < 40; i++)
		snprintf(keys + strlen(keys), sizeof(keys) - strlen(keys),
			"k%d x.example:s%02d:" SEED "\n", i, i);
	load(keys);
	list = pick("x.example", "");
	for (const char *at = list; *at; at++)
		count += *at == ' ';
	cr_assert_eq(count, SP_KEYS_PER_MESSAGE_MAX);
	cr_assert_str_eq(pick("x.example", "s39"), "x.example:s39");
}
