/* SPDX-License-Identifier: Apache-2.0 */
/* A secret file: O_EXCL under a temporary name, flushed, then put in place. */
#include "cli/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum sp_status exists(const char *path, struct sp_error *error)
{
	return sp_error(error, SP_CONFIG,
		"%s: exists already; choose another name, or replace it with "
		"--force",
		path);
}

/* Writes all of it; 0 or an errno value. */
static int write_all(int fd, struct sp_span bytes)
{
	while (bytes.size) {
		ssize_t done = write(fd, bytes.data, bytes.size);

		if (done < 0 && errno != EINTR)
			return errno;
		if (done > 0)
			bytes = sp_span_after(bytes, (size_t)done);
	}
	return 0;
}

/* Makes the file under its temporary name; 0 or an errno value. */
static int make(const char *name, struct sp_span bytes)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int trouble;

	if (fd < 0)
		return errno;
	/* The umask can only have taken away; the owner has to read it. */
	trouble = fchmod(fd, 0600) != 0 ? errno : write_all(fd, bytes);
	if (trouble == 0 && fsync(fd) != 0)
		trouble = errno;
	if (close(fd) != 0 && trouble == 0)
		trouble = errno;
	if (trouble)
		unlink(name);
	return trouble;
}

/* Gives it its name; 0 or an errno value, EEXIST when it is taken. */
static int put_in_place(const char *name, const char *path, bool replace)
{
	if (replace)
		return rename(name, path) == 0 ? 0 : errno;
	if (renameat2(AT_FDCWD, name, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	/* A file system without that flag; link(2) never replaces either. */
	if (link(name, path) != 0)
		return errno;
	unlink(name);
	return 0;
}

/* A name lasts only when its folder is flushed; not all of them can be. */
static void flush_folder(const char *path)
{
	char folder[PATH_MAX] = ".";
	const char *slash = strrchr(path, '/');
	int fd;

	if (slash)
		snprintf(folder, sizeof(folder), "%.*s",
			(int)(slash - path + 1), path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static enum sp_status check(
	const struct sp_newfile *file, struct sp_error *error)
{
	struct stat st;

	/* A link that leads nowhere is in the way too. */
	if (file->replace || lstat(file->path, &st) != 0)
		return SP_OK;
	return exists(file->path, error);
}

enum sp_status sp_newfile_init(struct sp_newfile *file, const char *path,
	bool replace, struct sp_error *error)
{
	int size;

	*file = (struct sp_newfile){.path = path, .replace = replace};
	size = snprintf(file->name, sizeof(file->name), "%s.new.%ld", path,
		(long)getpid());
	if (size < 0 || (size_t)size >= sizeof(file->name))
		return sp_error(error, SP_CONFIG, "%s: name too long", path);
	return check(file, error);
}

enum sp_status sp_newfile_write(
	struct sp_newfile *file, struct sp_span bytes, struct sp_error *error)
{
	int trouble = make(file->name, bytes);

	if (trouble)
		return sp_error_errno(error, trouble, "%s", file->path);
	file->made = true;
	return SP_OK;
}

enum sp_status sp_newfile_commit(
	struct sp_newfile *file, struct sp_error *error)
{
	int trouble = put_in_place(file->name, file->path, file->replace);

	if (trouble == EEXIST)
		return exists(file->path, error);
	if (trouble)
		return sp_error_errno(error, trouble, "%s", file->path);
	file->made = false;
	flush_folder(file->path);
	return SP_OK;
}

void sp_newfile_free(struct sp_newfile *file)
{
	if (file->made)
		unlink(file->name);
	file->made = false;
}
