/* SPDX-License-Identifier: Apache-2.0 */
/* Every input, in order, to the byte: Maildir, tree, mbox, list, stdin. */
#include "io/source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "io/large.h"
#include "io/mbox.h"
#include "tests/unit/folder.h"

/* What would block is killed: Criterion's own timeout leaks memory. */
#define SECONDS_MAX 20

static const char *const backends[] = {"pread", "io_uring"};

/* All that a source gave, in a form that tests can look at. */
struct got {
	size_t mails;
	size_t troubles;
	size_t larges;
	size_t batches;
	int last_trouble;
	struct sp_buffer names; /* "path#index " of each */
	struct sp_buffer bytes; /* of all messages, one behind the other */
	struct sp_buffer stored; /* from_line + stored + tail of all */
	struct sp_buffer log;
	uint64_t input_bytes;
	struct sp_source_totals totals;
	enum sp_status opened;
	struct sp_error error;
};

static void got_free(struct got *got)
{
	sp_buffer_free(&got->names);
	sp_buffer_free(&got->bytes);
	sp_buffer_free(&got->stored);
	sp_buffer_free(&got->log);
}

static void hear(void *context, enum sp_log_level level, const char *text)
{
	struct got *got = context;

	if (level == SP_LOG_ERROR) {
		sp_buffer_add_str(&got->log, text);
		sp_buffer_add_char(&got->log, '\n');
	}
}

static bool logged(const struct got *got, const char *text)
{
	return got->log.size &&
	       memmem(got->log.data, got->log.size, text, strlen(text));
}

static void take_large(struct got *got, struct sp_mail *mail)
{
	static char piece[8192];
	ptrdiff_t size;
	size_t before = got->bytes.size;

	got->larges++;
	while ((size = sp_large_read(mail->large, piece, sizeof(piece))) > 0)
		sp_buffer_add(&got->bytes, sp_span(piece, (size_t)size));
	cr_assert_eq(size, 0);
	cr_assert(memcmp(got->bytes.data + before, mail->bytes.data,
			  mail->bytes.size) == 0);
	sp_large_rewind(mail->large);
	while ((size = sp_large_read_stored(
			mail->large, piece, sizeof(piece))) > 0)
		sp_buffer_add(&got->stored, sp_span(piece, (size_t)size));
	cr_assert_eq(size, 0);
}

static void take(struct got *got, struct sp_mail *mail)
{
	const char *path = strstr(mail->path.data, "sealpress-test.");
	const char *name = path ? strchr(path, '/') + 1 : mail->path.data;

	cr_assert_eq(mail->path.data[mail->path.size], '\0');
	got->mails++;
	sp_buffer_add_format(
		&got->names, "%s#%llu ", name, (unsigned long long)mail->index);
	if (mail->trouble) {
		cr_assert_null(mail->large);
		cr_assert_eq(mail->bytes.size + mail->from_line.size, 0);
		got->troubles++;
		got->last_trouble = mail->trouble;
		return;
	}
	sp_buffer_add(&got->stored, mail->from_line);
	if (mail->large) {
		take_large(got, mail);
	} else {
		sp_buffer_add(&got->bytes, mail->bytes);
		sp_buffer_add(&got->stored, mail->form == SP_MAIL_MBOX
						    ? mail->stored
						    : mail->bytes);
		sp_buffer_add(&got->stored, mail->tail);
	}
}

/* Runs a source to its end with one worker. */
static struct got run(struct sp_source_options options, const char *backend)
{
	struct got got = {0};
	struct sp_log log = {hear, &got};
	struct sp_reader *reader = sp_reader_open(backend, NULL);
	struct sp_mails mails = {0};
	struct sp_source *source;
	uint64_t ticket = 0;
	bool end = false;

