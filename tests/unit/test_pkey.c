/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: every format of private key and p=, and every refusal. */
#include "crypto/pkey.h"

#include <criterion/criterion.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "crypto/base64.h"
#include "tests/unit/guard.h"

TestSuite(pkey);

#define KEYS "corpus/keys/"
#define PHRASE "only for tests"

static char *load(const char *name, size_t *size)
{
	char path[256], *text;

	snprintf(path, sizeof(path), KEYS "%s", name);
	text = test_read_file(path, size);
	cr_assert(text, "%s", path);
	return text;
}

/* Parses a key file of the corpus, from memory that ends at a page. */
static enum sp_status parse(struct sp_pkey *key, const char *name,
	const char *passphrase, struct sp_error *error)
{
	size_t size;
	char *text = load(name, &size), *copy = guard_copy(text, size);
	enum sp_status status = sp_pkey_parse_private(
		key, sp_span(copy, size), name, passphrase, error);

	guard_free(copy, size);
	free(text);
	return status;
}

/* The p= value of a key, NUL-terminated. */
static void public_text(const struct sp_pkey *key, char text[2048])
{
	struct sp_buffer out = {0};

	cr_assert_eq(sp_pkey_write_public(key, &out), SP_OK);
	cr_assert_lt(out.size, 2048);
	memcpy(text, out.data, out.size);
	text[out.size] = '\0';
	sp_buffer_free(&out);
}

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

		cr_assert_eq(parse(&key, formats[i].file, formats[i].passphrase,
				     &error),
			SP_OK, "%s", error.text);
		cr_assert_eq(key.type, formats[i].type);
		cr_assert_eq(key.bits, formats[i].bits);
		cr_assert_eq(key.signature_bytes, formats[i].signature_bytes);
		cr_assert(key.private_half && key.evp);
		cr_assert_gt(key.id, last_id);
		last_id = key.id;
		public_text(&key, text);
		expected = load(formats[i].public, &size);
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

		cr_assert_eq(parse(&key, refusals[i].file,
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
		"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
		"-----END EC PARAMETERS-----\n",
		"\xef\xbb\xbf", /* a byte order mark */
	};
	size_t size;
	char *pem = load("rsa2048.pem", &size);

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
	char *pem = load("rsa2048.pem", &size), text[8192];
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
	cr_assert_eq(parse(&key, "rsa2048-encrypted.pem", phrase, &error),
		SP_CONFIG);
	cr_assert(
		strstr(error.text, "longer than 1023 bytes"), "%s", error.text);
	cr_assert_eq(sp_pkey_parse_private(&key, sp_span(large, sizeof(large)),
			     "k", NULL, &error),
		SP_CONFIG);
	cr_assert(strstr(error.text, "too large"), "%s", error.text);
}

