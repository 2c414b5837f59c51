/* SPDX-License-Identifier: Apache-2.0 */
/* Journals: what is written comes back; torn tails, damage, other work. */
#include "io/journal.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/folder.h"
#include "tests/unit/guard.h"

static char *folder;

static void setup(void)
{
	folder = test_folder();
}

static void teardown(void)
{
	test_folder_free(folder);
}

TestSuite(journal, .init = setup, .fini = teardown);

#define SEAL_BYTES 16u /* behind the last record */

static const char work[] = "command x\nfile in 5 7.0\noption --a\n";

static struct sp_journal *open_journal(void)
{
	struct sp_journal *journal;
	struct sp_error error;

	cr_assert_eq(sp_journal_open(&journal, test_path(folder, "j"),
			     sp_span_str(work), SP_DURABILITY_BATCH, &error),
		SP_OK, "%s", error.text);
	return journal;
}

static void add(struct sp_journal *journal, const char *name, uint64_t bytes)
{
	sp_journal_add_file(journal, sp_span_str(name), bytes);
}

static void record(struct sp_journal *journal, uint64_t units)
{
	struct sp_journal_note note = {.units = units,
		.messages = 10 * units,
		.good = units,
		.owed = {1, 2, 3, 4}};
	struct sp_error error;

	sp_journal_note(journal, &note, 1);
	cr_assert_eq(sp_journal_record(journal, &error), SP_OK);
}

/* Two runs; the file is left open by neither. */
static void write_some(void)
{
	struct sp_journal *journal = open_journal();

	sp_journal_add_mbox(journal, 2, 100, 7);
	add(journal, "Fb", 5);
	add(journal, "Fa", 6);
	record(journal, 3);
	sp_journal_add_mbox(journal, 2, 300, 5);
	sp_journal_add_mbox(journal, 4, 50, 1);
	sp_journal_add_mbox(journal, 4, 60, 1);
	add(journal, "Fb", 5);
	record(journal, 4);
	sp_journal_close(journal);
	journal = open_journal();
	sp_journal_add_mbox(journal, 4, 70, 2);
	record(journal, 1);
	sp_journal_close(journal);
}

Test(journal, what_was_recorded_comes_back)
{
	struct sp_journal_state *state;
	struct sp_journal *journal;
	uint64_t bytes = 0;

	write_some();
	journal = open_journal();
	state = sp_journal_state(journal);
	cr_assert(state->begun);
	cr_assert_not(state->complete);
	cr_assert_eq(sp_journal_run(journal), 2);
	cr_assert_eq(state->note.units, 1);
	cr_assert_eq(state->note.messages, 10);
	cr_assert_eq(state->note.owed.end, 1);
	cr_assert_eq(state->note.owed.line, 2);
	cr_assert_eq(state->note.owed.index, 3);
	cr_assert_eq(state->note.owed.offset, 4);
	cr_assert_eq(sp_done_mbox(&state->done, 2).offset, 300);
	cr_assert_eq(sp_done_mbox(&state->done, 2).messages, 12);
	cr_assert_eq(sp_done_mbox(&state->done, 4).offset, 70);
	cr_assert_eq(sp_done_mbox(&state->done, 4).messages, 4);
	cr_assert_eq(sp_done_mbox(&state->done, 0).offset, 0);
	cr_assert_eq(sp_done_mbox(&state->done, 9).offset, 0);
	cr_assert(sp_done_take(&state->done, sp_span_str("Fb"), &bytes));
	cr_assert_eq(bytes, 5);
	cr_assert(sp_done_take(&state->done, sp_span_str("Fb"), &bytes));
	cr_assert_not(sp_done_take(&state->done, sp_span_str("Fb"), &bytes));
	cr_assert(sp_done_take(&state->done, sp_span_str("Fa"), &bytes));
	cr_assert_eq(bytes, 6);
	cr_assert_not(sp_done_take(&state->done, sp_span_str("F"), &bytes));
	cr_assert(sp_journal_had(journal, 0, 3));
	cr_assert_not(sp_journal_had(journal, 0, 4));
	cr_assert(sp_journal_had(journal, 1, 0));
	cr_assert_not(sp_journal_had(journal, 1, 1));
	cr_assert_not(sp_journal_had(journal, 2, 0));
	sp_journal_close(journal);
}

/* Reads what a journal may have become. */
static enum sp_status read_changed(
	char *bytes, size_t size, uint64_t *end, char *words)
{
	struct sp_journal_state state;
	struct sp_error error = {.text = ""};
	enum sp_status status = sp_journal_read(&state, sp_span(bytes, size),
		"j", sp_span_str(work), end, &error);

	if (status == SP_OK && state.runs)
		cr_assert_neq(state.id, 0);
	sp_journal_state_free(&state);
	strcpy(words, error.text);
	return status;
}

