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
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "io/maildir_parts.h"

#define MOVES_FOLLOWED 1000u /* renames by others until we give up */
#define MISSES_MAX 3u /* the same, before we know its file */
#define LISTINGS_MAX 20u /* until a message is held to be deleted */

/* Where the message is now. */
struct place {
	int dir_fd; /* the Maildir; owned */
	int file_fd; /* the file, to know whether it still exists; owned */
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

static bool is_deleted(const struct place *place)
{
	struct stat st;

	return fstat(place->file_fd, &st) != 0 || st.st_nlink == 0;
}

/*
 * Somebody renamed it: to change its flags, or from new to cur. A name that
 * changes while a folder is listed may be missed, so look more than once; but
 * not for ever, because a message that has other links (copies that Dovecot
 * made) is not seen to be deleted.
 */
static int find_again(struct place *place)
{
	for (unsigned i = 0; i < LISTINGS_MAX && !is_deleted(place); i++)
		if (find_in(place, "cur") || find_in(place, "new"))
			return 0;
	return ENOENT;
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
		    RENAME_EXCHANGE) == 0)
		return 0;
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
	return number == ENOENT ? EBUSY : number;
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
		number = sp_file_move(place->dir_fd, place->name, to);
	}
	return number == ENOENT ? EBUSY : number;
}

