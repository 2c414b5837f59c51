/* SPDX-License-Identifier: Apache-2.0 */
/* Every input gives its messages in order, to the byte. */
#include "io/source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/folder.h"
#include "tests/unit/gather.h"

/* What would block is killed: Criterion's own timeout leaks memory. */
#define SECONDS_MAX 20

/* maildir(5): cur and new, not tmp; the order is that of the names. */
Test(source, a_maildir_gives_cur_then_new_in_order_of_names)
{
	char *dir = test_folder();
	struct gathered got;

	test_write_text(dir, "tmp/t", "t");
	test_write_text(dir, "new/b", "4");
	test_write_text(dir, "new/a", "3");
	test_write_text(dir, "cur/b:2,S", "2");
	test_write_text(dir, "cur/B:2,S", "0");
	test_write_text(dir, "cur/a:2,S", "1");
	test_write_text(dir, "cur/.hidden", "x");
	test_write_text(dir, ".Sent/cur/s", "x");
	test_write_text(dir, "dovecot.index", "x");
	got = gather_one(dir, (struct sp_source_options){0});
	gathered_expect(&got, "cur/B:2,S#0 cur/a:2,S#0 cur/b:2,S#0 new/a#0 "
			      "new/b#0 ");
	cr_expect(sp_span_is(sp_buffer_span(&got.bytes), "01234"));
	cr_expect_eq(got.totals.unreadable, 0);
	cr_expect_eq(got.input_bytes, 5);
	gathered_free(&got);
	test_folder_free(dir);
}

Test(source, a_maildir_mail_knows_its_place)
{
	char *dir = test_folder();
	const char *inputs[] = {dir};
	struct sp_source_options options = {.inputs = inputs, .input_count = 1};
	struct sp_reader *reader = sp_reader_open(NULL, NULL);
	struct sp_mails mails = {0};
	struct sp_source *source;
	struct sp_error error;
	bool end;

	test_write_text(dir, "cur/a:2,S", "1");
	test_write_text(dir, "new/b", "4");
	cr_assert_eq(sp_source_open(&source, &options, &error), SP_OK);
	cr_expect(sp_source_is_maildir(source));
	cr_expect_not(sp_source_is_mbox(source));
	cr_expect_not(sp_source_is_stdin(source));
	cr_assert_eq(
		sp_source_next(source, reader, &mails, &end, &error), SP_OK);
	cr_assert_eq(mails.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct sp_mail *mail = &mails.mail[i];

		cr_expect_eq(mail->form, SP_MAIL_MAILDIR);
		cr_expect(sp_span_is(mail->maildir, dir));
		cr_expect(sp_span_is(mail->name, i ? "b" : "a:2,S"));
		cr_expect_eq(mail->in_new, i == 1);
		cr_expect_eq(mail->bytes_total, 1);
	}
	sp_mails_free(&mails);
	sp_source_close(source);
	sp_reader_close(reader);
	test_folder_free(dir);
}

Test(source, a_tree_gives_every_file_in_order_of_names)
{
	char *dir = test_folder();
	struct gathered got;

	test_write_text(dir, "b/2", "x");
	test_write_text(dir, "b/1/z", "x");
	test_write_text(dir, "b.eml", "From here on: one message\n");
	test_write_text(dir, "a", "x");
	test_write_text(dir, ".git/config", "x");
	test_write_text(dir, "c/new/m", "x");
	cr_assert(mkdir(test_path(dir, "empty"), 0700) == 0);
	got = gather_one(dir, (struct sp_source_options){0});
	gathered_expect(&got, "a#0 b/1/z#0 b/2#0 b.eml#0 c/new/m#0 ");
	cr_expect_eq(got.totals.unreadable, 0);
	gathered_free(&got);
	test_folder_free(dir);
}

