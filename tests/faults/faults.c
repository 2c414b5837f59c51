/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes system calls fail, for tests/cli/12-trouble.t: loaded with LD_PRELOAD
 * into a program that uses plain calls (SEALPRESS_IO=pread) or a ring (ring.c).
 *
 *   FAULT=CALL:N[+]:WHAT[:PATH]  the Nth call (and all after it) of this name,
 *       on a file with PATH in its name, fails with the errno value WHAT; or
 *       WHAT is shrink, grow or vanish, which happens to the file before it
 *       is read or opened; or short, and it does half of its work.
 *   FAULT_KILL=N  SIGKILL in place of the Nth call that changes something.
 *   FAULT_CUT=truncate|garbage  with it the power is cut: names that are not
 *       synced are as before, and of files what is not synced is gone, or is
 *       garbage.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/faults/faults.h"
#include "tests/faults/power.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long calls; /* of FAULT's */
static long changes; /* for FAULT_KILL */

/* One part of FAULT, of four. */
static const char *part(const char *text, int number, size_t *size)
{
	for (; number && text; number--) {
		text = strchr(text, ':');
		text += text != NULL;
	}
	*size = text ? strcspn(text, ":") : 0;
	return text;
}

const char *path_of(int fd, char *path)
{
	char link[64];
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, PATH_MAX - 1);
	path[size < 0 ? 0 : size] = '\0';
	return path;
}

static void change_file(const char *path, const char *what)
{
	struct stat st;
	int fd;

	if (strncmp(what, "vanish", 6) == 0) {
		NEXT(unlink)(path);
	} else if (strncmp(what, "shrink", 6) == 0 && stat(path, &st) == 0) {
		if (truncate(path, st.st_size / 2) != 0)
			abort();
	} else {
		fd = NEXT(open)(path, O_WRONLY | O_APPEND);
		if (NEXT(write)(fd, "grown\n", 6) != 6)
			abort();
		close(fd);
	}
}

int fault(const char *call, const char *path)
{
	const char *text = getenv("FAULT"), *at;
	size_t size;
	long number;
	int error = 0;

	at = part(text, 0, &size);
	if (!at || strlen(call) != size || strncmp(call, at, size) != 0)
		return 0;
	at = part(text, 3, &size);
	if (at && !strstr(path, at))
		return 0;
	pthread_mutex_lock(&lock);
	calls++;
	at = part(text, 1, &size);
	number = strtol(at, NULL, 10);
	if (calls == number || (calls > number && at[size - 1] == '+')) {
		at = part(text, 2, &size);
		error = strncmp(at, "short", 5) == 0 ? FAULT_SHORT : atoi(at);
		if (!error)
			change_file(path, at);
	}
	pthread_mutex_unlock(&lock);
	return error;
}

