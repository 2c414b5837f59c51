/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing messages of a Maildir while others work on it (maildir(5)). */
#include "io/maildir.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/maildirs.h"

TestSuite(maildir_replace, .init = maildirs_init, .fini = maildirs_fini);

static bool gone; /* what the last replace() said */

static enum sp_status replace(
	const struct sp_mail *mail, const char *text, struct sp_error *error)
{
	struct iovec part = {(void *)(uintptr_t)text, strlen(text)};
	struct sp_content content = {&part, 1, NULL, 0};

	return replace_content(mail, &content, &gone, error);
}

Test(maildir_replace, replaced_message_keeps_mode_time_and_flags)
{
	struct sp_mail mail = maildir_mail("cur", "1.h,S=3:2,FS", "old");
	struct timespec times[2] = {{1000000, 5}, {2000000, 7}};
	struct sp_error error;
	struct stat st;

	cr_assert_eq(chmod(mail.path.data, 0640), 0);
	cr_assert_eq(utimensat(AT_FDCWD, mail.path.data, times, 0), 0);
	cr_assert_eq(replace(&mail, "newer\n", &error), SP_OK);
	cr_assert_eq(names_in("from/cur", NULL), 1);
	cr_assert_eq(names_in("from/tmp", NULL), 0);
	cr_assert_not(gone);
	expect_text(under("from/cur/1.h,S=6:2,FS"), "newer\n");
	cr_assert_eq(stat(under("from/cur/1.h,S=6:2,FS"), &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0640);
	cr_assert_eq(st.st_mtim.tv_sec, 2000000);
	mail = maildir_mail("new", "2.h", "old");
	cr_assert_eq(replace(&mail, "newer\n", &error), SP_OK);
	expect_text(under("from/new/2.h"), "newer\n");
}

Test(maildir_replace, replaced_message_whose_flags_changed_meanwhile)
{
	struct sp_mail mail = maildir_mail("new", "1.h,S=3", "old");
	struct sp_error error;

	cr_assert_eq(rename(mail.path.data, under("from/cur/1.h,S=3:2,S")), 0);
	cr_assert_eq(replace(&mail, "newer\n", &error), SP_OK);
	cr_assert_eq(names_in("from/new", NULL), 0);
	cr_assert_eq(names_in("from/cur", NULL), 1);
	expect_text(under("from/cur/1.h,S=6:2,S"), "newer\n");
}

Test(maildir_replace, deleted_message_is_not_brought_back)
{
	struct sp_mail mail = maildir_mail("cur", "1.h,S=3:2,S", "old");
	struct sp_error error;

	unlink(mail.path.data);
	cr_assert_eq(replace(&mail, "newer\n", &error), SP_OK);
	cr_assert(gone);
	cr_assert_eq(names_in("from/new", NULL), 0);
	cr_assert_eq(names_in("from/cur", NULL), 0);
	cr_assert_eq(names_in("from/tmp", NULL), 0);
}

static atomic_bool flagging;

/* A mail reader that sets and clears a flag all the time. */
static void *flag_and_unflag(void *context)
{
	(void)context;
	while (atomic_load(&flagging)) {
		char name[256], from[8192], to[8192];
		int base;

		if (names_in("from/cur", name) != 1)
			continue;
		snprintf(from, sizeof(from), "%s/%s", under("from/cur"), name);
		base = (int)strcspn(name, ":");
		snprintf(to, sizeof(to), "%s/%.*s:2,%s", under("from/cur"),
			base, name, strchr(name, 'F') ? "S" : "FS");
		rename(from, to);
	}
	return NULL;
}

Test(maildir_replace, replacing_while_flags_change_leaves_one_message)
{
	pthread_t thread;
	char name[256], text[64], path[300], maildir[4096];

	maildir_mail("cur", "1.h,S=3:2,S", "old");
	snprintf(maildir, sizeof(maildir), "%s", under("from"));
	atomic_store(&flagging, true);
	pthread_create(&thread, NULL, flag_and_unflag, NULL);
	for (int i = 0; i < 300; i++) {
		struct sp_mail mail = {.form = SP_MAIL_MAILDIR,
			.path = sp_span_str("1.h"),
			.maildir = sp_span_str(maildir)};
		struct sp_error error;
		size_t size = 3 + (size_t)(i % 20);

		snprintf(name, sizeof(name), "1.h,S=%zu:2,S",
			i ? 3 + (size_t)((i - 1) % 20) : 3);
		mail.name = sp_span_str(name);
		snprintf(text, sizeof(text), "%0*d", (int)size, i);
		cr_assert_eq(replace(&mail, text, &error), SP_OK, "%d: %s", i,
			error.text);
	}
	atomic_store(&flagging, false);
	pthread_join(thread, NULL);
	cr_assert_eq(names_in("from/cur", name), 1);
	cr_assert_eq(names_in("from/tmp", NULL), 0);
	snprintf(path, sizeof(path), "from/cur/%s", name);
	expect_text(under(path), text);
	cr_assert_not_null(strstr(name, ",S=22:2,"), "%s", name);
}
