/* SPDX-License-Identifier: Apache-2.0 */
/* Maildirs in a temporary folder, for the tests of io/maildir.h. */
#ifndef SP_TESTS_UNIT_MAILDIRS_H
#define SP_TESTS_UNIT_MAILDIRS_H

#include "io/maildir.h"

/* Make and remove the folder: .init and .fini of a suite. */
void maildirs_init(void);
void maildirs_fini(void);

/* "folder/name"; a few results live at a time. */
const char *under(const char *name);

/* How many names are in a folder; one of them goes to name (256 bytes). */
size_t names_in(const char *folder, char *name);

void expect_text(const char *path, const char *text);

/* A message in folder "cur" or "new" of the Maildir "from", with a file. */
struct sp_mail maildir_mail(
	const char *folder, const char *name, const char *text);

/* The whole way of a message into a Maildir, or into its place. */
enum sp_status deliver_content(struct sp_maildir *maildir,
	const struct sp_mail *mail, const struct sp_content *content,
	struct sp_error *error);
enum sp_status replace_content(const struct sp_mail *mail,
	const struct sp_content *content, bool *gone, struct sp_error *error);

/* A file that is larger than the limit cannot be written any more. */
void limit_file_size(size_t bytes);

#endif