/* Called before anything is changed, with the lock held. */
static void maybe_kill(void)
{
	const char *at = getenv("FAULT_KILL");
	const char *cut = getenv("FAULT_CUT");

	if (!at || ++changes != atol(at))
		return;
	if (cut)
		power_cut(*cut == 'g');
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

/* 0, 1 for half of it, or -1; unless -1, changed() must follow. */
static int change(const char *call, const char *path)
{
	int error = fault(call, path);

	pthread_mutex_lock(&lock);
	maybe_kill();
	if (error <= 0)
		return error == FAULT_SHORT;
	pthread_mutex_unlock(&lock);
	errno = error;
	return -1;
}

static void changed(void)
{
	pthread_mutex_unlock(&lock);
}

/* glibc has names of its own for parameters. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* Reading and opening. */

static int opened(int dir_fd, const char *name, int flags, mode_t mode)
{
	char path[PATH_MAX], full[2 * PATH_MAX];
	bool makes = flags & O_CREAT;
	struct stat st;
	int error, fd;
	bool is_new;

	if (dir_fd == AT_FDCWD || name[0] == '/')
		snprintf(full, sizeof(full), "%s", name);
	else
		snprintf(full, sizeof(full), "%s/%s", path_of(dir_fd, path),
			name);
	error = makes ? 0 : fault("open", full);
	if (error) {
		errno = error;
		return -1;
	}
	if (makes && change("open", full) != 0)
		return -1;
	is_new = makes && stat(full, &st) != 0;
	fd = NEXT(openat)(dir_fd, name, flags, mode);
	if (fd >= 0 && is_new)
		power_created(path_of(fd, path));
	if (fd >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		power_opened(fd);
	if (makes)
		changed();
	return fd;
}

#define MODE(flags) \
	__extension__({ \
		mode_t mode_ = 0; \
		va_list args_; \
		if ((flags) & (O_CREAT | __O_TMPFILE)) { \
			va_start(args_, flags); \
			mode_ = va_arg(args_, mode_t); \
			va_end(args_); \
		} \
		mode_; \
	})

int open(const char *name, int flags, ...)
{
	return opened(AT_FDCWD, name, flags, MODE(flags));
}

int openat(int dir_fd, const char *name, int flags, ...)
{
	return opened(dir_fd, name, flags, MODE(flags));
}

int __open_2(const char *name, int flags);
int __open_2(const char *name, int flags)
{
	return opened(AT_FDCWD, name, flags, 0);
}

int __openat_2(int dir_fd, const char *name, int flags);
int __openat_2(int dir_fd, const char *name, int flags)
{
	return opened(dir_fd, name, flags, 0);
}

ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
	char path[PATH_MAX];
	int error = fault("pread", path_of(fd, path));

	if (error == FAULT_SHORT)
		size = (size + 1) / 2;
	if (error <= 0)
		return NEXT(pread)(fd, buffer, size, offset);
	errno = error;
	return -1;
}

ssize_t __pread_chk(int fd, void *buffer, size_t size, off_t offset, size_t);
ssize_t __pread_chk(
	int fd, void *buffer, size_t size, off_t offset, size_t room)
{
	(void)room;
	return pread(fd, buffer, size, offset);
}

/* Writing. */

/* Before a write of so much, or of half of it. */
static bool may_write(int fd, size_t *size)
{
	char path[PATH_MAX];
	int half = change("write", path_of(fd, path));

	if (half > 0)
		*size = (*size + 1) / 2;
	return half >= 0;
}

ssize_t write(int fd, const void *data, size_t size)
{
	ssize_t done;

	if (!may_write(fd, &size))
		return -1;
	done = NEXT(write)(fd, data, size);
	changed();
	return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	ssize_t done;

	if (!may_write(fd, &size))
		return -1;
	done = NEXT(pwrite)(fd, data, size, offset);
	changed();
	return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	char path[PATH_MAX];
	ssize_t done;

	if (change("write", path_of(fd, path)) < 0)
		return -1;
	done = NEXT(writev)(fd, parts, count);
	changed();
	return done;
}

static int synced(int fd, int (*call)(int))
{
	char path[PATH_MAX];
	int result;

	if (change("fsync", path_of(fd, path)) < 0)
		return -1;
	result = call(fd);
	if (result == 0)
		power_synced(fd, path);
	changed();
	return result;
}

int fsync(int fd)
{
	return synced(fd, NEXT(fsync));
}

int fdatasync(int fd)
{
	return synced(fd, NEXT(fdatasync));
}

int ftruncate(int fd, off_t size)
{
	char path[PATH_MAX];
	int result;

	if (change("truncate", path_of(fd, path)) < 0)
		return -1;
	result = NEXT(ftruncate)(fd, size);
	changed();
	return result;
}

/* Names. */

static const char *full_name(int dir_fd, const char *name, char *out)
{
	char path[PATH_MAX];

	if (dir_fd == AT_FDCWD && name[0] != '/' && getcwd(path, PATH_MAX))
		snprintf(out, 2 * PATH_MAX, "%s/%s", path, name);
	else if (name[0] == '/')
		snprintf(out, 2 * PATH_MAX, "%s", name);
	else
		snprintf(out, 2 * PATH_MAX, "%s/%s", path_of(dir_fd, path),
			name);
	return out;
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to,
	unsigned flags)
{
	char old[2 * PATH_MAX], new[2 * PATH_MAX];
	int result;

	full_name(from_fd, from, old);
	full_name(to_fd, to, new);
	if (change("rename", new) != 0)
		return -1;
	power_renaming(old, new, flags & RENAME_EXCHANGE);
	result = NEXT(renameat2)(from_fd, from, to_fd, to, flags);
	if (result != 0)
		power_undone();
	changed();
	return result;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	return renameat2(from_fd, from, to_fd, to, 0);
}

int rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int dir_fd, const char *name, int flags)
{
	char full[2 * PATH_MAX];
	int result;

	if (change("unlink", full_name(dir_fd, name, full)) != 0)
		return -1;
	power_unlinking(full);
	result = NEXT(unlinkat)(dir_fd, name, flags);
	if (result != 0)
		power_undone();
	changed();
	return result;
}

int unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
