/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys sign whose mail. */
#include "engine/keyring.h"

#include <criterion/criterion.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "crypto/base64.h"
#include "tests/unit/folder.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 8463 A.2 */
#define SEED "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="

static char *folder;

static void setup(void)
{
	folder = test_folder();
}

static void teardown(void)
{
	test_folder_free(folder);
}

TestSuite(keyring, .init = setup, .fini = teardown);

static const char *under(const char *name)
{
	return test_path(folder, name);
}

static void write_file(const char *name, const char *text)
{
	test_write(folder, name, text, strlen(text));
	cr_assert_eq(chmod(under(name), 0600), 0);
}

static void write_key(const char *name)
{
	struct sp_pkey key;
	struct sp_buffer pem = {0};
	struct sp_error error;

	cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_ED25519, 0, &error), SP_OK);
	cr_assert_eq(sp_pkey_write_pem(&key, &pem), SP_OK);
	sp_buffer_add_char(&pem, '\0');
	write_file(name, pem.data);
	sp_buffer_free(&pem);
	sp_pkey_free(&key);
}

static struct sp_keyring *load(
	const char *keys, const char *rules, struct sp_error *error)
{
	struct sp_keyring *keyring = sp_keyring_open();

	cr_assert_not_null(keyring);
	write_file("keys", keys);
	write_file("sign", rules);
	if (sp_keyring_load_tables(keyring, under("keys"), under("sign"), NULL,
		    error) == SP_OK)
		return keyring;
	sp_keyring_close(keyring);
	return NULL;
}

/* "d/s/i d/s/i ..." of the keys for a sender, or "trouble". */
static const char *find(struct sp_keyring *keyring, const char *address)
{
	static char text[SP_ERROR_TEXT_BYTES + 16];
	struct sp_arena arena = {0};
	const struct sp_signing_key *keys;
	struct sp_error error;
	size_t count, used = 0;

	text[0] = '\0';
	if (sp_keyring_find(keyring, sp_span_str(address), &arena, &keys,
		    &count, &error) != SP_OK)
		sprintf(text, "trouble %s", error.text);
	else
		for (size_t i = 0; i < count; i++) {
			cr_assert(keys[i].key->private_half);
			used += (size_t)sprintf(text + used, "%s%.*s/%.*s/%.*s",
				i ? " " : "", SP_SPAN_ARGS(keys[i].domain),
				SP_SPAN_ARGS(keys[i].selector),
				SP_SPAN_ARGS(keys[i].identity));
		}
	sp_arena_free(&arena);
	return text;
}

Test(keyring, triples_sign_everything_in_order)
{
	struct sp_keyring *keyring = sp_keyring_open();
	struct sp_error error;

	write_key("k");
	cr_assert_str_eq(find(keyring, "joe@x"), "");
	cr_assert_eq(sp_keyring_add(keyring, "Example.COM", "S1", under("k"),
			     NULL, &error),
		SP_OK, "%s", error.text);
	cr_assert_eq(sp_keyring_add(keyring,
			     "b\xc3\xbc"
			     "cher.example",
			     "s2", under("k"), NULL, &error),
		SP_OK, "%s", error.text);
	cr_assert_str_eq(find(keyring, "joe@x"),
		"example.com/s1/ xn--bcher-kva.example/s2/");
	cr_assert_str_eq(
		find(keyring, ""), "example.com/s1/ xn--bcher-kva.example/s2/");
	cr_assert_eq(sp_keyring_count(keyring), 1, "one file, one key");
	sp_keyring_close(keyring);
	sp_keyring_close(NULL);
}

