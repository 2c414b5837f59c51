/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages as io/ delivers them to a worker, a batch at a time, and the
 * memory they lie in. io/ knows no DKIM: a message is bytes, where they came
 * from, and the envelope that travels with them.
 */
#ifndef SP_IO_MAIL_H
#define SP_IO_MAIL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/limits.h"

/* RFC 5321 envelope; spans are empty or NULL where it is not known. */
struct sp_envelope {
	struct sp_span mail_from;
	const struct sp_span *rcpt_to;
	size_t rcpt_count;
};

enum sp_mail_form {
	SP_MAIL_FILE, /* a file that is one message */
	SP_MAIL_MAILDIR, /* a file in cur or new of a Maildir */
	SP_MAIL_MBOX, /* a part of an mbox */
	SP_MAIL_STREAM, /* one message from standard input */
};

/* From-line quoting of an mbox, or how to cut it (mbox.h). */
enum sp_mbox_kind {
	SP_MBOX_AUTO, /* reads as RD */
	SP_MBOX_RD,
	SP_MBOX_O,
	SP_MBOX_CL,
	SP_MBOX_CL2,
};

struct sp_large; /* io/large.h: a message that is streamed */
struct sp_request; /* io/request.h: what a program asks for with it */

struct sp_mail {
	enum sp_mail_form form;
	enum sp_mbox_kind mbox_kind;
	struct sp_span path; /* NUL behind it; "-" for standard input */
	uint64_t index; /* within path, from 0 */
	uint64_t offset; /* of the first byte of the message in path */
	uint64_t bytes_total; /* stored size, without From line and the empty
				 line an mbox puts behind */
	struct sp_envelope envelope;

	/*
	 * The message: header, empty line, body. Of a large one (large is not
	 * NULL) the beginning, which holds the header block if that is within
	 * SP_HEADER_BYTES_MAX, and is longer than that if not.
	 */
	struct sp_span bytes;
	/*
	 * mbox only, and empty elsewhere. from_line: the separator with its
	 * line end. stored: the message as it stands in the file, which differs
	 * from bytes only below the header, by From-line quoting; equal to
	 * bytes when nothing is quoted. tail: what stands between the message
	 * and the next separator (the empty line). from_line + stored + tail of
	 * all messages are the file, byte for byte. For a large message, stored
	 * is empty and tail is in the large stream.
	 */
	struct sp_span from_line;
	struct sp_span stored;
	struct sp_span tail;

	struct sp_large *large; /* NULL: all of it is in bytes */
	struct sp_request *request; /* of a netstring stream; else NULL */
	int trouble; /* errno value why it could not be read, or 0; then the
			rest is empty but for form, path and index */
	struct sp_span maildir; /* MAILDIR: the folder that has cur and new */
	struct sp_span name; /* MAILDIR and FILE: the last part of path */
	bool in_new; /* MAILDIR: it is in new, not in cur */
};

/* A batch of messages and the memory behind it. One worker at a time. */
struct sp_mails {
	struct sp_mail *mail;
	size_t count;
	size_t room;
	struct sp_arena arena; /* paths, bytes, unquoted copies */
	uint64_t ticket; /* batches are numbered 0, 1, 2 in input order */
	uint64_t input_bytes; /* read for this batch, for progress */
	uint64_t waited_ns; /* of reading it: for input that was not there yet,
			       and for workers that read before */
	/*
	 * The batch is a piece of the mbox that is this input of the source:
	 * where the next piece begins. 0: it is none.
	 */
	uint64_t piece_end;
	size_t piece_input;
	struct sp_large *larges; /* owned: closed by the reset */
	bool more; /* the ticket goes on: see sp_source_more() */
	unsigned part; /* of the ticket, from 0 */
	void *chunk; /* io/source.c's own: which piece of input this is. A
			reset leaves it alone */
	/* Memory of read slots, kept between batches; owned. */
	char *buffer;
	size_t buffer_bytes;
};

/* Appends a cleared mail and returns it; NULL when memory is exhausted. */
struct sp_mail *sp_mails_add(struct sp_mails *mails);

/*
 * Memory of the batch for at least bytes; NULL when there is none. What was in
 * it before is lost.
 */
char *sp_mails_buffer(struct sp_mails *mails, size_t bytes);

/* Empties the batch for reuse; closes its large messages. */
void sp_mails_reset(struct sp_mails *mails);
void sp_mails_free(struct sp_mails *mails);

#endif
