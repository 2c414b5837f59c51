/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of io/maildir.h share; for them only. */
#ifndef SP_IO_MAILDIR_PARTS_H
#define SP_IO_MAILDIR_PARTS_H

#include <stdatomic.h>

#include "io/maildir.h"

struct sp_maildir {
	struct sp_span path; /* owned, NUL behind it */
	int fd;
	atomic_ulong counter; /* deliveries so far; makes names unique */
};

/* sp_delivery_place() for a copy and for what replaces its message. */
enum sp_status sp_maildir_place(struct sp_delivery *delivery,
	struct sp_error *error) __attribute__((warn_unused_result));
enum sp_status sp_maildir_place_over(struct sp_delivery *delivery, bool *gone,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Brings the replacing of mail to its end that left tmp behind. */
enum sp_status sp_maildir_recover_over(const struct sp_mail *mail,
	struct sp_maildir_tmp *tmp, struct sp_error *error)
	__attribute__((warn_unused_result));

/* The Maildir of a message, to open files in; or -1 with errno. */
int sp_maildir_fd_of(const struct sp_mail *mail);

#endif
