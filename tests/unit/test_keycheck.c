/* SPDX-License-Identifier: Apache-2.0 */
/* Published keys against what they should be (RFC 6376 3.6.1, 3.6.2.2). */
#include "engine/keycheck.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* The words of a set, with blanks between. */
static const char *words_of(unsigned findings)
{
	static char words[512];

	words[0] = '\0';
	for (unsigned i = 0; i < SP_KEYCHECK_COUNT; i++) {
		if (!(findings & (1u << i)))
			continue;
		if (words[0])
			strcat(words, " ");
		strcat(words, sp_keycheck_word(i));
	}
	return words;
}

static unsigned findings_of(
	const struct sp_span *values, size_t count, const struct sp_pkey *key)
{
	unsigned findings;

	cr_assert_eq(sp_keycheck_values(values, count, key, &findings), SP_OK);
	return findings;
}

static unsigned check(const struct sp_pkey *key, const char *const *texts)
{
	struct sp_span values[32];
	size_t count = 0;

	while (texts[count]) {
		values[count] = sp_span_str(texts[count]);
		count++;
	}
	return findings_of(values, count, key);
}

static void make_key(struct sp_pkey *key, enum sp_pkey_type type, unsigned bits)
{
	cr_assert_eq(sp_pkey_generate(key, type, bits, NULL), SP_OK);
}

/* "v=DKIM1; k=...; p=...", in one of a few static buffers. */
static char *record_of(const struct sp_pkey *key)
{
	static char texts[4][1024];
	static unsigned turn;
	struct sp_buffer out = {.data = NULL};
	char *text = texts[turn++ % 4];

	cr_assert_eq(sp_keyrecord_write(&out, key), SP_OK);
	snprintf(text, sizeof(texts[0]), "%.*s", (int)out.size, out.data);
	sp_buffer_free(&out);
	return text;
}

Test(keycheck, the_right_record_is_right)
{
	struct sp_pkey key = {.evp = NULL};

	make_key(&key, SP_PKEY_ED25519, 0);
	cr_expect_str_eq(
		words_of(check(&key, (const char *[]){record_of(&key), NULL})),
		"");
	cr_expect_str_eq(
		words_of(check(&key, (const char *[]){NULL})), "missing");
	cr_expect_str_eq(words_of(check(&key,
				 (const char *[]){record_of(&key), "x", NULL})),
		"several-records");
	sp_pkey_free(&key);
}

Test(keycheck, another_key_of_the_same_type)
{
	struct sp_pkey key = {.evp = NULL}, other = {.evp = NULL};

	make_key(&key, SP_PKEY_ED25519, 0);
	make_key(&other, SP_PKEY_ED25519, 0);
	cr_expect_str_eq(words_of(check(&key,
				 (const char *[]){record_of(&other), NULL})),
		"other-key");
	sp_pkey_free(&key);
	make_key(&key, SP_PKEY_RSA, 1024);
	cr_expect_str_eq(words_of(check(&key,
				 (const char *[]){record_of(&other), NULL})),
		"wrong-type");
	cr_expect_str_eq(
		words_of(check(&key, (const char *[]){record_of(&key), NULL})),
		"small");
	sp_pkey_free(&key);
	sp_pkey_free(&other);
}

/* A record in up to four pieces, in each order; five are too many to try. */
Test(keycheck, pieces_of_a_record_in_any_order)
{
	struct sp_pkey key = {.evp = NULL};
	char pieces[5][1024];
	const char *texts[6] = {NULL};
	const char *text;
	size_t size;

	make_key(&key, SP_PKEY_RSA, 2048);
	text = record_of(&key);
	size = strlen(text) / 5 + 1;
	for (size_t i = 0; i < 5; i++) {
		snprintf(pieces[i], sizeof(pieces[i]), "%.*s", (int)size,
			text + i * size);
		texts[i] = pieces[(i + 2) % 5];
	}
	cr_expect(!(check(&key, texts) & SP_KEYCHECK_SPLIT));
	snprintf(pieces[3], sizeof(pieces[3]), "%s", text + 3 * size);
	for (size_t i = 0; i < 4; i++)
		texts[i] = pieces[(i + 2) % 4];
	texts[4] = NULL;
	cr_expect_str_eq(
		words_of(check(&key, texts)), "split-wrongly several-records");
	sp_pkey_free(&key);
}

Test(keycheck, records_alone)
{
	static const struct {
		const char *value, *words;
	} cases[] = {
		{"p=", "revoked"},
		{"p=; t=y", "revoked testing"},
		{"", "syntax"},
		{"p=%%%", "syntax"},
		{"k=dsa; p=AAAA", "syntax"},
		{"v=DKIM1; v=DKIM1; p=", "syntax"},
		{"v=DKIM9; p=AAAA", "version"},
		{"k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
			"test-key"},
		{"k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcH"
		 "URo=; h=sha1; s=tlsrpt; t=s:y",
			"hash service test-key testing"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_span value = sp_span_str(cases[i].value);

		cr_expect_str_eq(words_of(findings_of(&value, 1, NULL)),
			cases[i].words, "%s: %s", cases[i].value,
			words_of(findings_of(&value, 1, NULL)));
	}
}

/* 64 KB of anything, and the most records there can be, are looked at. */
Test(keycheck, hostile_values)
{
	static char large[SP_KEY_RECORD_BYTES_MAX];
	struct sp_pkey key = {.evp = NULL};
	struct sp_span values[SP_KEY_RECORDS_MAX];

	make_key(&key, SP_PKEY_ED25519, 0);
	memset(large, '"', sizeof(large));
	for (size_t i = 0; i < SP_KEY_RECORDS_MAX; i++)
		values[i] = sp_span(large, sizeof(large) - i);
	cr_expect_str_eq(
		words_of(findings_of(values, SP_KEY_RECORDS_MAX, &key)),
		"syntax several-records");
	cr_expect(sp_keycheck_has_fault(SP_KEYCHECK_SYNTAX));
	cr_expect_not(
		sp_keycheck_has_fault(SP_KEYCHECK_TESTING | SP_KEYCHECK_SMALL));
	sp_pkey_free(&key);
}
