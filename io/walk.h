/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message files of a Maildir or of a folder and the folders below it, in
 * an order that depends on their names only, unless a folder is so large that
 * it is listed in lots (folder.h).
 *
 *   Maildir  cur, then new, each in order of the names' bytes; tmp and the
 *            subfolders of a Maildir++ (.Sent and so on) are not entered: name
 *            them as inputs of their own. What new holds is listed before cur
 *            is, and what moves from there to cur meanwhile, when somebody
 *            looks at it, still comes with new: not twice, and not never.
 *            (That holds for the first SP_FOLDER_NAMES_MAX names of new, or
 *            SP_FOLDER_PASS_NAMES_MAX when in place.)
 *   Tree     every regular file below it, each file one message; the entries
 *            of a folder in order of their names' bytes, a folder's content
 *            where its name stands.
 *
 * Names that begin with a dot are passed over. A symbolic link to a file is
 * followed, one to a folder is not. What is neither file nor folder is skipped
 * with a word; nothing is opened that could block.
 */
#ifndef SP_IO_WALK_H
#define SP_IO_WALK_H

#include "base/map.h"
#include "io/folder.h"
#include "io/skips.h"

#define SP_WALK_DEPTH_MAX 64u

struct sp_walk {
	struct sp_skips *skips;
	struct sp_listing level[SP_WALK_DEPTH_MAX];
	size_t depth;
	const char *maildir; /* borrowed; NULL: a tree */
	bool in_place;
	unsigned folders; /* of the Maildir entered so far: cur, new */
	struct sp_listing fresh; /* new, until it is entered */
	struct sp_map fresh_names; /* by message, its names */
};

struct sp_walk_file {
	struct sp_folder *folder; /* borrowed until the next call */
	const char *name; /* good until the next call */
};

/*
 * Starts at path, which is borrowed until the end. A folder that cannot be
 * read is skipped with a word, this one too. in_place: files are replaced
 * meanwhile, so folders are listed in passes and links are skipped.
 * SP_NO_MEMORY only.
 */
enum sp_status sp_walk_begin(struct sp_walk *walk, const char *path,
	bool maildir, bool in_place, struct sp_skips *skips)
	__attribute__((warn_unused_result));

/* The next file; file->name is NULL at the end. SP_NO_MEMORY only. */
enum sp_status sp_walk_next(struct sp_walk *walk, struct sp_walk_file *file)
	__attribute__((warn_unused_result));

/* At any time; a zeroed walk is fine. */
void sp_walk_end(struct sp_walk *walk);

#endif
