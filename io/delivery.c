/* SPDX-License-Identifier: Apache-2.0 */
/* What every delivery goes through: settled, placed or dropped (io/maildir.h).
 */
#include "io/maildir.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "io/maildir_parts.h"
#include "io/partial.h"

static struct sp_span path_of(const struct sp_delivery *delivery)
{
	return delivery->maildir ? delivery->maildir->path
				 : delivery->mail->maildir;
}

/* Closes the file and, of one that replaces, the Maildir it is in. */
static int close_delivery(struct sp_delivery *delivery)
{
	int number = sp_maildir_tmp_close(&delivery->tmp);

	if (!delivery->maildir)
		close(delivery->tmp.dir_fd);
	delivery->tmp.dir_fd = -1;
	return number;
}

/* Files first, then each tmp they are in, which is mostly one and the same. */
static int sync_files(struct sp_delivery *const *deliveries, size_t count,
	struct sp_syncer *syncer)
{
	int fds[SP_SYNC_FILES_MAX] = {0};
	int number;

	assert(count <= SP_SYNC_FILES_MAX);
	for (size_t i = 0; i < count; i++)
		fds[i] = deliveries[i]->tmp.fd;
	number = sp_syncer_files(syncer, fds, count);
	if (number)
		return number;
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || !sp_span_equal(path_of(deliveries[i - 1]),
				      path_of(deliveries[i])))
			sp_sync_folder(deliveries[i]->tmp.dir_fd, "tmp");
	}
	return 0;
}

enum sp_status sp_delivery_settle(struct sp_delivery *const *deliveries,
	size_t count, struct sp_syncer *syncer, struct sp_error *error)
{
	int number = syncer ? sync_files(deliveries, count, syncer) : 0;

	for (size_t i = 0; i < count; i++) {
		int late = close_delivery(deliveries[i]);

		if (!number)
			number = late;
	}
	if (!number)
		return SP_OK;
	errno = number;
	return sp_error(error, SP_IO, "%.*s/tmp: cannot be written: %m; %s",
		SP_SPAN_ARGS(path_of(deliveries[0])),
		sp_partial_remedy(number));
}

enum sp_status sp_delivery_place(
	struct sp_delivery *delivery, bool *gone, struct sp_error *error)
{
	enum sp_status status;

	*gone = false;
	if (delivery->maildir)
		status = sp_maildir_place(delivery, error);
	else
		status = sp_maildir_place_over(delivery, gone, error);
	if (status != SP_OK)
		sp_delivery_drop(delivery);
	*delivery = (struct sp_delivery){.mail = NULL};
	return status;
}

void sp_delivery_drop(struct sp_delivery *delivery)
{
	struct sp_maildir_tmp *tmp = &delivery->tmp;

	if (!delivery->mail)
		return;
	if (tmp->fd >= 0)
		(void)close_delivery(delivery);
	tmp->dir_fd = delivery->maildir ? delivery->maildir->fd
					: sp_maildir_fd_of(delivery->mail);
	if (tmp->dir_fd >= 0)
		unlinkat(tmp->dir_fd, tmp->name, 0);
	if (!delivery->maildir && tmp->dir_fd >= 0)
		close(tmp->dir_fd);
	*delivery = (struct sp_delivery){.mail = NULL};
}

void sp_delivery_sync(struct sp_maildir *maildir, const struct sp_mail *mail)
{
	bool in_cur = mail->form == SP_MAIL_MAILDIR && !mail->in_new;
	int fd = maildir ? maildir->fd : sp_maildir_fd_of(mail);

	if (fd < 0)
		return;
	sp_sync_folder(fd, in_cur ? "cur" : "new");
	if (!maildir)
		close(fd);
}
