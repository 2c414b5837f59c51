/* SPDX-License-Identifier: Apache-2.0 */
/* An mbox in ranges, by Content-Length or from a pipe: always the same. */
#include "io/source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/mbox.h"
#include "tests/unit/folder.h"
#include "tests/unit/gather.h"

/* What would block is killed: Criterion's own timeout leaks memory. */
#define SECONDS_MAX 20

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
Test(source_mbox, any_ranges_of_an_mbox_give_the_file_back_byte_for_byte)
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
		struct gathered whole;

		random_mbox(&mbox, seed, kind >= SP_MBOX_CL);
		test_write(dir, "mbox", mbox.data, mbox.size);
		whole = gather_one(test_path(dir, "mbox"), options);
		cr_assert(sp_span_equal(sp_buffer_span(&whole.stored),
				  sp_buffer_span(&mbox)),
			"seed %u", seed);
		for (size_t r = 0; r < 10; r++) {
			struct gathered parts;

			options.range_bytes = ranges[r];
			options.batch_messages = r % 3;
			parts = gather_one(test_path(dir, "mbox"), options);
			cr_assert(sp_span_equal(sp_buffer_span(&parts.stored),
					  sp_buffer_span(&mbox)),
				"seed %u, ranges of %zu", seed, ranges[r]);
			cr_assert(sp_span_equal(sp_buffer_span(&parts.bytes),
				sp_buffer_span(&whole.bytes)));
			cr_assert(sp_span_equal(sp_buffer_span(&parts.names),
				sp_buffer_span(&whole.names)));
			cr_assert_eq(parts.input_bytes, mbox.size);
			gathered_free(&parts);
			runs++;
		}
		gathered_free(&whole);
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

Test(source_mbox, large_messages_of_an_mbox_are_streamed)
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
			struct gathered got;

			snprintf(path, sizeof(path), "%s/mbox", dir);
			got = gather(
				(struct sp_source_options){.inputs = inputs,
					.input_count = 1,
					.mbox_kind = cases[i].kind,
					.range_bytes = cases[i].range},
				gather_backends[b]);
			if (got.mails == 0)
				continue; /* no such backend here */
			cr_expect_eq(got.mails, 40);
			cr_expect_geq(got.larges, 3);
			cr_expect(sp_span_equal(sp_buffer_span(&got.stored),
					  sp_buffer_span(&mbox)),
				"case %zu %s", i, gather_backends[b]);
			gathered_free(&got);
		}
		sp_buffer_free(&mbox);
	}
	test_folder_free(dir);
}

/*
 * The end of a large message is looked for piece by piece; here the separator
 * behind it lies across the border of two pieces, at every offset.
 */
static void check_borders(struct sp_buffer *mbox, size_t border, bool pipe)
{
	static const char next[] = "\n\n\nFrom b\nA: b\n\nx\n";
	static const char *const inputs[] = {"-"};
	static const char first[] = "From a\nA: b\n\n";
	char *dir = test_folder();

	memset(mbox->data, 'x', mbox->room);
	memcpy(mbox->data, first, sizeof(first) - 1);
	for (size_t at = border - 14; at < border + 4; at++) {
		struct sp_source_options options = {.mbox_kind = SP_MBOX_RD};
		struct gathered got;

		memset(mbox->data + border - 100, 'x', 200);
		memcpy(mbox->data + at, next, sizeof(next) - 1);
		mbox->size = at + sizeof(next) - 1;
		options.inputs = inputs;
		options.input_count = 1;
		test_write(dir, "mbox", mbox->data, mbox->size);
		got = pipe ? gather_stdin(options, sp_buffer_span(mbox), NULL)
			   : gather_one(test_path(dir, "mbox"), options);
		cr_assert_eq(got.mails, 2, "separator at %zu", at);
		cr_assert(pipe || got.larges == 1);
		cr_assert(sp_span_equal(
			sp_buffer_span(&got.stored), sp_buffer_span(mbox)));
		gathered_free(&got);
	}
	test_folder_free(dir);
}