Test(keyring, loaded_key_is_taken_over_whatever_the_outcome)
{
	struct sp_keyring *keyring = sp_keyring_open();
	struct sp_error error;
	struct sp_pkey key;

	cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_ED25519, 0, &error), SP_OK);
	cr_assert_eq(
		sp_keyring_add_pkey(keyring, "a", "s", &key, &error), SP_OK);
	cr_assert_null(key.evp);
	cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_ED25519, 0, &error), SP_OK);
	cr_assert_eq(sp_keyring_add_pkey(keyring, "a b", "s", &key, &error),
		SP_CONFIG);
	cr_assert_null(key.evp);
	cr_assert_str_eq(find(keyring, "x@y"), "a/s/");
	cr_assert_eq(sp_keyring_count(keyring), 1);
	sp_keyring_close(keyring);
}

Test(keyring, bad_triples)
{
	struct sp_keyring *keyring = sp_keyring_open();
	struct sp_error error;

	write_key("k");
	cr_assert_eq(sp_keyring_add(keyring, "exa mple", "s", under("k"), NULL,
			     &error),
		SP_CONFIG);
	cr_assert(strstr(error.text, "exa mple: ") == error.text);
	cr_assert_eq(sp_keyring_add(keyring, "a", "", under("k"), NULL, &error),
		SP_CONFIG);
	cr_assert_not_null(strstr(error.text, "selector"));
	cr_assert_eq(
		sp_keyring_add(keyring, "a", "s", under("none"), NULL, &error),
		SP_IO);
	cr_assert_eq(
		sp_keyring_add(keyring, "a", "s", under("k"), NULL, &error),
		SP_OK);
	cr_assert_eq(
		sp_keyring_add(keyring, "A", "S", under("k"), NULL, &error),
		SP_CONFIG);
	cr_assert_not_null(strstr(error.text, "own selector"));
	for (unsigned i = 1; i < SP_KEYS_PER_MESSAGE_MAX; i++) {
		char selector[16];

		snprintf(selector, sizeof(selector), "s%u", i);
		cr_assert_eq(sp_keyring_add(keyring, "a", selector, under("k"),
				     NULL, &error),
			SP_OK);
	}
	cr_assert_eq(
		sp_keyring_add(keyring, "b", "s", under("k"), NULL, &error),
		SP_CONFIG);
	cr_assert_not_null(strstr(error.text, "fewer"));
	sp_keyring_close(keyring);
}

Test(keyring, tables_choose_by_sender_and_several_keys_sign)
{
	struct sp_error error = {0};
	struct sp_keyring *keyring;

	write_key("rsa");
	write_key("ed");
	keyring = load("rsa example.com:r1:rsa.pem\n"
		       "ed example.com:e1:./ed\n"
		       "same %:e1:ed\n"
		       "seed other.example:s:" SEED "\n",
		"*@example.com rsa\n*@example.com ed\n*@*.other.example "
		"seed:%@other.example\n*@example.com same\n",
		&error);
	cr_assert_null(keyring);
	cr_assert_not_null(strstr(error.text, "/keys:1: "), "%s", error.text);
	cr_assert_not_null(strstr(error.text, "/rsa.pem: "), "%s", error.text);

	keyring = load("rsa example.com:r1:./rsa\n"
		       "ed example.com:e1:./ed\n"
		       "same %:e1:./ed\n"
		       "seed other.example:s:" SEED "\n",
		"*@example.com rsa\n*@example.com ed\n*@*.other.example "
		"seed:%@other.example\n*@example.com same\n"
		"*@*.other.example same:x@example.com\n",
		&error);
	cr_assert_not_null(keyring, "%s", error.text);
	cr_assert_eq(sp_keyring_count(keyring), 3);
	cr_assert_str_eq(find(keyring, "joe@example.com"),
		"example.com/r1/ example.com/e1/");
	cr_assert_str_eq(find(keyring, "joe@example.net"), "");
	cr_assert_str_eq(find(keyring, "joe@m.other.example"),
		"other.example/s/m.other.example@other.example "
		"m.other.example/e1/");
	sp_keyring_close(keyring);
}

