/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a journal: records, the torn tail, what they add up to. */
#include "io/journal.h"

#include <stdlib.h>

#include "io/journal_parts.h"

/* Content of a record that is being taken apart. */
struct cursor {
	struct sp_span rest;
	bool failed; /* it asked for more than there is */
};

static uint64_t get(struct cursor *cursor, size_t size)
{
	uint64_t value = 0;

	if (cursor->rest.size < size) {
		cursor->failed = true;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)(unsigned char)cursor->rest.data[i] << 8 * i;
	cursor->rest = sp_span_after(cursor->rest, size);
	return value;
}

struct record {
	uint64_t offset;
	uint32_t type;
	struct sp_span content;
};

/* The record at offset, if there is a whole one. */
static bool record_at(
	struct sp_span file, uint64_t offset, struct record *record)
{
	struct cursor head = {sp_span_after(file, (size_t)offset), false};
	uint64_t size, sum;

	record->offset = offset;
	if (get(&head, 4) != SP_JOURNAL_MARK)
		return false;
	record->type = (uint32_t)get(&head, 4);
	size = get(&head, 4);
	sum = get(&head, 4);
	if (head.failed || size > SP_JOURNAL_RECORD_MAX ||
		size > head.rest.size)
		return false;
	record->content = sp_span(head.rest.data, (size_t)size);
	return sum == sp_journal_sum(offset, record->type, record->content);
}

/* Is there a whole record anywhere behind offset? */
static bool goes_on(struct sp_span file, uint64_t offset)
{
	struct record record;

	for (uint64_t at = offset + 1; at + SP_JOURNAL_HEAD_BYTES <= file.size;
		at++) {
		const char *next =
			memchr(file.data + at, 'S', file.size - (size_t)at);

		if (!next)
			return false;
		at = (uint64_t)(next - file.data);
		if (record_at(file, at, &record))
			return true;
	}
	return false;
}

/* A run that begins counts its batches from 0. */
static enum sp_status read_run(
	struct sp_journal_state *state, struct cursor *content)
{
	uint64_t run = get(content, 4);
	uint64_t *units;

	if (content->failed || run != state->runs || run >= SP_JOURNAL_RUNS_MAX)
		return SP_CONFIG;
	units = realloc(state->units, ((size_t)run + 1) * sizeof(*units));
	if (!units)
		return SP_NO_MEMORY;
	units[run] = 0;
	state->units = units;
	state->runs = (uint32_t)run + 1;
	return SP_OK;
}

static enum sp_status read_note(
	struct sp_journal_state *state, struct cursor *content)
{
	struct sp_journal_note *note = &state->note;

	note->units = get(content, 8);
	note->messages = get(content, 8);
	note->good = get(content, 8);
	note->owed.end = (uint8_t)get(content, 1);
	note->owed.line = (uint8_t)get(content, 1);
	note->owed.index = get(content, 8);
	note->owed.offset = get(content, 8);
	state->stream_count = (size_t)get(content, 4);
	if (content->failed || state->runs == 0 ||
		state->stream_count > SP_JOURNAL_STREAMS_MAX ||
		note->good > note->messages || note->owed.end > 3 ||
		note->owed.line > 3)
		return SP_CONFIG;
	for (size_t i = 0; i < state->stream_count; i++) {
		state->streams[i].bytes = get(content, 8);
		state->streams[i].crc = (uint32_t)get(content, 4);
	}
	state->units[state->runs - 1] = note->units;
	state->begun = true;
	return content->failed ? SP_CONFIG : SP_OK;
}

static enum sp_status read_mboxes(
	struct sp_journal_state *state, struct cursor *content)
{
	uint64_t count = get(content, 4);
	enum sp_status status = SP_OK;

