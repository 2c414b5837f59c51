/* SPDX-License-Identifier: Apache-2.0 */
/* Maildirs in a temporary folder. */
#include "tests/unit/maildirs.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/unit/folder.h"
#include "tests/unit/guard.h"

static char *root;

void maildirs_init(void)
{
	root = test_folder();
}

void maildirs_fini(void)
{
	test_folder_free(root);
}

const char *under(const char *name)
{
	return test_path(root, name);
}

size_t names_in(const char *folder, char *name)
{
	DIR *dir = opendir(under(folder));
	struct dirent *entry;
	size_t count = 0;

	cr_assert_not_null(dir, "%s", folder);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.') {
			if (name)
				snprintf(name, 256, "%s", entry->d_name);
			count++;
		}
	closedir(dir);
	return count;
}

void expect_text(const char *path, const char *text)
{
	size_t size;
	char *got = test_read_file(path, &size);

	cr_assert_not_null(got, "%s", path);
	cr_assert_str_eq(got, text);
	free(got);
}

struct sp_mail maildir_mail(
	const char *folder, const char *name, const char *text)
{
	char path[256];
	struct sp_mail mail = {.form = SP_MAIL_MAILDIR};

	mkdir(under("from"), 0700);
	mkdir(under("from/cur"), 0700);
	mkdir(under("from/new"), 0700);
	mkdir(under("from/tmp"), 0700);
	snprintf(path, sizeof(path), "from/%s/%s", folder, name);
	mail.path = sp_span_str(under(path));
	mail.maildir = sp_span_str(under("from"));
	mail.name = sp_span_after(mail.path, mail.path.size - strlen(name));
	mail.in_new = strcmp(folder, "new") == 0;
	snprintf(path, sizeof(path), "from/%s/%s", folder, name);
	test_write(root, path, text, strlen(text));
	return mail;
}

void limit_file_size(size_t bytes)
{
	struct rlimit limit = {bytes, bytes};

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Settled and placed as a run does it. */
static enum sp_status finish(
	struct sp_delivery *delivery, bool *gone, struct sp_error *error)
{
	struct sp_syncer *syncer = sp_syncer_open(false);
	enum sp_status status = sp_delivery_settle(&delivery, 1, syncer, error);

	sp_syncer_close(syncer);
	if (status != SP_OK) {
		sp_delivery_drop(delivery);
		return status;
	}
	return sp_delivery_place(delivery, gone, error);
}

enum sp_status deliver_content(struct sp_maildir *maildir,
	const struct sp_mail *mail, const struct sp_content *content,
	struct sp_error *error)
{
	struct sp_maildir_mark mark = {.journal = 0};
	struct sp_delivery delivery = {0};
	enum sp_status status = sp_delivery_write(
		&delivery, maildir, mail, content, &mark, error);
	bool gone;

	return status == SP_OK ? finish(&delivery, &gone, error) : status;
}

enum sp_status replace_content(const struct sp_mail *mail,
	const struct sp_content *content, bool *gone, struct sp_error *error)
{
	struct sp_maildir_mark mark = {.journal = 0};
	struct sp_delivery delivery = {0};
	enum sp_status status = sp_delivery_write_over(
		&delivery, mail, content, &mark, gone, error);

	if (status != SP_OK || *gone)
		return status;
	return finish(&delivery, gone, error);
}
