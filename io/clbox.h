/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An mbox file cut by Content-Length (the kinds CL and CL2): one message shows
 * where the next one begins, so the file is cut from its start on, by one
 * caller at a time.
 */
#ifndef SP_IO_CLBOX_H
#define SP_IO_CLBOX_H

#include "io/ahead.h"
#include "io/mail.h"
#include "io/reader.h"
#include "io/skips.h"

struct sp_clbox {
	int fd; /* owned */
	struct sp_ahead *ahead; /* owned; or NULL */
	const char *path; /* borrowed */
	uint64_t size;
	enum sp_mbox_kind kind;
	/* Where we are: */
	uint64_t at;
	uint64_t index; /* of the next message */
};

/*
 * Fills mails with the messages that begin in the next range_bytes, at most
 * SP_BATCH_MESSAGES_MAX; their index is that in the file. Sets box->at to
 * box->size at the end or when reading failed.
 */
enum sp_status sp_clbox_read(struct sp_clbox *box, struct sp_reader *reader,
	struct sp_mails *mails, size_t range_bytes, struct sp_skips *skips)
	__attribute__((warn_unused_result));

/* Closes what it owns. */
void sp_clbox_close(struct sp_clbox *box);

#endif
