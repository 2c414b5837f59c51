/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a file that holds a secret, in two steps, so that what depends on it
 * can be done between them.
 */
#ifndef SP_CLI_NEWFILE_H
#define SP_CLI_NEWFILE_H

#include <limits.h>

#include "base/error.h"
#include "base/span.h"

struct sp_newfile {
	const char *path;
	bool replace;
	char name[PATH_MAX]; /* what it is called until the commit */
	bool made;
};

/*
 * Says what file it will be; path is borrowed. Without replace an existing
 * path is refused: SP_CONFIG with the remedy, here and again by the commit.
 */
enum sp_status sp_newfile_init(struct sp_newfile *file, const char *path,
	bool replace, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Writes it, with mode 0600 and flushed, under a name of its own. */
enum sp_status sp_newfile_write(struct sp_newfile *file, struct sp_span bytes,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Gives it its path. On trouble path is as it was. */
enum sp_status sp_newfile_commit(struct sp_newfile *file,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Removes what was written and not committed. */
void sp_newfile_free(struct sp_newfile *file);

#endif
