/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mbox formats: cutting, unquoting, quoting (mbox(5), RFC 4155).
 *
 * A message begins at a line "From " that stands first or below an empty line.
 * RD: ">From ", ">>From " and so on lose one ">"; O and CL: ">From " only; CL2:
 * nothing. CL and CL2 are cut by Content-Length where it leads to another
 * separator or the end, else like the others.
 */
#ifndef SP_IO_MBOX_H
#define SP_IO_MBOX_H

#include "base/buffer.h"
#include "io/mail.h"

/*
 * Offset of the first separator line at or after from, or bytes.size. from is
 * 0 or the start of a line; at_start says that bytes begins where a message
 * may (file start or below an empty line).
 */
size_t sp_mbox_find(struct sp_span bytes, size_t from, bool at_start);

/*
 * Cuts one message: bytes begins with its separator line and ends at the next
 * separator or the end of the file. Fills from_line, stored, tail, bytes
 * (unquoted into the arena when needed), bytes_total, mail_from of the
 * envelope. offset is set to base + size of the separator line.
 */
enum sp_status sp_mbox_cut(struct sp_mail *mail, struct sp_arena *arena,
	struct sp_span bytes, uint64_t base, enum sp_mbox_kind kind)
	__attribute__((warn_unused_result));

/*
 * Unquotes a piece of a body in place or to out (room for in.size; may equal
 * in.data). *state is 0 at the start of the body and carries over pieces.
 * Returns the size. At the end of the body call sp_mbox_unquote_end() for the
 * at most SP_MBOX_HELD_MAX bytes held back.
 */
#define SP_MBOX_HELD_MAX 64u
size_t sp_mbox_unquote(
	enum sp_mbox_kind kind, unsigned *state, char *out, struct sp_span in);

/* True when some line of the body needs quoting (RD: ">*From "). */
bool sp_mbox_needs_quoting(struct sp_span body);

/* Appends the body with RD quoting; state as above, for pieces. */
void sp_mbox_quote(struct sp_buffer *out, unsigned *state, struct sp_span body);

/*
 * Appends "From SENDER DATE" with line end, for a message that has no
 * separator line: sender from the envelope or MAILER-DAEMON, time in UTC
 * (asctime form).
 */
void sp_mbox_from_line(struct sp_buffer *out, const struct sp_mail *mail,
	int64_t time, bool crlf);

#endif