	options.log = &log;
	got.opened = sp_source_open(&source, &options, &got.error);
	if (!reader || got.opened != SP_OK) {
		sp_reader_close(reader);
		sp_source_close(source);
		return got;
	}
	for (;;) {
		cr_assert_eq(sp_source_next(
				     source, reader, &mails, &end, &got.error),
			SP_OK);
		if (end)
			break;
		cr_assert_eq(mails.ticket, ticket++);
		cr_assert(sp_source_number(source, &mails));
		for (size_t i = 0; i < mails.count; i++)
			take(&got, &mails.mail[i]);
		got.input_bytes += mails.input_bytes;
		got.batches++;
	}
	sp_source_totals(source, &got.totals);
	sp_mails_free(&mails);
	sp_source_close(source);
	sp_reader_close(reader);
	return got;
}

static struct got run_one(const char *path, struct sp_source_options options)
{
	const char *inputs[] = {path};

	options.inputs = inputs;
	options.input_count = 1;
	return run(options, NULL);
}

static void expect_names(const struct got *got, const char *names)
{
	cr_expect(sp_span_is(sp_buffer_span(&got->names), names), "%.*s",
		(int)got->names.size, got->names.data);
}

static void write_text(const char *dir, const char *name, const char *text)
{
	test_write(dir, name, text, strlen(text));
}

/* maildir(5): cur and new, not tmp; the order is that of the names. */
Test(source, a_maildir_gives_cur_then_new_in_order_of_names)
{
	char *dir = test_folder();
	struct got got;

	write_text(dir, "tmp/t", "t");
	write_text(dir, "new/b", "4");
	write_text(dir, "new/a", "3");
	write_text(dir, "cur/b:2,S", "2");
	write_text(dir, "cur/B:2,S", "0");
	write_text(dir, "cur/a:2,S", "1");
	write_text(dir, "cur/.hidden", "x");
	write_text(dir, ".Sent/cur/s", "x");
	write_text(dir, "dovecot.index", "x");
	got = run_one(dir, (struct sp_source_options){0});
	expect_names(&got, "cur/B:2,S#0 cur/a:2,S#0 cur/b:2,S#0 new/a#0 "
			   "new/b#0 ");
	cr_expect(sp_span_is(sp_buffer_span(&got.bytes), "01234"));
	cr_expect_eq(got.totals.unreadable, 0);
	cr_expect_eq(got.input_bytes, 5);
	got_free(&got);
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

	write_text(dir, "cur/a:2,S", "1");
	write_text(dir, "new/b", "4");
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
	struct got got;

	write_text(dir, "b/2", "x");
	write_text(dir, "b/1/z", "x");
	write_text(dir, "b.eml", "From here on: one message\n");
	write_text(dir, "a", "x");
	write_text(dir, ".git/config", "x");
	write_text(dir, "c/new/m", "x");
	cr_assert(mkdir(test_path(dir, "empty"), 0700) == 0);
	got = run_one(dir, (struct sp_source_options){0});
	expect_names(&got, "a#0 b/1/z#0 b/2#0 b.eml#0 c/new/m#0 ");
	cr_expect_eq(got.totals.unreadable, 0);
	got_free(&got);
	test_folder_free(dir);
}

Test(source, what_is_no_message_is_named_and_the_rest_goes_on)
{
	static const char *const kinds[] = {"cur/", ""};

	alarm(SECONDS_MAX);
	for (size_t i = 0; i < 2; i++) {
		char *dir = test_folder();
		char name[64];
		struct got got;

#define AT(what) \
	(snprintf(name, sizeof(name), "%s%s", kinds[i], what), \
		test_path(dir, name))
		if (i == 0)
			write_text(dir, "new/z", "z");
		snprintf(name, sizeof(name), "%s%s", kinds[i], "a");
		write_text(dir, name, "a");
		cr_assert(mkfifo(AT("fifo"), 0600) == 0);
		cr_assert(symlink("nothing", AT("gone")) == 0);
		cr_assert(symlink("/dev/null", AT("null")) == 0);
		cr_assert(symlink("a", AT("link")) == 0);
		cr_assert(symlink("/tmp", AT("tree")) == 0);
		cr_assert(mkdir(AT("folder"), 0700) == 0);
		got = run_one(dir, (struct sp_source_options){0});
		cr_expect_eq(got.mails, i == 0 ? 3 : 2);
		cr_expect_eq(got.troubles, 0);
		cr_expect_eq(got.totals.unreadable, i == 0 ? 5 : 4);
		cr_expect(logged(&got, "fifo: is a FIFO, not a message"));
		cr_expect(logged(&got, "gone: is a symbolic link to nothing"));
		cr_expect(logged(&got, "null: is a symbolic link to a device"));
		cr_expect(logged(&got, "tree: is a symbolic link to a folder"));
		cr_expect_eq(logged(&got, "folder: is a folder, not a message"),
			i == 0);
		got_free(&got);
		test_folder_free(dir);
	}
}

