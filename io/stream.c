/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams: a partial file that is renamed when complete, or standard output.
 *
 * Of two buffers one is filled while the ring writes the other at its place in
 * the file. Whatever the ring leaves unwritten (a short write, an error, a
 * request cancelled because the thread that made it has ended) is written by
 * plain calls, which also say what is wrong: there is one place for trouble.
 *
 * Full buffers of a file go past the page cache (O_DIRECT): copying into it
 * costs more than all the rest of writing, and a stream is synced in the end
 * anyway. Where the file system will not have it, and for the tail, the page
 * cache is used.
 */
#include "io/stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/pages.h"
#include "io/stream_parts.h"

/* Remembers the first failure. */
static void stream_fail(struct sp_stream *stream, int number)
{
	if (stream->error.status != SP_OK)
		return;
	errno = number;
	if (number == EPIPE)
		sp_error(&stream->error, SP_IO,
			"%s was closed by its reader; keep it open to the end, "
			"or name a file",
			stream->fd == STDOUT_FILENO ? "standard output"
						    : stream->path);
	else
		sp_error(&stream->error, SP_IO, "%s: cannot be written: %m; %s",
			stream->path, sp_partial_remedy(number));
}

/* Hands the remembered state to the caller. */
static enum sp_status stream_status(
	const struct sp_stream *stream, struct sp_error *error)
{
	if (stream->error.status != SP_OK && error)
		*error = stream->error;
	return stream->error.status;
}

static void write_plain(struct sp_stream *stream, const char *data, size_t size,
	uint64_t offset)
{
	while (size) {
		ssize_t done =
			stream->is_partial
				? pwrite(stream->fd, data, size, (off_t)offset)
				: write(stream->fd, data, size);

		if (done < 0 && errno == EAGAIN) {
			struct pollfd ready = {stream->fd, POLLOUT, 0};

			(void)poll(&ready, 1, -1);
			continue;
		}
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			stream_fail(stream, done ? errno : EIO);
			return;
		}
		data += done;
		size -= (size_t)done;
		offset += (uint64_t)done;
	}
}

/* Sets or clears O_DIRECT; nothing may be in flight. */
static void set_direct(struct sp_stream *stream, bool direct)
{
	int flags;

	if (stream->direct == direct || (direct && stream->direct_refused))
		return;
	flags = fcntl(stream->fd, F_GETFL);
	if (flags >= 0 &&
		fcntl(stream->fd, F_SETFL,
			direct ? flags | O_DIRECT : flags & ~O_DIRECT) == 0)
		stream->direct = direct;
	else
		stream->direct_refused = true;
}

static void ring_close(struct sp_stream *stream)
{
	if (stream->has_ring)
		io_uring_queue_exit(&stream->ring);
	stream->has_ring = false;
}

/* Waits for the buffer in flight and writes what the ring left. */
static void land(struct sp_stream *stream)
{
	struct io_uring_cqe *cqe;
	size_t done = 0;
	int result;

	if (!stream->flight_bytes)
		return;
	do
		result = io_uring_wait_cqe(&stream->ring, &cqe);
	while (result == -EINTR);
	if (result == 0) {
		done = cqe->res > 0 ? (size_t)cqe->res : 0;
		io_uring_cqe_seen(&stream->ring, cqe);
	}
	if (done < stream->flight_bytes) {
		stream->direct_refused |= stream->direct;
		set_direct(stream, false);
		write_plain(stream, stream->flying + done,
			stream->flight_bytes - done,
			stream->flight_offset + done);
	}
	stream->flight_bytes = 0;
}

/* Starts to write the filled buffer and goes on with the other one. */
static bool take_off(struct sp_stream *stream)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&stream->ring);
	char *other = stream->flying;

	assert(sqe && !stream->flight_bytes);
	set_direct(stream, stream->used == SP_STREAM_BUFFER_BYTES &&
				   stream->offset % DIRECT_ALIGN == 0);
	if (stream->registered)
		io_uring_prep_write_fixed(sqe, stream->fd, stream->filling,
			(unsigned)stream->used, stream->offset,
			stream->filling != stream->memory);
	else
		io_uring_prep_write(sqe, stream->fd, stream->filling,
			(unsigned)stream->used, stream->offset);
	if (io_uring_submit(&stream->ring) != 1)
		return false;
	stream->flying = stream->filling;
	stream->flight_bytes = stream->used;
	stream->flight_offset = stream->offset;
	stream->filling = other;
	return true;
}

static void write_filled(struct sp_stream *stream)
{
	land(stream);
	if (!stream->used || stream->error.status != SP_OK)
		return;
	if (stream->has_ring && !take_off(stream))
		ring_close(stream);
	if (!stream->has_ring) {
		set_direct(stream, false);
		write_plain(
			stream, stream->filling, stream->used, stream->offset);
	}
	stream->offset += stream->used;
	stream->used = 0;
}

