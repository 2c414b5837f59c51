/* SPDX-License-Identifier: Apache-2.0 */
/* Delivering into Maildirs (maildir(5)). */
#include "io/maildir.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/large.h"
#include "tests/unit/guard.h"
#include "tests/unit/maildirs.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TestSuite(maildir, .init = maildirs_init, .fini = maildirs_fini);

static struct sp_maildir *open_target(void)
{
	struct sp_maildir *maildir;
	struct sp_error error;

	cr_assert_eq(sp_maildir_open(&maildir, under("to"), &error), SP_OK,
		"%s", error.text);
	return maildir;
}

static enum sp_status deliver(struct sp_maildir *maildir,
	const struct sp_mail *mail, const char *text)
{
	struct iovec part = {(void *)(uintptr_t)text, strlen(text)};
	struct sp_content content = {&part, 1, NULL, 0};
	struct sp_error error;

	return deliver_content(maildir, mail, &content, &error);
}

Test(maildir, message_of_another_kind_gets_a_fresh_name_in_new)
{
	struct sp_maildir *maildir = open_target();
	struct sp_mail mail = {
		.form = SP_MAIL_MBOX, .path = sp_span_str("in.mbox")};
	char name[256], path[300];
	struct stat st;

	cr_assert_eq(deliver(maildir, &mail, "A: b\n\nc\n"), SP_OK);
	cr_assert_eq(names_in("to/new", name), 1);
	cr_assert_eq(names_in("to/cur", NULL), 0);
	cr_assert_eq(names_in("to/tmp", NULL), 0);
	cr_assert_not_null(strstr(name, ",S=8"), "%s", name);
	cr_assert_null(strchr(name, ':'));
	cr_assert_null(strchr(name, '/'));
	snprintf(path, sizeof(path), "to/new/%s", name);
	expect_text(under(path), "A: b\n\nc\n");
	cr_assert_eq(stat(under(path), &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	sp_maildir_close(maildir);
}

/* Trap: S= sizes in Maildir names gone stale. */
Test(maildir, copy_keeps_folder_flags_and_name_and_corrects_the_sizes)
{
	static const struct {
		const char *folder, *name, *text, *becomes;
	} cases[] = {
		{"cur", "1.M2P3.h,S=1,W=2:2,FS", "a\nb\r\n\n",
			"1.M2P3.h,S=6,W=8:2,FS"},
		{"cur", "2.M2P3.h,W=1,X=2,S=9", "\n", "2.M2P3.h,W=2,X=2,S=1"},
		{"cur", "3.h,S=,S=x,S=5:2,S", "abc", "3.h,S=,S=x,S=3:2,S"},
		{"new", "4.h", "abc", "4.h"},
		{"new", "5.h,S=77", "", "5.h,S=0"},
		{"cur", "6.h,W=77:2,", "\r\n\r\n\n", "6.h,W=6:2,"},
	};
	struct sp_maildir *maildir = open_target();

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_mail mail =
			maildir_mail(cases[i].folder, cases[i].name, "old");
		char path[300];

		cr_assert_eq(deliver(maildir, &mail, cases[i].text), SP_OK);
		snprintf(path, sizeof(path), "to/%s/%s", cases[i].folder,
			cases[i].becomes);
		expect_text(under(path), cases[i].text);
	}
	cr_assert_eq(names_in("to/tmp", NULL), 0);
	sp_maildir_close(maildir);
}

Test(maildir, lf_and_cr_in_different_parts_count_as_one_line_end)
{
	struct sp_mail mail = maildir_mail("cur", "1.h,W=1:2,", "x");
	struct sp_maildir *maildir = open_target();
	char text[] = "a\r\nb\n";
	struct iovec parts[] = {
		{text, 2}, {text, 0}, {text + 2, 2}, {text + 4, 1}};
	struct sp_content content = {parts, COUNT(parts), NULL, 0};
	struct sp_error error;
	char name[256];

	cr_assert_eq(deliver_content(maildir, &mail, &content, &error), SP_OK);
	cr_assert_eq(names_in("to/cur", name), 1);
	cr_assert_str_eq(name, "1.h,W=6:2,");
	sp_maildir_close(maildir);
}

Test(maildir, taken_name_is_not_overwritten)
{
	struct sp_mail mail = maildir_mail("cur", "1.h,S=1,W=1:2,RS", "x");
	struct sp_maildir *maildir = open_target();
	char name[256];

	cr_assert_eq(deliver(maildir, &mail, "ab\n"), SP_OK);
	cr_assert_eq(deliver(maildir, &mail, "cd\n"), SP_OK);
	cr_assert_eq(names_in("to/cur", NULL), 2);
	expect_text(under("to/cur/1.h,S=3,W=4:2,RS"), "ab\n");
	unlink(under("to/cur/1.h,S=3,W=4:2,RS"));
	cr_assert_eq(names_in("to/cur", name), 1);
	cr_assert_not_null(strstr(name, ",S=3,W=4:2,RS"), "%s", name);
	sp_maildir_close(maildir);
}

Test(maildir, copy_keeps_the_time_of_arrival)
{
	struct sp_mail mail = maildir_mail("cur", "1.h:2,", "x");
	struct timespec times[2] = {{1000000, 5}, {2000000, 7}};
	struct sp_maildir *maildir = open_target();
	struct stat st;

	cr_assert_eq(utimensat(AT_FDCWD, mail.path.data, times, 0), 0);
	cr_assert_eq(deliver(maildir, &mail, "y"), SP_OK);
	cr_assert_eq(stat(under("to/cur/1.h:2,"), &st), 0);
	cr_assert_eq(st.st_mtim.tv_sec, 2000000);
	cr_assert_eq(st.st_mtim.tv_nsec, 7);
	sp_maildir_close(maildir);
}

Test(maildir, more_parts_than_one_call_takes)
{
	enum { PARTS = 5000 };
	char text[] = "abc";
	struct iovec *parts = calloc(PARTS, sizeof(*parts));
	struct sp_content content = {parts, PARTS, NULL, 0};
	struct sp_mail mail = maildir_mail("cur", "1.h", "x");
	struct sp_maildir *maildir = open_target();
	struct sp_error error;
	struct stat st;

	for (size_t i = 0; i < PARTS; i++)
		parts[i] = (struct iovec){text, i % 4};
	cr_assert_eq(deliver_content(maildir, &mail, &content, &error), SP_OK);
	cr_assert_eq(stat(under("to/cur/1.h"), &st), 0);
	cr_assert_eq(st.st_size, PARTS / 4 * 6);
	sp_maildir_close(maildir);
	free(parts);
}

/* The body of a large message comes from its file, in pieces. */
Test(maildir, large_message_is_written_to_its_end)
{
	size_t size = 3 * SP_PIECE_BYTES + 77, got;
	char *text = malloc(size), *copy;
	char top[] = "X: y\n";
	struct iovec part = {top, 5};
	struct sp_mail mail = maildir_mail("cur", "1.h,S=1,W=1", "x");
	struct sp_maildir *maildir = open_target();
	struct sp_error error;
	char name[256], path[512];
	FILE *file = fopen(mail.path.data, "w+");

	for (size_t i = 0; i < size; i++)
		text[i] = i % 61 ? (char)('a' + i % 26) : '\n';
	text[9] = '\n';
	fwrite(text, 1, size, file);
	fflush(file);

	struct sp_large large = {
		.fd = fileno(file), .bytes = size, .unquote = SP_MBOX_CL2};
	struct sp_content content = {&part, 1, &large, 10};

	cr_assert_eq(deliver_content(maildir, &mail, &content, &error), SP_OK,
		"%s", error.text);
	cr_assert_eq(names_in("to/cur", name), 1);
	snprintf(path, sizeof(path), "1.h,S=%zu,W=%zu", size - 5,
		size - 5 + 1 + (size - 1) / 61);
	cr_assert_str_eq(name, path);
	snprintf(path, sizeof(path), "to/cur/%s", name);
	copy = test_read_file(under(path), &got);
	cr_assert_eq(got, size - 5);
	cr_assert(memcmp(copy, "X: y\n", 5) == 0);
	cr_assert(memcmp(copy + 5, text + 10, size - 10) == 0);
	free(copy);

	/* It became shorter meanwhile. */
	cr_assert_eq(ftruncate(fileno(file), 1000), 0);
	cr_assert_eq(deliver_content(maildir, &mail, &content, &error), SP_IO);
	cr_assert_not_null(strstr(error.text, "cannot be read again"));
	cr_assert_eq(names_in("to/tmp", NULL), 0);
	cr_assert_eq(names_in("to/cur", NULL), 1);
	fclose(file);
	free(text);
	sp_maildir_close(maildir);
}

enum { THREADS = 4, EACH = 500 };

static void *deliver_many(void *context)
{
	struct sp_mail mail = {.form = SP_MAIL_FILE, .path = sp_span_str("x")};

	for (int i = 0; i < EACH; i++)
		cr_assert_eq(deliver(context, &mail, "x"), SP_OK);
	return NULL;
}

/* Two Maildir objects for one folder, as two runs would have. */
Test(maildir, many_threads_lose_nothing)
{
	struct sp_maildir *maildirs[2] = {open_target(), open_target()};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(
			&threads[i], NULL, deliver_many, maildirs[i % 2]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	cr_assert_eq(names_in("to/new", NULL), THREADS * EACH);
	cr_assert_eq(names_in("to/tmp", NULL), 0);
	sp_maildir_close(maildirs[0]);
	sp_maildir_close(maildirs[1]);
}

Test(maildir, nothing_is_left_of_a_message_that_cannot_be_written)
{
	struct sp_maildir *maildir = open_target();
	char *text = calloc(1, 5000);
	struct iovec part = {text, 5000};
	struct sp_content content = {&part, 1, NULL, 0};
	struct sp_mail mail = maildir_mail("cur", "1.h:2,S", "old");
	struct sp_error error = {0};
	bool gone = true;

	limit_file_size(1000);
	cr_assert_eq(deliver_content(maildir, &mail, &content, &error), SP_IO);
	cr_assert_not_null(strstr(error.text, "/to/tmp: cannot be written: "
					      "File too large; "),
		"%s", error.text);
	cr_assert_eq(names_in("to/tmp", NULL), 0);
	cr_assert_eq(names_in("to/cur", NULL), 0);
	cr_assert_eq(replace_content(&mail, &content, &gone, &error), SP_IO);
	cr_assert_not(gone);
	cr_assert_eq(names_in("from/tmp", NULL), 0);
	expect_text(mail.path.data, "old");
	sp_maildir_close(maildir);
	free(text);
}

Test(maildir, paths_that_are_no_maildir)
{
	struct sp_maildir *maildir;
	struct sp_error error;

	fclose(fopen(under("file"), "w"));
	cr_assert_eq(sp_maildir_open(&maildir, under("file"), &error), SP_IO);
	cr_assert_not_null(strstr(error.text, "file: "), "%s", error.text);
	cr_assert_eq(
		sp_maildir_open(&maildir, under("no/where"), &error), SP_IO);
	mkdir(under("dir"), 0700);
	fclose(fopen(under("dir/cur"), "w"));
	cr_assert_eq(sp_maildir_open(&maildir, under("dir"), &error), SP_IO);
	cr_assert_not_null(strstr(error.text, "dir/cur: "), "%s", error.text);
	cr_assert_null(maildir);
	sp_maildir_close(NULL);
}