Test(source, files_of_several_inputs_share_a_batch)
{
	char *dir = test_folder();
	enum { COUNT = 70 };
	char names[COUNT][200];
	const char *inputs[COUNT];
	struct got got;

	for (size_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "%s/f%02zu", dir, i);
		test_write(dir, names[i] + strlen(dir) + 1, names[i], i % 50);
		inputs[i] = names[i];
	}
	got = run((struct sp_source_options){.inputs = inputs,
			  .input_count = COUNT},
		NULL);
	cr_expect_eq(got.mails, COUNT);
	cr_expect_eq(got.batches, 3);
	cr_expect_eq(got.totals.files, COUNT);
	cr_expect_eq(got.totals.bytes, 50 * 49 / 2 + 20 * 19 / 2);
	got_free(&got);
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
		struct got got = run(options, backends[b]);

		if (got.opened == SP_OK && got.mails == 0)
			continue; /* no such backend here */
		cr_expect_eq(got.mails, sizeof(sizes) / sizeof(*sizes));
		/* Two by size, one by what a batch may hold. */
		cr_expect_eq(got.larges, 3);
		cr_expect(sp_span_equal(
			sp_buffer_span(&got.bytes), sp_buffer_span(&all)));
		cr_expect_eq(got.input_bytes, all.size);
		got_free(&got);
	}
	sp_buffer_free(&all);
	test_folder_free(dir);
}

/* A random mbox of any kind: separators, quoting, CRLF, odd ends. */
static void random_mbox(struct sp_buffer *out, unsigned seed, bool lengths)
{
	static const char *const bits[] = {"From ", ">From ", ">>From x", "\n",
		"\n", "\n\n", "\r\n", "\r\n\r\n", "text", "F", "\nFrom ",
		"\n\nFrom z\n", "\r\n\r\nFrom z\r\n"};
	unsigned messages;

	srand(seed);
	messages = (unsigned)rand() % 12;
	for (unsigned m = 0; m < messages; m++) {
		struct sp_buffer body = {0};

		for (int i = rand() % 30; i > 0; i--)
			sp_buffer_add_str(&body, bits[rand() % 13]);
		sp_buffer_add_format(out, "From a%u@b\nA: b\n", m);
		if (lengths && rand() % 4)
			sp_buffer_add_format(out, "Content-Length: %zu\n",
				body.size + (rand() % 5 == 0));
		if (rand() % 8)
			sp_buffer_add_str(out, "\n");
		sp_buffer_add(out, sp_buffer_span(&body));
		sp_buffer_add_str(
			out, m + 1 < messages || rand() % 2 ? "\n\n" : "");
		sp_buffer_free(&body);
	}
}

