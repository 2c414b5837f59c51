/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of netstrings as they come. */
#include "io/netpipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "io/file.h"
#include "io/large.h"
#include "io/netstring.h"
#include "io/request.h"
#include "io/spool.h"
#include "io/wait.h"

/* LENGTH, colon and comma. */
#define FRAME_BYTES 24u
#define PAIR_BYTES_MAX \
	(SP_NETSTRING_RECORD_BYTES_MAX + SP_MESSAGE_MEMORY_MAX + \
		2 * FRAME_BYTES)

/* What is in memory of the stream. */
struct data {
	char *bytes;
	size_t size;
	size_t room;
	size_t at; /* where what is not given out yet begins */
};

enum pair_state { PAIR_WHOLE, PAIR_MORE, PAIR_LARGE, PAIR_BAD };

struct pair {
	struct sp_netstring record;
	struct sp_netstring message; /* LARGE: only head and length */
	size_t message_at; /* of the second netstring, from the first */
	size_t size;
};

void sp_netpipe_widen(int fd)
{
	/* It is no pipe, or the user's share is used up: so be it. */
	(void)fcntl(fd, F_SETPIPE_SZ, (int)SP_NETSTRING_PIPE_BYTES);
}

/* The stream is of no use from here on. */
static void break_off(struct sp_netpipe *pipe, uint64_t at, const char *fault)
{
	sp_error(&pipe->error, SP_IO,
		"-:message %llu:byte %llu: %s; what comes before this message "
		"is done",
		(unsigned long long)pipe->index, (unsigned long long)at, fault);
	pipe->ended = true;
}

/* Reads up to limit bytes in all, once; false when called off. */
static bool read_some(struct sp_netpipe *pipe, struct data *data, size_t limit)
{
	ssize_t got = sp_wait_read(pipe->fd, pipe->cancel_fd,
		data->bytes + data->size, limit - data->size, &pipe->waited_ns);
	char text[128];

	if (got == -ECANCELED)
		return false;
	if (got > 0)
		data->size += (size_t)got;
	else
		pipe->ended = true;
	if (got < 0)
		sp_error(&pipe->error, SP_IO,
			"-: standard input cannot be read: %s; what came "
			"before is done",
			strerror_r((int)-got, text, sizeof(text)));
	return true;
}

