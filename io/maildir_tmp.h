/* SPDX-License-Identifier: Apache-2.0 */
/* A message on its way into a Maildir: a file in tmp (io/maildir.h). */
#ifndef SP_IO_MAILDIR_TMP_H
#define SP_IO_MAILDIR_TMP_H

#include "io/maildir_name.h"

struct sp_maildir_tmp {
	int dir_fd; /* the Maildir; whose it is says who fills it in */
	int fd; /* owned; -1: closed */
	char name[SP_MAILDIR_NAME_BYTES + 8]; /* "tmp/..." */
	struct sp_content_sizes sizes;
};

/*
 * What a file in tmp is called when a journal (journal.h) may look for it after
 * a crash: whose it is, from which batch of which run, and what it is to
 * become.
 */
struct sp_maildir_mark {
	uint64_t journal; /* 0: none; then the name is just a fresh one */
	uint32_t run;
	uint64_t unit;
	size_t index; /* within the batch */
	char kind; /* 'f': fresh name in new; 'c', 'n': name in cur or new;
		      'r': replaces name */
	struct sp_span name;
};

/* Makes such a name; false when it would be too long. */
bool sp_maildir_mark_name(
	char out[SP_MAILDIR_NAME_BYTES], const struct sp_maildir_mark *mark);

/* The opposite; false for a name that is none of this journal's. */
bool sp_maildir_mark_read(
	struct sp_maildir_mark *mark, const char *name, uint64_t journal);

/*
 * Makes the file, mode 0600, and writes the content; path of the Maildir is
 * for messages. On trouble nothing is left.
 */
enum sp_status sp_maildir_tmp_write(struct sp_maildir_tmp *tmp, int dir_fd,
	struct sp_span path, unsigned long counter,
	const struct sp_maildir_mark *mark, const struct sp_content *content,
	bool count_crlf, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Closes the file; 0 or an errno value of a late write error. */
int sp_maildir_tmp_close(struct sp_maildir_tmp *tmp);

/* Closes and removes it. */
void sp_maildir_tmp_remove(struct sp_maildir_tmp *tmp);

#endif
