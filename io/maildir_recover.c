/* SPDX-License-Identifier: Apache-2.0 */
/* What a run that died left in tmp of a Maildir (docs/DESIGN.md, Journal). */
#include "io/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "io/maildir_parts.h"

/* Recorded as done, so it was whole and synced: only its name is missing. */
static enum sp_status place(struct sp_maildir *maildir,
	const struct sp_maildir_mark *mark, struct sp_maildir_tmp *tmp,
	struct sp_error *error)
{
	struct sp_mail mail = {
		.form = mark->kind == 'f' ? SP_MAIL_FILE : SP_MAIL_MAILDIR,
		.path = maildir->path,
		.maildir = maildir->path,
		.name = mark->name,
		.in_new = mark->kind == 'n',
	};
	struct sp_delivery delivery = {maildir, &mail, *tmp};
	bool wide = sp_maildir_name_has(mark->name, 'W');
	int number;

	if (mark->kind == 'r')
		return sp_maildir_recover_over(&mail, tmp, error);
	number = sp_content_measure(
		maildir->fd, tmp->name, wide, &delivery.tmp.sizes);
	if (number)
		return sp_error_errno(error, number,
			"%s/%s: cannot be read; restore it, or begin anew with "
			"another journal",
			maildir->path.data, tmp->name);
	return sp_maildir_place(&delivery, error);
}

static enum sp_status recover_one(struct sp_maildir *maildir, const char *name,
	const struct sp_journal *journal, struct sp_error *error)
{
	struct sp_maildir_tmp tmp = {.dir_fd = maildir->fd, .fd = -1};
	struct sp_maildir_mark mark;

	if (!sp_maildir_mark_read(&mark, name, sp_journal_id(journal)))
		return SP_OK;
	snprintf(tmp.name, sizeof(tmp.name), "tmp/%s", name);
	if (sp_journal_had(journal, mark.run, mark.unit))
		return place(maildir, &mark, &tmp, error);
	unlinkat(maildir->fd, tmp.name, 0);
	return SP_OK;
}

static enum sp_status recover_all(struct sp_maildir *maildir, DIR *dir,
	const struct sp_journal *journal, struct sp_error *error)
{
	enum sp_status status = SP_OK;
	struct dirent *entry;

	while (status == SP_OK && (entry = readdir(dir)))
		status = recover_one(maildir, entry->d_name, journal, error);
	sp_sync_folder(maildir->fd, "new");
	sp_sync_folder(maildir->fd, "cur");
	return status;
}

enum sp_status sp_maildir_recover(const char *path,
	const struct sp_journal *journal, struct sp_error *error)
{
	struct sp_maildir maildir = {.path = sp_span_str(path),
		.fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)};
	int fd = maildir.fd < 0 ? -1
				: openat(maildir.fd, "tmp",
					  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	enum sp_status status;

	if (dir)
		status = recover_all(&maildir, dir, journal, error);
	else if (errno == ENOENT)
		status = SP_OK; /* nobody wrote there */
	else
		status = sp_error_errno(
			error, errno, "%s/tmp: cannot be looked through", path);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	if (maildir.fd >= 0)
		close(maildir.fd);
	return status;
}