Test(source, what_is_no_message_is_named_and_the_rest_goes_on)
{
	static const char *const kinds[] = {"cur/", ""};

	alarm(SECONDS_MAX);
	for (size_t i = 0; i < 2; i++) {
		char *dir = test_folder();
		char name[64];
		struct gathered got;

#define AT(what) \
	(snprintf(name, sizeof(name), "%s%s", kinds[i], what), \
		test_path(dir, name))
		if (i == 0)
			test_write_text(dir, "new/z", "z");
		snprintf(name, sizeof(name), "%s%s", kinds[i], "a");
		test_write_text(dir, name, "a");
		cr_assert(mkfifo(AT("fifo"), 0600) == 0);
		cr_assert(symlink("nothing", AT("gone")) == 0);
		cr_assert(symlink("/dev/null", AT("null")) == 0);
		cr_assert(symlink("a", AT("link")) == 0);
		cr_assert(symlink("/tmp", AT("tree")) == 0);
		cr_assert(mkdir(AT("folder"), 0700) == 0);
		got = gather_one(dir, (struct sp_source_options){0});
		cr_expect_eq(got.mails, i == 0 ? 3 : 2);
		cr_expect_eq(got.troubles, 0);
		cr_expect_eq(got.totals.unreadable, i == 0 ? 5 : 4);
		cr_expect(gathered_logged(
			&got, "fifo: is a FIFO, not a message"));
		cr_expect(gathered_logged(
			&got, "gone: is a symbolic link to nothing"));
		cr_expect(gathered_logged(
			&got, "null: is a symbolic link to a device"));
		cr_expect(gathered_logged(
			&got, "tree: is a symbolic link to a folder"));
		cr_expect_eq(gathered_logged(&got,
				     "folder: is a folder, not a message"),
			i == 0);
		gathered_free(&got);
		test_folder_free(dir);
	}
}

Test(source, files_of_several_inputs_share_a_batch)
{
	char *dir = test_folder();
	enum { COUNT = 70 };
	char names[COUNT][200];
	const char *inputs[COUNT];
	struct gathered got;

	for (size_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "%s/f%02zu", dir, i);
		test_write(dir, names[i] + strlen(dir) + 1, names[i], i % 50);
		inputs[i] = names[i];
	}
	got = gather((struct sp_source_options){.inputs = inputs,
			     .input_count = COUNT},
		NULL);
	cr_expect_eq(got.mails, COUNT);
	cr_expect_eq(got.batches, 3);
	cr_expect_eq(got.totals.files, COUNT);
	cr_expect_eq(got.totals.bytes, 50 * 49 / 2 + 20 * 19 / 2);
	gathered_free(&got);
	test_folder_free(dir);
}

Test(source, files_of_every_size_come_back_to_the_byte)
{
	static const size_t sizes[] = {0, 1, SP_FILE_SLOT_BYTES - 1,
		SP_FILE_SLOT_BYTES, SP_FILE_SLOT_BYTES + 1, 1000000,
		SP_MESSAGE_MEMORY_MAX, SP_MESSAGE_MEMORY_MAX + 1, 3000000,
		SP_MESSAGE_MEMORY_MAX, SP_MESSAGE_MEMORY_MAX,
		SP_MESSAGE_MEMORY_MAX};
	char *dir = test_folder();
	struct sp_buffer all = {0};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char name[8] = {'a', (char)('a' + i), 0};
		size_t before = all.size;

		for (size_t k = 0; k < sizes[i]; k++)
			sp_buffer_add_char(
				&all, k % 77 ? (char)(k * 31 >> 3) : '\n');
		test_write(dir, name, all.data + before, sizes[i]);
	}
	for (size_t b = 0; b < 2; b++) {
		const char *inputs[] = {dir};
		struct sp_source_options options = {
			.inputs = inputs, .input_count = 1};
		struct gathered got = gather(options, gather_backends[b]);

		if (got.opened == SP_OK && got.mails == 0)
			continue; /* no such backend here */
		cr_expect_eq(got.mails, sizeof(sizes) / sizeof(*sizes));
		/* Two by size, one by what a batch may hold. */
		cr_expect_eq(got.larges, 3);
		cr_expect(sp_span_equal(
			sp_buffer_span(&got.bytes), sp_buffer_span(&all)));
		cr_expect_eq(got.input_bytes, all.size);
		gathered_free(&got);
	}
	sp_buffer_free(&all);
	test_folder_free(dir);
}