/* Less than the first line is still one that was begun; "SSS" is none. */
Test(journal, a_torn_tail_is_cut_wherever_it_is_torn)
{
	char words[SP_ERROR_TEXT_BYTES];
	uint64_t end, last = 0;
	size_t size;
	char *bytes;

	write_some();
	bytes = test_read_file(test_path(folder, "j"), &size);
	for (size_t cut = 0; cut <= size; cut++) {
		char *copy = malloc(cut + 100);

		memcpy(copy, bytes, cut);
		cr_assert_eq(read_changed(copy, cut, &end, words), SP_OK,
			"%zu: %s", cut, words);
		cr_assert(end <= cut && end >= last);
		last = end;
		memset(copy + cut, 'S', 100);
		cr_assert_eq(read_changed(copy, cut + 100, &end, words),
			cut < 20 ? SP_CONFIG : SP_OK);
		cr_assert(cut < 20 || end == last);
		free(copy);
	}
	cr_assert_eq(last, size - SEAL_BYTES);
	free(bytes);
}

Test(journal, damage_before_the_tail_is_named_by_its_byte)
{
	char words[SP_ERROR_TEXT_BYTES];
	uint64_t end;
	size_t size;
	char *bytes;

	write_some();
	bytes = test_read_file(test_path(folder, "j"), &size);
	for (size_t at = 20; at < size - SEAL_BYTES; at++) {
		bytes[at] ^= 0x10;
		cr_assert_eq(read_changed(bytes, size, &end, words), SP_CONFIG,
			"%zu", at);
		cr_assert_not_null(strstr(words, "j:byte "), "%s", words);
		cr_assert_not_null(strstr(words, "damaged"), "%s", words);
		bytes[at] ^= 0x10;
	}
	memset(bytes, 0, size);
	cr_assert_eq(read_changed(bytes, size, &end, words), SP_OK);
	cr_assert_eq(end, 0);
	free(bytes);
}

/* A seal behind the last record says that it was whole. */
Test(journal, any_bit_that_changes_is_seen)
{
	char words[SP_ERROR_TEXT_BYTES];
	uint64_t end, last;
	size_t size;
	char *bytes;

	write_some();
	bytes = test_read_file(test_path(folder, "j"), &size);
	cr_assert_eq(read_changed(bytes, size, &last, words), SP_OK);
	cr_assert_eq(last, size - SEAL_BYTES);
	for (size_t at = 0; at < size; at++)
		for (int bit = 0; bit < 8; bit++) {
			bool in_seal = at >= last;

			bytes[at] ^= (char)(1 << bit);
			cr_assert_eq(read_changed(bytes, size, &end, words),
				in_seal ? SP_OK : SP_CONFIG, "%zu", at);
			cr_assert(!in_seal || end == last);
			bytes[at] ^= (char)(1 << bit);
		}
	free(bytes);
}

Test(journal, other_work_is_told_apart)
{
	static const struct {
		const char *work, *words;
	} cases[] = {
		{"command x\nfile in 6 7.0\noption --a\n",
			"another state of 'in 5 7.0'"},
		{"command x\nfile in 5 7.0\noption --b\n",
			"it has 'option --a' where this one has 'option --b'"},
		{"command x\nfile in 5 7.0\n", "it has 'option --a'"},
		{"command x\nfile in 5 7.0\noption --a\noption --b\n",
			"this one has 'option --b'"},
	};
	struct sp_journal *journal;
	struct sp_error error;

	write_some();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(sp_journal_open(&journal, test_path(folder, "j"),
				     sp_span_str(cases[i].work),
				     SP_DURABILITY_NONE, &error),
			SP_CONFIG);
		cr_assert_not_null(
			strstr(error.text, cases[i].words), "%s", error.text);
		cr_assert_null(journal);
	}
}

Test(journal, names_of_maildir_messages_are_known_without_flags_and_sizes)
{
	static const char *const same[] = {"1.M2.host", "1.M2.host:2,S",
		"1.M2.host,S=5:2,", "1.M2.host,W=7,S=5"};
	struct sp_buffer name = {.data = NULL};

	for (size_t i = 0; i < 4; i++) {
		sp_done_name(&name, sp_span_str("box"), sp_span_str(same[i]),
			sp_span_str("box/cur/x"));
		cr_assert(sp_span_is(sp_buffer_span(&name), "Mbox/1.M2.host"));
	}
	sp_done_name(&name, sp_span_str("box"), sp_span_str("S=5,S=x,U=1:2,"),
		sp_span_str("p"));
	cr_assert(sp_span_is(sp_buffer_span(&name), "Mbox/S=5,S=x,U=1"));
	sp_done_name(&name, sp_span(NULL, 0), sp_span_str("x"),
		sp_span_str("a/x:2,S"));
	cr_assert(sp_span_is(sp_buffer_span(&name), "Fa/x:2,S"));
	sp_buffer_free(&name);
}

