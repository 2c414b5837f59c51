/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mbox formats: cutting, unquoting, quoting (mbox(5), RFC 4155).
 *
 * A message begins at a line "From " that stands first or below an empty line;
 * the empty line above it belongs to no message. The kinds differ in how they
 * keep a line "From " of a body from being taken for a separator:
 *
 *   RD   ">From ", ">>From " and so on lose one ">": what was written with the
 *        same rule comes back byte for byte.
 *   O    ">From " loses its ">", other lines lose nothing. A ">From " that the
 *        sender wrote is lost in this format; nobody can know.
 *   CL   quoted as O, and cut by Content-Length where it leads to another
 *        separator or to the end of the file, else like the others.
 *   CL2  cut like CL, nothing is quoted.
 *
 * Some readers take every line "From " for a separator. Asking for the empty
 * line above is safer with O and CL2, and the same for files whose writers
 * quote as they should.
 */
#ifndef SP_IO_MBOX_H
#define SP_IO_MBOX_H

#include "base/buffer.h"
#include "io/mail.h"
#include "io/mark.h"

/*
 * A separator line longer than this is cut there, and the rest of it taken for
 * the first line of the message: no memory is bound to a line without end.
 */
#define SP_MBOX_FROM_BYTES_MAX (64u << 10)

/* A separator is seen with so many bytes of it, and so many before it. */
#define SP_MBOX_MARK_BYTES SP_MARK_BYTES
#define SP_MBOX_LOOKBACK 3u

/* Quoting held back between pieces: ">From". */
#define SP_MBOX_HELD_MAX 8u

/*
 * Offset of the first separator line at or after from, or bytes.size. at_start
 * says that bytes begins where a message may (file start or below an empty
 * line); without it a separator in the first SP_MBOX_LOOKBACK bytes is seen
 * only when the empty line above it is whole in bytes.
 */
size_t sp_mbox_find(struct sp_span bytes, size_t from, bool at_start);

/*
 * The same, and *quoted becomes true when a mark with ">" before it lies
 * between from and there. While it is false, no line is quoted.
 */
size_t sp_mbox_find_noting(
	struct sp_span bytes, size_t from, bool at_start, bool *quoted);

/* Size of the separator line that bytes begins with, line end included. */
size_t sp_mbox_from_size(struct sp_span bytes);

/* Size of the empty line (0, 1 or 2) that ends bytes, below another line. */
size_t sp_mbox_tail_size(struct sp_span bytes);

/* Offset of the body: behind the first empty line, or bytes.size. */
size_t sp_mbox_body_offset(struct sp_span bytes);

/*
 * Content-Length of a message whose header, up to the body, is in header. False
 * when there is none that can be used.
 */
bool sp_mbox_content_length(struct sp_span header, uint64_t *length);

/* True when the kind is cut by Content-Length. */
static inline bool sp_mbox_has_length(enum sp_mbox_kind kind)
{
	return kind == SP_MBOX_CL || kind == SP_MBOX_CL2;
}

/*
 * Cuts one message: bytes begins with its separator line and ends at the next
 * separator or the end of the file. Fills form, mbox_kind, from_line, stored,
 * tail, bytes (unquoted into the arena when needed), bytes_total, offset (base
 * + size of the separator line) and mail_from of the envelope. The spans
 * borrow bytes. quoted is false when it is known that no line is.
 */
enum sp_status sp_mbox_cut(struct sp_mail *mail, struct sp_arena *arena,
	struct sp_span bytes, uint64_t base, enum sp_mbox_kind kind,
	bool quoted) __attribute__((warn_unused_result));

/* SENDER of a separator line; empty for MAILER-DAEMON and "-". */
struct sp_span sp_mbox_sender(struct sp_span from_line);

/* True when a line of the body loses a ">" in this kind. */
bool sp_mbox_is_quoted(enum sp_mbox_kind kind, struct sp_span body);

/*
 * Unquotes a piece of a body. *state is 0 at the start of the body and carries
 * over pieces. out has room for in.size + SP_MBOX_HELD_MAX bytes; it may
 * overlap in when in.data - out is SP_MBOX_HELD_MAX or more. Returns the size.
 */
size_t sp_mbox_unquote(
	enum sp_mbox_kind kind, unsigned *state, char *out, struct sp_span in);

/* At the end of the body: the at most SP_MBOX_HELD_MAX bytes held back. */
size_t sp_mbox_unquote_end(unsigned *state, char *out);

/* True when some line of the body needs quoting (RD: ">*From "). */
bool sp_mbox_needs_quoting(struct sp_span body);

/*
 * Appends the body with RD quoting. *state is 0 at its start and carries over
 * pieces, none of which may end inside a "From " (those of sp_large_read() do
 * not): nothing is held back, so there is no end to call.
 */
void sp_mbox_quote(struct sp_buffer *out, unsigned *state, struct sp_span body);

/*
 * How many bytes at the end of piece (0 to 4) may be the beginning of a "From "
 * that goes on: what to leave for the next piece.
 */
size_t sp_mbox_partial_mark(struct sp_span piece);

/*
 * Appends "From SENDER DATE" with line end, for a message that has no
 * separator line: sender from the envelope or MAILER-DAEMON, time in UTC
 * (asctime form).
 */
void sp_mbox_from_line(struct sp_buffer *out, const struct sp_mail *mail,
	int64_t time, bool crlf);

#endif