Test(source, one_message_on_standard_input)
{
	static const char *const inputs[] = {"-"};
	static const char *const texts[] = {
		"", "A", "From", "A: b\n\nFrom x\n\nFrom y\n"};
	struct sp_source_options options = {.inputs = inputs, .input_count = 1};
	char *dir = test_folder();

	for (size_t i = 0; i < 4; i++)
		for (size_t from_file = 0; from_file < 2; from_file++) {
			struct gathered got;

			test_write_text(dir, "m", texts[i]);
			got = gather_stdin(options, sp_span_str(texts[i]),
				from_file ? test_path(dir, "m") : NULL);
			cr_expect_eq(got.mails, 1);
			gathered_expect(&got, "-#0 ");
			cr_expect(sp_span_is(
				sp_buffer_span(&got.bytes), texts[i]));
			gathered_free(&got);
		}
	test_folder_free(dir);
}

Test(source, a_list_names_message_files)
{
	char *dir = test_folder();

	alarm(SECONDS_MAX);
	test_write_text(dir, "a", "From here: one message\n");
	test_write_text(dir, "b\nb", "2");
	cr_assert(mkfifo(test_path(dir, "fifo"), 0600) == 0);
	cr_assert(mkdir(test_path(dir, "folder"), 0700) == 0);
	for (size_t nul = 0; nul < 2; nul++) {
		static const char *const names[] = {
			"a", "", "b\nb", "missing", "fifo", "folder", "a"};
		struct sp_buffer list = {0};
		struct sp_source_options options = {.files_from_nul = nul};
		struct gathered got;

		for (size_t i = 0; i < 7; i++) {
			if (!nul && i == 2)
				continue;
			sp_buffer_add_str(&list,
				*names[i] ? test_path(dir, names[i]) : "");
			if (i < 6)
				sp_buffer_add_char(&list, nul ? '\0' : '\n');
			if (i == 3)
				for (size_t k = 0; k < 40000; k++)
					sp_buffer_add_char(&list, k < 39999
									  ? 'x'
								  : nul ? '\0'
									: '\n');
		}
		test_write(dir, "list", list.data, list.size);
		options.files_from = test_path(dir, "list");
		got = gather(options, NULL);
		gathered_expect(&got, nul ? "a#0 b\nb#0 missing#0 a#0 "
					  : "a#0 missing#0 a#0 ");
		cr_expect_eq(got.troubles, 1);
		cr_expect_eq(got.last_trouble, ENOENT);
		cr_expect_eq(got.totals.unreadable, 3);
		cr_expect(gathered_logged(&got, "fifo: is a FIFO"));
		cr_expect(gathered_logged(&got, "folder: is a folder"));
		cr_expect(gathered_logged(&got, "a name of 39999 bytes"));
		gathered_free(&got);
		sp_buffer_free(&list);
	}
	test_folder_free(dir);
}

Test(source, inputs_that_do_not_fit_are_refused)
{
	char *dir = test_folder();
	char path[200];
	static const struct {
		const char *name;
		enum sp_input_format format;
		enum sp_status status;
		const char *words;
	} cases[] = {
		{"missing", SP_INPUT_AUTO, SP_IO, "No such file"},
		{"fifo", SP_INPUT_AUTO, SP_CONFIG, "is a FIFO"},
		{"folder", SP_INPUT_MBOX, SP_CONFIG,
			"is a folder, not an mbox"},
		{"folder", SP_INPUT_MAILDIR, SP_CONFIG, "is no Maildir"},
		{"file", SP_INPUT_MAILDIR, SP_CONFIG, "is no folder"},
		{"file/x", SP_INPUT_AUTO, SP_IO, "Not a directory"},
	};

	alarm(SECONDS_MAX);
	cr_assert(mkfifo(test_path(dir, "fifo"), 0600) == 0);
	test_write_text(dir, "file", "x");
	test_write_text(dir, "folder/x", "x");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct gathered got;

		snprintf(path, sizeof(path), "%s/%s", dir, cases[i].name);
		got = gather_one(path,
			(struct sp_source_options){.format = cases[i].format});
		cr_expect_eq(got.opened, cases[i].status, "case %zu", i);
		cr_expect(strstr(got.error.text, cases[i].words), "%s",
			got.error.text);
		gathered_free(&got);
	}
	test_folder_free(dir);
}

