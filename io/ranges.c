/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of an mbox file: reading and numbering (mbox(5), RFC 4155). */
#include "io/ranges.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/window.h"

/*
 * Three times the lanes of RSA: a range of ten messages leaves six lanes of
 * sixteen empty.
 */
#define MESSAGES_WANTED 24u

struct sp_range {
	struct sp_range *next; /* in the order of the file */
	struct sp_ranges *ranges;
	uint64_t begin;
	uint64_t at; /* where the next part begins; begin at first */
	uint64_t end;
	uint64_t count; /* messages so far, all of them when counted */
	uint64_t base; /* messages before it, when based */
	bool based;
	bool counted;
	bool passed; /* counted, and so are all before it */
	bool released;
};

struct sp_ranges {
	struct sp_numbers *numbers;
	int fd;
	struct sp_ahead *ahead;
	const char *path;
	uint64_t size;
	enum sp_mbox_kind kind;
	uint64_t next; /* where the next range begins */
	atomic_flag told; /* the log knows that reading failed */
	/* Under numbers->lock: */
	struct sp_ranges *next_file;
	struct sp_range *first; /* ranges not freed */
	struct sp_range **last; /* where the next one is hung */
	uint64_t total; /* messages in all based ranges */
	uint64_t counted; /* messages in all counted ranges */
	uint64_t counted_bytes; /* of all counted ranges */
	bool closed;
};

void sp_numbers_init(struct sp_numbers *numbers)
{
	pthread_mutex_init(&numbers->lock, NULL);
	pthread_cond_init(&numbers->changed, NULL);
	numbers->cancelled = false;
	numbers->files = NULL;
}

void sp_numbers_cancel(struct sp_numbers *numbers)
{
	pthread_mutex_lock(&numbers->lock);
	numbers->cancelled = true;
	pthread_cond_broadcast(&numbers->changed);
	pthread_mutex_unlock(&numbers->lock);
}

struct sp_ranges *sp_ranges_open(struct sp_numbers *numbers, int fd,
	struct sp_ahead *ahead, const char *path, uint64_t size,
	enum sp_mbox_kind kind)
{
	struct sp_ranges *ranges = calloc(1, sizeof(*ranges));

	if (!ranges) {
		sp_ahead_close(ahead);
		close(fd);
		return NULL;
	}
	ranges->numbers = numbers;
	ranges->fd = fd;
	ranges->ahead = ahead;
	ranges->path = path;
	ranges->size = size;
	ranges->kind = kind;
	ranges->last = &ranges->first;
	pthread_mutex_lock(&numbers->lock);
	ranges->next_file = numbers->files;
	numbers->files = ranges;
	pthread_mutex_unlock(&numbers->lock);
	return ranges;
}

void sp_ranges_skip(
	struct sp_ranges *ranges, uint64_t offset, uint64_t messages)
{
	ranges->next = offset < ranges->size ? offset : ranges->size;
	ranges->total = messages;
}

struct sp_range *sp_ranges_take(
	struct sp_ranges *ranges, size_t range_bytes, enum sp_status *status)
{
	uint64_t left = ranges->size - ranges->next;
	struct sp_range *range;

	*status = SP_OK;
	if (left == 0)
		return NULL;
	range = calloc(1, sizeof(*range));
	if (!range) {
		*status = SP_NO_MEMORY;
		return NULL;
	}
	range->ranges = ranges;
	range->begin = range->at = ranges->next;
	range->end = range->begin + (left < range_bytes ? left : range_bytes);
	ranges->next = range->end;
	pthread_mutex_lock(&ranges->numbers->lock);
	*ranges->last = range;
	ranges->last = &range->next;
	pthread_mutex_unlock(&ranges->numbers->lock);
	return range;
}

size_t sp_ranges_suit(struct sp_ranges *ranges)
{
	uint64_t size = SP_MBOX_RANGE_BYTES, mean;

	pthread_mutex_lock(&ranges->numbers->lock);
	mean = ranges->counted ? ranges->counted_bytes / ranges->counted : 0;
	pthread_mutex_unlock(&ranges->numbers->lock);
	if (mean == 0)
		return size;
	if (size < mean * MESSAGES_WANTED)
		size = mean * MESSAGES_WANTED;
	if (size > mean * (SP_BATCH_MESSAGES_MAX / 2))
		size = mean * (SP_BATCH_MESSAGES_MAX / 2);
	if (size < SP_MBOX_RANGE_BYTES_MIN)
		size = SP_MBOX_RANGE_BYTES_MIN;
	return size < SP_MBOX_RANGE_BYTES_MAX ? (size_t)size
					      : SP_MBOX_RANGE_BYTES_MAX;
}

