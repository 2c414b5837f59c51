/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivering into a Maildir and replacing its messages (maildir(5)): written
 * to tmp, then moved to the final name, so that no reader ever sees half a
 * message. Plain system calls: through a ring, create and rename cost more.
 */
#ifndef SP_IO_MAILDIR_H
#define SP_IO_MAILDIR_H

#include "io/content.h"

struct sp_maildir;

/* A Maildir to deliver into, made with cur, new and tmp when not there. */
enum sp_status sp_maildir_open(struct sp_maildir **maildir, const char *path,
	struct sp_error *error) __attribute__((warn_unused_result));
void sp_maildir_close(struct sp_maildir *maildir);

/*
 * Delivers a copy, mode 0600; several threads may at once. From a Maildir
 * message the folder (cur or new), the flags and the time of the file are
 * kept, S= (size) and W= (size with CRLF) in its name are made true, and the
 * rest of the name is kept unless it is taken in the target. Other messages
 * get a fresh unique name with S= in new. Nothing is left in tmp on trouble.
 * Not synced to disk.
 */
enum sp_status sp_maildir_deliver(struct sp_maildir *maildir,
	const struct sp_mail *mail, const struct sp_content *content,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Replaces the Maildir message itself: written to its Maildir's tmp with the
 * owner, mode and times of the old file, put in its place in one step, and
 * then renamed when S= or W= in the name change. When a mail reader has
 * changed the flags meanwhile the message is found under its new name; when it
 * was deleted it stays so: then *gone is true with SP_OK.
 */
enum sp_status sp_maildir_replace(const struct sp_mail *mail,
	const struct sp_content *content, bool *gone, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
