/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Getting what was written onto the disk (fsync(2)): many files side by side
 * through a ring, where there is one, so that one flush of the disk serves all
 * of them.
 */
#ifndef SP_IO_SYNCER_H
#define SP_IO_SYNCER_H

#include <stdbool.h>
#include <stddef.h>

/* --durability: what a power cut may cost (docs/DESIGN.md). */
enum sp_durability {
	SP_DURABILITY_NONE, /* nothing is synced: it costs what it likes */
	SP_DURABILITY_BATCH, /* what has its final name is on the disk */
	SP_DURABILITY_MESSAGE, /* the same, one message at a time */
};

#define SP_SYNC_FILES_MAX 32u

struct sp_syncer; /* one thread at a time */

/*
 * plain: without a ring, as is one that gives it up later. NULL when memory is
 * exhausted.
 */
struct sp_syncer *sp_syncer_open(bool plain);
void sp_syncer_use_plain(struct sp_syncer *syncer);
void sp_syncer_close(struct sp_syncer *syncer); /* NULL is fine */

/*
 * Syncs up to SP_SYNC_FILES_MAX open files: 0 or the first errno value. What
 * cannot be synced by its nature (a device) is none.
 */
int sp_syncer_files(struct sp_syncer *syncer, const int *fds, size_t count)
	__attribute__((warn_unused_result));

/*
 * Syncs the names in a folder below dir_fd. One that cannot be read cannot be
 * synced, and that is no error.
 */
void sp_sync_folder(int dir_fd, const char *name);

#endif
