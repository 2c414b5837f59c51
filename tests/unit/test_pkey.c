/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys: every format, every refusal; making and writing keys. */
#include "crypto/pkey.h"

#include "tests/unit/keys.h"

TestSuite(pkey);

#define PHRASE "only for tests"

static const struct {
	const char *file, *passphrase, *public;
	enum sp_pkey_type type;
	unsigned bits;
	size_t signature_bytes;
} formats[] = {
	{"rsa1024.pem", NULL, "rsa1024.pub", SP_PKEY_RSA, 1024, 128},
	{"rsa2048.pem", NULL, "rsa2048.pub", SP_PKEY_RSA, 2048, 256},
	{"rsa3072.pem", NULL, "rsa3072.pub", SP_PKEY_RSA, 3072, 384},
	{"rsa4096.pem", NULL, "rsa4096.pub", SP_PKEY_RSA, 4096, 512},
	{"rsa2048-pkcs1.pem", NULL, "rsa2048.pub", SP_PKEY_RSA, 2048, 256},
	{"rsa2048-pkcs1.pem", PHRASE, "rsa2048.pub", SP_PKEY_RSA, 2048, 256},
	{"rsa2048-encrypted.pem", PHRASE, "rsa2048.pub", SP_PKEY_RSA, 2048,
		256},
	{"rsa2048-legacy-encrypted.pem", PHRASE, "rsa2048.pub", SP_PKEY_RSA,
		2048, 256},
	{"ed25519.pem", NULL, "ed25519.pub", SP_PKEY_ED25519, 256, 64},
	{"ed25519.seed", NULL, "ed25519.pub", SP_PKEY_ED25519, 256, 64},
	{"ed25519-encrypted.pem", PHRASE, "ed25519.pub", SP_PKEY_ED25519, 256,
		64},
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

Test(pkey, loads_every_format_and_writes_its_public_half)
{
	uint64_t last_id = 0;

	for (size_t i = 0; i < FORMATS; i++) {
		struct sp_pkey key;
		struct sp_error error = {0};
		char text[2048], *expected;
		size_t size;

		cr_assert_eq(key_parse(&key, formats[i].file,
				     formats[i].passphrase, &error),
			SP_OK, "%s", error.text);
		cr_assert_eq(key.type, formats[i].type);
		cr_assert_eq(key.bits, formats[i].bits);
		cr_assert_eq(key.signature_bytes, formats[i].signature_bytes);
		cr_assert(key.private_half && key.evp);
		cr_assert_gt(key.id, last_id);
		last_id = key.id;
		key_public_text(&key, text);
		expected = key_text(formats[i].public, &size);
		expected[strcspn(expected, "\n")] = '\0';
		cr_assert_str_eq(text, expected);
		free(expected);
		sp_pkey_free(&key);
		cr_assert(!key.evp && !key.id);
		sp_pkey_free(&key);
	}
}

static const struct {
	const char *file, *passphrase, *words;
} refusals[] = {
	{"rsa2048-encrypted.pem", NULL, "there is no passphrase"},
	{"rsa2048-legacy-encrypted.pem", NULL, "there is no passphrase"},
	{"ed25519-encrypted.pem", NULL, "there is no passphrase"},
	{"rsa2048-encrypted.pem", "wrong", "the passphrase is wrong"},
	{"rsa2048-legacy-encrypted.pem", "wrong", "the passphrase is wrong"},
	{"ed25519-encrypted.pem", "", "the passphrase is wrong"},
	{"ec.pem", NULL, "EC key; DKIM signs with RSA or Ed25519"},
	{"ec-pkcs8.pem", NULL, "EC key; DKIM signs with RSA or Ed25519"},
	{"rsapss1024.pem", NULL, "RSA-PSS key; DKIM signs with RSA or"},
	{"rsa512.pem", NULL, "RSA key of 512 bits; RFC 8301 wants at least"},
	{"rsa2048-3primes.pem", NULL, "more than two primes"},
	{"rsa2048.pub", NULL, "neither a PEM private key nor the base64"},
	{"README.md", NULL, "neither a PEM private key nor the base64"},
};

Test(pkey, refuses_keys_that_cannot_sign_and_says_why)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct sp_pkey key;
		struct sp_error error = {0};
		size_t name = strlen(refusals[i].file);

		cr_assert_eq(key_parse(&key, refusals[i].file,
				     refusals[i].passphrase, &error),
			SP_CONFIG, "%s", refusals[i].file);
		cr_assert(strstr(error.text, refusals[i].words), "%s",
			error.text);
		cr_assert(strncmp(error.text, refusals[i].file, name) == 0 &&
				  error.text[name] == ':',
			"%s", error.text);
		cr_assert(!key.evp && !key.id);
	}
}

