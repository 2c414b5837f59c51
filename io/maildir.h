/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivering into a Maildir and replacing its messages (maildir(5)): written
 * to tmp, then moved to the final name, so that no reader ever sees half a
 * message. Plain system calls: through a ring, create and rename cost more.
 */
#ifndef SP_IO_MAILDIR_H
#define SP_IO_MAILDIR_H

#include "io/journal.h"
#include "io/maildir_tmp.h"
#include "io/syncer.h"

struct sp_maildir;

/* A Maildir to deliver into, made with cur, new and tmp when not there. */
enum sp_status sp_maildir_open(struct sp_maildir **maildir, const char *path,
	struct sp_error *error) __attribute__((warn_unused_result));
void sp_maildir_close(struct sp_maildir *maildir);

/*
 * A message on its way: written to tmp, but not under its name yet. Zeroed: no
 * message. Borrows mail and maildir until it is placed or dropped.
 */
struct sp_delivery {
	struct sp_maildir *maildir; /* NULL: it replaces mail */
	const struct sp_mail *mail;
	struct sp_maildir_tmp tmp;
};

/*
 * Writes a copy, mode 0600, to tmp; several threads may at once. A message from
 * a Maildir keeps the time of its file. Of the mark all is set but kind and
 * name. Nothing is left on trouble.
 */
enum sp_status sp_delivery_write(struct sp_delivery *delivery,
	struct sp_maildir *maildir, const struct sp_mail *mail,
	const struct sp_content *content, const struct sp_maildir_mark *mark,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * The same for what takes the place of the Maildir message mail itself: in tmp
 * of its Maildir, with owner, mode and times of the old file. *gone with SP_OK:
 * the message was deleted, and there is no delivery.
 */
enum sp_status sp_delivery_write_over(struct sp_delivery *delivery,
	const struct sp_mail *mail, const struct sp_content *content,
	const struct sp_maildir_mark *mark, bool *gone, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Closes up to SP_SYNC_FILES_MAX written files, which are held open until
 * then; with a syncer they and their names in tmp are on the disk first.
 */
enum sp_status sp_delivery_settle(struct sp_delivery *const *deliveries,
	size_t count, struct sp_syncer *syncer, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Gives a settled message its name. A copy of a Maildir message keeps the
 * folder (cur or new) and the flags, S= (size) and W= (size with CRLF) in its
 * name are made true, and the rest of the name is kept unless it is taken in
 * the target. Other messages get a fresh unique name with S= in new.
 *
 * What replaces a message takes its place in one step, and is then renamed when
 * S= or W= in the name change. When a mail reader has changed the flags
 * meanwhile the message is found under its new name; when it was deleted it
 * stays so: then *gone is true with SP_OK. Nothing is left in tmp on trouble.
 */
enum sp_status sp_delivery_place(struct sp_delivery *delivery, bool *gone,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Removes what was not placed; fine at any point. */
void sp_delivery_drop(struct sp_delivery *delivery);

/* Syncs the folder that the message with this mail was placed in. */
void sp_delivery_sync(struct sp_maildir *maildir, const struct sp_mail *mail);

/*
 * After a crash: what runs of this journal left in tmp of the Maildir gets its
 * name if its batch was recorded as done, and is removed if not.
 */
enum sp_status sp_maildir_recover(const char *path,
	const struct sp_journal *journal, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
