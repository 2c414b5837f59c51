/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves of a message, and its way into a stream. */
#include "engine/output.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/envelope.h"
#include "io/large.h"
#include "io/mbox.h"

static const char *line_end(const struct sp_entry *entry)
{
	return entry->message.crlf ? "\r\n" : "\n";
}

/*
 * Where the body begins, also of a message that was not split to its end: From
 * lines are quoted below it, and nowhere else. 0 when it is not known, as of a
 * large message with its header not in memory.
 */
static size_t body_offset(const struct sp_entry *entry)
{
	struct sp_span bytes = entry->mail->bytes;
	size_t at;

	if (!entry->split)
		return entry->message.body_offset;
	at = sp_mbox_body_offset(bytes);
	return entry->mail->large && at == bytes.size ? 0 : at;
}

/* The message as it is to leave: quoted as stored, or plain. */
static struct sp_span source_text(
	const struct sp_entry *entry, enum sp_output output)
{
	const struct sp_mail *mail = entry->mail;

	if (mail->large)
		return sp_span(mail->bytes.data, body_offset(entry));
	if (output == SP_OUTPUT_MBOX && mail->form == SP_MAIL_MBOX)
		return mail->stored;
	return mail->bytes;
}

struct part_list {
	struct iovec *parts;
	size_t count;
};

static void add_part(struct part_list *list, struct sp_span bytes)
{
	if (bytes.size == 0)
		return;
	list->parts[list->count].iov_base = (void *)(uintptr_t)bytes.data;
	list->parts[list->count].iov_len = bytes.size;
	list->count++;
}

/*
 * The text less the removed fields. Fields are spans of mail->bytes; the
 * header stands at the same offsets in text, because quoting begins below it.
 */
static void add_text(struct part_list *list, const struct sp_entry *entry,
	struct sp_span text)
{
	const char *base = entry->mail->bytes.data;
	size_t from = 0;

	for (size_t i = 0; i < entry->removed_count; i++) {
		struct sp_span raw = entry->removed[i]->raw;
		size_t at = (size_t)(raw.data - base);

		assert(at >= from && raw.size <= text.size - at);
		add_part(list, sp_span(text.data + from, at - from));
		from = at + raw.size;
	}
	add_part(list, sp_span_after(text, from));
}

/* An mbox message that did not come from an mbox: its body, quoted. */
static enum sp_status add_quoted(struct part_list *list,
	const struct sp_entry *entry, struct sp_span text,
	struct sp_arena *arena, struct sp_buffer *scratch)
{
	size_t header = body_offset(entry);
	struct sp_span body = sp_span_after(text, header);
	unsigned state = 0;
	char *copy;

	if (!sp_mbox_needs_quoting(body)) {
		add_text(list, entry, text);
		return SP_OK;
	}
	add_text(list, entry, sp_span(text.data, header));
	sp_buffer_clear(scratch);
	sp_mbox_quote(scratch, &state, body);
	copy = sp_arena_copy(arena, sp_buffer_span(scratch));
	if (!copy || scratch->failed)
		return SP_NO_MEMORY;
	add_part(list, sp_span(copy, scratch->size));
	return SP_OK;
}

static enum sp_status make_from_line(const struct sp_entry *entry,
	struct sp_arena *arena, struct sp_buffer *scratch, int64_t now,
	struct sp_span *line)
{
	enum sp_status status = sp_envelope_fill(
		&entry->mail->envelope, &entry->message, arena);
	char *copy;

	if (status != SP_OK)
		return status;
	sp_buffer_clear(scratch);
	sp_mbox_from_line(scratch, entry->mail, now, entry->message.crlf);
	copy = sp_arena_copy(arena, sp_buffer_span(scratch));
	if (!copy || scratch->failed)
		return SP_NO_MEMORY;
	*line = sp_span(copy, scratch->size);
	return SP_OK;
}

enum sp_status sp_output_prepare(struct sp_entry *entry, enum sp_output output,
	struct sp_arena *arena, struct sp_buffer *scratch, int64_t now)
{
	struct sp_mail *mail = entry->mail;
	struct sp_span text = source_text(entry, output);
	/* separator, top, text cut by removals, quoted body, tail */
	size_t room = entry->removed_count + 6;
	struct part_list list = {SP_ARENA_ARRAY(arena, struct iovec, room), 0};
	bool foreign = output == SP_OUTPUT_MBOX && mail->form != SP_MAIL_MBOX;
	enum sp_status status = SP_OK;
	struct sp_span separator = mail->from_line;

	if (!list.parts)
		return SP_NO_MEMORY;
	if (foreign)
		status = make_from_line(entry, arena, scratch, now, &separator);
	if (status != SP_OK)
		return status;
	if (output == SP_OUTPUT_MBOX)
		add_part(&list, separator);
	add_part(&list, entry->top);
	if (foreign && !mail->large)
		status = add_quoted(&list, entry, text, arena, scratch);
	else
		add_text(&list, entry, text);
	if (output == SP_OUTPUT_MBOX && !foreign && !mail->large)
		add_part(&list, mail->tail);
	entry->content = (struct sp_content){
		.parts = list.parts,
		.count = list.count,
		.large = mail->large,
		.rest_offset = body_offset(entry),
	};
	return status;
}

enum sp_status sp_output_stream_open(struct sp_output_stream *out,
	struct sp_stream *stream, enum sp_output output)
{
	*out = (struct sp_output_stream){.stream = stream, .output = output};
	out->piece = malloc(SP_PIECE_BYTES);
	return out->piece ? SP_OK : SP_NO_MEMORY;
}

void sp_output_stream_close(struct sp_output_stream *out)
{
	free(out->piece);
	sp_buffer_free(&out->quoted);
	*out = (struct sp_output_stream){0};
}

