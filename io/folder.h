/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open folder, shared by those who read files in it, and the names in it.
 *
 * Up to SP_FOLDER_NAMES_MAX names come in order of their bytes, so that all
 * machines see the same order. A larger folder is listed as it is read, so many
 * names at a time, each lot in order: the first is there at once, and no more
 * are ever held.
 *
 * Whoever renames what is listed while it is listed would see some names again
 * and others never. That needs a listing in passes: each reads the whole folder
 * and keeps the first names of those behind the last one given.
 */
#ifndef SP_IO_FOLDER_H
#define SP_IO_FOLDER_H

#include <dirent.h>
#include <stdatomic.h>

#include "base/buffer.h"

#define SP_FOLDER_NAMES_MAX (1u << 17)
#define SP_FOLDER_PASS_NAMES_MAX (1u << 20)

struct sp_folder {
	atomic_uint references;
	DIR *dir; /* owned; read by one listing only */
	int fd; /* of dir: open files relative to it */
	char *path; /* owned; no "/" at the end unless it is "/" */
	char *maildir; /* owned: the Maildir it is cur or new of, or NULL */
	bool in_new;
};

/*
 * Opens parent/name (parent may be NULL: then name is a path), without
 * following a symbolic link below parent. NULL with errno.
 */
struct sp_folder *sp_folder_open(
	const struct sp_folder *parent, const char *name);

struct sp_folder *sp_folder_get(struct sp_folder *folder);
void sp_folder_put(struct sp_folder *folder); /* NULL is fine */

struct sp_listing {
	struct sp_folder *folder; /* owned reference */
	bool in_passes;
	size_t names_max; /* 0: the one of the two above */
	struct sp_buffer text; /* type byte, name, NUL; and again */
	size_t *order; /* owned: offsets in text, sorted by name */
	size_t count;
	size_t room;
	size_t next; /* in order */
	char *last; /* owned: name that the last pass ended with */
	bool begun; /* the folder has been read from */
	bool whole; /* no name is left behind the last of this lot */
	int fault; /* errno value of a pass that failed */
};

/* Takes the reference. The listing may be freed at any time. */
void sp_listing_begin(
	struct sp_listing *listing, struct sp_folder *folder, bool in_passes);
void sp_listing_free(struct sp_listing *listing);

/* Reads the first lot now: the names that are there at this moment. */
void sp_listing_load(struct sp_listing *listing);

/* One of the count names of the present lot. */
const char *sp_listing_name(const struct sp_listing *listing, size_t i);

/*
 * The next name that does not begin with a dot, with its d_type; NULL at the
 * end, or when listing->fault is set (ENOMEM or what readdir met; the names
 * before were all given). Good until the next call.
 */
const char *sp_listing_next(struct sp_listing *listing, unsigned char *type);

/*
 * Do two names in a Maildir belong to the same message? They do when they
 * differ only in the flags behind ":" (maildir(5)) and the sizes ",S=" and
 * ",W=" of Maildir++.
 */
bool sp_folder_same_message(const char *a, const char *b);

/* What all names of a message begin with: what stands before those. */
struct sp_span sp_folder_message(const char *name);

#endif