/* What one range that holds all of the file says is the truth. */
Test(source, any_ranges_of_an_mbox_give_the_file_back_byte_for_byte)
{
	static const enum sp_mbox_kind kinds[] = {
		SP_MBOX_AUTO, SP_MBOX_RD, SP_MBOX_O, SP_MBOX_CL, SP_MBOX_CL2};
	static const size_t ranges[] = {1, 2, 3, 5, 7, 16, 33, 64, 100, 4096};
	char *dir = test_folder();
	size_t runs = 0;

	for (unsigned seed = 1; seed <= 60; seed++) {
		enum sp_mbox_kind kind = kinds[seed % 5];
		struct sp_source_options options = {
			.format = SP_INPUT_MBOX, .mbox_kind = kind};
		struct sp_buffer mbox = {0};
		struct got whole;

		random_mbox(&mbox, seed, kind >= SP_MBOX_CL);
		test_write(dir, "mbox", mbox.data, mbox.size);
		whole = run_one(test_path(dir, "mbox"), options);
		cr_assert(sp_span_equal(sp_buffer_span(&whole.stored),
				  sp_buffer_span(&mbox)),
			"seed %u", seed);
		for (size_t r = 0; r < 10; r++) {
			struct got parts;

			options.range_bytes = ranges[r];
			parts = run_one(test_path(dir, "mbox"), options);
			cr_assert(sp_span_equal(sp_buffer_span(&parts.stored),
					  sp_buffer_span(&mbox)),
				"seed %u, ranges of %zu", seed, ranges[r]);
			cr_assert(sp_span_equal(sp_buffer_span(&parts.bytes),
				sp_buffer_span(&whole.bytes)));
			cr_assert(sp_span_equal(sp_buffer_span(&parts.names),
				sp_buffer_span(&whole.names)));
			cr_assert_eq(parts.input_bytes, mbox.size);
			got_free(&parts);
			runs++;
		}
		got_free(&whole);
		sp_buffer_free(&mbox);
	}
	printf("mboxes cut: %zu\n", runs);
	test_folder_free(dir);
}

/* A big mbox with large messages, some of them full of quoting. */
static void big_mbox(struct sp_buffer *out, bool lengths)
{
	for (unsigned m = 0; m < 40; m++) {
		struct sp_buffer body = {0};
		size_t size = m % 13 == 5    ? 2500000
			      : m % 13 == 11 ? SP_MESSAGE_MEMORY_MAX
					     : 1000 * m;

		while (body.size < size) {
			sp_buffer_add_str(&body, "some words of text, ");
			if (body.size % 7 == 0)
				sp_buffer_add_str(&body, "\n>From x\n\n");
			if (lengths && body.size % 1009 == 0)
				sp_buffer_add_str(&body, "\n\nFrom z\n");
		}
		sp_buffer_add_str(&body, "\n");
		sp_buffer_add_format(out, "From a%u@b\nA: b\n", m);
		if (lengths)
			sp_buffer_add_format(
				out, "Content-Length: %zu\n", body.size);
		sp_buffer_add_str(out, "\n");
		sp_buffer_add(out, sp_buffer_span(&body));
		sp_buffer_add_str(out, "\n");
		sp_buffer_free(&body);
	}
}

Test(source, large_messages_of_an_mbox_are_streamed)
{
	static const struct {
		enum sp_mbox_kind kind;
		size_t range;
	} cases[] = {
		{SP_MBOX_RD, 0},
		{SP_MBOX_O, 300000},
		{SP_MBOX_RD, 100000000},
		{SP_MBOX_CL, 0},
		{SP_MBOX_CL2, 500000},
	};
	char *dir = test_folder();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sp_buffer mbox = {0};

		big_mbox(&mbox, cases[i].kind >= SP_MBOX_CL);
		test_write(dir, "mbox", mbox.data, mbox.size);
		for (size_t b = 0; b < 2; b++) {
			char path[200];
			const char *inputs[] = {path};
			struct got got;

			snprintf(path, sizeof(path), "%s/mbox", dir);
			got = run((struct sp_source_options){.inputs = inputs,
					  .input_count = 1,
					  .mbox_kind = cases[i].kind,
					  .range_bytes = cases[i].range},
				backends[b]);
			if (got.mails == 0)
				continue; /* no such backend here */
			cr_expect_eq(got.mails, 40);
			cr_expect_geq(got.larges, 3);
			cr_expect(sp_span_equal(sp_buffer_span(&got.stored),
					  sp_buffer_span(&mbox)),
				"case %zu %s", i, backends[b]);
			got_free(&got);
		}
		sp_buffer_free(&mbox);
	}
	test_folder_free(dir);
}

