/* SPDX-License-Identifier: Apache-2.0 */
/* A large message, read in pieces. */
#include "io/large.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "io/mbox.h"

#define ROOM_MIN 4096u

/* line_state in the header; in the body it is the unquoter's. */
enum { LINE_START, IN_LINE, LINE_START_CR };

/* Fills mail->bytes with what sp_large_read() gives, up to size bytes. */
static enum sp_status read_beginning(struct sp_large *large,
	struct sp_mail *mail, struct sp_arena *arena, size_t size)
{
	char *out = sp_arena_alloc(arena, size + ROOM_MIN, 1);
	ptrdiff_t got = 1;

	if (!out)
		return SP_NO_MEMORY;
	mail->bytes = sp_span(out, 0);
	while (got > 0 && mail->bytes.size < size) {
		got = sp_large_read(large, out + mail->bytes.size,
			size + ROOM_MIN - mail->bytes.size);
		if (got > 0)
			mail->bytes.size += (size_t)got;
	}
	mail->trouble = got < 0 ? (int)-got : 0;
	sp_large_rewind(large);
	return SP_OK;
}

static bool has_header_end(const struct sp_mail *mail)
{
	return sp_mbox_body_offset(mail->bytes) < mail->bytes.size;
}

enum sp_status sp_large_attach(struct sp_mails *mails, struct sp_mail *mail,
	const struct sp_large_place *place)
{
	struct sp_large *large = SP_ARENA_NEW(&mails->arena, struct sp_large);
	enum sp_status status;

	if (!large) {
		close(place->fd);
		return SP_NO_MEMORY;
	}
	*large = (struct sp_large){
		.next = mails->larges,
		.fd = place->fd,
		.offset = place->offset,
		.bytes = place->bytes,
		.tail_bytes = place->tail_bytes,
		.unquote = place->unquote,
		.is_mbox = place->is_mbox,
	};
	mails->larges = large;
	status = read_beginning(
		large, mail, &mails->arena, SP_LARGE_HEADER_BYTES);
	if (status == SP_OK && !mail->trouble && !has_header_end(mail))
		status = read_beginning(
			large, mail, &mails->arena, SP_LARGE_HEADER_BYTES_MAX);
	if (mail->trouble) {
		mail->bytes = mail->from_line = sp_span(NULL, 0);
		mail->envelope = (struct sp_envelope){0};
		mail->offset = 0;
		return status;
	}
	mail->large = large;
	mail->bytes_total = place->bytes;
	return status;
}

void sp_large_rewind(struct sp_large *large)
{
	sp_large_seek(large, 0);
}

void sp_large_seek(struct sp_large *large, uint64_t body_offset)
{
	large->at = body_offset;
	large->in_body = body_offset > 0;
	large->line_state = 0;
}

/* Stored bytes up to end (of the message or its tail); 0 only there. */
static ptrdiff_t read_stored(
	struct sp_large *large, uint64_t end, char *out, size_t room)
{
	uint64_t left = large->at < end ? end - large->at : 0;
	size_t wanted = left < room ? (size_t)left : room;
	ssize_t got;

	if (wanted == 0)
		return 0;
	do {
		got = pread(large->fd, out, wanted,
			(off_t)(large->offset + large->at));
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got < 0 ? -errno : -EIO;
	large->at += (uint64_t)got;
	return got;
}

/* The same, but what may begin a "From " is left for the next piece. */
static ptrdiff_t read_whole_marks(
	struct sp_large *large, char *out, size_t room)
{
	size_t size = 0;
	size_t partial;

	/* A short read of a few bytes must not stop us: read until more. */
	do {
		ptrdiff_t got = read_stored(
			large, large->bytes, out + size, room - size);

		if (got < 0)
			return got;
		size += (size_t)got;
		if (large->at == large->bytes)
			return (ptrdiff_t)size;
		partial = sp_mbox_partial_mark(sp_span(out, size));
	} while (partial == size);
	large->at -= partial;
	return (ptrdiff_t)(size - partial);
}

/* How much of the piece is header; notes when the body begins. */
static size_t pass_header(struct sp_large *large, struct sp_span piece)
{
	size_t at = 0;

	while (at < piece.size && !large->in_body) {
		char c = piece.data[at];
		struct sp_span rest = sp_span_after(piece, at);

		if (large->line_state != IN_LINE && c == '\n') {
			large->in_body = true;
			at++;
		} else if (large->line_state == LINE_START && c == '\r') {
			large->line_state = LINE_START_CR;
			at++;
		} else {
			size_t end = sp_span_find(rest, '\n');

			large->line_state =
				end < rest.size ? LINE_START : IN_LINE;
			at += end < rest.size ? end + 1 : end;
		}
	}
	if (large->in_body)
		large->line_state = 0;
	return at;
}

ptrdiff_t sp_large_read(struct sp_large *large, char *out, size_t room)
{
	bool plain = !large->is_mbox || large->unquote == SP_MBOX_CL2;
	char *in = out + SP_MBOX_HELD_MAX;
	size_t size = 0;

	assert(room >= ROOM_MIN);
	if (plain)
		return read_whole_marks(large, out, room);
	while (size == 0) {
		ptrdiff_t got =
			read_whole_marks(large, in, room - SP_MBOX_HELD_MAX);
		size_t header = 0;

		if (got < 0)
			return got;
		if (got == 0 && large->in_body)
			return (ptrdiff_t)sp_mbox_unquote_end(
				&large->line_state, out);
		if (got == 0)
			return 0;
		if (!large->in_body)
			header = pass_header(large, sp_span(in, (size_t)got));
		memmove(out, in, header);
		size = header +
		       sp_mbox_unquote(large->unquote, &large->line_state,
			       out + header,
			       sp_span(in + header, (size_t)got - header));
	}
	return (ptrdiff_t)size;
}

ptrdiff_t sp_large_read_stored(struct sp_large *large, char *out, size_t room)
{
	return read_stored(large, large->bytes + large->tail_bytes, out, room);
}