/* The key of file with one of its parts altered by one. */
static void damaged_pem(const char *part, struct sp_buffer *out)
{
	static const char *const names[] = {OSSL_PKEY_PARAM_RSA_N,
		OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	struct sp_pkey key, bad = {.private_half = true};
	BIGNUM *numbers[8] = {0};
	OSSL_PARAM *params;

	cr_assert_eq(parse(&key, "rsa2048.pem", NULL, NULL), SP_OK);
	for (int i = 0; i < 8; i++) {
		cr_assert(
			EVP_PKEY_get_bn_param(key.evp, names[i], &numbers[i]));
		if (strcmp(part, names[i]) == 0)
			cr_assert(BN_add_word(numbers[i], 2));
		cr_assert(OSSL_PARAM_BLD_push_BN(build, names[i], numbers[i]));
	}
	params = OSSL_PARAM_BLD_to_param(build);
	cr_assert_eq(EVP_PKEY_fromdata_init(context), 1);
	cr_assert_eq(
		EVP_PKEY_fromdata(context, &bad.evp, EVP_PKEY_KEYPAIR, params),
		1);
	cr_assert_eq(sp_pkey_write_pem(&bad, out), SP_OK);
	for (int i = 0; i < 8; i++)
		BN_free(numbers[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(context);
	sp_pkey_free(&bad);
	sp_pkey_free(&key);
}

/* RFC 8017 3.2 */
Test(pkey, refuses_an_rsa_key_with_any_part_damaged)
{
	static const char *const parts[] = {OSSL_PKEY_PARAM_RSA_N,
		OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	struct sp_buffer pem = {0};
	struct sp_pkey key;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct sp_error error = {0};

		sp_buffer_clear(&pem);
		damaged_pem(parts[i], &pem);
		cr_assert_eq(sp_pkey_parse_private(&key, sp_buffer_span(&pem),
				     "k", NULL, &error),
			SP_CONFIG, "%s", parts[i]);
		cr_assert(strstr(error.text, "do not belong together"),
			"%s: %s", parts[i], error.text);
	}
	sp_buffer_clear(&pem);
	damaged_pem("none", &pem);
	cr_assert_eq(sp_pkey_parse_private(
			     &key, sp_buffer_span(&pem), "k", NULL, NULL),
		SP_OK);
	sp_pkey_free(&key);
	sp_buffer_free(&pem);
}

/* A new file in a folder of the test's own. */
struct folder {
	char path[64];
	char file[96];
};

static void folder_make(struct folder *folder)
{
	strcpy(folder->path, "/tmp/sealpress-test-XXXXXX");
	cr_assert(mkdtemp(folder->path));
	snprintf(
		folder->file, sizeof(folder->file), "%s/key.pem", folder->path);
}

static void folder_write(
	const struct folder *folder, const char *text, size_t size, mode_t mode)
{
	FILE *file = fopen(folder->file, "wb");

	cr_assert(file);
	cr_assert_eq(fwrite(text, 1, size, file), size);
	cr_assert_eq(fclose(file), 0);
	cr_assert_eq(chmod(folder->file, mode), 0);
}

static void folder_remove(struct folder *folder)
{
	unlink(folder->file);
	cr_assert_eq(rmdir(folder->path), 0);
}

Test(pkey, opens_only_files_that_nobody_else_can_get_at)
{
	static const struct {
		mode_t mode;
		bool insecure;
		enum sp_status status;
	} cases[] = {
		{0600, false, SP_OK},
		{0400, false, SP_OK},
		{0700, false, SP_OK},
		{0640, false, SP_CONFIG},
		{0604, false, SP_CONFIG},
		{0620, false, SP_CONFIG},
		{0602, false, SP_CONFIG},
		{0601, false, SP_CONFIG},
		{0644, true, SP_OK},
	};
	size_t size;
	char *pem = load("ed25519.pem", &size);
	struct folder folder;

	folder_make(&folder);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_pkey_open_options options = {
			.insecure_permissions = cases[i].insecure};
		struct sp_error error = {0};
		struct sp_pkey key;
		char remedy[128];

		unlink(folder.file);
		folder_write(&folder, pem, size, cases[i].mode);
		cr_assert_eq(sp_pkey_open(&key, folder.file, &options, &error),
			cases[i].status, "%o: %s", cases[i].mode, error.text);
		sp_pkey_free(&key);
		if (cases[i].status == SP_OK)
			continue;
		snprintf(remedy, sizeof(remedy), "chmod 600 %s", folder.file);
		cr_assert(strstr(error.text, remedy), "%s", error.text);
		cr_assert(strstr(error.text, "--insecure-key-permissions"));
	}
	folder_remove(&folder);
	free(pem);
}

Test(pkey, says_what_is_wrong_with_a_file)
{
	struct folder folder;
	struct sp_error error;
	struct sp_pkey key;
	char *large = calloc(1, SP_PKEY_FILE_BYTES_MAX + 1);

	folder_make(&folder);
	cr_assert_eq(sp_pkey_open(&key, folder.file, NULL, &error), SP_IO);
	cr_assert(strstr(error.text, "No such file"), "%s", error.text);
	cr_assert_eq(sp_pkey_open(&key, folder.path, NULL, &error), SP_CONFIG);
	cr_assert(strstr(error.text, "not a regular file"), "%s", error.text);
	cr_assert_eq(mkfifo(folder.file, 0600), 0);
	cr_assert_eq(sp_pkey_open(&key, folder.file, NULL, &error), SP_CONFIG);
	cr_assert(strstr(error.text, "not a regular file"), "%s", error.text);
	unlink(folder.file);
	folder_write(&folder, large, SP_PKEY_FILE_BYTES_MAX + 1, 0600);
	cr_assert_eq(sp_pkey_open(&key, folder.file, NULL, &error), SP_CONFIG);
	cr_assert(strstr(error.text, "too large"), "%s", error.text);
	folder_write(&folder, large, SP_PKEY_FILE_BYTES_MAX, 0600);
	cr_assert_eq(sp_pkey_open(&key, folder.file, NULL, &error), SP_CONFIG);
	cr_assert(strstr(error.text, "neither a PEM"), "%s", error.text);
	folder_remove(&folder);
	free(large);
}

Test(pkey, takes_the_passphrase_from_a_file_or_the_environment)
{
	static const char variable[] = "SEALPRESS_TEST_PASSPHRASE";
	static const struct {
		const char *file; /* what is in it; NULL: none given */
		mode_t mode;
		const char *value; /* of the variable; NULL: not set */
		bool env; /* it is given */
		enum sp_status status;
		const char *words;
	} cases[] = {
		{NULL, 0, NULL, false, SP_CONFIG, "there is no passphrase"},
		{PHRASE, 0600, NULL, false, SP_OK, ""},
		{PHRASE "\nmore\n", 0600, NULL, false, SP_OK, ""},
		{PHRASE "\r\n", 0600, NULL, false, SP_OK, ""},
		{PHRASE "\n", 0644, NULL, false, SP_CONFIG, "chmod 600"},
		{"\n" PHRASE, 0600, NULL, false, SP_CONFIG,
			"first line is empty"},
		{"", 0600, NULL, false, SP_CONFIG, "first line is empty"},
		{"wrong\n", 0600, PHRASE, true, SP_CONFIG,
			"passphrase is wrong"},
		{NULL, 0, PHRASE, true, SP_OK, ""},
		{NULL, 0, "wrong", true, SP_CONFIG, "passphrase is wrong"},
		{NULL, 0, NULL, true, SP_CONFIG, "variable is not set"},
	};
	struct folder folder;

	folder_make(&folder);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_pkey_open_options options = {0};
		struct sp_error error = {0};
		struct sp_pkey key;
		char path[128];
		size_t size;
		char *pem = load("rsa2048-encrypted.pem", &size);
		struct folder phrase = folder;

		unsetenv(variable);
		if (cases[i].value)
			setenv(variable, cases[i].value, 1);
		if (cases[i].env)
			options.passphrase_env = variable;
		snprintf(path, sizeof(path), "%s/phrase", folder.path);
		snprintf(phrase.file, sizeof(phrase.file), "%.90s", path);
		if (cases[i].file) {
			folder_write(&phrase, cases[i].file,
				strlen(cases[i].file), cases[i].mode);
			options.passphrase_file = path;
		}
		folder_write(&folder, pem, size, 0600);
		cr_assert_eq(sp_pkey_open(&key, folder.file, &options, &error),
			cases[i].status, "%zu: %s", i, error.text);
		cr_assert(strstr(error.text, cases[i].words), "%zu: %s", i,
			error.text);
		sp_pkey_free(&key);
		unlink(path);
		free(pem);
	}
	folder_remove(&folder);
}

Test(pkey, asks_for_no_passphrase_when_the_key_is_not_encrypted)
{
	struct sp_pkey_open_options options = {
		.passphrase_file = "/nonexistent",
		.insecure_permissions = true,
	};
	struct sp_pkey key;

	cr_assert_eq(
		sp_pkey_open(&key, KEYS "rsa2048.pem", &options, NULL), SP_OK);
	sp_pkey_free(&key);
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
		public_text(&made, first);
		public_text(&read, second);
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

/* Parses the bytes of p= from memory that ends at a page. */
static enum sp_reason parse_public(
	enum sp_pkey_type type, const void *bytes, size_t size)
{
	char *copy = guard_copy(bytes, size);
	struct sp_pkey key;
	enum sp_reason reason =
		sp_pkey_parse_public(&key, type, sp_span(copy, size));

	cr_assert_eq(reason == SP_REASON_OK, key.evp != NULL);
	cr_assert(!key.private_half);
	sp_pkey_free(&key);
	guard_free(copy, size);
	return reason;
}

static size_t load_public(const char *name, unsigned char *bytes)
{
	size_t size;
	char *text = load(name, &size);

	cr_assert(sp_base64_decode(bytes, &size, sp_span_str(text)));
	free(text);
	return size;
}

/* RFC 6376 3.6.1 asks for RSAPublicKey, all the world publishes the other. */
Test(pkey, reads_both_forms_of_rsa_public_keys)
{
	static const struct {
		const char *file;
		unsigned bits;
	} cases[] = {
		{"rsa512.pub", 512},
		{"rsa1024.pub", 1024},
		{"rsa2048.pub", 2048},
		{"rsa3072.pub", 3072},
		{"rsa4096.pub", 4096},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char info[1024], *bare = NULL;
		size_t size = load_public(cases[i].file, info);
		struct sp_pkey key;
		char text[2048], again[2048];
		int length;

		cr_assert_eq(sp_pkey_parse_public(
				     &key, SP_PKEY_RSA, sp_span(info, size)),
			SP_REASON_OK);
		cr_assert_eq(key.bits, cases[i].bits);
		cr_assert_eq(key.signature_bytes, cases[i].bits / 8);
		cr_assert(!key.private_half && key.id);
		public_text(&key, text);
		length = i2d_PublicKey(key.evp, &bare);
		cr_assert_gt(length, 0);
		sp_pkey_free(&key);
		cr_assert_eq(sp_pkey_parse_public(&key, SP_PKEY_RSA,
				     sp_span(bare, (size_t)length)),
			SP_REASON_OK);
		public_text(&key, again);
		cr_assert_str_eq(text, again);
		sp_pkey_free(&key);
		OPENSSL_free(bare);
	}
}

Test(pkey, refuses_rsa_public_keys_cut_or_with_bytes_behind)
{
	unsigned char bytes[1024];
	size_t size = load_public("rsa1024.pub", bytes);

	for (size_t cut = 0; cut < size; cut++)
		cr_assert_eq(parse_public(SP_PKEY_RSA, bytes, cut),
			SP_REASON_KEY_SYNTAX, "%zu", cut);
	bytes[size] = 0;
	cr_assert_eq(parse_public(SP_PKEY_RSA, bytes, size + 1),
		SP_REASON_KEY_SYNTAX);
	cr_assert_eq(parse_public(SP_PKEY_RSA, bytes, size), SP_REASON_OK);
	cr_assert_eq(parse_public(SP_PKEY_ED25519, bytes, size),
		SP_REASON_KEY_SYNTAX);
}

/* Every length and tag of the structure, altered one at a time. */
Test(pkey, refuses_rsa_public_keys_with_a_damaged_frame)
{
	/* SEQUENCE, SEQUENCE, OID, NULL, BIT STRING, SEQUENCE, INTEGER */
	static const size_t frame[] = {0, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17,
		18, 20, 21, 22, 24, 25, 27};
	unsigned char bytes[1024];
	size_t size = load_public("rsa1024.pub", bytes);

	for (size_t i = 0; i < sizeof(frame) / sizeof(frame[0]); i++) {
		bytes[frame[i]] ^= 0x10;
		cr_assert_eq(parse_public(SP_PKEY_RSA, bytes, size),
			SP_REASON_KEY_SYNTAX, "byte %zu", frame[i]);
		bytes[frame[i]] ^= 0x10;
	}
	cr_assert_eq(parse_public(SP_PKEY_RSA, bytes, size), SP_REASON_OK);
}

/* A bare RSAPublicKey with these numbers, written with 4-byte lengths. */
static size_t make_bare(unsigned char *der, const unsigned char *n,
	size_t n_size, const unsigned char *e, size_t e_size)
{
	size_t inner = 6 + n_size + 6 + e_size, at = 0;
	const struct {
		unsigned char tag;
		size_t size;
		const unsigned char *bytes;
	} parts[] = {
		{0x30, inner, NULL},
		{0x02, n_size, n},
		{0x02, e_size, e},
	};

	for (size_t i = 0; i < 3; i++) {
		der[at++] = parts[i].tag;
		der[at++] = 0x84;
		for (int shift = 24; shift >= 0; shift -= 8)
			der[at++] = (unsigned char)(parts[i].size >> shift);
		if (parts[i].bytes) {
			memcpy(der + at, parts[i].bytes, parts[i].size);
			at += parts[i].size;
		}
	}
	return at;
}

Test(pkey, bounds_the_numbers_of_an_rsa_public_key)
{
	static const struct {
		unsigned bits; /* of n: the top bit set, the others too */
		bool even;
		size_t e_size;
		unsigned char e[10];
		enum sp_reason reason;
	} cases[] = {
		{1024, false, 3, {1, 0, 1}, SP_REASON_OK},
		{1024, false, 1, {3}, SP_REASON_OK},
		{1024, false, 1, {17}, SP_REASON_OK},
		{1024, false, 8, {0xff, 1, 1, 1, 1, 1, 1, 1}, SP_REASON_OK},
		{1024, false, 9, {0, 0xff, 1, 1, 1, 1, 1, 1, 1}, SP_REASON_OK},
		{1024, false, 9, {1, 0, 0, 0, 0, 0, 0, 0, 1},
			SP_REASON_KEY_SYNTAX},
		{1024, false, 1, {1}, SP_REASON_KEY_SYNTAX},
		{1024, false, 2, {0, 1}, SP_REASON_KEY_SYNTAX},
		{1024, false, 1, {0}, SP_REASON_KEY_SYNTAX},
		{1024, false, 0, {0}, SP_REASON_KEY_SYNTAX},
		{1024, false, 1, {2}, SP_REASON_KEY_SYNTAX},
		{1024, false, 3, {1, 0, 0}, SP_REASON_KEY_SYNTAX},
		{1024, true, 3, {1, 0, 1}, SP_REASON_KEY_SYNTAX},
		{1025, false, 3, {1, 0, 1}, SP_REASON_OK},
		{1031, false, 3, {1, 0, 1}, SP_REASON_OK},
		{8192, false, 3, {1, 0, 1}, SP_REASON_OK},
		{8193, false, 3, {1, 0, 1}, SP_REASON_KEY_TOO_LARGE},
		{8200, true, 3, {1, 0, 1}, SP_REASON_KEY_TOO_LARGE},
		{400000, false, 3, {1, 0, 1}, SP_REASON_KEY_TOO_LARGE},
		{511, false, 3, {1, 0, 1}, SP_REASON_OK},
		{72, false, 3, {1, 0, 1}, SP_REASON_OK},
		{64, false, 3, {1, 0, 1}, SP_REASON_KEY_SYNTAX},
		{1, false, 3, {1, 0, 1}, SP_REASON_KEY_SYNTAX},
		{0, true, 3, {1, 0, 1}, SP_REASON_KEY_SYNTAX},
	};
	static unsigned char n[1 + 400000 / 8], der[400000 / 8 + 100];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n_size = 1 + (cases[i].bits + 7) / 8;
		unsigned top = cases[i].bits % 8;

		memset(n, 0xff, n_size);
		n[0] = 0;
		if (n_size > 1 && top)
			n[1] = (unsigned char)(0xff >> (8 - top));
		if (cases[i].even)
			n[n_size - 1] &= 0xfe;
		cr_assert_eq(parse_public(SP_PKEY_RSA, der,
				     make_bare(der, n, n_size, cases[i].e,
					     cases[i].e_size)),
			cases[i].reason, "case %zu", i);
	}
}

/* RFC 8463 4: the raw key, not a SubjectPublicKeyInfo. */
Test(pkey, takes_ed25519_public_keys_of_exactly_32_bytes)
{
	unsigned char bytes[64] = {0};
	struct sp_pkey key;
	size_t size = load_public("ed25519.pub", bytes);

	cr_assert_eq(size, 32);
	for (size_t i = 0; i <= sizeof(bytes); i++)
		cr_assert_eq(parse_public(SP_PKEY_ED25519, bytes, i),
			i == 32 ? SP_REASON_OK : SP_REASON_KEY_SYNTAX);
	cr_assert_eq(
		sp_pkey_parse_public(&key, SP_PKEY_ED25519, sp_span(bytes, 32)),
		SP_REASON_OK);
	cr_assert_eq(key.bits, 256);
	cr_assert_eq(key.signature_bytes, SP_ED25519_SIGNATURE_BYTES);
	sp_pkey_free(&key);
}

Test(pkey, names_its_types_as_key_records_do)
{
	cr_assert_str_eq(sp_pkey_type_name(SP_PKEY_RSA), "rsa");
	cr_assert_str_eq(sp_pkey_type_name(SP_PKEY_ED25519), "ed25519");
}
