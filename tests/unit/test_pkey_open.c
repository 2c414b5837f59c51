/* SPDX-License-Identifier: Apache-2.0 */
/* Key files: permissions, passphrases, and what is wrong with a file. */
#include "crypto/pkey.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/keys.h"

TestSuite(pkey_open);

#define PHRASE "only for tests"

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

Test(pkey_open, opens_only_files_that_nobody_else_can_get_at)
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
	char *pem = key_text("ed25519.pem", &size);
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

Test(pkey_open, says_what_is_wrong_with_a_file)
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

Test(pkey_open, takes_the_passphrase_from_a_file_or_the_environment)
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
		char *pem = key_text("rsa2048-encrypted.pem", &size);
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

Test(pkey_open, asks_for_no_passphrase_when_the_key_is_not_encrypted)
{
	struct sp_pkey_open_options options = {
		.passphrase_file = "/nonexistent",
		.insecure_permissions = true,
	};
	struct sp_pkey key;

	cr_assert_eq(
		sp_pkey_open(&key, "corpus/keys/rsa2048.pem", &options, NULL),
		SP_OK);
	sp_pkey_free(&key);
}