/* What may be owed, by the number a journal has for it. */
static const char *const ends[] = {NULL, "", "\n", "\r\n"};

static uint8_t end_number(const char *end)
{
	uint8_t i = 0;

	while (end && (!ends[i] || strcmp(end, ends[i]) != 0))
		i++;
	return i;
}

struct sp_journal_owed sp_output_stream_owed(const struct sp_output_stream *out)
{
	return (struct sp_journal_owed){
		.end = end_number(out->owed_end),
		.line = end_number(out->owed),
		.index = out->owed_index,
		.offset = out->owed_offset,
	};
}

void sp_output_stream_owe(
	struct sp_output_stream *out, const struct sp_journal_owed *owed)
{
	out->owed_end = ends[owed->end];
	out->owed = ends[owed->line];
	out->owed_index = owed->index;
	out->owed_offset = owed->offset;
}

static enum sp_status write_span(struct sp_output_stream *out,
	struct sp_span bytes, struct sp_error *error)
{
	struct iovec part = {(void *)(uintptr_t)bytes.data, bytes.size};

	if (bytes.size == 0)
		return SP_OK;
	return sp_stream_write(out->stream, &part, 1, error);
}

/* One piece of a large message, quoted when the mbox needs it. */
static enum sp_status write_piece(struct sp_output_stream *out,
	struct sp_span piece, bool quote, unsigned *state,
	struct sp_error *error)
{
	if (!quote)
		return write_span(out, piece, error);
	sp_buffer_clear(&out->quoted);
	sp_mbox_quote(&out->quoted, state, piece);
	if (out->quoted.failed)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	return write_span(out, sp_buffer_span(&out->quoted), error);
}

/* The body of a large message; *last is its last byte. */
static enum sp_status write_rest(struct sp_output_stream *out,
	const struct sp_entry *entry, char *last, struct sp_error *error)
{
	struct sp_large *large = entry->content.large;
	bool mbox = out->output == SP_OUTPUT_MBOX;
	bool stored = mbox && entry->mail->form == SP_MAIL_MBOX;
	unsigned state = 0;

	sp_large_seek(large, entry->content.rest_offset);
	for (;;) {
		ptrdiff_t got = stored ? sp_large_read_stored(large, out->piece,
						 SP_PIECE_BYTES)
				       : sp_large_read(large, out->piece,
						 SP_PIECE_BYTES);
		enum sp_status status;

		if (got < 0)
			return sp_error_errno(error, (int)-got,
				"%s:message %llu: cannot be read again; was "
				"it changed meanwhile?",
				entry->mail->path.data,
				(unsigned long long)entry->mail->index);
		if (got == 0)
			return SP_OK;
		*last = out->piece[got - 1];
		status = write_piece(out, sp_span(out->piece, (size_t)got),
			mbox && !stored, &state, error);
		if (status != SP_OK)
			return status;
	}
}

/* What ends a last line that ends with this byte. A CR that is part of the
 * line must not become part of its end. */
static const char *missing_end(const struct sp_entry *entry, char last)
{
	if (last == '\n')
		return "";
	return last == '\r' ? "\r\n" : line_end(entry);
}

/*
 * The empty line between the messages of an mbox. What came from an mbox
 * brings it along, save the last message of a file, after which it is owed;
 * so the output of one mbox is that mbox and the new fields, to the byte.
 */
static enum sp_status write_end(struct sp_output_stream *out,
	const struct sp_entry *entry, char last, struct sp_error *error)
{
	const struct sp_mail *mail = entry->mail;
	bool tail =
		mail->large ? mail->large->tail_bytes > 0 : mail->tail.size > 0;
	enum sp_status status;

	if (mail->form == SP_MAIL_MBOX && tail)
		return SP_OK;
	if (mail->form == SP_MAIL_MBOX) {
		out->owed_end = missing_end(entry, last);
		out->owed = line_end(entry);
		out->owed_offset = mail->offset + mail->bytes_total;
		out->owed_index = mail->index + 1;
		return SP_OK;
	}
	status = write_span(out, sp_span_str(missing_end(entry, last)), error);
	if (status == SP_OK)
		status = write_span(out, sp_span_str(line_end(entry)), error);
	return status;
}

/* Pays what is owed, unless the message stood right behind the last one. */
static enum sp_status write_owed(struct sp_output_stream *out,
	const struct sp_mail *mail, struct sp_error *error)
{
	const char *owed = out->owed;
	enum sp_status status;

	out->owed = NULL;
	if (!owed || (sp_mbox_has_length(mail->mbox_kind) &&
			     mail->index == out->owed_index &&
			     mail->offset - mail->from_line.size ==
				     out->owed_offset))
		return SP_OK;
	status = write_span(out, sp_span_str(out->owed_end), error);
	if (status == SP_OK)
		status = write_span(out, sp_span_str(owed), error);
	return status;
}

enum sp_status sp_output_stream_write(struct sp_output_stream *out,
	const struct sp_entry *entry, struct sp_error *error)
{
	const struct sp_content *content = &entry->content;
	struct sp_span bytes = entry->mail->bytes;
	enum sp_status status = write_owed(out, entry->mail, error);
	char last = '\n';

	if (status == SP_OK)
		status = sp_stream_write(
			out->stream, content->parts, content->count, error);
	if (status == SP_OK && content->large)
		status = write_rest(out, entry, &last, error);
	else
		last = bytes.size ? bytes.data[bytes.size - 1] : '\0';
	if (status == SP_OK && out->output == SP_OUTPUT_MBOX)
		status = write_end(out, entry, last, error);
	if (status == SP_OK && out->output == SP_OUTPUT_NETSTRING)
		status = write_span(out, sp_span_str(","), error);
	return status;
}
