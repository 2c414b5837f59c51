/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, with plain calls. */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES (64u << 10) /* when the size is not known */

static enum sp_status no_memory(const char *path, struct sp_error *error)
{
	return sp_error(error, SP_NO_MEMORY,
		"%s: not enough memory to read it; free some, or give a "
		"smaller file",
		path);
}

static enum sp_status read_all(struct sp_buffer *out, int fd, size_t step,
	const char *path, size_t bytes_max, struct sp_error *error)
{
	size_t begin = out->size;

	for (;;) {
		char *at = sp_buffer_reserve(out, step);
		ssize_t got;

		if (!at)
			return no_memory(path, error);
		got = read(fd, at, step);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return sp_error_errno(
				error, errno, "%s: cannot be read", path);
		if (got == 0)
			return SP_OK;
		out->size += (size_t)got;
		if (out->size - begin > bytes_max)
			return sp_error(error, SP_CONFIG,
				"%s: is larger than %zu bytes; give a smaller "
				"file",
				path, bytes_max);
		step = READ_BYTES;
	}
}

enum sp_status sp_file_read(struct sp_buffer *out, const char *path,
	size_t bytes_max, struct sp_error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t step = READ_BYTES;
	struct stat st;
	enum sp_status status;

	if (fd < 0)
		return sp_error_errno(
			error, errno, "%s: cannot be opened", path);
	/* One byte more than the size, so that its end is seen at once. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
		(uintmax_t)st.st_size <= bytes_max)
		step = (size_t)st.st_size + 1;
	status = read_all(out, fd, step, path, bytes_max, error);
	close(fd);
	return status;
}

int sp_file_write(int fd, struct sp_span bytes)
{
	while (bytes.size) {
		ssize_t done = write(fd, bytes.data, bytes.size);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno;
		bytes = sp_span_after(bytes, (size_t)done);
	}
	return 0;
}

/* For file systems that cannot rename without replacing. */
static int move_by_link(int dir_fd, const char *from, const char *to)
{
	struct stat st;

	if (linkat(dir_fd, from, dir_fd, to, 0) == 0)
		return unlinkat(dir_fd, from, 0) == 0 ? 0 : errno;
	if (errno == EEXIST || errno == ENOENT)
		return errno;
	/* There are no links either: look first. */
	if (fstatat(dir_fd, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return EEXIST;
	return renameat(dir_fd, from, dir_fd, to) == 0 ? 0 : errno;
}

int sp_file_move(int dir_fd, const char *from, const char *to)
{
	if (renameat2(dir_fd, from, dir_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP)
		return move_by_link(dir_fd, from, to);
	return errno;
}