Test(source_mbox, separators_across_the_border_of_two_pieces_are_seen)
{
	size_t window = SP_MBOX_RANGE_BYTES + SP_MBOX_MARK_BYTES - 1;
	size_t pipe = SP_MBOX_RANGE_BYTES;
	size_t large = SP_MBOX_FROM_BYTES_MAX + SP_MESSAGE_MEMORY_MAX;
	struct sp_buffer mbox = {0};

	/* Where window.c and pipe.c are when they stop keeping the message. */
	while (window <= large)
		window += 64u << 10;
	while (pipe <= large)
		pipe += SP_PIECE_BYTES;
	sp_buffer_reserve(&mbox, pipe + 4 * SP_PIECE_BYTES);
	check_borders(&mbox, window, false);
	check_borders(&mbox,
		window - SP_MBOX_MARK_BYTES - SP_MBOX_LOOKBACK + SP_PIECE_BYTES,
		false);
	check_borders(&mbox, pipe, true);
	check_borders(&mbox, pipe + SP_PIECE_BYTES, true);
	sp_buffer_free(&mbox);
}

/* mbox(5): mboxcl and mboxcl2. */
Test(source_mbox, a_length_decides_where_the_kind_has_one)
{
	static const struct {
		enum sp_mbox_kind kind;
		const char *mbox;
		size_t mails;
		const char *bytes;
	} cases[] = {
		{SP_MBOX_CL2,
			"From a\nContent-Length: 17\n\nx\n\nFrom in body\n\n\n"
			"From b\n\ny\n",
			2, "Content-Length: 17\n\nx\n\nFrom in body\n\n\ny\n"},
		{SP_MBOX_RD,
			"From a\nContent-Length: 17\n\nx\n\nFrom in body\n\n\n"
			"From b\n\ny\n",
			3, "Content-Length: 17\n\nx\n\n\ny\n"},
		/* One that leads into a line leads nowhere. */
		{SP_MBOX_CL2,
			"From a\nContent-Length: 1\n\nxFrom y\n\nFrom b\n\ny\n",
			2, "Content-Length: 1\n\nxFrom y\n\ny\n"},
		{SP_MBOX_CL2, "From a\nContent-Length: 99\n\nx\n\nFrom b\n\ny",
			2, "Content-Length: 99\n\nx\n\ny"},
		{SP_MBOX_CL,
			"From a\r\nContent-Length: 3\r\n\r\nx\r\n\r\nFrom b\r\n"
			"\r\ny",
			2, "Content-Length: 3\r\n\r\nx\r\n\r\ny"},
	};
	char *dir = test_folder();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct gathered got;

		test_write_text(dir, "mbox", cases[i].mbox);
		got = gather_one(test_path(dir, "mbox"),
			(struct sp_source_options){.mbox_kind = cases[i].kind});
		cr_expect_eq(got.mails, cases[i].mails, "case %zu", i);
		cr_expect(
			sp_span_is(sp_buffer_span(&got.bytes), cases[i].bytes),
			"case %zu: %.*s", i, SP_SPAN_ARGS(got.bytes));
		cr_expect(
			sp_span_is(sp_buffer_span(&got.stored), cases[i].mbox));
		gathered_free(&got);
	}
	test_folder_free(dir);
}

Test(source_mbox, what_stands_before_the_first_separator_is_not_lost_silently)
{
	static const enum sp_mbox_kind kinds[] = {SP_MBOX_RD, SP_MBOX_CL};
	char *dir = test_folder();

	test_write_text(dir, "mbox", "junk\nFrom x\n\nFrom a\nA: b\n\nc\n");
	test_write_text(dir, "none", "junk\nFrom x\n");
	for (size_t i = 0; i < 2; i++) {
		struct sp_source_options options = {
			.format = SP_INPUT_MBOX, .mbox_kind = kinds[i]};
		struct gathered got =
			gather_one(test_path(dir, "mbox"), options);

		cr_expect_eq(got.mails, 1);
		cr_expect(
			sp_span_is(sp_buffer_span(&got.bytes), "A: b\n\nc\n"));
		cr_expect(gathered_logged(&got, "does not begin with"));
		cr_expect_eq(got.totals.unreadable, 1);
		gathered_free(&got);
		got = gather_one(test_path(dir, "none"), options);
		cr_expect_eq(got.mails, 0);
		cr_expect_eq(got.totals.unreadable, 1);
		gathered_free(&got);
	}
	test_folder_free(dir);
}

