/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a list of names. */
#include "io/namelist.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"
#include "io/wait.h"

/* Makes sure that there is something in the buffer; false at the end. */
static bool refill(struct sp_namelist *list, struct sp_skips *skips)
{
	char text[128];
	ssize_t got;

	if (list->begin < list->end)
		return true;
	if (list->ended)
		return false;
	got = sp_wait_read(list->fd, list->cancel_fd, list->buffer,
		sizeof(list->buffer), &list->waited_ns);
	list->ended = got <= 0;
	list->called_off = got == -ECANCELED;
	list->begin = 0;
	list->end = got > 0 ? (size_t)got : 0;
	if (got < 0 && got != -ECANCELED)
		sp_skip(skips, "%s: the list cannot be read to its end: %s",
			list->path, strerror_r((int)-got, text, sizeof(text)));
	return got > 0;
}

/* Takes bytes of the buffer up to the separator; true when it was there. */
static bool take(struct sp_namelist *list)
{
	size_t name_max = sizeof(list->name) - 1;
	size_t at = list->size < name_max ? list->size : name_max;
	struct sp_span rest =
		sp_span(list->buffer + list->begin, list->end - list->begin);
	size_t size = sp_span_find(rest, list->separator);
	size_t room = name_max - at;

	memcpy(list->name + at, rest.data, size < room ? size : room);
	list->size += size;
	list->begin += size < rest.size ? size + 1 : size;
	return size < rest.size;
}

bool sp_namelist_next(struct sp_namelist *list, struct sp_skips *skips)
{
	list->size = 0;
	while (refill(list, skips)) {
		/* The last name may have no separator behind it. */
		if (!take(list) && refill(list, skips))
			continue;
		if (list->called_off)
			return false;
		if (list->size > 0 && list->size < sizeof(list->name)) {
			list->name[list->size] = '\0';
			return true;
		}
		if (list->size > 0)
			sp_skip(skips,
				"%s: a name of %zu bytes is longer than any "
				"path; skipped",
				list->path, list->size);
		list->size = 0;
	}
	return false;
}

void sp_namelist_close(struct sp_namelist *list)
{
	if (list->fd > STDIN_FILENO)
		close(list->fd);
	list->fd = -1;
}
