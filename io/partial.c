/* SPDX-License-Identifier: Apache-2.0 */
/* Partial files: O_EXCL, fsync, rename, fsync of the folder. */
#include "io/partial.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "io/skips.h"

#define NAMES_TRIED 100u
#define NAME_EXTRA 48u /* ".partial.", a PID, a number */

const char *sp_partial_remedy(int number)
{
	switch (number) {
	case ENOSPC:
	case EDQUOT:
		return "free some space and run again";
	case EFBIG:
		return "raise the limit for file sizes (ulimit -f) and run "
		       "again";
	default:
		return "check the device it is on and run again";
	}
}

static enum sp_status no_memory(const char *path, struct sp_error *error)
{
	return sp_error(error, SP_NO_MEMORY,
		"%s: not enough memory; free some and run again", path);
}

static enum sp_status make_file(
	struct sp_partial *partial, mode_t mode, struct sp_error *error)
{
	size_t room = strlen(partial->path) + NAME_EXTRA;

	partial->name = malloc(room);
	if (!partial->name)
		return no_memory(partial->path, error);
	for (unsigned i = 0; i < NAMES_TRIED; i++) {
		int used = snprintf(partial->name, room, "%s.partial.%ld",
			partial->path, (long)getpid());

		if (i)
			snprintf(partial->name + used, room - (size_t)used,
				".%u", i);
		partial->fd = open(partial->name,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (partial->fd >= 0)
			return SP_OK;
		if (errno != EEXIST)
			return sp_error(error, SP_IO,
				"%s: cannot be made: %m; name a file in a "
				"folder that exists and can be written to",
				partial->path);
	}
	return sp_error(error, SP_IO,
		"%s: has too many unfinished files of earlier runs; remove "
		"%s.partial.*",
		partial->path, partial->path);
}

/*
 * Nothing is to take the place of a device, a pipe or a folder, nor of a link
 * that leads nowhere just now: its disk may not be mounted.
 */
static enum sp_status check_place(const char *path, struct sp_error *error)
{
	struct stat info;

	if (stat(path, &info) == 0)
		return S_ISREG(info.st_mode)
			       ? SP_OK
			       : sp_error(error, SP_CONFIG,
					 "%s: is %s, which no file is to take "
					 "the place of; name a file",
					 path, sp_skip_kind(info.st_mode));
	if (errno == ENOENT && lstat(path, &info) == 0 && S_ISLNK(info.st_mode))
		return sp_error(error, SP_CONFIG,
			"%s: is a symbolic link to what is not there; make "
			"that, or name another file",
			path);
	return SP_OK;
}

/* Gives the file this mode whatever the umask. */
static enum sp_status set_mode(
	struct sp_partial *partial, mode_t mode, struct sp_error *error)
{
	if (fchmod(partial->fd, mode) == 0)
		return SP_OK;
	return sp_error(error, SP_IO,
		"%s: cannot be given mode %03o: %m; name another file",
		partial->name, (unsigned)mode);
}

static enum sp_status make_like(struct sp_partial *partial,
	const struct stat *old, struct sp_error *error)
{
	char *target = realpath(partial->path, NULL);
	enum sp_status status;

	if (!target)
		return sp_error(error, SP_IO,
			"%s: cannot be resolved: %m; name another file",
			partial->path);
	free(partial->path);
	partial->path = target;
	status = make_file(partial, 0600, error);
	if (status != SP_OK)
		return status;
	/* Only root can give a file away; for others it is theirs anyway. */
	if (fchown(partial->fd, old->st_uid, old->st_gid) != 0)
		errno = 0;
	return set_mode(partial, old->st_mode & 0777, error);
}

enum sp_status sp_partial_open(struct sp_partial *partial, const char *path,
	const struct stat *old, struct sp_error *error)
{
	enum sp_status status;

	*partial = (struct sp_partial){.path = strdup(path), .fd = -1};
	if (!partial->path)
		return no_memory(path, error);
	status = check_place(path, error);
	if (status == SP_OK)
		status = old ? make_like(partial, old, error)
			     : make_file(partial, 0666, error);
	if (status != SP_OK)
		sp_partial_free(partial);
	return status;
}

/* Name and path as for a new file; of a link, its target's. */
static enum sp_status set_marked(struct sp_partial *partial, const char *path,
	bool exists, const char *mark, struct sp_error *error)
{
	size_t room;

	*partial = (struct sp_partial){
		.path = exists ? realpath(path, NULL) : strdup(path), .fd = -1};
	if (!partial->path)
		return exists ? sp_error_errno(error, errno,
					"%s: cannot be resolved", path)
			      : no_memory(path, error);
	room = strlen(partial->path) + strlen(mark) + NAME_EXTRA;
	partial->name = malloc(room);
	if (!partial->name)
		return no_memory(path, error);
	snprintf(partial->name, room, "%s.partial.%s", partial->path, mark);
	return SP_OK;
}

enum sp_status sp_partial_open_marked(struct sp_partial *partial,
	const char *path, const struct stat *old, const char *mark,
	bool is_there, struct sp_error *error)
{
	enum sp_status status = check_place(path, error);

	*partial = (struct sp_partial){.fd = -1};
	if (status == SP_OK)
		status = set_marked(partial, path, old != NULL, mark, error);
	if (status == SP_OK)
		partial->fd = open(partial->name,
			O_RDWR | O_NOFOLLOW | O_CLOEXEC |
				(is_there ? 0 : O_CREAT),
			old ? 0600 : 0666);
	if (status == SP_OK && partial->fd < 0 && is_there && errno == ENOENT)
		return SP_OK;
	if (status == SP_OK && partial->fd < 0)
		status = sp_error(error, SP_IO,
			"%s: cannot be made: %m; name a file in a folder that "
			"exists and can be written to",
			partial->path);
	if (status == SP_OK && old) {
		if (fchown(partial->fd, old->st_uid, old->st_gid) != 0)
			errno = 0;
		status = set_mode(partial, old->st_mode & 0777, error);
	}
	partial->lasting = true;
	if (status != SP_OK)
		sp_partial_free(partial);
	return status;
}

enum sp_status sp_partial_open_secret(
	struct sp_partial *partial, const char *path, struct sp_error *error)
{
	enum sp_status status;

