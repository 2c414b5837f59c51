/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message too large for memory, read in pieces and as often as needed: from
 * its own file, from a range of an mbox, or from an unnamed temporary file
 * that held what came down a pipe.
 */
#ifndef SP_IO_LARGE_H
#define SP_IO_LARGE_H

#include "io/mail.h"

struct sp_large {
	struct sp_large *next; /* list of the batch */
	int fd; /* owned: closed when the batch is reset */
	uint64_t offset; /* of the message in fd */
	uint64_t bytes; /* stored size of the message */
	uint64_t tail_bytes; /* of the tail behind it (mbox) */
	enum sp_mbox_kind unquote; /* SP_MBOX_CL2: nothing is quoted */
	bool is_mbox;
	/* Reading: */
	uint64_t at; /* next stored byte to read */
	bool in_body; /* quoting is below the header only */
	unsigned line_state; /* where in a line the unquoter is */
};

/*
 * So much of a large message is in the bytes of its mail: the first, or, when
 * the header does not end in there, the second.
 */
#define SP_LARGE_HEADER_BYTES (64u << 10)
#define SP_LARGE_HEADER_BYTES_MAX (SP_HEADER_BYTES_MAX + 4096u)

/* What a new large message is made of; see the fields of sp_large. */
struct sp_large_place {
	int fd;
	uint64_t offset;
	uint64_t bytes;
	uint64_t tail_bytes;
	enum sp_mbox_kind unquote;
	bool is_mbox;
};

/*
 * Makes mail, which is in mails, a large message: large, bytes (its beginning,
 * in the arena) and bytes_total; or, when it cannot be read, trouble. Takes
 * place->fd in any case. SP_NO_MEMORY is the only status but SP_OK.
 */
enum sp_status sp_large_attach(struct sp_mails *mails, struct sp_mail *mail,
	const struct sp_large_place *place) __attribute__((warn_unused_result));

/* Goes back to the first byte of the message. */
void sp_large_rewind(struct sp_large *large);

/*
 * Goes to the first byte of the body, body_offset bytes into the message: the
 * same place in the stored and in the unquoted message, because quoting begins
 * below the header.
 */
void sp_large_seek(struct sp_large *large, uint64_t body_offset);

/*
 * The next piece of the message (unquoted), up to room bytes, which must be
 * at least 4096; 0 at its end, or a negated errno value. EIO when the file
 * has become shorter than it was. No piece ends inside a "From ", which
 * sp_mbox_quote() relies on.
 */
ptrdiff_t sp_large_read(struct sp_large *large, char *out, size_t room);

/*
 * The next piece as stored, tail included; no unquoting. Do not mix with
 * sp_large_read() without a rewind.
 */
ptrdiff_t sp_large_read_stored(struct sp_large *large, char *out, size_t room);

#endif
