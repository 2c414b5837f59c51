/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a power cut takes away: names and bytes that were not synced. One caller
 * at a time.
 */
#ifndef SP_TESTS_FAULTS_POWER_H
#define SP_TESTS_FAULTS_POWER_H

#include <limits.h>
#include <stdbool.h>

/* A file was made, or opened for writing. */
void power_created(const char *path);
void power_opened(int fd);

/* A name is about to change; if that fails, it is undone. */
void power_renaming(const char *from, const char *to, bool exchange);
void power_unlinking(const char *path);
void power_undone(void);

/* The file, or the names in the folder, are on the disk. */
void power_synced(int fd, const char *path);

/*
 * Names are as they were when their folders were synced, files as long as they
 * were; or of their length, with garbage in what was not synced.
 */
void power_cut(bool garbage);

#endif