Test(source, a_length_decides_where_the_kind_has_one)
{
	static const char mbox[] = "From a\nContent-Length: 17\n\nx\n\nFrom in "
				   "body\n\n\nFrom b\n\ny\n";
	char *dir = test_folder();
	struct got got;

	write_text(dir, "mbox", mbox);
	got = run_one(test_path(dir, "mbox"),
		(struct sp_source_options){.mbox_kind = SP_MBOX_CL2});
	cr_expect_eq(got.mails, 2);
	cr_expect(sp_span_is(sp_buffer_span(&got.bytes),
		"Content-Length: 17\n\nx\n\nFrom in body\n\n\ny\n"));
	got_free(&got);
	got = run_one(test_path(dir, "mbox"), (struct sp_source_options){0});
	cr_expect_eq(got.mails, 3);
	got_free(&got);
	test_folder_free(dir);
}

Test(source, what_stands_before_the_first_separator_is_not_lost_silently)
{
	static const enum sp_mbox_kind kinds[] = {SP_MBOX_RD, SP_MBOX_CL};
	char *dir = test_folder();

	write_text(dir, "mbox", "junk\nFrom x\n\nFrom a\nA: b\n\nc\n");
	write_text(dir, "none", "junk\nFrom x\n");
	for (size_t i = 0; i < 2; i++) {
		struct sp_source_options options = {
			.format = SP_INPUT_MBOX, .mbox_kind = kinds[i]};
		struct got got = run_one(test_path(dir, "mbox"), options);

		cr_expect_eq(got.mails, 1);
		cr_expect(
			sp_span_is(sp_buffer_span(&got.bytes), "A: b\n\nc\n"));
		cr_expect(logged(&got, "does not begin with"));
		cr_expect_eq(got.totals.unreadable, 1);
		got_free(&got);
		got = run_one(test_path(dir, "none"), options);
		cr_expect_eq(got.mails, 0);
		cr_expect_eq(got.totals.unreadable, 1);
		got_free(&got);
	}
	test_folder_free(dir);
}

/* Runs with standard input from a pipe that a child fills, or from a file. */
static struct got run_stdin(
	struct sp_source_options options, struct sp_span data, const char *file)
{
	int saved = dup(STDIN_FILENO);
	int ends[2];
	pid_t child = 0;
	struct got got;

	if (file) {
		ends[0] = open(file, O_RDONLY);
	} else {
		cr_assert(pipe(ends) == 0);
		child = fork();
		if (child == 0) {
			while (data.size) {
				ssize_t put =
					write(ends[1], data.data, data.size);

				if (put <= 0)
					_exit(1);
				data = sp_span_after(data, (size_t)put);
			}
			_exit(0);
		}
		close(ends[1]);
	}
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	got = run(options, NULL);
	dup2(saved, STDIN_FILENO);
	close(saved);
	if (child > 0)
		waitpid(child, NULL, 0);
	return got;
}

Test(source, standard_input_is_an_mbox_like_the_file)
{
	static const char *const inputs[] = {"-"};
	static const size_t ranges[] = {1, 7, 100, 4096};
	char *dir = test_folder();

	for (unsigned seed = 1; seed <= 40; seed++) {
		enum sp_mbox_kind kind =
			(enum sp_mbox_kind)(SP_MBOX_RD + seed % 4);
		struct sp_source_options options = {.mbox_kind = kind,
			.format = SP_INPUT_MBOX,
			.range_bytes = ranges[seed % 4]};
		struct sp_buffer mbox = {0};
		struct got file, pipe;

		random_mbox(&mbox, seed, kind >= SP_MBOX_CL);
		test_write(dir, "mbox", mbox.data, mbox.size);
		file = run_one(test_path(dir, "mbox"), options);
		options.inputs = inputs;
		options.input_count = 1;
		for (size_t i = 0; i < 2; i++) {
			pipe = run_stdin(options, sp_buffer_span(&mbox),
				i ? test_path(dir, "mbox") : NULL);
			cr_assert_eq(pipe.mails, file.mails, "seed %u", seed);
			cr_assert(sp_span_equal(sp_buffer_span(&pipe.stored),
					  sp_buffer_span(&mbox)),
				"seed %u", seed);
			cr_assert(sp_span_equal(sp_buffer_span(&pipe.bytes),
				sp_buffer_span(&file.bytes)));
			cr_assert_eq(pipe.input_bytes, mbox.size);
			got_free(&pipe);
		}
		got_free(&file);
		sp_buffer_free(&mbox);
	}
	test_folder_free(dir);
}