/* A stream of this journal, from where it says. */
static struct sp_stream *open_stream(
	struct sp_journal *journal, const char *name)
{
	struct sp_stream_options options = {.durability = SP_DURABILITY_BATCH};
	struct sp_stream *stream;
	struct sp_error error;

	sp_journal_place(journal, &options);
	cr_assert_eq(sp_stream_open(&stream, test_path(folder, name), &options,
			     &error),
		SP_OK, "%s", error.text);
	sp_journal_attach(journal, stream);
	return stream;
}

static void put(struct sp_stream *stream, char c, size_t count)
{
	char *bytes = malloc(count);
	struct iovec part = {bytes, count};
	struct sp_error error;

	memset(bytes, c, count);
	cr_assert_eq(sp_stream_write(stream, &part, 1, &error), SP_OK);
	free(bytes);
}

/* What is behind the last record is cut, wherever in a block that is. */
Test(journal, streams_go_on_behind_the_last_record)
{
	static const size_t sizes[] = {1, 4096, 4097, 1048576, 3000001, 5};
	struct sp_stream *stream;
	struct sp_error error;
	size_t total = 0, size, at = 0;
	char *bytes;

	for (size_t i = 0; i < 6; i++) {
		struct sp_journal *journal = open_journal();

		stream = open_stream(journal, "out");
		cr_assert_eq(sp_stream_bytes(stream), total);
		put(stream, (char)('a' + i), sizes[i]);
		total += sizes[i];
		add(journal, "F", 1);
		record(journal, 1);
		/* This is lost. */
		put(stream, '!', 2000000 + i);
		sp_stream_close(stream);
		sp_journal_close(journal);
	}
	struct sp_journal *journal = open_journal();

	stream = open_stream(journal, "out");
	cr_assert_eq(sp_journal_complete(journal, &error), SP_OK);
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	sp_stream_close(stream);
	cr_assert_eq(sp_journal_finish(journal, 1, &error), SP_OK);
	sp_journal_close(journal);
	bytes = test_read_file(test_path(folder, "out"), &size);
	cr_assert_eq(size, total, "%zu %zu", size, total);
	for (size_t i = 0; i < 6; i++)
		for (size_t k = 0; k < sizes[i]; k++, at++)
			cr_assert_eq(bytes[at], 'a' + (int)i, "%zu", at);
	free(bytes);
	journal = open_journal();
	cr_assert(sp_journal_state(journal)->finished);
	cr_assert_eq(sp_journal_state(journal)->exit_status, 1);
	sp_journal_close(journal);
}

Test(journal, a_stream_that_was_changed_is_refused)
{
	struct sp_journal *journal = open_journal();
	struct sp_stream_options options = {.journal = 0};
	struct sp_stream *stream = open_stream(journal, "out");
	char path[64], partial[400];
	struct sp_error error;

	put(stream, 'a', 5000);
	add(journal, "F", 1);
	record(journal, 1);
	sp_stream_close(stream);
	snprintf(path, sizeof(path), "out.partial.%016llx",
		(unsigned long long)sp_journal_id(journal));
	snprintf(partial, sizeof(partial), "%s", test_path(folder, path));
	sp_journal_close(journal);
	journal = open_journal();
	sp_journal_place(journal, &options);
	cr_assert_eq(truncate(partial, 4999), 0);
	for (int i = 0; i < 3; i++) {
		cr_assert_eq(sp_stream_open(&stream, test_path(folder, "out"),
				     &options, &error),
			SP_CONFIG);
		cr_assert_not_null(
			strstr(error.text, "does not hold the 5000 bytes"));
		/* Right size and wrong bytes; nothing at all. */
		if (i == 0)
			cr_assert_eq(truncate(partial, 5000), 0);
		else
			unlink(partial);
	}
	sp_journal_close(journal);
}

Test(journal, one_process_at_a_time)
{
	struct sp_journal *first = open_journal(), *second;
	struct sp_error error;

	cr_assert_eq(sp_journal_open(&second, test_path(folder, "j"),
			     sp_span_str(work), SP_DURABILITY_NONE, &error),
		SP_CONFIG);
	cr_assert_not_null(strstr(error.text, "in use by another process"));
	sp_journal_forget(first);
	cr_assert_neq(access(test_path(folder, "j"), F_OK), 0);
	sp_journal_close(first);
}
