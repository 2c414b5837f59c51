/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What earlier runs have done, as a journal tells it (journal.h), for a source
 * that is to leave it out: how far each mbox was read, and which files.
 *
 * A file is known by a name that does not change while it waits: of a Maildir
 * message the Maildir and the unique part, without flags and sizes; of another
 * file its path. Names that are given twice are done one by one.
 */
#ifndef SP_IO_DONE_H
#define SP_IO_DONE_H

#include "base/buffer.h"

struct sp_done_mbox {
	uint64_t offset; /* where to go on; 0: not begun */
	uint64_t messages; /* before that */
};

struct sp_done {
	struct sp_done_mbox *mboxes; /* owned; by index of the input */
	size_t mbox_count;
	const char **files; /* owned array of borrowed entries, see below */
	unsigned char *taken; /* owned; 1: found again */
	size_t count;
	size_t room;
};

/*
 * An entry as a journal holds it: length of the name (2 bytes, little endian),
 * size of the file (8 bytes), name.
 */
#define SP_DONE_ENTRY_BYTES 10u
#define SP_DONE_NAME_MAX 0xffffu
#define SP_DONE_BYTES_UNKNOWN UINT64_MAX /* it could not be read */

void sp_done_free(struct sp_done *done);

/* SP_OK or SP_NO_MEMORY. The entry is borrowed until sp_done_free(). */
enum sp_status sp_done_add_mbox(struct sp_done *done, size_t input,
	const struct sp_done_mbox *mbox) __attribute__((warn_unused_result));
enum sp_status sp_done_add_file(struct sp_done *done, const char *entry)
	__attribute__((warn_unused_result));

/* After the last one was added, before the first is taken. */
void sp_done_sort(struct sp_done *done);

/* How far the mbox was read that is this input. */
struct sp_done_mbox sp_done_mbox(const struct sp_done *done, size_t input);

/*
 * True when the file was done, once for each time it was; *bytes is the size
 * it had. One caller at a time.
 */
bool sp_done_take(struct sp_done *done, struct sp_span name, uint64_t *bytes);

/*
 * Writes the name of a file into out, which is cleared. maildir is empty for
 * one that is in none; name is the last part of path.
 */
void sp_done_name(struct sp_buffer *out, struct sp_span maildir,
	struct sp_span name, struct sp_span path);

#endif
