/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a stream into messages (mbox(5), RFC 4155). */
#include "io/pipe.h"

#include <errno.h>
#include <unistd.h>

#include "io/file.h"
#include "io/large.h"
#include "io/mbox.h"
#include "io/spool.h"
#include "io/wait.h"

/* Larger than this it does not stay in memory. */
#define IN_MEMORY_MAX (SP_MBOX_FROM_BYTES_MAX + SP_MESSAGE_MEMORY_MAX)

/* Seen again with the next bytes: what a separator may be cut off in. */
#define OVERLAP (SP_MBOX_LOOKBACK + SP_MBOX_MARK_BYTES)

/* What is in memory of the stream. */
struct data {
	char *bytes;
	size_t size;
};

/* Reads until there are wanted bytes or the end; false when called off. */
static bool fill(struct sp_pipe *pipe, struct data *data, size_t wanted)
{
	while (data->size < wanted && !pipe->ended) {
		ssize_t got = sp_wait_read(pipe->fd, pipe->cancel_fd,
			data->bytes + data->size, wanted - data->size,
			&pipe->waited_ns);

		if (got == -ECANCELED)
			return false;
		if (got < 0)
			pipe->fault = (int)-got;
		if (got <= 0)
			pipe->ended = true;
		else
			data->size += (size_t)got;
	}
	return true;
}

bool sp_pipe_looks_like_mbox(struct sp_pipe *pipe)
{
	char *bytes = sp_buffer_reserve(&pipe->carry, SP_MBOX_MARK_BYTES);
	struct data data = {bytes, 0};

	if (!bytes || !fill(pipe, &data, SP_MBOX_MARK_BYTES))
		return false;
	pipe->carry.size = data.size;
	return sp_span_starts(sp_buffer_span(&pipe->carry), "From ");
}

static struct sp_mail *add_mail(struct sp_pipe *pipe, struct sp_mails *mails)
{
	struct sp_mail *mail = sp_mails_add(mails);

	if (!mail)
		return NULL;
	mail->form = pipe->is_mbox ? SP_MAIL_MBOX : SP_MAIL_STREAM;
	mail->mbox_kind = pipe->kind;
	mail->path = sp_span_str("-");
	mail->index = pipe->index++;
	return mail;
}

/* One message from memory; the last one may have been broken off. */
static enum sp_status add_message(struct sp_pipe *pipe, struct sp_mails *mails,
	struct sp_span bytes, bool last)
{
	struct sp_mail *mail = add_mail(pipe, mails);
	uint64_t base = pipe->offset;

	if (!mail)
		return SP_NO_MEMORY;
	pipe->offset += bytes.size;
	if (last && pipe->fault) {
		mail->trouble = pipe->fault;
		pipe->fault = 0;
		return SP_OK;
	}
	if (pipe->is_mbox)
		return sp_mbox_cut(
			mail, &mails->arena, bytes, base, pipe->kind, true);
	mail->bytes = bytes;
	mail->bytes_total = bytes.size;
	return SP_OK;
}

/* A message on its way into a temporary file. */
struct spooled {
	struct sp_span from_line;
	int fd; /* -1: none could be had */
	int trouble;
	uint64_t size;
};

static void spool(struct spooled *to, const char *bytes, size_t size)
{
	to->size += size;
	if (!to->trouble)
		to->trouble = sp_file_write(to->fd, sp_span(bytes, size));
}

/* Drops the first size bytes. */
static void drop(struct data *data, size_t size)
{
	data->size -= size;
	memmove(data->bytes, data->bytes + size, data->size);
}

/*
 * Spools the message that data begins with, up to the next separator or the
 * end; data is what follows then. Trouble with the file does not end the
 * reading: the messages behind are as good as ever. False when called off.
 */
static bool spool_message(
	struct sp_pipe *pipe, struct data *data, struct spooled *to)
{
	size_t from = 1;

	for (;;) {
		size_t end = data->size;
		bool goes_on;

		if (pipe->is_mbox)
			end = sp_mbox_find(
				sp_span(data->bytes, data->size), from, false);
		goes_on = end == data->size && !pipe->ended;
		if (goes_on)
			end -= OVERLAP;
		spool(to, data->bytes, end);
		drop(data, end);
		if (!goes_on)
			return true;
		from = SP_MBOX_LOOKBACK;
		if (!fill(pipe, data, OVERLAP + SP_PIECE_BYTES))
			return false;
	}
}