Test(source, large_messages_on_standard_input_are_spooled)
{
	static const char *const inputs[] = {"-"};
	struct sp_source_options options = {.inputs = inputs, .input_count = 1};
	struct sp_buffer mbox = {0};
	struct got got;

	big_mbox(&mbox, false);
	got = run_stdin(options, sp_buffer_span(&mbox), NULL);
	cr_expect_eq(got.mails, 40);
	cr_expect_geq(got.larges, 3);
	cr_expect(sp_span_equal(
		sp_buffer_span(&got.stored), sp_buffer_span(&mbox)));
	got_free(&got);
	options.format = SP_INPUT_EML;
	got = run_stdin(options, sp_buffer_span(&mbox), NULL);
	cr_expect_eq(got.mails, 1);
	cr_expect_eq(got.larges, 1);
	cr_expect(sp_span_equal(
		sp_buffer_span(&got.bytes), sp_buffer_span(&mbox)));
	got_free(&got);
	sp_buffer_clear(&mbox);
	big_mbox(&mbox, true);
	options.format = SP_INPUT_AUTO;
	options.mbox_kind = SP_MBOX_CL2;
	got = run_stdin(options, sp_buffer_span(&mbox), NULL);
	cr_expect_eq(got.mails, 40);
	cr_expect(sp_span_equal(
		sp_buffer_span(&got.stored), sp_buffer_span(&mbox)));
	got_free(&got);
	sp_buffer_free(&mbox);
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
			struct got got;

			write_text(dir, "m", texts[i]);
			got = run_stdin(options, sp_span_str(texts[i]),
				from_file ? test_path(dir, "m") : NULL);
			cr_expect_eq(got.mails, 1);
			expect_names(&got, "-#0 ");
			cr_expect(sp_span_is(
				sp_buffer_span(&got.bytes), texts[i]));
			got_free(&got);
		}
	test_folder_free(dir);
}

Test(source, a_list_names_message_files)
{
	char *dir = test_folder();

	alarm(SECONDS_MAX);
	write_text(dir, "a", "From here: one message\n");
	write_text(dir, "b\nb", "2");
	cr_assert(mkfifo(test_path(dir, "fifo"), 0600) == 0);
	cr_assert(mkdir(test_path(dir, "folder"), 0700) == 0);
	for (size_t nul = 0; nul < 2; nul++) {
		static const char *const names[] = {
			"a", "", "b\nb", "missing", "fifo", "folder", "a"};
		struct sp_buffer list = {0};
		struct sp_source_options options = {.files_from_nul = nul};
		struct got got;

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
		got = run(options, NULL);
		expect_names(&got, nul ? "a#0 b\nb#0 missing#0 a#0 "
				       : "a#0 missing#0 a#0 ");
		cr_expect_eq(got.troubles, 1);
		cr_expect_eq(got.last_trouble, ENOENT);
		cr_expect_eq(got.totals.unreadable, 3);
		cr_expect(logged(&got, "fifo: is a FIFO"));
		cr_expect(logged(&got, "folder: is a folder"));
		cr_expect(logged(&got, "a name of 39999 bytes"));
		got_free(&got);
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
	write_text(dir, "file", "x");
	write_text(dir, "folder/x", "x");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct got got;

		snprintf(path, sizeof(path), "%s/%s", dir, cases[i].name);
		got = run_one(path,
			(struct sp_source_options){.format = cases[i].format});
		cr_expect_eq(got.opened, cases[i].status, "case %zu", i);
		cr_expect(strstr(got.error.text, cases[i].words), "%s",
			got.error.text);
		got_free(&got);
	}
	test_folder_free(dir);
}

