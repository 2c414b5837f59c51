/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replacing a message of a Maildir in its place.
 *
 * New and old file are exchanged in one step, which fails when the old name is
 * gone: so a message that somebody deletes at the same moment is not brought
 * back, and one whose flags change is not there twice.
 */
#include "io/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "io/maildir_tmp.h"

#define MOVES_FOLLOWED 100u /* renames by others until we give up */

/* Where the message is now. */
struct place {
	int dir_fd; /* the Maildir; owned */
	const struct sp_mail *mail;
	char name[SP_MAILDIR_NAME_BYTES + 8]; /* "cur/..." or "new/..." */
};

static struct sp_span place_file(const struct place *place)
{
	return sp_span_after(sp_span_str(place->name), 4);
}

/* Looks for a name with the same base in one of the two folders. */
static bool find_in(struct place *place, const char *folder)
{
	struct sp_span base = sp_maildir_name_base(place->mail->name);
	struct sp_span now = sp_maildir_name_base(place_file(place));
	int fd = openat(
		place->dir_fd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (!found && (entry = readdir(dir))) {
		struct sp_span its =
			sp_maildir_name_base(sp_span_str(entry->d_name));

		found = sp_span_equal(its, base) || sp_span_equal(its, now);
	}
	if (found)
		snprintf(place->name, sizeof(place->name), "%s/%s", folder,
			entry->d_name);
	closedir(dir);
	return found;
}

/* Somebody renamed it: to change its flags, or from new to cur. */
static int find_again(struct place *place)
{
	return find_in(place, "cur") || find_in(place, "new") ? 0 : ENOENT;
}

/* For file systems that cannot exchange: the check comes a moment before. */
static int replace_by_rename(
	const struct place *place, const struct sp_maildir_tmp *tmp)
{
	struct stat st;

	if (fstatat(place->dir_fd, place->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno;
	return renameat(place->dir_fd, tmp->name, place->dir_fd, place->name) ==
			       0
		       ? 0
		       : errno;
}

static int exchange(const struct place *place, const struct sp_maildir_tmp *tmp)
{
	if (renameat2(place->dir_fd, tmp->name, place->dir_fd, place->name,
		    RENAME_EXCHANGE) == 0) {
		unlinkat(place->dir_fd, tmp->name, 0);
		return 0;
	}
	if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP)
		return replace_by_rename(place, tmp);
	return errno;
}

static int exchange_following(
	struct place *place, const struct sp_maildir_tmp *tmp)
{
	int number = exchange(place, tmp);

	for (unsigned i = 0; number == ENOENT && i < MOVES_FOLLOWED; i++) {
		number = find_again(place);
		if (number)
			return number;
		number = exchange(place, tmp);
	}
	return number;
}

/* Makes S= and W= true. The message is in its place already. */
static int correct_name(
	struct place *place, const struct sp_content_sizes *sizes)
{
	int number = ENOENT;

	for (unsigned i = 0; number == ENOENT && i < MOVES_FOLLOWED; i++) {
		char name[SP_MAILDIR_NAME_BYTES];
		char to[SP_MAILDIR_NAME_BYTES + 8];

		if (i && find_again(place) != 0)
			return 0; /* deleted since: nothing to correct */
		if (!sp_maildir_name_resize(name, place_file(place), sizes))
			return ENAMETOOLONG;
		snprintf(to, sizeof(to), "%.4s%s", place->name, name);
		if (strcmp(to, place->name) == 0)
			return 0;
		number = sp_maildir_tmp_move(place->dir_fd, place->name, to);
	}
	return number;
}

/* Owner, mode and times of the old file. */
static int keep_status(
	const struct place *place, const struct sp_maildir_tmp *tmp)
{
	struct stat old, made;
	struct timespec times[2];

	if (fstatat(place->dir_fd, place->name, &old, 0) != 0 ||
		fstat(tmp->fd, &made) != 0)
		return errno;
	times[0] = old.st_atim;
	times[1] = old.st_mtim;
	if ((old.st_uid != made.st_uid || old.st_gid != made.st_gid) &&
		fchown(tmp->fd, old.st_uid, old.st_gid) != 0)
		return errno;
	if (fchmod(tmp->fd, old.st_mode & 07777) != 0 ||
		futimens(tmp->fd, times) != 0)
		return errno;
	return 0;
}

static int replace_with(struct place *place, struct sp_maildir_tmp *tmp)
{
	int number = keep_status(place, tmp), late;

	if (number == ENOENT && (number = find_again(place)) == 0)
		number = keep_status(place, tmp);
	late = sp_maildir_tmp_close(tmp);
	if (!number)
		number = late;
	if (!number)
		number = exchange_following(place, tmp);
	if (number)
		sp_maildir_tmp_remove(tmp);
	return number;
}

static enum sp_status replace_failed(
	const struct sp_mail *mail, int number, struct sp_error *error)
{
	errno = number;
	if (number == ENOENT)
		return sp_error(error, SP_IO,
			"%s: the message was deleted meanwhile and stays so; "
			"nothing is to be done",
			mail->path.data);
	return sp_error(error, SP_IO,
		"%s: cannot be replaced: %m; run as the owner of the Maildir, "
		"with free space",
		mail->path.data);
}

enum sp_status sp_maildir_replace(const struct sp_mail *mail,
	const struct sp_content *content, struct sp_error *error)
{
	struct place place = {.mail = mail};
	bool wide = sp_maildir_name_has(mail->name, 'W');
	struct sp_maildir_tmp tmp;
	char path[PATH_MAX];
	enum sp_status status;
	int number;

	snprintf(path, sizeof(path), "%.*s", SP_SPAN_ARGS(mail->maildir));
	snprintf(place.name, sizeof(place.name), "%s/%.*s",
		mail->in_new ? "new" : "cur", SP_SPAN_ARGS(mail->name));
	place.dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (place.dir_fd < 0)
		return replace_failed(mail, errno, error);
	status = sp_maildir_tmp_write(&tmp, place.dir_fd, mail->maildir,
		(unsigned long)gettid(), content, wide, error);
	if (status != SP_OK) {
		close(place.dir_fd);
		return status;
	}
	number = replace_with(&place, &tmp);
	if (!number)
		number = correct_name(&place, &tmp.sizes);
	close(place.dir_fd);
	return number ? replace_failed(mail, number, error) : SP_OK;
}