Test(source, standard_input_is_read_once)
{
	static const char *const inputs[] = {"-", "-"};
	struct gathered got = gather(
		(struct sp_source_options){.inputs = inputs, .input_count = 2},
		NULL);

	cr_expect_eq(got.opened, SP_CONFIG);
	gathered_free(&got);
	got = gather(
		(struct sp_source_options){
			.inputs = inputs, .input_count = 1, .files_from = "-"},
		NULL);
	cr_expect_eq(got.opened, SP_CONFIG);
	gathered_free(&got);
	got = gather((struct sp_source_options){0}, NULL);
	cr_expect_eq(got.opened, SP_CONFIG);
	gathered_free(&got);
}

Test(source, formats_given_by_name_win)
{
	char *dir = test_folder();
	struct gathered got;

	test_write_text(dir, "m/cur/a", "1");
	test_write_text(dir, "m/new/b", "2");
	test_write_text(dir, "m/tmp/c", "3");
	test_write_text(dir, "mbox", "From a\n\nx\n\nFrom b\n\ny\n");
	test_write_text(dir, "empty", "");
	got = gather_one(test_path(dir, "m"),
		(struct sp_source_options){.format = SP_INPUT_EML});
	gathered_expect(&got, "m/cur/a#0 m/new/b#0 m/tmp/c#0 ");
	gathered_free(&got);
	got = gather_one(test_path(dir, "mbox"),
		(struct sp_source_options){.format = SP_INPUT_EML});
	gathered_expect(&got, "mbox#0 ");
	gathered_free(&got);
	got = gather_one(test_path(dir, "mbox"), (struct sp_source_options){0});
	gathered_expect(&got, "mbox#0 mbox#1 ");
	gathered_free(&got);
	got = gather_one(test_path(dir, "empty"),
		(struct sp_source_options){.format = SP_INPUT_MBOX});
	gathered_expect(&got, "");
	cr_expect_eq(got.totals.unreadable, 0);
	gathered_free(&got);
	got = gather_one(
		test_path(dir, "empty"), (struct sp_source_options){0});
	gathered_expect(&got, "empty#0 ");
	gathered_free(&got);
	test_folder_free(dir);
}

Test(source, a_message_read_meanwhile_is_found_under_its_new_name)
{
	char *dir = test_folder();
	struct by_hand hand;

	test_write_text(dir, "cur/1.x,S=1", "1");
	test_write_text(dir, "cur/2.x,S=1:2,", "2");
	test_write_text(dir, "new/3.x,S=1", "3");
	test_write_text(dir, "new/4.x", "4");
	open_by_hand(&hand, dir, SP_MBOX_AUTO, 0);
	next_by_hand(&hand);
	cr_expect(sp_span_is(hand.mails.mail[0].bytes, "1"));
	rename(test_path(dir, "cur/2.x,S=1:2,"),
		test_path(dir, "cur/2.x,S=1:2,RS"));
	next_by_hand(&hand);
	cr_expect(sp_span_is(hand.mails.mail[0].bytes, "2"));
	cr_expect(sp_span_is(hand.mails.mail[0].name, "2.x,S=1:2,RS"));
	next_by_hand(&hand);
	cr_expect(sp_span_is(hand.mails.mail[0].bytes, "3"));
	cr_expect(hand.mails.mail[0].in_new);
	unlink(test_path(dir, "new/4.x"));
	next_by_hand(&hand);
	cr_assert_eq(hand.mails.count, 1);
	cr_expect_eq(hand.mails.mail[0].trouble, ENOENT);
	cr_expect(sp_span_is(hand.mails.mail[0].name, "4.x"));
	next_by_hand(&hand);
	cr_expect(hand.end);
	close_by_hand(&hand);
	test_folder_free(dir);
}