/* Takes the file out of the list and frees it; numbers->lock is held. */
static void free_file(struct sp_ranges *ranges)
{
	struct sp_ranges **link = &ranges->numbers->files;

	while (*link != ranges)
		link = &(*link)->next_file;
	*link = ranges->next_file;
	sp_ahead_close(ranges->ahead);
	close(ranges->fd);
	free(ranges);
}

/* Frees what nobody needs any more; numbers->lock is held. */
static void sweep(struct sp_ranges *ranges)
{
	struct sp_range **link = &ranges->first;

	while (*link) {
		struct sp_range *range = *link;

		if (range->released && range->passed) {
			*link = range->next;
			free(range);
		} else {
			link = &range->next;
		}
	}
	ranges->last = link;
	if (ranges->closed && !ranges->first)
		free_file(ranges);
}

void sp_numbers_free(struct sp_numbers *numbers)
{
	while (numbers->files) {
		struct sp_ranges *ranges = numbers->files;

		for (struct sp_range *range = ranges->first; range;
			range = range->next)
			range->released = range->passed = true;
		ranges->closed = true;
		sweep(ranges);
	}
	pthread_mutex_destroy(&numbers->lock);
	pthread_cond_destroy(&numbers->changed);
}

void sp_ranges_close(struct sp_ranges *ranges)
{
	struct sp_numbers *numbers = ranges->numbers;

	pthread_mutex_lock(&numbers->lock);
	ranges->closed = true;
	sweep(ranges);
	pthread_mutex_unlock(&numbers->lock);
}

/* Gives all ranges their base that have only counted ones before them. */
static void hand_on(struct sp_ranges *ranges)
{
	for (struct sp_range *range = ranges->first; range;
		range = range->next) {
		if (range->passed)
			continue;
		range->base = ranges->total;
		range->based = true;
		if (!range->counted)
			break;
		range->passed = true;
		ranges->total += range->count;
	}
}

static void set_counted(struct sp_range *range)
{
	struct sp_ranges *ranges = range->ranges;
	struct sp_numbers *numbers = ranges->numbers;

	pthread_mutex_lock(&numbers->lock);
	range->counted = true;
	ranges->counted += range->count;
	ranges->counted_bytes += range->end - range->begin;
	hand_on(ranges);
	pthread_cond_broadcast(&numbers->changed);
	pthread_mutex_unlock(&numbers->lock);
}

bool sp_range_number(struct sp_range *range, struct sp_mails *mails)
{
	struct sp_numbers *numbers = range->ranges->numbers;
	uint64_t base;
	bool based;

	pthread_mutex_lock(&numbers->lock);
	hand_on(range->ranges);
	while (!range->based && !numbers->cancelled)
		pthread_cond_wait(&numbers->changed, &numbers->lock);
	based = range->based;
	base = range->base;
	pthread_mutex_unlock(&numbers->lock);
	for (size_t i = 0; based && i < mails->count; i++)
		mails->mail[i].index += base;
	return based;
}

void sp_range_release(struct sp_range *range)
{
	struct sp_ranges *ranges = range->ranges;
	struct sp_numbers *numbers = ranges->numbers;

	pthread_mutex_lock(&numbers->lock);
	range->released = true;
	range->counted = true;
	hand_on(ranges);
	sweep(ranges);
	pthread_cond_broadcast(&numbers->changed);
	pthread_mutex_unlock(&numbers->lock);
}

/*
 * A read failed: the log hears of it once per file, and the message that it
 * cut off, or, with none under way, the file itself, is a mail with trouble.
 */
static enum sp_status report_fault(struct sp_range *range,
	struct sp_window *window, bool under_way, struct sp_skips *skips)
{
	uint64_t at = window->base + window->size;
	char text[128];
	bool first = !atomic_flag_test_and_set(&range->ranges->told);

	if (first)
		sp_log(skips->log, SP_LOG_ERROR,
			"%s:byte %llu: cannot be read, or the file was cut "
			"off meanwhile: %s",
			range->ranges->path, (unsigned long long)at,
			strerror_r(window->fault, text, sizeof(text)));
	if (!first && !under_way)
		return SP_OK;
	return sp_window_add_trouble(window);
}

