/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of files from a list that is read as it comes (--files-from): one per
 * line, or with a NUL behind each. Never more than one buffer in memory.
 */
#ifndef SP_IO_NAMELIST_H
#define SP_IO_NAMELIST_H

#include <limits.h>

#include "io/skips.h"

#define SP_NAMELIST_BYTES (16u << 10)

struct sp_namelist {
	int fd; /* owned unless it is standard input */
	int cancel_fd; /* borrowed (wait.h) */
	const char *path; /* of the list, for messages; borrowed */
	char separator; /* '\n' or '\0' */
	char name[PATH_MAX]; /* the last one; NUL behind it */
	size_t size; /* of it */
	char buffer[SP_NAMELIST_BYTES];
	size_t begin; /* what is left of the buffer */
	size_t end;
	bool ended;
	bool called_off; /* and so the name under way means nothing */
	uint64_t waited_ns; /* for names, since somebody cleared it */
};

/*
 * Puts the next name that is not empty into list->name; false at the end. One
 * that no path can be as long as is skipped, and so is what follows an error.
 */
bool sp_namelist_next(struct sp_namelist *list, struct sp_skips *skips);

void sp_namelist_close(struct sp_namelist *list);

#endif
