/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that appears under its name only when it is complete. Until then it
 * is PATH.partial.PID in the same folder (PATH.partial.PID.N when that is
 * there).
 */
#ifndef SP_IO_PARTIAL_H
#define SP_IO_PARTIAL_H

#include <sys/stat.h>

#include "base/error.h"

struct sp_partial {
	char *path; /* owned; the final name */
	char *name; /* owned; the name until then */
	int fd; /* owned; -1: none */
	bool unsynced; /* may be lost in a power cut: nothing is synced */
	bool lasting; /* free leaves it alone: a later process goes on */
	bool finished; /* committed or kept: free leaves the file alone */
};

/*
 * Makes the partial file, with O_EXCL: mode 0666 less the umask, or owner (as
 * far as that is allowed) and mode of old, the file at path that it will
 * replace (NULL: there is none). Of a symbolic link the target is replaced.
 * SP_CONFIG when path is no regular file, or a symbolic link to nothing.
 */
enum sp_status sp_partial_open(struct sp_partial *partial, const char *path,
	const struct stat *old, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * The same for work that goes on in a later process: PATH.partial.MARK, taken
 * as it is when it is there, open for reading too, and left alone by free. What
 * is not there is made, or, when it is to be, leaves fd at -1.
 */
enum sp_status sp_partial_open_marked(struct sp_partial *partial,
	const char *path, const struct stat *old, const char *mark,
	bool is_there, struct sp_error *error)
	__attribute__((warn_unused_result));

/* The same for a secret: mode 0600. A symbolic link is replaced itself. */
enum sp_status sp_partial_open_secret(
	struct sp_partial *partial, const char *path, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Syncs the file and gives it its name; on trouble PATH is as it was. */
enum sp_status sp_partial_commit(struct sp_partial *partial,
	struct sp_error *error) __attribute__((warn_unused_result));

/* The same, but replaces nothing: SP_CONFIG when the name is taken. */
enum sp_status sp_partial_commit_new(struct sp_partial *partial,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Syncs the file and leaves it under its partial name. */
enum sp_status sp_partial_keep(struct sp_partial *partial,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Syncs the folder the file is in. One that cannot be read cannot be synced.
 */
void sp_partial_sync_name(const struct sp_partial *partial);

/* Closes; what was neither committed nor kept is removed. */
void sp_partial_free(struct sp_partial *partial);

/* What to do about a failed write, by errno value. */
const char *sp_partial_remedy(int number);

#endif