	for (uint64_t i = 0; i < count && status == SP_OK; i++) {
		uint64_t input = get(content, 4);
		struct sp_done_mbox mbox;

		mbox.offset = get(content, 8);
		mbox.messages = get(content, 8);
		/* No command line has so many. */
		if (content->failed || input > SP_JOURNAL_TEXT_MAX)
			return SP_CONFIG;
		status = sp_done_add_mbox(&state->done, (size_t)input, &mbox);
	}
	return status;
}

static enum sp_status read_files(
	struct sp_journal_state *state, struct cursor *content)
{
	uint64_t count = get(content, 4);
	enum sp_status status = SP_OK;

	for (uint64_t i = 0; i < count && status == SP_OK; i++) {
		const char *entry = content->rest.data;
		size_t size = (size_t)get(content, 2);

		(void)get(content, 8);
		if (content->failed || content->rest.size < size)
			return SP_CONFIG;
		content->rest = sp_span_after(content->rest, size);
		status = sp_done_add_file(&state->done, entry);
	}
	return status;
}

static enum sp_status read_done(
	struct sp_journal_state *state, struct cursor *content)
{
	enum sp_status status = read_note(state, content);

	if (status == SP_OK)
		status = read_mboxes(state, content);
	if (status == SP_OK)
		status = read_files(state, content);
	return status;
}

static enum sp_status read_record(
	struct sp_journal_state *state, const struct record *record)
{
	struct cursor content = {record->content, false};
	enum sp_status status = SP_CONFIG;

	/* What is finished says nothing more. */
	if (state->finished)
		return SP_CONFIG;
	switch (record->type) {
	case SP_JOURNAL_RUN:
		status = read_run(state, &content);
		break;
	case SP_JOURNAL_DONE:
		if (!state->complete)
			status = read_done(state, &content);
		break;
	case SP_JOURNAL_COMPLETE:
		status = read_note(state, &content);
		state->complete = true;
		break;
	case SP_JOURNAL_FINISHED:
		state->exit_status = (uint32_t)get(&content, 4);
		state->finished = true;
		status = state->complete ? SP_OK : SP_CONFIG;
		break;
	}
	if (status == SP_OK && (content.failed || content.rest.size))
		status = SP_CONFIG;
	return status;
}

/* Where the first line begins in which two texts differ. */
static size_t differing_line(struct sp_span a, struct sp_span b)
{
	size_t line = 0;

	for (size_t i = 0; i < a.size && i < b.size; i++) {
		if (a.data[i] != b.data[i])
			break;
		if (a.data[i] == '\n')
			line = i + 1;
	}
	return line;
}

static struct sp_span line_at(struct sp_span text, size_t offset)
{
	struct sp_span rest = sp_span_after(text, offset);

	return sp_span_split(&rest, '\n');
}

static enum sp_status check_work(struct sp_span had, struct sp_span work,
	const char *path, struct sp_error *error)
{
	struct sp_span now, then;
	size_t line;

	if (!work.data)
		return SP_OK;
	line = differing_line(had, work);
	if (line == had.size && line == work.size)
		return SP_OK;
	then = line_at(had, line);
	now = line_at(work, line);
	if (sp_span_starts(then, "file ") && sp_span_starts(now, "file "))
		return sp_error(error, SP_CONFIG,
			"%s: was begun with another state of '%.*s' (name, "
			"size and time of change; now '%.*s'); restore it, or "
			"begin anew with another journal",
			path, SP_SPAN_ARGS(sp_span_after(then, 5)),
			SP_SPAN_ARGS(sp_span_after(now, 5)));
	return sp_error(error, SP_CONFIG,
		"%s: was begun by another command: it has '%.*s' where this "
		"one has '%.*s'; repeat that command, or begin anew with "
		"another journal",
		path, SP_SPAN_ARGS(then), SP_SPAN_ARGS(now));
}

