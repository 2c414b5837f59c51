/* SPDX-License-Identifier: Apache-2.0 */
/* Messages cut by Content-Length (mbox(5): mboxcl, mboxcl2). */
#include "io/clbox.h"

#include <errno.h>
#include <unistd.h>

#include "io/window.h"

/* Where a message ends. */
struct end {
	uint64_t offset; /* UINT64_MAX: not known */
	uint64_t tail; /* of that, the empty line; when by_length */
	bool by_length;
};

/*
 * Does a body that ends at offset lead to another separator, with or without
 * an empty line above it, or to the end of the file?
 */
static bool leads_on(struct sp_window *window, uint64_t offset, struct end *end)
{
	char text[1 + 2 + SP_MBOX_MARK_BYTES];
	uint64_t left = window->file_size - offset;
	struct sp_span next;
	ssize_t got;

	/* From the byte before: without an empty line, it ends a line. */
	got = sp_window_read(window, offset - 1, text,
		left < sizeof(text) - 1 ? (size_t)left + 1 : sizeof(text));
	if (got < 1)
		return false;
	next = sp_span(text + 1, (size_t)got - 1);
	end->tail = 0;
	if (sp_span_starts(next, "\n"))
		end->tail = 1;
	else if (sp_span_starts(next, "\r\n"))
		end->tail = 2;
	next = sp_span_after(next, end->tail);
	end->offset = offset + end->tail;
	end->by_length = true;
	if (end->offset == window->file_size)
		return true;
	return sp_span_starts(next, "From ") &&
	       (end->tail > 0 || text[0] == '\n');
}

/* The size of the separator line and the header; 0 when it does not end. */
static uint64_t header_size(struct sp_window *window, uint64_t begin)
{
	for (;;) {
		struct sp_span all = sp_window_from(window, begin);
		size_t line = sp_mbox_from_size(all);
		size_t body =
			line + sp_mbox_body_offset(sp_span_after(all, line));
		size_t before = window->size;

		if (body < all.size)
			return body;
		if (all.size > SP_WINDOW_MESSAGE_MAX)
			return 0;
		sp_window_step(window);
		if (window->size == before)
			return window->fault ? 0 : body;
	}
}

static struct end end_by_length(struct sp_window *window, uint64_t begin)
{
	struct end none = {UINT64_MAX, 0, false};
	struct end end = none;
	uint64_t header = header_size(window, begin);
	struct sp_span fields = sp_window_from(window, begin);
	uint64_t length;

	if (header == 0)
		return none;
	fields.size = (size_t)header;
	fields = sp_span_after(fields, sp_mbox_from_size(fields));
	if (!sp_mbox_content_length(fields, &length) ||
		length > window->file_size - begin - header)
		return none;
	return leads_on(window, begin + header + length, &end) ? end : none;
}

/* The end of the message and, if that is in reach, all of it in memory. */
static struct end find_end(struct sp_window *window, uint64_t begin)
{
	struct end end = end_by_length(window, begin);
	uint64_t have = window->base + window->size;

	window->quoted = true;
	if (!end.by_length)
		end.offset = sp_window_find_end(window, begin);
	else if (end.offset > have &&
		 end.offset - begin <= SP_WINDOW_MESSAGE_MAX)
		sp_window_extend(window, end.offset - have);
	if (end.by_length && window->fault &&
		end.offset > window->base + window->size)
		end.offset = UINT64_MAX;
	return end;
}

/* As read_large() in ranges.c; here the end may be known beforehand. */
static enum sp_status add_large(
	struct sp_window *window, uint64_t begin, struct end *end)
{
	struct sp_span line = sp_window_from_line(window, begin);
	ptrdiff_t tail = (ptrdiff_t)end->tail;

	if (!line.data)
		return SP_NO_MEMORY;
	if (end->offset == UINT64_MAX)
		end->offset = sp_window_scan(window, begin,
			window->base + window->size - SP_MBOX_MARK_BYTES);
	if (!end->by_length && end->offset != UINT64_MAX)
		tail = sp_window_tail(window, end->offset);
	if (end->offset != UINT64_MAX && tail >= 0)
		return sp_window_add(
			window, begin, end->offset, line, (uint64_t)tail);
	end->offset = UINT64_MAX;
	return SP_OK;
}

/* Nobody knows where the next message begins: that was the file. */
static enum sp_status give_up(
	struct sp_clbox *box, struct sp_window *window, struct sp_skips *skips)
{
	char text[128];

	sp_log(skips->log, SP_LOG_ERROR,
		"%s:byte %llu: cannot be read, or the file was cut off "
		"meanwhile: %s",
		box->path, (unsigned long long)box->at,
		strerror_r(window->fault, text, sizeof(text)));
	box->at = box->size;
	return sp_window_add_trouble(window);
}

static enum sp_status add_message(
	struct sp_clbox *box, struct sp_window *window, struct sp_skips *skips)
{
	struct end end = find_end(window, box->at);
	enum sp_status status = SP_OK;

	if (end.offset != UINT64_MAX &&
		!sp_window_is_large(window, box->at, end.offset))
		status = sp_window_add(
			window, box->at, end.offset, sp_span(NULL, 0), 0);
	else if (end.offset != UINT64_MAX || !window->fault)
		status = add_large(window, box->at, &end);
	if (status == SP_OK && end.offset == UINT64_MAX)
		return give_up(box, window, skips);
	box->at = end.offset;
	return status;
}

/* Goes to the first separator of the file. */
static enum sp_status find_start(
	struct sp_clbox *box, struct sp_window *window, struct sp_skips *skips)
{
	uint64_t first = sp_window_scan(window, 0, 0);

	if (first == UINT64_MAX)
		return give_up(box, window, skips);
	if (first > 0)
		sp_skip(skips,
			"%s: does not begin with a \"From \" line; what stands "
			"before the first one is skipped",
			box->path);
	box->at = first;
	window->base = first;
	return SP_OK;
}

enum sp_status sp_clbox_read(struct sp_clbox *box, struct sp_reader *reader,
	struct sp_mails *mails, size_t range_bytes, struct sp_skips *skips)
{
	struct sp_window window = {
		.reader = reader,
		.ahead = box->ahead,
		.mails = mails,
		.fd = box->fd,
		.file_size = box->size,
		.kind = box->kind,
	};
	uint64_t begin = box->at;
	enum sp_status status =
		sp_window_begin(&window, box->path, begin, range_bytes);

	if (status == SP_OK && begin == 0)
		status = find_start(box, &window, skips);
	sp_ahead_go(box->ahead, box->at);
	sp_window_extend(&window, range_bytes);
	while (status == SP_OK && box->at < box->size &&
		mails->count < SP_BATCH_MESSAGES_MAX &&
		box->at - window.base < range_bytes)
		status = add_message(box, &window, skips);
	mails->input_bytes = box->at - begin;
	for (size_t i = 0; i < mails->count; i++)
		mails->mail[i].index += box->index;
	box->index += mails->count;
	return status;
}

void sp_clbox_close(struct sp_clbox *box)
{
	sp_ahead_close(box->ahead);
	close(box->fd);
}
