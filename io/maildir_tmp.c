/* SPDX-License-Identifier: Apache-2.0 */
/* Files in tmp of a Maildir, and moving without replacing (maildir(5)). */
#include "io/maildir_tmp.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_TRIED 1000u /* several threads in one microsecond */

bool sp_maildir_mark_name(
	char out[SP_MAILDIR_NAME_BYTES], const struct sp_maildir_mark *mark)
{
	struct sp_span name = mark->kind == 'f' ? sp_span("", 0) : mark->name;
	int size = snprintf(out, SP_MAILDIR_NAME_BYTES,
		"J%016" PRIx64 ".%" PRIx32 ".%" PRIx64 ".%zx.%c%.*s",
		mark->journal, mark->run, mark->unit, mark->index, mark->kind,
		SP_SPAN_ARGS(name));

	return size < (int)SP_MAILDIR_NAME_BYTES;
}

/* A hexadecimal number with a dot behind it, which is passed over too. */
static bool take_number(const char **at, uint64_t *number)
{
	char *end;

	*number = strtoull(*at, &end, 16);
	if (end == *at || *end != '.')
		return false;
	*at = end + 1;
	return true;
}

bool sp_maildir_mark_read(
	struct sp_maildir_mark *mark, const char *name, uint64_t journal)
{
	const char *at = name + 1;
	uint64_t run, index;

	*mark = (struct sp_maildir_mark){.journal = 0};
	if (name[0] != 'J' || !take_number(&at, &mark->journal) ||
		!take_number(&at, &run) || !take_number(&at, &mark->unit) ||
		!take_number(&at, &index) || !*at || !strchr("fcnr", *at) ||
		mark->journal != journal || run > UINT32_MAX)
		return false;
	mark->run = (uint32_t)run;
	mark->index = (size_t)index;
	mark->kind = *at++;
	mark->name = sp_span_str(at);
	return (mark->name.size == 0) == (mark->kind == 'f');
}

/* Nobody else makes such a name: each run has its own number. */
static int create_marked(
	struct sp_maildir_tmp *tmp, struct sp_maildir_mark mark)
{
	char name[SP_MAILDIR_NAME_BYTES];

	if (!sp_maildir_mark_name(name, &mark)) {
		errno = ENAMETOOLONG;
		if (mark.kind == 'r')
			return -1;
		/* It becomes a fresh one if a later run has to place it. */
		mark.kind = 'f';
		(void)sp_maildir_mark_name(name, &mark);
	}
	snprintf(tmp->name, sizeof(tmp->name), "tmp/%s", name);
	tmp->fd = openat(tmp->dir_fd, tmp->name,
		O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return tmp->fd;
}

static int tmp_create(struct sp_maildir_tmp *tmp, unsigned long counter,
	const struct sp_maildir_mark *mark)
{
	char name[SP_MAILDIR_NAME_BYTES];

	if (mark->journal)
		return create_marked(tmp, *mark);
	for (unsigned i = 0; i < NAMES_TRIED; i++) {
		sp_maildir_name_fresh(name, counter);
		snprintf(tmp->name, sizeof(tmp->name), "tmp/%s", name);
		tmp->fd = openat(tmp->dir_fd, tmp->name,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (tmp->fd >= 0 || errno != EEXIST)
			break;
	}
	return tmp->fd;
}

enum sp_status sp_maildir_tmp_write(struct sp_maildir_tmp *tmp, int dir_fd,
	struct sp_span path, unsigned long counter,
	const struct sp_maildir_mark *mark, const struct sp_content *content,
	bool count_crlf, struct sp_error *error)
{
	char shown[SP_ERROR_TEXT_BYTES / 2];
	enum sp_status status;

	tmp->dir_fd = dir_fd;
	snprintf(shown, sizeof(shown), "%.*s/tmp", SP_SPAN_ARGS(path));
	if (tmp_create(tmp, counter, mark) < 0)
		return sp_error(error, SP_IO,
			"%s: no message can be written there: %m; give a "
			"Maildir that can be written to, with free space",
			shown);
	status = sp_content_write(
		content, tmp->fd, shown, count_crlf, &tmp->sizes, error);
	if (status != SP_OK)
		sp_maildir_tmp_remove(tmp);
	return status;
}

int sp_maildir_tmp_close(struct sp_maildir_tmp *tmp)
{
	int fd = tmp->fd;

	assert(fd >= 0);
	tmp->fd = -1;
	return close(fd) == 0 || errno == EINTR ? 0 : errno;
}

void sp_maildir_tmp_remove(struct sp_maildir_tmp *tmp)
{
	if (tmp->fd >= 0)
		(void)sp_maildir_tmp_close(tmp);
	unlinkat(tmp->dir_fd, tmp->name, 0);
}