Test(source, standard_input_is_read_once)
{
	static const char *const inputs[] = {"-", "-"};
	struct got got = run(
		(struct sp_source_options){.inputs = inputs, .input_count = 2},
		NULL);

	cr_expect_eq(got.opened, SP_CONFIG);
	got_free(&got);
	got = run(
		(struct sp_source_options){
			.inputs = inputs, .input_count = 1, .files_from = "-"},
		NULL);
	cr_expect_eq(got.opened, SP_CONFIG);
	got_free(&got);
	got = run((struct sp_source_options){0}, NULL);
	cr_expect_eq(got.opened, SP_CONFIG);
	got_free(&got);
}

Test(source, formats_given_by_name_win)
{
	char *dir = test_folder();
	struct got got;

	write_text(dir, "m/cur/a", "1");
	write_text(dir, "m/new/b", "2");
	write_text(dir, "m/tmp/c", "3");
	write_text(dir, "mbox", "From a\n\nx\n\nFrom b\n\ny\n");
	write_text(dir, "empty", "");
	got = run_one(test_path(dir, "m"),
		(struct sp_source_options){.format = SP_INPUT_EML});
	expect_names(&got, "m/cur/a#0 m/new/b#0 m/tmp/c#0 ");
	got_free(&got);
	got = run_one(test_path(dir, "mbox"),
		(struct sp_source_options){.format = SP_INPUT_EML});
	expect_names(&got, "mbox#0 ");
	got_free(&got);
	got = run_one(test_path(dir, "mbox"), (struct sp_source_options){0});
	expect_names(&got, "mbox#0 mbox#1 ");
	got_free(&got);
	got = run_one(test_path(dir, "empty"),
		(struct sp_source_options){.format = SP_INPUT_MBOX});
	expect_names(&got, "");
	cr_expect_eq(got.totals.unreadable, 0);
	got_free(&got);
	got = run_one(test_path(dir, "empty"), (struct sp_source_options){0});
	expect_names(&got, "empty#0 ");
	got_free(&got);
	test_folder_free(dir);
}

/* A source whose first batch is taken by hand. */
struct by_hand {
	struct sp_source *source;
	struct sp_reader *reader;
	struct got log;
	struct sp_log to;
	struct sp_mails mails;
	bool end;
};

static void open_by_hand(struct by_hand *hand, const char *path,
	enum sp_mbox_kind kind, size_t range)
{
	const char *inputs[] = {path};
	struct sp_source_options options = {.inputs = inputs,
		.input_count = 1,
		.mbox_kind = kind,
		.range_bytes = range,
		.batch_files = 1,
		.log = &hand->to};
	struct sp_error error;

	*hand = (struct by_hand){.to = {hear, &hand->log}};
	hand->reader = sp_reader_open(NULL, NULL);
	cr_assert_eq(sp_source_open(&hand->source, &options, &error), SP_OK);
}

static void next_by_hand(struct by_hand *hand)
{
	struct sp_error error;

	cr_assert_eq(sp_source_next(hand->source, hand->reader, &hand->mails,
			     &hand->end, &error),
		SP_OK);
}

static void close_by_hand(struct by_hand *hand)
{
	sp_mails_free(&hand->mails);
	sp_source_close(hand->source);
	sp_reader_close(hand->reader);
	got_free(&hand->log);
}