/* A "%" can be any sender's domain, whatever somebody puts into From. */
Test(keyring, keys_named_by_domain_are_found_when_needed)
{
	struct sp_error error = {0};
	struct sp_keyring *keyring;

	write_key("d/example.com.key");
	write_file("d/broken.example.key", "no key");
	write_key("secret.key");
	write_key("d/.key");
	keyring = load("all %:s:./d/%.key\n"
		       "named.example named.example:n:./d/example.com.key\n",
		"* all:@%\n* %\n", &error);
	cr_assert_not_null(keyring, "%s", error.text);
	cr_assert_eq(sp_keyring_count(keyring), 1);
	cr_assert_str_eq(
		find(keyring, "joe@Example.com"), "example.com/s/@example.com");
	cr_assert_str_eq(
		find(keyring, "joe@named.example"), "named.example/n/");
	cr_assert_eq(sp_keyring_count(keyring), 1);
	cr_assert_str_eq(find(keyring, "joe@none.example"), "");
	cr_assert_str_eq(find(keyring, "joe@none.example"), "");
	cr_assert_str_eq(find(keyring, "joe@../secret"), "");
	cr_assert_str_eq(find(keyring, "joe@/../../secret"), "");
	cr_assert_str_eq(find(keyring, "joe@."), "");
	cr_assert_str_eq(find(keyring, "joe@"), "");
	cr_assert_not_null(
		strstr(find(keyring, "joe@broken.example"), "/keys:1: "), "%s",
		find(keyring, "joe@broken.example"));
	sp_keyring_close(keyring);
}

Test(keyring, triples_come_before_tables_and_pairs_only_once)
{
	struct sp_error error = {0};
	struct sp_keyring *keyring;

	write_key("k");
	keyring = load("a a:s:./k\nb b:s:./k\n", "* a\n* b\n", &error);
	cr_assert_not_null(keyring, "%s", error.text);
	cr_assert_eq(
		sp_keyring_add(keyring, "b", "s", under("k"), NULL, &error),
		SP_OK);
	cr_assert_str_eq(find(keyring, "x@y"), "b/s/ a/s/");
	cr_assert_eq(sp_keyring_count(keyring), 1);
	sp_keyring_close(keyring);
}

Test(keyring, no_more_keys_than_a_message_may_have)
{
	char keys[8192] = "", rules[8192] = "";
	struct sp_error error = {0};
	struct sp_keyring *keyring;
	struct sp_arena arena = {0};
	const struct sp_signing_key *found;
	size_t count;

	write_key("k");
	for (int i = 0; i < 40; i++) {
		sprintf(keys + strlen(keys), "k%d a:s%d:./k\n", i, i);
		sprintf(rules + strlen(rules), "* k%d\n", i);
	}
	keyring = load(keys, rules, &error);
	cr_assert_not_null(keyring, "%s", error.text);
	cr_assert_eq(sp_keyring_find(keyring, sp_span_str("x@y"), &arena,
			     &found, &count, &error),
		SP_OK);
	cr_assert_eq(count, SP_KEYS_PER_MESSAGE_MAX);
	cr_assert(sp_span_is(found[15].selector, "s15"));
	sp_arena_free(&arena);
	sp_keyring_close(keyring);
}

/* A reload that fails is nothing but a message. */
Test(keyring, broken_table_leaves_the_old_keyring_usable)
{
	struct sp_error error = {0};
	struct sp_keyring *old, *new;

	write_key("k");
	old = load("a a:s:./k\n", "* a\n", &error);
	cr_assert_not_null(old, "%s", error.text);
	cr_assert_null(load("a a:s:./k\nb b:s:./none\n", "* a\n", &error));
	cr_assert_not_null(strstr(error.text, "/keys:2: "));
	cr_assert_null(load("a a:s:./k\n", "* a\n* c\n", &error));
	cr_assert_not_null(strstr(error.text, "/sign:2: "));
	cr_assert_str_eq(find(old, "x@y"), "a/s/");
	new = load("a a:t:./k\n", "* a\n", &error);
	cr_assert_str_eq(find(old, "x@y"), "a/s/");
	cr_assert_str_eq(find(new, "x@y"), "a/t/");
	sp_keyring_close(old);
	cr_assert_str_eq(find(new, "x@y"), "a/t/");
	sp_keyring_close(new);

	/* Nor is half of a broken table used when one goes on with it. */
	old = sp_keyring_open();
	write_file("keys", "a a:s:./k\nb b:s:./none\n");
	cr_assert_neq(sp_keyring_load_tables(
			      old, under("keys"), under("sign"), NULL, &error),
		SP_OK);
	cr_assert_str_eq(find(old, "x@y"), "");
	sp_keyring_close(old);
}

