/* SPDX-License-Identifier: Apache-2.0 */
/* Message files, read many at once into a batch. */
#ifndef SP_IO_FILES_H
#define SP_IO_FILES_H

#include "io/folder.h"
#include "io/mail.h"
#include "io/reader.h"
#include "io/skips.h"

/*
 * Files longer than a slot are read into memory of their own, of which a batch
 * has so much; what does not fit is streamed like a large message.
 */
#define SP_FILES_MEMORY_MAX (4u * SP_MESSAGE_MEMORY_MAX)

struct sp_file {
	struct sp_folder *folder; /* owned reference; NULL: path is all */
	const char *name; /* last part of path */
	struct sp_span path; /* NUL behind it; in the arena of the batch */
	bool named; /* by the user, in a list: it may be anything */
	bool sought; /* gone, and looked for */
};

/* Fills in file, which takes a new reference; SP_NO_MEMORY is the trouble. */
enum sp_status sp_file_set(struct sp_file *file, struct sp_arena *arena,
	struct sp_folder *folder, const char *name)
	__attribute__((warn_unused_result));

/*
 * Reads files, in order, into mails, one mail for each: with trouble where it
 * could not be read. One that a list named and that is no regular file is
 * skipped with a word. A Maildir file that is gone is looked for under its new
 * name in cur: somebody may have read or flagged it meanwhile. Gives the
 * references back. SP_NO_MEMORY only.
 */
enum sp_status sp_files_read(struct sp_file *files, size_t count,
	struct sp_reader *reader, struct sp_mails *mails,
	struct sp_skips *skips) __attribute__((warn_unused_result));

#endif
