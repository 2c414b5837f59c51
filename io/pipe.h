/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that come down a pipe: one message up to its end, or an mbox (RD or
 * O) cut as it comes. What is too large for memory goes through an unnamed
 * temporary file. One caller at a time.
 */
#ifndef SP_IO_PIPE_H
#define SP_IO_PIPE_H

#include "base/buffer.h"
#include "io/mail.h"
#include "io/skips.h"

struct sp_pipe {
	int fd; /* borrowed */
	int cancel_fd; /* borrowed: calls off a read (wait.h) */
	bool is_mbox;
	enum sp_mbox_kind kind;
	/* Where we are: */
	struct sp_buffer carry; /* read, but not given out yet */
	uint64_t offset; /* of the carry in the stream */
	uint64_t index; /* of the next message */
	bool begun;
	bool ended;
	int fault; /* errno value of the read that ended it */
	uint64_t waited_ns; /* for input, in the last sp_pipe_read() */
};

/*
 * Reads the first bytes, which it keeps, and says whether they are those of
 * an mbox.
 */
bool sp_pipe_looks_like_mbox(struct sp_pipe *pipe);

/*
 * Fills mails from the next range_bytes or so. *end is true when nothing was
 * left, or the read was called off.
 */
enum sp_status sp_pipe_read(struct sp_pipe *pipe, struct sp_mails *mails,
	size_t range_bytes, struct sp_skips *skips, bool *end)
	__attribute__((warn_unused_result));

/*
 * Copies all that comes into an unnamed temporary file: its descriptor, and
 * the bytes in *size; or a negated errno value, -ECANCELED when called off.
 */
int sp_pipe_to_file(struct sp_pipe *pipe, uint64_t *size);

void sp_pipe_free(struct sp_pipe *pipe);

#endif