Test(source, a_message_read_meanwhile_is_found_under_its_new_name)
{
	char *dir = test_folder();
	struct by_hand hand;

	write_text(dir, "cur/1.x,S=1", "1");
	write_text(dir, "cur/2.x,S=1:2,", "2");
	write_text(dir, "new/3.x,S=1", "3");
	write_text(dir, "new/4.x", "4");
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

Test(source, an_mbox_that_shrinks_is_trouble_and_no_end)
{
	static const enum sp_mbox_kind kinds[] = {SP_MBOX_RD, SP_MBOX_CL2};
	char *dir = test_folder();

	for (size_t k = 0; k < 2; k++) {
		struct sp_buffer mbox = {0};
		struct by_hand hand;
		size_t mails = 0, troubles = 0;

		for (size_t i = 0; i < 1000; i++)
			sp_buffer_add_str(
				&mbox, "From a\nA: b\n\nbody of it\n\n");
		test_write(dir, "mbox", mbox.data, mbox.size);
		open_by_hand(&hand, test_path(dir, "mbox"), kinds[k], 1000);
		next_by_hand(&hand);
		cr_assert(truncate(test_path(dir, "mbox"), 5010) == 0);
		while (!hand.end) {
			for (size_t i = 0; i < hand.mails.count; i++) {
				mails++;
				troubles += hand.mails.mail[i].trouble == EIO;
			}
			next_by_hand(&hand);
		}
		cr_expect_eq(troubles, 1);
		/* 25 bytes each: whole ones before byte 5000, and one cut. */
		cr_expect_eq(mails, 5000 / 25 + 1);
		cr_expect(logged(&hand.log, "cut off"));
		close_by_hand(&hand);
		sp_buffer_free(&mbox);
	}
	test_folder_free(dir);
}

Test(source, an_mbox_that_grows_is_what_it_was)
{
	char *dir = test_folder();
	struct by_hand hand;
	size_t mails = 0;
	FILE *file;

	write_text(dir, "mbox", "From a\nA: b\n\nx\n\nFrom a\nA: b\n\nx\n\n");
	open_by_hand(&hand, test_path(dir, "mbox"), SP_MBOX_RD, 1);
	next_by_hand(&hand);
	file = fopen(test_path(dir, "mbox"), "a");
	fputs("From c\nA: b\n\nx\n\n", file);
	fclose(file);
	for (; !hand.end; next_by_hand(&hand))
		mails += hand.mails.count;
	cr_expect_eq(mails, 2);
	close_by_hand(&hand);
	test_folder_free(dir);
}

static void *cancel_soon(void *source)
{
	usleep(50000);
	sp_source_cancel(source);
	return NULL;
}

Test(source, cancelling_wakes_who_waits_for_numbers_or_input)
{
	char *dir = test_folder();
	struct by_hand hand;
	struct sp_mails later = {0};
	struct sp_error error;
	pthread_t thread;
	int ends[2], saved = dup(STDIN_FILENO);
	bool end;

	alarm(SECONDS_MAX);
	write_text(dir, "mbox", "From a\nA: b\n\nx\n\nFrom a\nA: b\n\nx\n\n");
	/* Ranges taken and read, and the first then never numbered. */
	open_by_hand(&hand, test_path(dir, "mbox"), SP_MBOX_RD, 16);
	next_by_hand(&hand);
	cr_assert_eq(
		sp_source_next(hand.source, hand.reader, &later, &end, &error),
		SP_OK);
	cr_expect(sp_source_number(hand.source, &later));
	cr_expect_eq(later.mail[0].index, 1);
	sp_source_cancel(hand.source);
	next_by_hand(&hand);
	cr_expect(hand.end);
	sp_mails_free(&later);
	close_by_hand(&hand);

	cr_assert(pipe(ends) == 0);
	dup2(ends[0], STDIN_FILENO);
	cr_assert(write(ends[1], "From a\nA: b\n\nx\n\n", 16) == 16);
	open_by_hand(&hand, "-", SP_MBOX_RD, 0);
	pthread_create(&thread, NULL, cancel_soon, hand.source);
	next_by_hand(&hand);
	cr_expect(hand.end);
	pthread_join(thread, NULL);
	close_by_hand(&hand);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
	test_folder_free(dir);
}
