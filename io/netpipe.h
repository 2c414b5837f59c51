/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages as pairs of netstrings down a pipe, each with a record in front
 * (request.h). Nothing waits for a batch to fill: what has come is given out
 * as soon as reading on would wait. One caller at a time.
 */
#ifndef SP_IO_NETPIPE_H
#define SP_IO_NETPIPE_H

#include "base/buffer.h"
#include "io/mail.h"

struct sp_netpipe {
	int fd; /* borrowed */
	int cancel_fd; /* borrowed: calls off a read (wait.h) */
	struct sp_buffer carry; /* read, but not given out yet */
	uint64_t offset; /* of the carry in the stream */
	uint64_t index; /* of the next message */
	bool ended; /* nothing more is read */
	uint64_t waited_ns; /* for input, in the last call */
	struct sp_error error; /* what is wrong with the stream; SP_OK: nothing
				  so far */
};

/* Asks the system for a pipe that holds more, so that batches can fill. */
void sp_netpipe_widen(int fd);

/*
 * Fills mails with the pairs that are there, up to range_bytes or so, at least
 * one and at most messages_max; their records are not read yet. *end is true
 * when nothing was left, the read was called off, or the stream is broken: then
 * pipe->error names the byte.
 */
enum sp_status sp_netpipe_read(struct sp_netpipe *pipe, struct sp_mails *mails,
	size_t range_bytes, size_t messages_max, bool *end)
	__attribute__((warn_unused_result));

void sp_netpipe_free(struct sp_netpipe *pipe);

#endif
