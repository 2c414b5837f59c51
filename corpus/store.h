/* SPDX-License-Identifier: Apache-2.0 */
/* Where a corpus goes: an mbox (or standard output), a Maildir, or a folder
 * with a file for each message. */
#ifndef SP_CORPUS_STORE_H
#define SP_CORPUS_STORE_H

#include "base/buffer.h"

enum store_format { STORE_MBOX, STORE_MAILDIR, STORE_EML };

struct store {
	const char *path;
	const char *newline;
	enum store_format format;
	int fd; /* of the mbox, or of the folder */
	struct sp_buffer message; /* put the next one here */
	struct sp_buffer text; /* of the mbox, not yet written */
};

/* All three end the program with a word when the outside world fails. */
void store_open(struct store *store, const char *path, enum store_format format,
	const char *newline);
/* Takes what is in store->message, and empties it; time is its Unix time. */
void store_message(struct store *store, uint64_t index, int64_t time);
void store_close(struct store *store);

#endif
