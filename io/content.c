/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a message with as few calls as it takes. */
#include "io/content.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/file.h"
#include "io/large.h"
#include "io/partial.h"

#define PARTS_AT_ONCE ((size_t)IOV_MAX)

/* A write under way. */
struct writer {
	int fd;
	const char *path;
	bool count_crlf;
	bool after_cr; /* the last byte was CR */
	struct sp_content_sizes *sizes;
	struct sp_error *error;
};

/* Bare LFs are what W= counts twice (Maildir++). */
static void count_lines(struct writer *writer, const char *data, size_t size)
{
	struct sp_span rest = sp_span(data, size);
	size_t at;

	for (; (at = sp_span_find(rest, '\n')) < rest.size;
		rest = sp_span_after(rest, at + 1)) {
		const char *lf = rest.data + at;

		if (lf == data ? !writer->after_cr : lf[-1] != '\r')
			writer->sizes->crlf++;
	}
	if (size)
		writer->after_cr = data[size - 1] == '\r';
}

static void count_part(struct writer *writer, const struct iovec *part)
{
	writer->sizes->stored += part->iov_len;
	writer->sizes->crlf += part->iov_len;
	if (writer->count_crlf)
		count_lines(writer, part->iov_base, part->iov_len);
}

static enum sp_status write_failed(const struct writer *writer)
{
	return sp_error(writer->error, SP_IO, "%s: cannot be written: %m; %s",
		writer->path, sp_partial_remedy(errno));
}

/* The rest of a part of which done bytes are written. */
static enum sp_status finish_part(
	struct writer *writer, const struct iovec *part, size_t done)
{
	struct sp_span bytes = sp_span(part->iov_base, part->iov_len);

	errno = sp_file_write(writer->fd, sp_span_after(bytes, done));
	return errno ? write_failed(writer) : SP_OK;
}

static enum sp_status write_parts(
	struct writer *writer, const struct iovec *parts, size_t count)
{
	while (count) {
		size_t some = count < PARTS_AT_ONCE ? count : PARTS_AT_ONCE;
		ssize_t done = writev(writer->fd, parts, (int)some);
		size_t left;

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return write_failed(writer);
		left = (size_t)done;
		for (; count && left >= parts->iov_len; parts++, count--) {
			left -= parts->iov_len;
			count_part(writer, parts);
		}
		if (!left || !count)
			continue;
		assert(count);
		if (finish_part(writer, parts, left) != SP_OK)
			return SP_IO;
		count_part(writer, parts++);
		count--;
	}
	return SP_OK;
}

static enum sp_status write_large(
	struct writer *writer, const struct sp_content *content, char *piece)
{
	sp_large_seek(content->large, content->rest_offset);
	for (;;) {
		ptrdiff_t got =
			sp_large_read(content->large, piece, SP_PIECE_BYTES);
		struct iovec part = {piece, (size_t)got};

		if (got < 0) {
			errno = (int)-got;
			return sp_error(writer->error, SP_IO,
				"%s: cannot be written, because the message "
				"cannot be read again: %m; leave the input "
				"alone and run again",
				writer->path);
		}
		if (got == 0)
			return SP_OK;
		if (write_parts(writer, &part, 1) != SP_OK)
			return SP_IO;
	}
}

enum sp_status sp_content_write(const struct sp_content *content, int fd,
	const char *path, bool count_crlf, struct sp_content_sizes *sizes,
	struct sp_error *error)
{
	struct writer writer = {fd, path, count_crlf, false, sizes, error};
	enum sp_status status;
	char *piece;

	*sizes = (struct sp_content_sizes){0};
	status = write_parts(&writer, content->parts, content->count);
	if (status != SP_OK || !content->large)
		return status;
	piece = malloc(SP_PIECE_BYTES);
	if (!piece)
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some and run again", path);
	status = write_large(&writer, content, piece);
	free(piece);
	return status;
}

int sp_content_measure(int dir_fd, const char *name, bool count_crlf,
	struct sp_content_sizes *sizes)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct writer writer = {.count_crlf = count_crlf, .sizes = sizes};
	char piece[16 << 10];
	ssize_t got;
	int number;

	*sizes = (struct sp_content_sizes){0};
	if (fd < 0)
		return errno;
	while ((got = read(fd, piece, sizeof(piece))) > 0) {
		struct iovec part = {piece, (size_t)got};

		count_part(&writer, &part);
	}
	number = got < 0 ? errno : 0;
	close(fd);
	return number;
}
