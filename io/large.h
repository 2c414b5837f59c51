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
	int fd; /* owned */
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
 * has become shorter than it was.
 */
ptrdiff_t sp_large_read(struct sp_large *large, char *out, size_t room);

/*
 * The next piece as stored, tail included; no unquoting. Do not mix with
 * sp_large_read() without a rewind.
 */
ptrdiff_t sp_large_read_stored(struct sp_large *large, char *out, size_t room);

#endif