/* The size of the empty line at the end of the file, 0 on trouble. */
static uint64_t tail_of(struct sp_pipe *pipe, struct spooled *spooled)
{
	char last[SP_MBOX_LOOKBACK];

	if (!pipe->is_mbox || spooled->trouble)
		return 0;
	if (pread(spooled->fd, last, sizeof(last),
		    (off_t)(spooled->size - sizeof(last))) !=
		(ssize_t)sizeof(last)) {
		spooled->trouble = EIO;
		return 0;
	}
	return sp_mbox_tail_size(sp_span(last, sizeof(last)));
}

/* The mail of a spooled message; takes its file. */
static enum sp_status add_spooled(
	struct sp_pipe *pipe, struct sp_mails *mails, struct spooled *spooled)
{
	uint64_t tail = tail_of(pipe, spooled);
	struct sp_mail *mail = add_mail(pipe, mails);
	struct sp_large_place place = {
		.fd = spooled->fd,
		.offset = spooled->from_line.size,
		.bytes = spooled->size - spooled->from_line.size - tail,
		.tail_bytes = tail,
		.unquote = pipe->kind,
		.is_mbox = pipe->is_mbox,
	};
	uint64_t base = pipe->offset;

	pipe->offset += spooled->size;
	if (mail && !spooled->trouble) {
		mail->offset = base + place.offset;
		mail->from_line = spooled->from_line;
		if (pipe->is_mbox)
			mail->envelope.mail_from =
				sp_mbox_sender(mail->from_line);
		return sp_large_attach(mails, mail, &place);
	}
	if (spooled->fd >= 0)
		close(spooled->fd);
	if (!mail)
		return SP_NO_MEMORY;
	mail->trouble = spooled->trouble;
	return SP_OK;
}

/* The message that data begins with and that memory does not hold. */
static enum sp_status read_large(struct sp_pipe *pipe, struct sp_mails *mails,
	struct data *data, bool *called_off)
{
	struct spooled spooled = {.fd = sp_spool_open()};
	struct sp_span line = sp_span(data->bytes, data->size);

	if (spooled.fd < 0)
		spooled.trouble = -spooled.fd;
	if (pipe->is_mbox) {
		line.size = sp_mbox_from_size(line);
		line.data = sp_arena_copy(&mails->arena, line);
		spooled.from_line = line;
	}
	*called_off = !line.data || !spool_message(pipe, data, &spooled);
	if (*called_off) {
		if (spooled.fd >= 0)
			close(spooled.fd);
		return line.data ? SP_OK : SP_NO_MEMORY;
	}
	if (pipe->fault && data->size == 0) {
		spooled.trouble = pipe->fault;
		pipe->fault = 0;
	}
	return add_spooled(pipe, mails, &spooled);
}

/* Goes to the first separator of a stream; false when called off. */
static bool find_start(
	struct sp_pipe *pipe, struct data *data, struct sp_skips *skips)
{
	size_t found = sp_mbox_find(sp_span(data->bytes, data->size), 0, true);

	if (found > 0 && data->size > 0)
		sp_skip(skips,
			"-: does not begin with a \"From \" line; what stands "
			"before the first one is skipped");
	while (found == data->size && !pipe->ended) {
		size_t keep = found < OVERLAP ? found : OVERLAP;

		pipe->offset += found - keep;
		drop(data, found - keep);
		if (!fill(pipe, data, keep + SP_PIECE_BYTES))
			return false;
		found = sp_mbox_find(sp_span(data->bytes, data->size),
			SP_MBOX_LOOKBACK, false);
	}
	pipe->offset += found;
	drop(data, found);
	return true;
}

/*
 * All messages that are whole in data, which is read on until there is one or
 * memory ends. Returns where the rest begins.
 */
static enum sp_status cut_messages(struct sp_pipe *pipe, struct sp_mails *mails,
	struct data *data, size_t *at, bool *called_off)
{
	size_t from = 1;
	enum sp_status status = SP_OK;

