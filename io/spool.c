/* SPDX-License-Identifier: Apache-2.0 */
/* Unnamed temporary files. */
#include "io/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* For filesystems without O_TMPFILE: named for a moment. */
static int open_and_unlink(const char *folder)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/sealpress.XXXXXX", folder) < 0)
		return -ENOMEM;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	else
		unlink(path);
	free(path);
	return fd;
}

int sp_spool_open(void)
{
	const char *folder = secure_getenv("TMPDIR");
	int fd;

	if (!folder || !*folder)
		folder = "/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 ? fd : open_and_unlink(folder);
}