static const struct {
	const char *text, *words;
} texts[] = {
	{"", "neither a PEM private key nor the base64"},
	{"\n\n", "neither a PEM private key nor the base64"},
	{"Zm9v", "neither a PEM private key nor the base64"},
	/* 31 and 33 bytes */
	{"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2==", "neither a PEM"},
	{"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyufw==", "neither a PEM"},
	{"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2Bg", "neither a PEM"},
	{"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
		"holds no private key but 'PUBLIC KEY'"},
	{"-----BEGIN CERTIFICATE-----\nAAAA\n", "but 'CERTIFICATE'"},
	{"-----BEGIN ", "holds no private key but ''"},
	{"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", "ssh-keygen -p -m PEM"},
	{"-----BEGIN DSA PRIVATE KEY-----\nAAAA\n", "DSA key; DKIM signs with"},
	{"-----BEGIN ANY PRIVATE KEY-----\nAAAA\n",
		"unknown kind of key 'ANY PRIVATE KEY'"},
	{"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
		"the key is damaged (OpenSSL: "},
	{"-----BEGIN RSA PRIVATE KEY-----\n", "the key is damaged (OpenSSL: "},
	{"-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----\n",
		"the key is damaged (OpenSSL: "},
};

Test(pkey, refuses_texts_that_are_no_private_key)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t size = strlen(texts[i].text);
		char *copy = guard_copy(texts[i].text, size);
		struct sp_pkey key;
		struct sp_error error = {0};

		cr_assert_eq(sp_pkey_parse_private(&key, sp_span(copy, size),
				     "k", NULL, &error),
			SP_CONFIG);
		cr_assert(strstr(error.text, texts[i].words), "%s", error.text);
		cr_assert_eq(sp_pkey_parse_private(&key, sp_span(copy, size),
				     "k", NULL, NULL),
			SP_CONFIG);
		guard_free(copy, size);
	}
}

Test(pkey, finds_the_key_behind_other_text_and_other_blocks)
{
	static const char *const before[] = {
		"Bag Attributes\n    friendlyName: x\n",
		("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
		 "-----END EC PARAMETERS-----\n"),
		"\xef\xbb\xbf", /* a byte order mark */
	};
	size_t size;
	char *pem = key_text("rsa2048.pem", &size);

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct sp_error error = {0};
		struct sp_pkey key;
		char text[8192];

		snprintf(text, sizeof(text), "%s%s", before[i], pem);
		cr_assert_eq(sp_pkey_parse_private(&key, sp_span_str(text), "k",
				     NULL, &error),
			SP_OK, "%s", error.text);
		sp_pkey_free(&key);
	}
	free(pem);
}

Test(pkey, reads_pem_with_crlf_line_ends)
{
	size_t size, to = 0;
	char *pem = key_text("rsa2048.pem", &size), text[8192];
	struct sp_error error = {0};
	struct sp_pkey key;

	for (size_t i = 0; i < size; i++) {
		if (pem[i] == '\n')
			text[to++] = '\r';
		text[to++] = pem[i];
	}
	cr_assert_eq(sp_pkey_parse_private(
			     &key, sp_span(text, to), "k", NULL, &error),
		SP_OK, "%s", error.text);
	sp_pkey_free(&key);
	free(pem);
}

