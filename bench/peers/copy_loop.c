/* SPDX-License-Identifier: Apache-2.0 */
/*
 * copy_loop FROM... TO: copies each file of the folders FROM into TO/new as
 * maildir(5) asks: open, fstat, read, close; create in TO/tmp, write, close,
 * rename. What delivering costs at least, one file at a time, without fsync;
 * for bench/pipeline.sh.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void need(int right, const char *what)
{
	if (right)
		return;
	perror(what);
	exit(2);
}

static void copy(int from, int tmp, int new, const char *name)
{
	static char *buffer;
	static size_t room;
	int in = openat(from, name, O_RDONLY | O_CLOEXEC), out;
	struct stat info;
	size_t size;

	need(in >= 0 && fstat(in, &info) == 0, name);
	size = (size_t)info.st_size;
	if (size > room) {
		free(buffer);
		buffer = malloc(size);
		need(buffer != NULL, "memory");
		room = size;
	}
	need(read(in, buffer, size) == (ssize_t)size, name);
	close(in);
	out = openat(tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	need(out >= 0 && write(out, buffer, size) == (ssize_t)size, name);
	need(close(out) == 0 && renameat(tmp, name, new, name) == 0, name);
}

static int folder(int parent, const char *name)
{
	int fd;

	(void)mkdirat(parent, name, 0700);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	need(fd >= 0, name);
	return fd;
}

int main(int argc, char **argv)
{
	int to, tmp, new;

	need(argc > 2, "usage: copy_loop FROM... TO");
	to = folder(AT_FDCWD, argv[argc - 1]);
	tmp = folder(to, "tmp");
	new = folder(to, "new");
	for (int i = 1; i < argc - 1; i++) {
		DIR *dir = opendir(argv[i]);
		const struct dirent *entry;

		need(dir != NULL, argv[i]);
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				copy(dirfd(dir), tmp, new, entry->d_name);
		closedir(dir);
	}
	return 0;
}