Test(source_mbox, standard_input_is_an_mbox_like_the_file)
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
		struct gathered file, pipe;

		random_mbox(&mbox, seed, kind >= SP_MBOX_CL);
		test_write(dir, "mbox", mbox.data, mbox.size);
		file = gather_one(test_path(dir, "mbox"), options);
		options.inputs = inputs;
		options.input_count = 1;
		for (size_t i = 0; i < 2; i++) {
			pipe = gather_stdin(options, sp_buffer_span(&mbox),
				i ? test_path(dir, "mbox") : NULL);
			cr_assert_eq(pipe.mails, file.mails, "seed %u", seed);
			cr_assert(sp_span_equal(sp_buffer_span(&pipe.stored),
					  sp_buffer_span(&mbox)),
				"seed %u", seed);
			cr_assert(sp_span_equal(sp_buffer_span(&pipe.bytes),
				sp_buffer_span(&file.bytes)));
			cr_assert_eq(pipe.input_bytes, mbox.size);
			gathered_free(&pipe);
		}
		gathered_free(&file);
		sp_buffer_free(&mbox);
	}
	test_folder_free(dir);
}

Test(source_mbox, large_messages_on_standard_input_are_spooled)
{
	static const char *const inputs[] = {"-"};
	struct sp_source_options options = {.inputs = inputs, .input_count = 1};
	struct sp_buffer mbox = {0};
	struct gathered got;

	big_mbox(&mbox, false);
	got = gather_stdin(options, sp_buffer_span(&mbox), NULL);
	cr_expect_eq(got.mails, 40);
	cr_expect_geq(got.larges, 3);
	cr_expect(sp_span_equal(
		sp_buffer_span(&got.stored), sp_buffer_span(&mbox)));
	gathered_free(&got);
	options.format = SP_INPUT_EML;
	got = gather_stdin(options, sp_buffer_span(&mbox), NULL);
	cr_expect_eq(got.mails, 1);
	cr_expect_eq(got.larges, 1);
	cr_expect(sp_span_equal(
		sp_buffer_span(&got.bytes), sp_buffer_span(&mbox)));
	gathered_free(&got);
	sp_buffer_clear(&mbox);
	big_mbox(&mbox, true);
	options.format = SP_INPUT_AUTO;
	options.mbox_kind = SP_MBOX_CL2;
	got = gather_stdin(options, sp_buffer_span(&mbox), NULL);
	cr_expect_eq(got.mails, 40);
	cr_expect(sp_span_equal(
		sp_buffer_span(&got.stored), sp_buffer_span(&mbox)));
	gathered_free(&got);
	sp_buffer_free(&mbox);
}

Test(source_mbox, an_mbox_that_shrinks_is_trouble_and_no_end)
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
		cr_expect(gathered_logged(&hand.log, "cut off"));
		close_by_hand(&hand);
		sp_buffer_free(&mbox);
	}
	test_folder_free(dir);
}

Test(source_mbox, an_mbox_that_grows_is_what_it_was)
{
	char *dir = test_folder();
	struct by_hand hand;
	size_t mails = 0;
	FILE *file;

	test_write_text(
		dir, "mbox", "From a\nA: b\n\nx\n\nFrom a\nA: b\n\nx\n\n");
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

Test(source_mbox, cancelling_wakes_who_waits_for_numbers_or_input)
{
	char *dir = test_folder();
	struct by_hand hand;
	struct sp_mails later = {0};
	struct sp_error error;
	pthread_t thread;
	int ends[2], saved = dup(STDIN_FILENO);
	bool end;

	alarm(SECONDS_MAX);
	test_write_text(
		dir, "mbox", "From a\nA: b\n\nx\n\nFrom a\nA: b\n\nx\n\n");
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