/*
 * The message at begin is a large one: finds out where it ends, if that is not
 * known (UINT64_MAX), and adds it. *end stays UINT64_MAX when reading failed.
 */
static enum sp_status read_large(
	struct sp_window *window, uint64_t begin, uint64_t *end)
{
	struct sp_span line = sp_window_from_line(window, begin);
	ptrdiff_t tail;

	if (!line.data)
		return SP_NO_MEMORY;
	if (*end == UINT64_MAX)
		*end = sp_window_scan(window, begin,
			window->base + window->size - SP_MBOX_MARK_BYTES);
	tail = *end == UINT64_MAX ? -1 : sp_window_tail(window, *end);
	if (tail >= 0)
		return sp_window_add(window, begin, *end, line, (uint64_t)tail);
	*end = UINT64_MAX;
	return SP_OK;
}

/* Adds the message at *begin and goes to the next one. */
static enum sp_status read_message(struct sp_range *range,
	struct sp_window *window, uint64_t *begin, struct sp_skips *skips)
{
	uint64_t end = sp_window_find_end(window, *begin);
	enum sp_status status = SP_OK;

	if (end != UINT64_MAX && !sp_window_is_large(window, *begin, end))
		status =
			sp_window_add(window, *begin, end, sp_span(NULL, 0), 0);
	else if (end != UINT64_MAX || !window->fault)
		status = read_large(window, *begin, &end);
	if (status == SP_OK && end == UINT64_MAX)
		status = report_fault(range, window, true, skips);
	*begin = end;
	return status;
}

/* What stands before the first separator of a file is no message. */
static void check_start(
	const struct sp_range *range, uint64_t first, struct sp_skips *skips)
{
	if (range->at == 0 && first != 0)
		sp_skip(skips,
			"%s: does not begin with a \"From \" line; what stands "
			"before the first one is skipped",
			range->ranges->path);
}

/* The first separator at or after from; reads what is to be read for it. */
static uint64_t find_first(struct sp_window *window, size_t from)
{
	bool at_start = window->base == 0;

	for (;;) {
		struct sp_span all = sp_span(window->data, window->size);
		size_t found = sp_mbox_find(all, from, at_start);
		uint64_t have = window->base + window->size;

		if (found < all.size || window->fault ||
			have >= window->wanted || have >= window->file_size)
			return window->base + found;
		if (all.size > from + SP_MBOX_MARK_BYTES)
			from = all.size - SP_MBOX_MARK_BYTES;
		sp_window_step(window);
	}
}

static enum sp_status read_range(struct sp_range *range,
	struct sp_reader *reader, struct sp_mails *mails, size_t messages_max,
	struct sp_skips *skips)
{
	struct sp_ranges *ranges = range->ranges;
	size_t back = range->at < SP_MBOX_LOOKBACK ? (size_t)range->at
						   : SP_MBOX_LOOKBACK;
	struct sp_window window = {
		.reader = reader,
		.ahead = ranges->ahead,
		.mails = mails,
		.fd = ranges->fd,
		.file_size = ranges->size,
		.kind = ranges->kind,
	};
	size_t owned = (size_t)(range->end - range->at);
	enum sp_status status =
		sp_window_begin(&window, ranges->path, range->at - back, owned);
	uint64_t begin;

	mails->input_bytes = owned;
	if (status != SP_OK)
		return status;
	/* A separator that begins with our last byte is ours. */
	window.wanted = range->end + SP_MBOX_MARK_BYTES - 1;
	sp_ahead_go(ranges->ahead, window.base);
	begin = find_first(&window, back);
	if (window.fault && begin == window.base + window.size)
		return report_fault(range, &window, false, skips);
	check_start(range, begin, skips);
	while (status == SP_OK && begin < range->end &&
		mails->count < messages_max)
		status = read_message(range, &window, &begin, skips);
	mails->more = status == SP_OK && begin < range->end;
	if (mails->more)
		mails->input_bytes = begin - range->at;
	range->at = begin;
	return status;
}

enum sp_status sp_range_read(struct sp_range *range, struct sp_reader *reader,
	struct sp_mails *mails, size_t messages_max, struct sp_skips *skips)
{
	enum sp_status status =
		read_range(range, reader, mails, messages_max, skips);

	for (size_t i = 0; i < mails->count; i++)
		mails->mail[i].index += range->count;
	if (status == SP_OK)
		range->count += mails->count;
	mails->piece_end = mails->more ? range->at : range->end;
	if (!mails->more)
		set_counted(range);
	return status;
}
