/* SPDX-License-Identifier: Apache-2.0 */
/* Where a corpus goes: an mbox (or standard output), or a Maildir. */
#ifndef SP_CORPUS_STORE_H
#define SP_CORPUS_STORE_H

#include "base/buffer.h"

struct store {
	const char *path;
	const char *newline;
	bool maildir;
	int fd; /* of the mbox, or of the Maildir */
	struct sp_buffer text; /* not yet written */
};

/* All three end the program with a word when the outside world fails. */
void store_open(struct store *store, const char *path, bool maildir,
	const char *newline);
/* Adds the message in store->text from offset on; time is its Unix time. */
void store_message(
	struct store *store, size_t offset, uint64_t index, int64_t time);
void store_close(struct store *store);

/* Puts the separator line of an mbox, if it is one. Returns the offset in
 * store->text where the message then begins. */
size_t store_begin(struct store *store, int64_t time);

#endif
