/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How messages leave: new header fields on top, some fields left out, and
 * otherwise the bytes that came in, in the form of the output. An mbox message
 * going to an mbox keeps its separator line, quoting and empty line as stored.
 */
#ifndef SP_ENGINE_OUTPUT_H
#define SP_ENGINE_OUTPUT_H

#include "engine/batch.h"

/* What one mbox or other stream remembers from message to message. */
struct sp_output_stream {
	struct sp_stream *stream;
	enum sp_output output;
	/*
	 * Still owed before the next separator: the end of the last line, as
	 * text, and the empty line, or NULL. Nothing is, if that separator
	 * stood right behind, as it may with a Content-Length: then the next
	 * message is this one, at this offset.
	 */
	const char *owed_end;
	const char *owed;
	uint64_t owed_index;
	uint64_t owed_offset;
	char *piece; /* owned; SP_PIECE_BYTES, for large messages */
	struct sp_buffer quoted; /* owned; a piece with quoting */
};

/*
 * Lists in entry->content what leaves of the message. now is the time for a
 * separator line that has to be made.
 */
enum sp_status sp_output_prepare(struct sp_entry *entry, enum sp_output output,
	struct sp_arena *arena, struct sp_buffer *scratch, int64_t now)
	__attribute__((warn_unused_result));

/*
 * The same for a netstring stream: what answers entry is the record, and what
 * leaves of the message (of which fields_only keeps the new fields), which may
 * be nothing. Every entry is written then.
 */
enum sp_status sp_output_answer(struct sp_entry *entry, struct sp_span record,
	bool fields_only, struct sp_arena *arena, struct sp_buffer *scratch)
	__attribute__((warn_unused_result));

enum sp_status sp_output_stream_open(struct sp_output_stream *out,
	struct sp_stream *stream, enum sp_output output)
	__attribute__((warn_unused_result));

/* What is owed, for a journal, and as a journal had it. */
struct sp_journal_owed sp_output_stream_owed(
	const struct sp_output_stream *out);
void sp_output_stream_owe(
	struct sp_output_stream *out, const struct sp_journal_owed *owed);

/* Writes one prepared message; in input order. */
enum sp_status sp_output_stream_write(struct sp_output_stream *out,
	const struct sp_entry *entry, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Frees what is owned; the stream stays open. */
void sp_output_stream_close(struct sp_output_stream *out);

#endif