/*
 * So that the kernel need not look up and hold their pages anew for each
 * write. Where it will not (RLIMIT_MEMLOCK), they are as good as any others.
 */
static void register_buffers(struct sp_stream *stream)
{
	struct iovec buffers[] = {
		{stream->memory, SP_STREAM_BUFFER_BYTES},
		{stream->memory + SP_STREAM_BUFFER_BYTES,
			SP_STREAM_BUFFER_BYTES},
	};

	stream->registered =
		stream->has_ring &&
		io_uring_register_buffers(&stream->ring, buffers, 2) == 0;
}

enum sp_status sp_stream_open(struct sp_stream **stream, const char *path,
	const struct sp_stream_options *options, struct sp_error *error)
{
	struct sp_stream *made = calloc(1, sizeof(*made));
	enum sp_status status = SP_NO_MEMORY;

	*stream = NULL;
	if (made) {
		made->fd = -1;
		made->options = *options;
		made->path = strdup(path);
		made->memory = sp_pages_alloc(2 * SP_STREAM_BUFFER_BYTES);
	}
	if (made && made->memory) {
		made->filling = made->memory;
		made->flying = made->memory + SP_STREAM_BUFFER_BYTES;
	}
	if (made && made->path && made->memory)
		status = sp_stream_open_target(made, error);
	else
		sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some and run again", path);
	if (status != SP_OK) {
		sp_stream_close(made);
		return status;
	}
	made->has_ring =
		made->is_partial && io_uring_queue_init(1, &made->ring, 0) == 0;
	register_buffers(made);
	*stream = made;
	return SP_OK;
}

void sp_stream_use_plain(struct sp_stream *stream)
{
	assert(!stream->flight_bytes);
	ring_close(stream);
}

enum sp_status sp_stream_write(struct sp_stream *stream,
	const struct iovec *parts, size_t count, struct sp_error *error)
{
	assert(!stream->partial.finished);
	for (size_t i = 0; i < count && stream->error.status == SP_OK; i++) {
		const char *data = parts[i].iov_base;
		size_t left = parts[i].iov_len;

		while (left && stream->error.status == SP_OK) {
			size_t room = SP_STREAM_BUFFER_BYTES - stream->used;
			size_t size = left < room ? left : room;

			if (stream->options.journal)
				stream->crc = sp_crc32c(
					stream->crc, sp_span(data, size));
			memcpy(stream->filling + stream->used, data, size);
			stream->used += size;
			stream->bytes += size;
			data += size;
			left -= size;
			if (size == room)
				write_filled(stream);
		}
	}
	return stream_status(stream, error);
}

enum sp_status sp_stream_flush(struct sp_stream *stream, struct sp_error *error)
{
	write_filled(stream);
	land(stream);
	return stream_status(stream, error);
}

enum sp_status sp_stream_settle(struct sp_stream *stream,
	struct sp_stream_place *place, int *fd, struct sp_error *error)
{
	size_t tail, whole;

	assert(stream->options.journal);
	*fd = stream->fd;
	*place = (struct sp_stream_place){stream->bytes, stream->crc};
	land(stream);
	tail = stream->used % DIRECT_ALIGN;
	whole = stream->used - tail;
	if (stream->error.status != SP_OK || !stream->used)
		return stream_status(stream, error);
	/* The last block stays, so that the next write begins with it. */
	set_direct(stream, false);
	write_plain(stream, stream->filling, stream->used, stream->offset);
	memmove(stream->filling, stream->filling + whole, tail);
	stream->offset += whole;
	stream->used = tail;
	return stream_status(stream, error);
}

enum sp_status sp_stream_commit(
	struct sp_stream *stream, struct sp_error *error)
{
	enum sp_status status = sp_stream_flush(stream, error);

	if (status != SP_OK || !stream->is_partial || stream->named)
		return status;
	if (sp_partial_commit(&stream->partial, &stream->error) != SP_OK)
		return stream_status(stream, error);
	return SP_OK;
}

const char *sp_stream_keep(struct sp_stream *stream)
{
	if (sp_stream_flush(stream, NULL) != SP_OK || !stream->is_partial ||
		sp_partial_keep(&stream->partial, &stream->error) != SP_OK)
		return NULL;
	return stream->partial.name;
}

void sp_stream_forget(struct sp_stream *stream)
{
	stream->partial.lasting = false;
}

uint64_t sp_stream_bytes(const struct sp_stream *stream)
{
	return stream->bytes;
}

void sp_stream_close(struct sp_stream *stream)
{
	if (!stream)
		return;
	land(stream);
	ring_close(stream);
	if (stream->is_partial)
		sp_partial_free(&stream->partial);
	else if (stream->fd >= 0 && stream->fd != STDOUT_FILENO)
		close(stream->fd);
	free(stream->memory);
	free(stream->path);
	free(stream);
}