static bool is_readable(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

static enum pair_state pair_bad(struct sp_netpipe *pipe,
	const struct sp_netstring *netstring, size_t at)
{
	break_off(pipe, pipe->offset + at + netstring->fault_at,
		netstring->fault);
	return PAIR_BAD;
}

/* The pair that stands at data->at, as far as it is there. */
static enum pair_state parse_pair(
	struct sp_netpipe *pipe, const struct data *data, struct pair *pair)
{
	struct sp_span rest =
		sp_span(data->bytes + data->at, data->size - data->at);
	enum sp_netstring_state state = sp_netstring_parse(
		&pair->record, rest, SP_NETSTRING_RECORD_BYTES_MAX);

	if (state == SP_NETSTRING_BAD)
		return pair_bad(pipe, &pair->record, 0);
	if (state == SP_NETSTRING_MORE)
		return PAIR_MORE;
	pair->message_at = pair->record.size;
	state = sp_netstring_parse(&pair->message,
		sp_span_after(rest, pair->message_at),
		SP_NETSTRING_MESSAGE_BYTES_MAX);
	if (state == SP_NETSTRING_BAD)
		return pair_bad(pipe, &pair->message, pair->message_at);
	if (pair->message.head && pair->message.length > SP_MESSAGE_MEMORY_MAX)
		return PAIR_LARGE;
	pair->size = pair->message_at + pair->message.size;
	return state == SP_NETSTRING_WHOLE ? PAIR_WHOLE : PAIR_MORE;
}

static struct sp_mail *add_mail(struct sp_netpipe *pipe, struct sp_mails *mails,
	const struct pair *pair, struct sp_span record)
{
	struct sp_mail *mail = sp_mails_add(mails);
	struct sp_request *request =
		SP_ARENA_NEW(&mails->arena, struct sp_request);

	if (!mail || !request)
		return NULL;
	request->record = record;
	mail->form = SP_MAIL_STREAM;
	mail->path = sp_span_str("-");
	mail->index = pipe->index++;
	mail->offset = pipe->offset + pair->message_at + pair->message.head;
	mail->bytes_total = pair->message.length;
	mail->request = request;
	return mail;
}

static enum sp_status add_pair(struct sp_netpipe *pipe, struct sp_mails *mails,
	struct data *data, const struct pair *pair)
{
	struct sp_mail *mail = add_mail(pipe, mails, pair, pair->record.bytes);

	if (!mail)
		return SP_NO_MEMORY;
	mail->bytes = pair->message.bytes;
	pipe->offset += pair->size;
	data->at += pair->size;
	return SP_OK;
}

/* A message on its way into a temporary file. */
struct spooled {
	int fd; /* -1: none could be had */
	int trouble;
	uint64_t left; /* bytes of it still to come */
};

/*
 * Copies the message into the file, from data as long as there is some.
 * Trouble with the file does not end the reading: the messages behind are as
 * good as ever. False when called off, or the stream ends.
 */
static bool spool(
	struct sp_netpipe *pipe, struct data *data, struct spooled *to)
{
	for (;;) {
		size_t size = data->size - data->at;

		if (size > to->left)
			size = (size_t)to->left;
		if (size && !to->trouble)
			to->trouble = sp_file_write(
				to->fd, sp_span(data->bytes + data->at, size));
		to->left -= size;
		data->at += size;
		if (!to->left)
			return true;
		data->at = data->size = 0;
		if (!read_some(pipe, data, SP_PIECE_BYTES) || pipe->ended)
			return false;
	}
}

/* The comma behind a message that was spooled. */
static bool take_comma(struct sp_netpipe *pipe, struct data *data, uint64_t at)
{
	if (data->at == data->size) {
		data->at = data->size = 0;
		if (!read_some(pipe, data, SP_PIECE_BYTES) || pipe->ended)
			return false;
	}
	if (data->bytes[data->at] != ',') {
		break_off(pipe, at,
			"a comma has to stand here, behind what the length "
			"said");
		return false;
	}
	data->at++;
	return true;
}

/* The stream ended, with a pair under way. */
static void end_inside(struct sp_netpipe *pipe, uint64_t at)
{
	if (pipe->ended && pipe->error.status == SP_OK)
		break_off(
			pipe, at, "the stream ends in the middle of a message");
}

/* A message that memory does not hold; nothing is added if it breaks off. */
static enum sp_status read_large(struct sp_netpipe *pipe,
	struct sp_mails *mails, struct data *data, const struct pair *pair)
{
	uint64_t length = pair->message.length;
	uint64_t comma = pair->message_at + pair->message.head + length;
	struct sp_span record = pair->record.bytes;
	struct spooled spooled = {.fd = sp_spool_open(), .left = length};
	struct sp_large_place place = {
		.fd = spooled.fd, .bytes = length, .unquote = SP_MBOX_CL2};
	struct sp_mail *mail = NULL;
	bool whole = false;

	if (spooled.fd < 0)
		spooled.trouble = -spooled.fd;
	record.data = sp_arena_copy(&mails->arena, record);
	data->at += comma - length;
	if (record.data)
		whole = spool(pipe, data, &spooled) &&
			take_comma(pipe, data, pipe->offset + comma);
	if (whole) {
		mail = add_mail(pipe, mails, pair, record);
		pipe->offset += comma + 1;
	} else {
		end_inside(pipe, pipe->offset + comma - spooled.left);
	}
	if (mail && !spooled.trouble)
		return sp_large_attach(mails, mail, &place);
	if (spooled.fd >= 0)
		close(spooled.fd);
	if (mail)
		mail->trouble = spooled.trouble;
	return record.data && whole == (mail != NULL) ? SP_OK : SP_NO_MEMORY;
}

/*
 * Takes all whole pairs; reads on as long as that does not keep one waiting
 * that is there already.
 */
static enum sp_status take_pairs(struct sp_netpipe *pipe,
	struct sp_mails *mails, struct data *data, size_t range_bytes,
	size_t messages_max, bool *called_off)
{
	enum sp_status status = SP_OK;

	while (status == SP_OK && data->at < range_bytes &&
		mails->count < messages_max) {
		struct pair pair;
		enum pair_state state = parse_pair(pipe, data, &pair);
		bool crowded = !mails->count && data->size >= range_bytes;
		size_t limit = crowded ? data->room : range_bytes;

		if (state == PAIR_WHOLE) {
			status = add_pair(pipe, mails, data, &pair);
			continue;
		}
		if (state == PAIR_LARGE && !mails->count)
			return read_large(pipe, mails, data, &pair);
		if (state != PAIR_MORE || pipe->ended || data->size >= limit ||
			(mails->count && !is_readable(pipe->fd)))
			break;
		*called_off = !read_some(pipe, data, limit);
		if (*called_off)
			break;
	}
	return status;
}

enum sp_status sp_netpipe_read(struct sp_netpipe *pipe, struct sp_mails *mails,
	size_t range_bytes, size_t messages_max, bool *end)
{
	size_t room = range_bytes + PAIR_BYTES_MAX;
	struct data data = {.bytes = sp_mails_buffer(mails, room),
		.size = pipe->carry.size,
		.room = room};
	uint64_t offset = pipe->offset;
	enum sp_status status = SP_OK;
	bool called_off = false;

	*end = false;
	pipe->waited_ns = 0;
	if (!data.bytes)
		return SP_NO_MEMORY;
	if (data.size)
		memcpy(data.bytes, pipe->carry.data, data.size);
	sp_buffer_clear(&pipe->carry);
	if (pipe->error.status == SP_OK)
		status = take_pairs(pipe, mails, &data, range_bytes,
			messages_max, &called_off);
	if (!mails->count && !called_off && data.at < data.size)
		end_inside(pipe, pipe->offset + data.size - data.at);
	*end = !mails->count;
	mails->input_bytes = pipe->offset - offset;
	mails->waited_ns += pipe->waited_ns;
	sp_buffer_add(&pipe->carry,
		sp_span(data.bytes + data.at, data.size - data.at));
	return status != SP_OK ? status : sp_buffer_status(&pipe->carry);
}

void sp_netpipe_free(struct sp_netpipe *pipe)
{
	sp_buffer_free(&pipe->carry);
}