/* Appends the base64 of the DER of a new RSA key, PKCS#8 or PKCS#1. */
static void add_der(struct sp_buffer *out, bool pkcs8)
{
	struct sp_pkey key;
	struct sp_error error;
	unsigned char *der = NULL;
	int size;

	cr_assert_eq(sp_pkey_generate(&key, SP_PKEY_RSA, 1024, &error), SP_OK);
	if (pkcs8) {
		PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key.evp);

		size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
		PKCS8_PRIV_KEY_INFO_free(info);
	} else {
		size = i2d_PrivateKey(key.evp, &der);
	}
	cr_assert_gt(size, 0);
	out->size += sp_base64_encode(
		sp_buffer_reserve(out, SP_BASE64_ENCODED_BYTES((size_t)size)),
		sp_span(der, (size_t)size));
	OPENSSL_free(der);
	sp_pkey_free(&key);
}

/* OpenDKIM takes the base64 of the DER in place of a file's name. */
Test(keyring, keys_written_into_the_table)
{
	for (int pkcs8 = 0; pkcs8 < 2; pkcs8++) {
		struct sp_buffer line = {0};
		struct sp_error error = {0};
		struct sp_keyring *keyring;

		sp_buffer_add_str(&line, "a a:s:");
		add_der(&line, pkcs8);
		sp_buffer_add_char(&line, '\0');
		keyring = load(line.data, "* a\n", &error);
		cr_assert_not_null(keyring, "%s", error.text);
		cr_assert_str_eq(find(keyring, "x@y"), "a/s/");
		sp_keyring_close(keyring);

		/* A few characters less: an error with the line, no crash. */
		line.data[line.size - 5] = '\0';
		cr_assert_null(load(line.data, "* a\n", &error));
		cr_assert_not_null(
			strstr(error.text, "/keys:1: "), "%s", error.text);
		sp_buffer_free(&line);
	}
}

enum { THREADS = 4, DOMAINS = 50 };

static void *find_all(void *context)
{
	struct sp_arena arena = {0};

	for (int i = 0; i < 10 * DOMAINS; i++) {
		char address[64];
		const struct sp_signing_key *keys;
		struct sp_error error;
		size_t count;

		snprintf(address, sizeof(address), "x@d%d.example",
			i % (2 * DOMAINS));
		cr_assert_eq(sp_keyring_find(context, sp_span_str(address),
				     &arena, &keys, &count, &error),
			SP_OK);
		cr_assert_eq(count, i % (2 * DOMAINS) < DOMAINS);
		sp_arena_reset(&arena);
	}
	sp_arena_free(&arena);
	return NULL;
}

Test(keyring, threads_load_each_key_once)
{
	struct sp_error error = {0};
	struct sp_keyring *keyring;
	pthread_t threads[THREADS];

	for (int i = 0; i < DOMAINS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "d%d.example", i);
		write_key(name);
	}
	keyring = load("all %:s:./%\n", "* all\n", &error);
	cr_assert_not_null(keyring, "%s", error.text);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, find_all, keyring);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	cr_assert_eq(sp_keyring_count(keyring), DOMAINS);
	sp_keyring_close(keyring);
}
