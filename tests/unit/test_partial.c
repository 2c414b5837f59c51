/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear when they are complete (io/partial.h). */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/span.h"
#include "io/file.h"
#include "io/partial.h"
#include "tests/unit/folder.h"
#include "tests/unit/guard.h"

static char *dir;

static void setup(void)
{
	dir = test_folder();
}

static void teardown(void)
{
	test_folder_free(dir);
}

TestSuite(partial, .init = setup, .fini = teardown);

/* A partial file for "key" that says "new". */
static void open_secret(struct sp_partial *partial)
{
	struct sp_error error;

	cr_assert_eq(
		sp_partial_open_secret(partial, test_path(dir, "key"), &error),
		SP_OK, "%s", error.text);
	cr_assert_eq(sp_file_write(partial->fd, sp_span_str("new")), 0);
}

static void expect_file(const char *name, const char *expected)
{
	size_t size;
	char *text = test_read_file(test_path(dir, name), &size);

	cr_assert_not_null(text, "%s", name);
	cr_expect_str_eq(text, expected);
	free(text);
}

Test(partial, a_secret_is_its_owners_alone_whatever_the_umask)
{
	static const mode_t masks[] = {0, 022, 0777};

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t before = umask(masks[i]);
		struct sp_partial partial;
		struct stat info;

		open_secret(&partial);
		umask(before);
		cr_assert_eq(fstat(partial.fd, &info), 0);
		cr_expect_eq(info.st_mode & 0777, 0600);
		sp_partial_free(&partial);
		cr_expect_neq(stat(test_path(dir, "key"), &info), 0);
	}
}

Test(partial, a_name_taken_meanwhile_is_left_alone)
{
	struct sp_partial partial;
	struct sp_error error;
	struct stat info;
	char *name;

	open_secret(&partial);
	test_write_text(dir, "key", "old");
	name = strdup(partial.name);
	cr_expect_eq(sp_partial_commit_new(&partial, &error), SP_CONFIG);
	cr_expect_not_null(strstr(error.text, "key: exists already; "));
	sp_partial_free(&partial);
	expect_file("key", "old");
	cr_expect_neq(stat(name, &info), 0, "%s is left", name);
	free(name);
}

Test(partial, commits_give_the_name)
{
	struct sp_partial partial;
	struct sp_error error;

	open_secret(&partial);
	cr_assert_eq(sp_partial_commit_new(&partial, &error), SP_OK);
	sp_partial_free(&partial);
	expect_file("key", "new");
	test_write_text(dir, "key", "old");
	open_secret(&partial);
	cr_assert_eq(sp_partial_commit(&partial, &error), SP_OK);
	sp_partial_free(&partial);
	expect_file("key", "new");
}
