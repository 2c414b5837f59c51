/* SPDX-License-Identifier: Apache-2.0 */
/* What a source is made of; for io/source*.c only. */
#ifndef SP_IO_SOURCE_PARTS_H
#define SP_IO_SOURCE_PARTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "io/clbox.h"
#include "io/input.h"
#include "io/namelist.h"
#include "io/netpipe.h"
#include "io/ranges.h"
#include "io/walk.h"

/* What we are in the middle of. */
enum sp_source_place {
	AT_INPUT,
	IN_FOLDERS,
	IN_RANGES,
	IN_CLBOX,
	IN_PIPE,
	IN_NETPIPE,
	IN_LIST
};

struct sp_source {
	struct sp_source_options options; /* defaults filled in */
	struct sp_input *inputs; /* owned */
	struct sp_skips skips;
	struct sp_numbers numbers;
	int cancel_fd;
	atomic_bool cancelled;
	pthread_mutex_t lock; /* guards the rest; held while a pipe is read */
	uint64_t ticket; /* of the next batch */
	size_t input_at;
	enum sp_source_place place;
	bool list_done;
	struct sp_walk walk;
	struct sp_ranges *ranges;
	bool any_range; /* ranges are as long as suits the file */
	struct sp_clbox clbox;
	struct sp_pipe pipe;
	struct sp_netpipe netpipe;
	struct sp_namelist list;
	struct sp_file_id {
		dev_t device;
		ino_t inode;
	} protected[SP_SOURCE_PROTECTED_MAX];
	size_t protected_count;
	struct sp_buffer name; /* sp_done_name() of a file */
};

static inline bool sp_source_is_dash(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

/* SP_CONFIG with words when the name the list is at is protected. */
enum sp_status sp_source_check_listed(
	const struct sp_source *source, struct sp_error *error);

/* Releases the range of a batch that is used again or was numbered. */
void sp_source_give_back(struct sp_mails *mails);

#endif