/* Opens the file, wherever it is now. */
static int open_place(struct place *place)
{
	unsigned missed = 0;
	struct stat st;

	for (unsigned i = 0; i < MOVES_FOLLOWED; i++) {
		place->file_fd = openat(place->dir_fd, place->name,
			O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (place->file_fd >= 0)
			break;
		if (errno != ENOENT)
			return errno;
		if (!find_in(place, "cur") && !find_in(place, "new") &&
			++missed == MISSES_MAX)
			return ENOENT;
	}
	if (place->file_fd < 0)
		return EBUSY;
	if (fstat(place->file_fd, &st) != 0)
		return errno;
	return S_ISREG(st.st_mode) ? 0 : EINVAL;
}

/* Owner, mode and times of the old file, as far as they can be given. */
static int keep_status(
	const struct place *place, const struct sp_maildir_tmp *tmp)
{
	struct stat old, made;
	struct timespec times[2];

	if (fstat(place->file_fd, &old) != 0 || fstat(tmp->fd, &made) != 0)
		return errno;
	times[0] = old.st_atim;
	times[1] = old.st_mtim;
	if ((old.st_uid != made.st_uid || old.st_gid != made.st_gid) &&
		fchown(tmp->fd, old.st_uid, old.st_gid) != 0) {
		if (errno != EPERM || old.st_uid != made.st_uid)
			return errno;
		/* The group of a setgid delivery cannot be given by the owner;
		 * ours has no business in it. */
		old.st_mode &= ~(mode_t)(S_IRWXG | S_ISGID);
	}
	if (fchmod(tmp->fd, old.st_mode & 07777) != 0 ||
		futimens(tmp->fd, times) != 0)
		return errno;
	return 0;
}

/*
 * The new file takes the place of the old one, which is then looked after. The
 * old one stays in tmp until the name is right: a run that comes after a crash
 * sees by it what is left to do.
 */
static int replace_with(struct place *place, const struct sp_maildir_tmp *tmp)
{
	int made_fd = openat(
		place->dir_fd, tmp->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int number = made_fd < 0 ? errno : exchange_following(place, tmp);

	if (made_fd < 0 && number == ENOENT)
		number = EIO; /* somebody emptied tmp: the message is there */
	if (!number) {
		close(place->file_fd);
		place->file_fd = made_fd;
		number = correct_name(place, &tmp->sizes);
	} else if (made_fd >= 0) {
		close(made_fd);
	}
	unlinkat(place->dir_fd, tmp->name, 0);
	return number;
}

static enum sp_status replace_failed(
	const struct sp_mail *mail, int number, struct sp_error *error)
{
	errno = number;
	return sp_error(error, SP_IO,
		"%s: cannot be replaced: %m; run as the owner of the Maildir, "
		"with free space",
		mail->path.data);
}

/* What a failure means: the message is gone, or the run is in trouble. */
static enum sp_status settle(const struct sp_mail *mail, int number, bool *gone,
	struct sp_error *error)
{
	*gone = number == ENOENT;
	if (number == 0 || *gone)
		return SP_OK;
	return replace_failed(mail, number, error);
}

int sp_maildir_fd_of(const struct sp_mail *mail)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.*s", SP_SPAN_ARGS(mail->maildir));
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Finds the message; 0 or an errno value. */
static int place_open(struct place *place, const struct sp_mail *mail)
{
	*place = (struct place){.mail = mail, .file_fd = -1};
	snprintf(place->name, sizeof(place->name), "%s/%.*s",
		mail->in_new ? "new" : "cur", SP_SPAN_ARGS(mail->name));
	place->dir_fd = sp_maildir_fd_of(mail);
	return place->dir_fd < 0 ? errno : open_place(place);
}

static void place_close(const struct place *place)
{
	if (place->file_fd >= 0)
		close(place->file_fd);
	if (place->dir_fd >= 0)
		close(place->dir_fd);
}

enum sp_status sp_delivery_write_over(struct sp_delivery *delivery,
	const struct sp_mail *mail, const struct sp_content *content,
	const struct sp_maildir_mark *mark, bool *gone, struct sp_error *error)
{
	struct sp_maildir_mark marked = *mark;
	struct place place;
	int number = place_open(&place, mail);
	enum sp_status status = settle(mail, number, gone, error);

	marked.kind = 'r';
	marked.name = mail->name;
	if (!number)
		status = sp_maildir_tmp_write(&delivery->tmp, place.dir_fd,
			mail->maildir, (unsigned long)gettid(), &marked,
			content, sp_maildir_name_has(mail->name, 'W'), error);
	if (!number && status == SP_OK) {
		delivery->mail = mail;
		number = keep_status(&place, &delivery->tmp);
		status = settle(mail, number, gone, error);
		place.dir_fd = -1; /* the delivery's now */
		if (number)
			sp_delivery_drop(delivery);
	}
	place_close(&place);
	return status;
}

enum sp_status sp_maildir_place_over(
	struct sp_delivery *delivery, bool *gone, struct sp_error *error)
{
	const struct sp_mail *mail = delivery->mail;
	struct place place;
	int number = place_open(&place, mail);

	if (!number)
		number = replace_with(&place, &delivery->tmp);
	else if (place.dir_fd >= 0)
		unlinkat(place.dir_fd, delivery->tmp.name, 0);
	place_close(&place);
	return settle(mail, number, gone, error);
}

/*
 * What is in tmp is the new message, or, when the two had been exchanged, the
 * old one. A signature was added, so the larger one is new.
 */
static int recover(struct place *place, struct sp_maildir_tmp *tmp)
{
	bool wide = sp_maildir_name_has(place->mail->name, 'W');
	struct stat left, now;

	if (fstatat(place->dir_fd, tmp->name, &left, AT_SYMLINK_NOFOLLOW) ||
		fstat(place->file_fd, &now) != 0)
		return errno;
	if (left.st_size > now.st_size) {
		int number = sp_content_measure(
			place->dir_fd, tmp->name, wide, &tmp->sizes);

		return number ? number : replace_with(place, tmp);
	}
	unlinkat(place->dir_fd, tmp->name, 0);
	if (sp_content_measure(place->dir_fd, place->name, wide, &tmp->sizes))
		return 0; /* renamed this moment: the name is somebody else's */
	return correct_name(place, &tmp->sizes);
}

enum sp_status sp_maildir_recover_over(const struct sp_mail *mail,
	struct sp_maildir_tmp *tmp, struct sp_error *error)
{
	struct place place;
	int number = place_open(&place, mail);
	bool gone;

	if (!number)
		number = recover(&place, tmp);
	else if (number == ENOENT)
		unlinkat(tmp->dir_fd, tmp->name, 0);
	place_close(&place);
	return settle(mail, number, &gone, error);
}
