/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream writes to: a new partial file, one of a journal, or neither. */
#include "io/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "io/stream_parts.h"

/* The checksum of the first bytes of the file; false with errno. */
static bool sum_file(struct sp_stream *stream, uint64_t bytes, uint32_t *crc)
{
	*crc = 0;
	for (uint64_t at = 0; at < bytes;) {
		uint64_t left = bytes - at;
		ssize_t got = pread(stream->fd, stream->filling,
			left < SP_STREAM_BUFFER_BYTES ? (size_t)left
						      : SP_STREAM_BUFFER_BYTES,
			(off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got ? errno : ENODATA;
			return false;
		}
		*crc = sp_crc32c(*crc, sp_span(stream->filling, (size_t)got));
		at += (uint64_t)got;
	}
	return true;
}

/*
 * Goes on behind what an earlier process left, from the last block that
 * O_DIRECT can begin with.
 */
static enum sp_status go_on(struct sp_stream *stream, struct sp_error *error)
{
	const struct sp_stream_place *from = &stream->options.from;
	uint64_t tail = from->bytes % DIRECT_ALIGN;
	uint32_t crc;

	if (!sum_file(stream, from->bytes, &crc) || crc != from->crc)
		return sp_error(error, SP_CONFIG,
			"%s: does not hold the %llu bytes that the journal "
			"says; restore it, or begin anew with another journal",
			stream->partial.name, (unsigned long long)from->bytes);
	stream->offset = from->bytes - tail;
	if (ftruncate(stream->fd, (off_t)from->bytes) != 0 ||
		pread(stream->fd, stream->filling, tail,
			(off_t)stream->offset) != (ssize_t)tail)
		return sp_error_errno(error, errno, "%s: cannot be used again",
			stream->partial.name);
	stream->used = (size_t)tail;
	stream->bytes = from->bytes;
	stream->crc = crc;
	return SP_OK;
}

/* The partial file of a journal: new, or as an earlier process left it. */
static enum sp_status open_journaled(
	struct sp_stream *stream, struct sp_error *error)
{
	bool exists;
	enum sp_status status;
	struct stat st;
	char mark[17];

	exists = stat(stream->path, &st) == 0;
	if (strcmp(stream->path, "-") == 0 || (exists && !S_ISREG(st.st_mode)))
		return sp_error(error, SP_CONFIG,
			"%s: cannot be taken up again; with a journal every "
			"output is a file",
			strcmp(stream->path, "-") ? stream->path
						  : "standard output");
	snprintf(mark, sizeof(mark), "%016llx",
		(unsigned long long)stream->options.journal);
	status = sp_partial_open_marked(&stream->partial, stream->path,
		exists ? &st : NULL, mark,
		stream->options.from.bytes || stream->options.complete, error);
	if (status != SP_OK)
		return status;
	stream->is_partial = true;
	stream->partial.unsynced =
		stream->options.durability == SP_DURABILITY_NONE;
	stream->fd = stream->partial.fd;
	stream->named = stream->options.complete && exists && stream->fd < 0;
	/* The journal is going to tell of it. */
	if (!stream->named && !stream->partial.unsynced)
		sp_partial_sync_name(&stream->partial);
	if (!stream->named)
		return go_on(stream, error);
	stream->bytes = stream->options.from.bytes;
	stream->crc = stream->options.from.crc;
	return SP_OK;
}

enum sp_status sp_stream_open_target(
	struct sp_stream *stream, struct sp_error *error)
{
	struct stat st;
	enum sp_status status;
	bool exists;

	if (strcmp(stream->path, "-") == 0) {
		stream->fd = STDOUT_FILENO;
		return SP_OK;
	}
	if (stream->options.journal)
		return open_journaled(stream, error);
	exists = stat(stream->path, &st) == 0;
	if (exists && S_ISDIR(st.st_mode))
		return sp_error(error, SP_CONFIG,
			"%s: is a folder; name a file in it", stream->path);
	if (!exists || S_ISREG(st.st_mode)) {
		status = sp_partial_open(&stream->partial, stream->path,
			exists ? &st : NULL, error);
		stream->is_partial = status == SP_OK;
		stream->partial.unsynced =
			stream->options.durability == SP_DURABILITY_NONE;
		stream->fd = stream->partial.fd;
		return status;
	}
	stream->fd = open(stream->path, O_WRONLY | O_CLOEXEC);
	if (stream->fd < 0)
		return sp_error(error, SP_IO,
			"%s: cannot be opened: %m; name another file",
			stream->path);
	return SP_OK;
}
