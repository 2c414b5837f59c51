/* SPDX-License-Identifier: Apache-2.0 */
/* What a run adds to its journal, and when it is written. */
#include "io/journal.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "io/journal_parts.h"
#include "io/partial.h"

#define MBOX_BYTES 20u /* input, offset, messages */

void sp_journal_put(struct sp_buffer *out, uint64_t value, size_t size)
{
	char bytes[8];

	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)(value >> 8 * i);
	sp_buffer_add(out, sp_span(bytes, size));
}

enum sp_status sp_journal_failed(
	const struct sp_journal *journal, int number, struct sp_error *error)
{
	errno = number;
	return sp_error(error, SP_IO, "%s: cannot be written: %m; %s",
		journal->path, sp_partial_remedy(number));
}

int sp_journal_write(int fd, struct sp_span bytes, uint64_t offset)
{
	while (bytes.size) {
		ssize_t done =
			pwrite(fd, bytes.data, bytes.size, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? errno : EIO;
		bytes = sp_span_after(bytes, (size_t)done);
		offset += (uint64_t)done;
	}
	return 0;
}

struct sp_buffer *sp_journal_begin(struct sp_journal *journal)
{
	sp_buffer_clear(&journal->record);
	for (unsigned i = 0; i < SP_JOURNAL_HEAD_BYTES; i++)
		sp_buffer_add_char(&journal->record, '\0');
	return &journal->record;
}

/* The record, which has not failed, with its head, to the end of the file. */
static int write_record(struct sp_journal *journal, enum sp_journal_type type)
{
	struct sp_buffer *record = &journal->record;
	struct sp_buffer head = {.data = record->data, .room = record->room};
	struct sp_span content =
		sp_span_after(sp_buffer_span(record), SP_JOURNAL_HEAD_BYTES);

	sp_journal_put(&head, SP_JOURNAL_MARK, 4);
	sp_journal_put(&head, (uint32_t)type, 4);
	sp_journal_put(&head, content.size, 4);
	sp_journal_put(&head,
		sp_journal_sum(journal->end, (uint32_t)type, content), 4);
	return sp_journal_write(
		journal->fd, sp_buffer_span(record), journal->end);
}

/*
 * Before anything is done that the record is there for. Should it be damaged
 * later it is not taken for a torn tail, and no message is delivered twice.
 * Nothing is lost where there is no seal.
 */
static void seal(struct sp_journal *journal)
{
	if (!sp_journal_begin(journal)->failed &&
		write_record(journal, SP_JOURNAL_SEAL) != 0)
		errno = 0;
}

enum sp_status sp_journal_append(struct sp_journal *journal,
	enum sp_journal_type type, struct sp_error *error)
{
	int number;

	if (journal->record.failed)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	number = write_record(journal, type);
	if (!number && journal->durability != SP_DURABILITY_NONE &&
		fdatasync(journal->fd) != 0)
		number = errno;
	if (number) {
		/* A tail that stays is cut off when it is opened again. */
		if (ftruncate(journal->fd, (off_t)journal->end) != 0)
			errno = 0;
		return sp_journal_failed(journal, number, error);
	}
	journal->end += journal->record.size;
	seal(journal);
	return SP_OK;
}

void sp_journal_place(
	const struct sp_journal *journal, struct sp_stream_options *options)
{
	const struct sp_journal_state *state = &journal->state;

	options->journal = state->id;
	options->complete = state->complete;
	if (journal->stream_count < state->stream_count)
		options->from = state->streams[journal->stream_count];
}

void sp_journal_attach(struct sp_journal *journal, struct sp_stream *stream)
{
	assert(journal->stream_count < SP_JOURNAL_STREAMS_MAX);
	journal->streams[journal->stream_count++] = stream;
}

void sp_journal_add_mbox(struct sp_journal *journal, size_t input,
	uint64_t offset, uint64_t messages)
{
	struct sp_done_mbox mbox = sp_done_mbox(&journal->mine, input);
	struct sp_buffer *out = &journal->mboxes;

	if (mbox.offset == 0)
		mbox = sp_done_mbox(&journal->state.done, input);
	mbox.offset = offset;
	mbox.messages += messages;
	if (sp_done_add_mbox(&journal->mine, input, &mbox) != SP_OK) {
		out->failed = true;
		return;
	}
	/* Mostly it goes on where the last one was: then that is replaced. */
	if (out->size && journal->last_mbox == input)
		out->size -= MBOX_BYTES;
	journal->last_mbox = input;
	sp_journal_put(out, input, 4);
	sp_journal_put(out, mbox.offset, 8);
	sp_journal_put(out, mbox.messages, 8);
}

void sp_journal_add_file(
	struct sp_journal *journal, struct sp_span name, uint64_t bytes)
{
	struct sp_buffer *out = &journal->files;

	assert(name.size <= SP_DONE_NAME_MAX);
	sp_journal_put(out, name.size, 2);
	sp_journal_put(out, bytes, 8);
	sp_buffer_add(out, name);
	journal->file_count++;
}

void sp_journal_note(struct sp_journal *journal,
	const struct sp_journal_note *note, uint64_t input_bytes)
{
	journal->note = *note;
	journal->input_bytes += input_bytes;
	journal->added = true;
}

bool sp_journal_due(const struct sp_journal *journal)
{
	return journal->durability == SP_DURABILITY_MESSAGE ||
	       journal->input_bytes >= SP_JOURNAL_GROUP_BYTES ||
	       journal->files.size >= SP_JOURNAL_GROUP_FILES;
}

/* All streams to the disk, and where they stand. */
static enum sp_status settle_streams(struct sp_journal *journal,
	struct sp_stream_place *places, struct sp_error *error)
{
	int fds[SP_JOURNAL_STREAMS_MAX] = {0};
	size_t count = 0;
	int number = 0;

	for (size_t i = 0; i < journal->stream_count; i++) {
		int fd;
		enum sp_status status = sp_stream_settle(
			journal->streams[i], &places[i], &fd, error);

		if (status != SP_OK)
			return status;
		if (fd >= 0)
			fds[count++] = fd;
	}
	if (count && journal->durability != SP_DURABILITY_NONE)
		number = sp_syncer_files(journal->syncer, fds, count);
	if (!number)
		return SP_OK;
	errno = number;
	return sp_error(error, SP_IO, "the outputs cannot be written: %m; %s",
		sp_partial_remedy(number));
}

static void put_note(struct sp_journal *journal, struct sp_buffer *out,
	const struct sp_stream_place *places)
{
	const struct sp_journal_note *note = &journal->note;

	sp_journal_put(out, note->units, 8);
	sp_journal_put(out, note->messages, 8);
	sp_journal_put(out, note->good, 8);
	sp_journal_put(out, note->owed.end, 1);
	sp_journal_put(out, note->owed.line, 1);
	sp_journal_put(out, note->owed.index, 8);
	sp_journal_put(out, note->owed.offset, 8);
	sp_journal_put(out, journal->stream_count, 4);
	for (size_t i = 0; i < journal->stream_count; i++) {
		sp_journal_put(out, places[i].bytes, 8);
		sp_journal_put(out, places[i].crc, 4);
	}
}

static void put_inputs(struct sp_journal *journal, struct sp_buffer *out)
{
	sp_journal_put(out, journal->mboxes.size / MBOX_BYTES, 4);
	sp_buffer_add(out, sp_buffer_span(&journal->mboxes));
	sp_journal_put(out, journal->file_count, 4);
	sp_buffer_add(out, sp_buffer_span(&journal->files));
	out->failed |= journal->mboxes.failed || journal->files.failed;
	sp_buffer_clear(&journal->mboxes);
	sp_buffer_clear(&journal->files);
	journal->file_count = 0;
	journal->input_bytes = 0;
	journal->added = false;
}

enum sp_status sp_journal_record(
	struct sp_journal *journal, struct sp_error *error)
{
	struct sp_stream_place places[SP_JOURNAL_STREAMS_MAX] = {{0}};
	enum sp_status status;

	if (!journal->added)
		return SP_OK;
	status = settle_streams(journal, places, error);
	if (status != SP_OK)
		return status;
	put_note(journal, sp_journal_begin(journal), places);
	put_inputs(journal, &journal->record);
	return sp_journal_append(journal, SP_JOURNAL_DONE, error);
}

enum sp_status sp_journal_complete(
	struct sp_journal *journal, struct sp_error *error)
{
	struct sp_stream_place places[SP_JOURNAL_STREAMS_MAX] = {{0}};
	enum sp_status status;

	if (journal->state.complete)
		return SP_OK;
	status = sp_journal_record(journal, error);
	if (status == SP_OK)
		status = settle_streams(journal, places, error);
	if (status != SP_OK)
		return status;
	put_note(journal, sp_journal_begin(journal), places);
	journal->stream_count = 0;
	journal->state.complete = true;
	return sp_journal_append(journal, SP_JOURNAL_COMPLETE, error);
}

enum sp_status sp_journal_finish(
	struct sp_journal *journal, int exit_status, struct sp_error *error)
{
	sp_journal_put(sp_journal_begin(journal), (uint32_t)exit_status, 4);
	return sp_journal_append(journal, SP_JOURNAL_FINISHED, error);
}

void sp_journal_forget(struct sp_journal *journal)
{
	if (journal->state.begun || journal->state.runs || journal->added)
		return;
	for (size_t i = 0; i < journal->stream_count; i++)
		sp_stream_forget(journal->streams[i]);
	journal->stream_count = 0;
	unlink(journal->path);
}