	*at = 0;
	while (status == SP_OK && data->size &&
		mails->count < SP_BATCH_MESSAGES_MAX) {
		size_t end = sp_mbox_find(
			sp_span(data->bytes, data->size), from, false);
		bool whole = end < data->size || pipe->ended;

		if (whole) {
			status = add_message(pipe, mails,
				sp_span(data->bytes + *at, end - *at),
				end == data->size);
			*at = end;
			from = end + 1;
			if (end == data->size)
				break;
		} else if (mails->count || data->size > IN_MEMORY_MAX) {
			break;
		} else {
			if (data->size > from + SP_MBOX_MARK_BYTES)
				from = data->size - SP_MBOX_MARK_BYTES;
			*called_off =
				!fill(pipe, data, data->size + SP_PIECE_BYTES);
			if (*called_off)
				break;
		}
	}
	return status;
}

/* The mbox part of sp_pipe_read(). */
static enum sp_status read_mbox(struct sp_pipe *pipe, struct sp_mails *mails,
	struct data *data, struct sp_skips *skips, bool *called_off)
{
	enum sp_status status;
	size_t at = 0;

	if (!pipe->begun && !find_start(pipe, data, skips)) {
		*called_off = true;
		return SP_OK;
	}
	pipe->begun = true;
	status = cut_messages(pipe, mails, data, &at, called_off);
	if (status == SP_OK && !*called_off && !mails->count && data->size)
		status = read_large(pipe, mails, data, called_off);
	data->bytes += at;
	data->size -= at;
	return status;
}

/* All of the stream is one message, even if there is nothing in it. */
static enum sp_status read_single(struct sp_pipe *pipe, struct sp_mails *mails,
	struct data *data, bool *called_off)
{
	enum sp_status status;

	pipe->begun = true;
	*called_off = !fill(pipe, data, IN_MEMORY_MAX + 1);
	if (*called_off)
		return SP_OK;
	if (!pipe->ended)
		return read_large(pipe, mails, data, called_off);
	status = add_message(
		pipe, mails, sp_span(data->bytes, data->size), true);
	data->size = 0;
	return status;
}

enum sp_status sp_pipe_read(struct sp_pipe *pipe, struct sp_mails *mails,
	size_t range_bytes, struct sp_skips *skips, bool *end)
{
	size_t room = range_bytes + IN_MEMORY_MAX + 2 * SP_PIECE_BYTES;
	struct data data = {sp_mails_buffer(mails, room), pipe->carry.size};
	enum sp_status status = SP_OK;
	uint64_t offset = pipe->offset;
	bool called_off = false;

	*end = false;
	pipe->waited_ns = 0;
	if (!data.bytes)
		return SP_NO_MEMORY;
	if (data.size)
		memcpy(data.bytes, pipe->carry.data, data.size);
	sp_buffer_clear(&pipe->carry);
	if (pipe->is_mbox)
		called_off = !fill(pipe, &data,
			range_bytes > OVERLAP ? range_bytes : OVERLAP);
	if (pipe->fault && !data.size) {
		pipe->begun = true; /* this is the message, and the only one */
		return add_message(pipe, mails, sp_span(NULL, 0), true);
	}
	*end = called_off ||
	       (pipe->ended && !data.size && (pipe->is_mbox || pipe->begun));
	if (*end)
		return SP_OK;
	if (pipe->is_mbox)
		status = read_mbox(pipe, mails, &data, skips, &called_off);
	else
		status = read_single(pipe, mails, &data, &called_off);
	*end = called_off;
	mails->input_bytes = pipe->offset - offset;
	mails->waited_ns += pipe->waited_ns;
	sp_buffer_add(&pipe->carry, sp_span(data.bytes, data.size));
	return status != SP_OK ? status : sp_buffer_status(&pipe->carry);
}

int sp_pipe_to_file(struct sp_pipe *pipe, uint64_t *size)
{
	char *bytes = sp_buffer_reserve(&pipe->carry, SP_PIECE_BYTES);
	struct data data = {bytes, pipe->carry.size};
	int fd = bytes ? sp_spool_open() : -ENOMEM;
	int trouble = 0;

	*size = 0;
	if (fd < 0)
		return fd;
	data.bytes = pipe->carry.data;
	do {
		if (!fill(pipe, &data, SP_PIECE_BYTES))
			trouble = ECANCELED;
		else
			trouble = sp_file_write(
				fd, sp_span(data.bytes, data.size));
		*size += data.size;
		data.size = 0;
	} while (!trouble && !pipe->ended);
	sp_buffer_clear(&pipe->carry);
	if (!trouble)
		trouble = pipe->fault;
	if (!trouble)
		return fd;
	close(fd);
	return -trouble;
}

void sp_pipe_free(struct sp_pipe *pipe)
{
	sp_buffer_free(&pipe->carry);
}
