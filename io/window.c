/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of an mbox file and the messages in them. */
#include "io/window.h"

#include <errno.h>
#include <fcntl.h>

#include "io/large.h"

enum sp_status sp_window_begin(struct sp_window *window, const char *path,
	uint64_t base, size_t range_bytes)
{
	struct sp_mails *mails = window->mails;
	size_t room = range_bytes + SP_WINDOW_MESSAGE_MAX +
		      4 * SP_WINDOW_TAIL_STEP_BYTES;
	char *copy = sp_arena_copy(&mails->arena, sp_span_str(path));

	window->data = sp_mails_buffer(mails, room);
	if (!window->data || !copy)
		return SP_NO_MEMORY;
	window->path = sp_span_str(copy);
	window->base = base;
	window->room = room;
	window->wanted = base + range_bytes;
	window->quoted = true;
	return SP_OK;
}

ssize_t sp_window_read(
	struct sp_window *window, uint64_t offset, char *buffer, size_t room)
{
	size_t there = sp_ahead_read(window->ahead, offset, buffer, room);
	ssize_t got = 0;

	if (there < room)
		got = window->reader->ops->read_range(window->reader,
			window->fd, offset + there, buffer + there,
			room - there);
	return got < 0 ? got : (ssize_t)there + got;
}

static bool is_at_end(const struct sp_window *window)
{
	return window->base + window->size >= window->file_size;
}

void sp_window_extend(struct sp_window *window, uint64_t bytes)
{
	uint64_t at = window->base + window->size;
	uint64_t left = at < window->file_size ? window->file_size - at : 0;
	size_t room = window->room - window->size;
	size_t wanted = room;
	ssize_t got;

	if (wanted > left)
		wanted = (size_t)left;
	if (wanted > bytes)
		wanted = (size_t)bytes;
	if (wanted == 0 || window->fault)
		return;
	got = sp_window_read(window, at, window->data + window->size, wanted);
	if (got < 0)
		window->fault = (int)-got;
	else if ((size_t)got < wanted)
		window->fault = EIO;
	if (got > 0)
		window->size += (size_t)got;
}

void sp_window_step(struct sp_window *window)
{
	uint64_t at = window->base + window->size;
	uint64_t step = SP_WINDOW_TAIL_STEP_BYTES;

	if (at < window->wanted) {
		step = window->wanted - at;
		if (step > SP_WINDOW_STEP_BYTES)
			step = SP_WINDOW_STEP_BYTES;
	}
	sp_window_extend(window, step);
}

uint64_t sp_window_find_end(struct sp_window *window, uint64_t begin)
{
	size_t at = (size_t)(begin - window->base);
	size_t from = at + 1;

	window->quoted = false;
	for (;;) {
		struct sp_span all = sp_span(window->data, window->size);
		size_t found =
			sp_mbox_find_noting(all, from, false, &window->quoted);

		if (found < all.size)
			return window->base + found;
		if (is_at_end(window))
			return window->file_size;
		if (window->fault)
			return UINT64_MAX;
		if (window->base + all.size >= window->wanted &&
			all.size - at > SP_WINDOW_MESSAGE_MAX)
			return UINT64_MAX;
		/* Its first bytes may have been the last that we saw. */
		if (all.size > from + SP_MBOX_MARK_BYTES)
			from = all.size - SP_MBOX_MARK_BYTES;
		sp_window_step(window);
	}
}

uint64_t sp_window_scan(struct sp_window *window, uint64_t keep, uint64_t from)
{
	struct sp_window scan = *window;

	window->size = (size_t)(keep - window->base);
	scan.data += window->size;
	scan.room -= window->size;
	scan.base = from > SP_MBOX_LOOKBACK ? from - SP_MBOX_LOOKBACK : 0;
	for (;;) {
		bool at_start = scan.base == 0;
		size_t found;

		scan.size = 0;
		sp_window_extend(&scan, SP_PIECE_BYTES);
		window->fault = scan.fault;
		found = sp_mbox_find(sp_span(scan.data, scan.size),
			at_start ? from : SP_MBOX_LOOKBACK, at_start);
		if (found < scan.size)
			return scan.base + found;
		if (scan.fault)
			return UINT64_MAX;
		if (is_at_end(&scan))
			return scan.file_size;
		/* The last bytes again: a separator may begin there. */
		from = 0;
		scan.base += scan.size - SP_MBOX_LOOKBACK - SP_MBOX_MARK_BYTES;
	}
}

bool sp_window_is_large(
	const struct sp_window *window, uint64_t begin, uint64_t end)
{
	return end - begin > SP_WINDOW_MESSAGE_MAX ||
	       end - window->base > window->size ||
	       end - begin - sp_mbox_from_size(sp_window_from(window, begin)) >
		       SP_MESSAGE_MEMORY_MAX;
}

struct sp_span sp_window_from_line(
	const struct sp_window *window, uint64_t begin)
{
	struct sp_span rest = sp_window_from(window, begin);
	struct sp_span line = sp_span(rest.data, sp_mbox_from_size(rest));

	line.data = sp_arena_copy(&window->mails->arena, line);
	return line;
}

ptrdiff_t sp_window_tail(struct sp_window *window, uint64_t end)
{
	char last[SP_MBOX_LOOKBACK];
	ssize_t got =
		sp_window_read(window, end - sizeof(last), last, sizeof(last));

	if (got == (ssize_t)sizeof(last))
		return (ptrdiff_t)sp_mbox_tail_size(
			sp_span(last, sizeof(last)));
	window->fault = got < 0 ? (int)-got : EIO;
	return -1;
}

static struct sp_mail *add_mail(struct sp_window *window)
{
	struct sp_mail *mail = sp_mails_add(window->mails);

	if (!mail)
		return NULL;
	mail->form = SP_MAIL_MBOX;
	mail->mbox_kind = window->kind;
	mail->path = window->path;
	mail->index = window->mails->count - 1;
	return mail;
}

static enum sp_status add_large(struct sp_window *window, uint64_t begin,
	uint64_t end, struct sp_span from_line, uint64_t tail_bytes)
{
	struct sp_mail *mail = add_mail(window);
	struct sp_large_place place = {
		.offset = begin + from_line.size,
		.bytes = end - begin - from_line.size - tail_bytes,
		.tail_bytes = tail_bytes,
		.unquote = window->kind,
		.is_mbox = true,
	};

	if (!mail)
		return SP_NO_MEMORY;
	place.fd = fcntl(window->fd, F_DUPFD_CLOEXEC, 0);
	if (place.fd < 0) {
		mail->trouble = errno;
		return SP_OK;
	}
	mail->from_line = from_line;
	mail->offset = place.offset;
	mail->envelope.mail_from = sp_mbox_sender(from_line);
	return sp_large_attach(window->mails, mail, &place);
}

enum sp_status sp_window_add(struct sp_window *window, uint64_t begin,
	uint64_t end, struct sp_span from_line, uint64_t tail_bytes)
{
	struct sp_span all;
	struct sp_mail *mail;

	if (from_line.data)
		return add_large(window, begin, end, from_line, tail_bytes);
	all = sp_span(
		sp_window_from(window, begin).data, (size_t)(end - begin));
	mail = add_mail(window);
	if (!mail)
		return SP_NO_MEMORY;
	return sp_mbox_cut(mail, &window->mails->arena, all, begin,
		window->kind, window->quoted);
}

enum sp_status sp_window_add_trouble(struct sp_window *window)
{
	struct sp_mail *mail = add_mail(window);

	if (!mail)
		return SP_NO_MEMORY;
	mail->trouble = window->fault;
	return SP_OK;
}
