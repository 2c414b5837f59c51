/* SPDX-License-Identifier: Apache-2.0 */
/* Reading files with plain system calls: works everywhere. */
#include "io/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Until room is full or the file ends. */
static ssize_t read_fully(int fd, uint64_t offset, char *buffer, size_t room)
{
	size_t size = 0;

	while (size < room) {
		ssize_t got = pread(
			fd, buffer + size, room - size, (off_t)(offset + size));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		size += (size_t)got;
	}
	return (ssize_t)size;
}

ssize_t sp_reader_empty(const struct sp_read_file *file)
{
	struct stat info;

	if (fstatat(file->dir_fd, file->name, &info, 0) == 0 &&
		!S_ISREG(info.st_mode))
		return -ENXIO;
	return 0;
}

/* A FIFO or terminal answers pread with ESPIPE; say what that means. */
static ssize_t not_regular(ssize_t result)
{
	return result == -ESPIPE ? -ENXIO : result;
}

void sp_reader_file_plain(struct sp_read_file *file)
{
	int fd = openat(file->dir_fd, file->name, SP_READ_FLAGS | O_CLOEXEC);

	if (fd < 0) {
		file->result = -errno;
		return;
	}
	file->result = not_regular(read_fully(fd, 0, file->buffer, file->room));
	close(fd);
	if (file->result == 0)
		file->result = sp_reader_empty(file);
}

static void pread_files(
	struct sp_reader *reader, struct sp_read_file *files, size_t count)
{
	(void)reader;
	for (size_t i = 0; i < count; i++)
		sp_reader_file_plain(&files[i]);
}

static ssize_t pread_range(struct sp_reader *reader, int fd, uint64_t offset,
	char *buffer, size_t room)
{
	(void)reader;
	return read_fully(fd, offset, buffer, room);
}

/* It keeps nothing, so one serves everybody. */
static struct sp_reader *pread_open(void)
{
	static struct sp_reader reader = {&sp_reader_pread};

	return &reader;
}

static void pread_close(struct sp_reader *reader)
{
	(void)reader;
}

const struct sp_reader_ops sp_reader_pread = {
	.name = "pread",
	.open = pread_open,
	.close = pread_close,
	.read_files = pread_files,
	.read_range = pread_range,
};