/* The first record. SP_OK with *end 0: it was never written whole. */
static enum sp_status read_work(struct sp_journal_state *state,
	struct sp_span file, const char *path, struct sp_span work,
	uint64_t *end, struct sp_error *error)
{
	struct cursor content;
	struct record record;

	*end = 0;
	if (!record_at(file, SP_JOURNAL_FIRST_BYTES, &record))
		return SP_OK;
	content = (struct cursor){record.content, false};
	state->id = get(&content, 8);
	if (record.type != SP_JOURNAL_WORK || state->id == 0 || content.failed)
		return sp_error(error, SP_CONFIG,
			"%s:byte %zu: this version of sealpress does not know "
			"such a record; begin anew with another journal",
			path, SP_JOURNAL_FIRST_BYTES);
	*end = SP_JOURNAL_FIRST_BYTES + SP_JOURNAL_HEAD_BYTES +
	       record.content.size;
	return check_work(content.rest, work, path, error);
}

/* Nothing, or nothing but zeros: made, and then the power was cut. */
static bool is_blank(struct sp_span file)
{
	for (size_t i = 0; i < file.size; i++)
		if (file.data[i])
			return false;
	return true;
}

static enum sp_status check_first_line(
	struct sp_span file, const char *path, struct sp_error *error)
{
	struct sp_span first = sp_span_str(SP_JOURNAL_FIRST_LINE);
	struct sp_span kind = sp_span(first.data, first.size - 2);

	if (file.size < first.size)
		first.size = file.size;
	if (first.size && memcmp(file.data, first.data, first.size) == 0)
		return SP_OK;
	if (file.size > kind.size &&
		memcmp(file.data, kind.data, kind.size) == 0)
		return sp_error(error, SP_CONFIG,
			"%s: is a journal of another version of sealpress; "
			"finish the work with that one, or begin anew with "
			"another journal",
			path);
	return sp_error(error, SP_CONFIG,
		"%s: is no journal of sealpress; name another file, or one "
		"that is not there yet",
		path);
}

/*
 * All records behind the first one. The seal of the last one is not among them:
 * the next one takes its place.
 */
static enum sp_status read_records(struct sp_journal_state *state,
	struct sp_span file, const char *path, uint64_t *end,
	struct sp_error *error)
{
	struct record record;

	while (record_at(file, *end, &record) &&
		record.type != SP_JOURNAL_SEAL) {
		enum sp_status status = read_record(state, &record);

		if (status == SP_NO_MEMORY)
			return sp_error(error, SP_NO_MEMORY,
				"%s: not enough memory; free some and run "
				"again",
				path);
		if (status != SP_OK)
			return sp_error(error, SP_CONFIG,
				"%s:byte %llu: such a record cannot stand "
				"here; begin anew with another journal",
				path, (unsigned long long)*end);
		*end += SP_JOURNAL_HEAD_BYTES + record.content.size;
	}
	return SP_OK;
}

enum sp_status sp_journal_read(struct sp_journal_state *state,
	struct sp_span file, const char *path, struct sp_span work,
	uint64_t *end, struct sp_error *error)
{
	enum sp_status status;

	*state = (struct sp_journal_state){0};
	*end = 0;
	if (is_blank(file))
		return SP_OK;
	status = check_first_line(file, path, error);
	if (status == SP_OK && file.size > SP_JOURNAL_FIRST_BYTES)
		status = read_work(state, file, path, work, end, error);
	if (status == SP_OK && *end)
		status = read_records(state, file, path, end, error);
	if (status != SP_OK)
		return status;
	if (goes_on(file, *end ? *end : SP_JOURNAL_FIRST_BYTES))
		return sp_error(error, SP_CONFIG,
			"%s:byte %llu: is damaged, and not at its end; restore "
			"it from a copy, or begin anew with another journal",
			path,
			(unsigned long long)(*end ? *end
						  : SP_JOURNAL_FIRST_BYTES));
	sp_done_sort(&state->done);
	return SP_OK;
}

void sp_journal_state_free(struct sp_journal_state *state)
{
	sp_done_free(&state->done);
	free(state->units);
	*state = (struct sp_journal_state){0};
}