Test(pkey, says_when_the_passphrase_is_too_long_or_the_text_too_large)
{
	static char large[SP_PKEY_FILE_BYTES_MAX + 1];
	static char phrase[SP_PASSPHRASE_BYTES_MAX + 2];
	struct sp_pkey key;
	struct sp_error error;

	memset(phrase, 'x', sizeof(phrase) - 1);
	cr_assert_eq(key_parse(&key, "rsa2048-encrypted.pem", phrase, &error),
		SP_CONFIG);
	cr_assert(
		strstr(error.text, "longer than 1023 bytes"), "%s", error.text);
	cr_assert_eq(sp_pkey_parse_private(&key, sp_span(large, sizeof(large)),
			     "k", NULL, &error),
		SP_CONFIG);
	cr_assert(strstr(error.text, "too large"), "%s", error.text);
}
/* RFC 8017 3.2 */
Test(pkey, refuses_an_rsa_key_with_any_part_damaged)
{
	struct sp_buffer pem = {0};
	struct sp_pkey key, bad;

	for (size_t i = 0; i < KEY_PARTS; i++) {
		struct sp_error error = {0};

		sp_buffer_clear(&pem);
		key_damaged(&bad, "rsa2048.pem", key_parts[i]);
		cr_assert_eq(sp_pkey_write_pem(&bad, &pem), SP_OK);
		sp_pkey_free(&bad);
		cr_assert_eq(sp_pkey_parse_private(&key, sp_buffer_span(&pem),
				     "k", NULL, &error),
			SP_CONFIG, "%s", key_parts[i]);
		cr_assert(strstr(error.text, "do not belong together"),
			"%s: %s", key_parts[i], error.text);
	}
	sp_buffer_clear(&pem);
	key_damaged(&bad, "rsa2048.pem", "");
	cr_assert_eq(sp_pkey_write_pem(&bad, &pem), SP_OK);
	sp_pkey_free(&bad);
	cr_assert_eq(sp_pkey_parse_private(
			     &key, sp_buffer_span(&pem), "k", NULL, NULL),
		SP_OK);
	sp_pkey_free(&key);
	sp_buffer_free(&pem);
}

Test(pkey, makes_keys_that_load_again)
{
	static const struct {
		enum sp_pkey_type type;
		unsigned bits;
	} cases[] = {
		{SP_PKEY_ED25519, 0},
		{SP_PKEY_RSA, 1024},
		{SP_PKEY_RSA, 1032},
		{SP_PKEY_RSA, 2048},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_pkey made, read;
		struct sp_buffer pem = {0};
		struct sp_error error = {0};
		char first[2048], second[2048];

		cr_assert_eq(sp_pkey_generate(&made, cases[i].type,
				     cases[i].bits, &error),
			SP_OK, "%s", error.text);
		cr_assert(made.private_half && made.id);
		if (cases[i].bits)
			cr_assert_eq(made.bits, cases[i].bits);
		cr_assert_eq(sp_pkey_write_pem(&made, &pem), SP_OK);
		cr_assert(sp_span_starts(
			sp_buffer_span(&pem), "-----BEGIN PRIVATE KEY-----\n"));
		cr_assert_eq(sp_pkey_parse_private(&read, sp_buffer_span(&pem),
				     "k", NULL, &error),
			SP_OK, "%s", error.text);
		key_public_text(&made, first);
		key_public_text(&read, second);
		cr_assert_str_eq(first, second);
		cr_assert_neq(made.id, read.id);
		sp_buffer_free(&pem);
		sp_pkey_free(&made);
		sp_pkey_free(&read);
	}
}

Test(pkey, makes_no_key_of_an_odd_size)
{
	static const unsigned sizes[] = {
		0, 512, 1016, 1023, 1025, 4097, 4104, 8192};
	struct sp_error error;
	struct sp_pkey key;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		cr_assert_eq(
			sp_pkey_generate(&key, SP_PKEY_RSA, sizes[i], &error),
			SP_CONFIG);
		cr_assert(strstr(error.text, "2048 is the usual"), "%s",
			error.text);
		cr_assert_null(key.evp);
	}
}
Test(pkey, names_its_types_as_key_records_do)
{
	cr_assert_str_eq(sp_pkey_type_name(SP_PKEY_RSA), "rsa");
	cr_assert_str_eq(sp_pkey_type_name(SP_PKEY_ED25519), "ed25519");
}
