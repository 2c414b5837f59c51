/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbox: cutting gives back every byte; unquoting in pieces equals unquoting at
 * once; what is quoted comes back. The first byte chooses the kind, the second
 * the size of the pieces.
 */
#include <assert.h>
#include <stdlib.h>

#include "io/mbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mail(const struct sp_mail *mail, struct sp_span bytes)
{
	assert(mail->from_line.size + mail->stored.size + mail->tail.size ==
		bytes.size);
	assert(mail->from_line.data == bytes.data);
	assert(mail->from_line.size <= SP_MBOX_FROM_BYTES_MAX);
	assert(mail->stored.data == bytes.data + mail->from_line.size);
	assert(mail->bytes.size <= mail->stored.size);
	assert(mail->tail.size <= 2);
	assert((mail->bytes.size == mail->stored.size) ==
		sp_span_equal(mail->bytes, mail->stored));
}

/* Cuts all messages and puts them together again. */
static void check_cutting(struct sp_span bytes, enum sp_mbox_kind kind)
{
	struct sp_arena arena = {0};
	size_t at = sp_mbox_find(bytes, 0, true);

	while (at < bytes.size) {
		bool quoted = false;
		size_t next = sp_mbox_find_noting(bytes, at + 1, true, &quoted);
		struct sp_span message = sp_span(bytes.data + at, next - at);
		struct sp_mail mail = {0}, noted = {0};

		assert(next > at && sp_span_starts(message, "From "));
		assert(sp_mbox_cut(&mail, &arena, message, at, kind, true) ==
			SP_OK);
		check_mail(&mail, message);
		/* Where none was seen there is none. */
		assert(sp_mbox_cut(&noted, &arena, message, at, kind, quoted) ==
			SP_OK);
		assert(sp_span_equal(mail.bytes, noted.bytes));
		assert(mail.offset == at + mail.from_line.size);
		/* Seen from a window that begins a little before it. */
		if (at >= SP_MBOX_LOOKBACK) {
			size_t base = at - SP_MBOX_LOOKBACK;

			assert(sp_mbox_find(sp_span_after(bytes, base),
				       SP_MBOX_LOOKBACK,
				       false) == SP_MBOX_LOOKBACK);
		}
		at = next;
	}
	sp_arena_free(&arena);
}

static size_t unquote(
	enum sp_mbox_kind kind, struct sp_span body, size_t piece, char *out)
{
	unsigned state = 0;
	size_t size = 0;

	while (body.size) {
		size_t part = body.size < piece ? body.size : piece;

		size += sp_mbox_unquote(
			kind, &state, out + size, sp_span(body.data, part));
		body = sp_span_after(body, part);
	}
	return size + sp_mbox_unquote_end(&state, out + size);
}

static void check_quoting(
	struct sp_span body, enum sp_mbox_kind kind, size_t piece)
{
	size_t room = 2 * body.size + 2 * SP_MBOX_HELD_MAX;
	char *whole = malloc(room), *parts = malloc(room);
	struct sp_buffer quoted = {0};
	unsigned state = 0;
	size_t size;

	assert(whole && parts);
	size = unquote(kind, body, body.size + 1, whole);
	assert(unquote(kind, body, piece, parts) == size);
	assert(size == 0 || memcmp(whole, parts, size) == 0);
	assert(sp_mbox_is_quoted(kind, body) == (size != body.size));

	sp_mbox_quote(&quoted, &state, body);
	assert(sp_mbox_needs_quoting(body) == (quoted.size != body.size));
	assert(sp_mbox_find(sp_buffer_span(&quoted), 0, true) == quoted.size);
	size = unquote(SP_MBOX_RD, sp_buffer_span(&quoted), piece, whole);
	assert(sp_span_equal(sp_span(whole, size), body));
	sp_buffer_free(&quoted);
	free(whole);
	free(parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum sp_mbox_kind kind;
	struct sp_span bytes;
	uint64_t length;

	if (size < 2)
		return 0;
	kind = (enum sp_mbox_kind)(data[0] % 5);
	bytes = sp_span(data + 2, size - 2);
	check_cutting(bytes, kind);
	check_quoting(bytes, kind, 1 + data[1] % 16);
	sp_mbox_content_length(
		sp_span(bytes.data, sp_mbox_body_offset(bytes)), &length);
	return 0;
}