	*partial = (struct sp_partial){.path = strdup(path), .fd = -1};
	if (!partial->path)
		return no_memory(path, error);
	status = check_place(path, error);
	if (status == SP_OK)
		status = make_file(partial, 0600, error);
	if (status == SP_OK)
		status = set_mode(partial, 0600, error);
	if (status != SP_OK)
		sp_partial_free(partial);
	return status;
}

static enum sp_status sync_file(
	struct sp_partial *partial, struct sp_error *error)
{
	if (partial->unsynced || fsync(partial->fd) == 0)
		return SP_OK;
	return sp_error(error, SP_IO, "%s: cannot be written: %m; %s",
		partial->path, sp_partial_remedy(errno));
}

void sp_partial_sync_name(const struct sp_partial *partial)
{
	char *folder = strdup(partial->path);
	char *slash = folder ? strrchr(folder, '/') : NULL;
	int fd = -1;

	if (slash)
		slash[slash == folder] = '\0'; /* "/name" is in "/" */
	if (folder)
		fd = open(slash ? folder : ".",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}

/* The file is complete if number, an errno value of its renaming, is 0. */
static enum sp_status finish(
	struct sp_partial *partial, int number, struct sp_error *error)
{
	errno = number;
	if (number)
		return sp_error(error, SP_IO,
			"%s: cannot be given its name: %m; name another file",
			partial->path);
	partial->finished = true;
	if (!partial->unsynced)
		sp_partial_sync_name(partial);
	return SP_OK;
}

enum sp_status sp_partial_commit(
	struct sp_partial *partial, struct sp_error *error)
{
	enum sp_status status = sync_file(partial, error);

	assert(!partial->finished);
	if (status != SP_OK)
		return status;
	return finish(partial,
		rename(partial->name, partial->path) == 0 ? 0 : errno, error);
}

enum sp_status sp_partial_commit_new(
	struct sp_partial *partial, struct sp_error *error)
{
	enum sp_status status = sync_file(partial, error);
	int number;

	assert(!partial->finished);
	if (status != SP_OK)
		return status;
	number = sp_file_move(AT_FDCWD, partial->name, partial->path);
	if (number == EEXIST)
		return sp_error(error, SP_CONFIG,
			"%s: exists already; name another file", partial->path);
	return finish(partial, number, error);
}

enum sp_status sp_partial_keep(
	struct sp_partial *partial, struct sp_error *error)
{
	enum sp_status status = sync_file(partial, error);

	assert(!partial->finished);
	partial->finished = status == SP_OK;
	return status;
}

void sp_partial_free(struct sp_partial *partial)
{
	if (partial->fd >= 0) {
		close(partial->fd);
		if (!partial->finished && !partial->lasting)
			unlink(partial->name);
	}
	free(partial->name);
	free(partial->path);
	*partial = (struct sp_partial){.fd = -1};
}
