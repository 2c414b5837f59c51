/* SPDX-License-Identifier: Apache-2.0 */
/* Delivering into a Maildir (maildir(5)). */
#include "io/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/file.h"
#include "io/maildir_parts.h"

#define FOLDER_MODE 0700
#define NAMES_TRIED 1000u

static enum sp_status make_folders(
	const struct sp_maildir *maildir, struct sp_error *error)
{
	static const char *const folders[] = {"tmp", "new", "cur"};
	bool made = false;

	for (size_t i = 0; i < 3; i++) {
		struct stat st;

		if (mkdirat(maildir->fd, folders[i], FOLDER_MODE) == 0) {
			made = true;
			continue;
		}
		if (errno == EEXIST &&
			fstatat(maildir->fd, folders[i], &st, 0) == 0 &&
			S_ISDIR(st.st_mode))
			continue;
		return sp_error(error, SP_IO,
			"%s/%s: cannot be made: %m; give a Maildir that can be "
			"written to, or a name that is not taken",
			maildir->path.data, folders[i]);
	}
	if (made) {
		sp_sync_folder(maildir->fd, ".");
		sp_sync_folder(maildir->fd, "..");
	}
	return SP_OK;
}

enum sp_status sp_maildir_open(
	struct sp_maildir **maildir, const char *path, struct sp_error *error)
{
	struct sp_maildir *made = calloc(1, sizeof(*made));
	char *copy = strdup(path);
	enum sp_status status;

	*maildir = NULL;
	if (!made || !copy) {
		free(made);
		free(copy);
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some and run again", path);
	}
	made->path = sp_span_str(copy);
	if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST)
		made->fd = -1;
	else
		made->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (made->fd < 0)
		status = sp_error(error, SP_IO,
			"%s: cannot be used as a Maildir: %m; name a folder "
			"that can be made or written to",
			path);
	else
		status = make_folders(made, error);
	if (status != SP_OK) {
		sp_maildir_close(made);
		return status;
	}
	*maildir = made;
	return SP_OK;
}

void sp_maildir_close(struct sp_maildir *maildir)
{
	if (!maildir)
		return;
	if (maildir->fd >= 0)
		close(maildir->fd);
	free((char *)(uintptr_t)maildir->path.data);
	free(maildir);
}

/* The copy was received when the original was: mail readers show that time. */
static void keep_time(
	const struct sp_maildir_tmp *tmp, const struct sp_mail *mail)
{
	struct stat st;

	if (fstatat(AT_FDCWD, mail->path.data, &st, 0) == 0) {
		struct timespec times[2] = {st.st_atim, st.st_mtim};

		(void)futimens(tmp->fd, times);
	}
}

/* Under the name it has in its own Maildir, with the sizes corrected. */
static int place_as_named(
	const struct sp_maildir_tmp *tmp, const struct sp_mail *mail)
{
	char name[SP_MAILDIR_NAME_BYTES], to[SP_MAILDIR_NAME_BYTES + 8];

	if (!sp_maildir_name_resize(name, mail->name, &tmp->sizes))
		return ENAMETOOLONG;
	snprintf(to, sizeof(to), "%s/%s", mail->in_new ? "new" : "cur", name);
	return sp_file_move(tmp->dir_fd, tmp->name, to);
}

/* Under a fresh name, which keeps the flags of a Maildir message. */
static int place_fresh(struct sp_maildir *maildir,
	const struct sp_maildir_tmp *tmp, const struct sp_mail *mail)
{
	bool is_maildir = mail->form == SP_MAIL_MAILDIR;
	bool in_cur = is_maildir && !mail->in_new;
	struct sp_span info = is_maildir ? sp_maildir_name_info(mail->name)
					 : sp_span(NULL, 0);
	int number = EEXIST;

	for (unsigned i = 0; i < NAMES_TRIED && number == EEXIST; i++) {
		char name[SP_MAILDIR_NAME_BYTES], wide[32] = "";
		char to[2 * SP_MAILDIR_NAME_BYTES + 64];

		sp_maildir_name_fresh(
			name, atomic_fetch_add(&maildir->counter, 1));
		if (is_maildir && sp_maildir_name_has(mail->name, 'W'))
			snprintf(wide, sizeof(wide), ",W=%" PRIu64,
				tmp->sizes.crlf);
		snprintf(to, sizeof(to), "%s/%s,S=%" PRIu64 "%s%.*s",
			in_cur ? "cur" : "new", name, tmp->sizes.stored, wide,
			SP_SPAN_ARGS(info));
		number = sp_file_move(tmp->dir_fd, tmp->name, to);
	}
	return number;
}

enum sp_status sp_delivery_write(struct sp_delivery *delivery,
	struct sp_maildir *maildir, const struct sp_mail *mail,
	const struct sp_content *content, const struct sp_maildir_mark *mark,
	struct sp_error *error)
{
	bool is_maildir = mail->form == SP_MAIL_MAILDIR;
	struct sp_maildir_mark marked = *mark;
	bool wide = is_maildir && sp_maildir_name_has(mail->name, 'W');
	enum sp_status status;

	marked.kind = !is_maildir ? 'f' : mail->in_new ? 'n' : 'c';
	marked.name = mail->name;
	status = sp_maildir_tmp_write(&delivery->tmp, maildir->fd,
		maildir->path, atomic_fetch_add(&maildir->counter, 1), &marked,
		content, wide, error);
	if (status != SP_OK)
		return status;
	delivery->maildir = maildir;
	delivery->mail = mail;
	if (is_maildir)
		keep_time(&delivery->tmp, mail);
	return SP_OK;
}

enum sp_status sp_maildir_place(
	struct sp_delivery *delivery, struct sp_error *error)
{
	const struct sp_mail *mail = delivery->mail;
	struct sp_maildir *maildir = delivery->maildir;
	int number = EEXIST;

	delivery->tmp.dir_fd = maildir->fd;
	if (mail->form == SP_MAIL_MAILDIR)
		number = place_as_named(&delivery->tmp, mail);
	if (number == EEXIST || number == ENAMETOOLONG)
		number = place_fresh(maildir, &delivery->tmp, mail);
	if (number == 0)
		return SP_OK;
	errno = number;
	return sp_error(error, SP_IO,
		"%s: the message cannot be given its name: %m; give a Maildir "
		"that can be written to, with free space",
		maildir->path.data);
}
