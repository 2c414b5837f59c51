/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An mbox file cut into ranges of bytes that several workers read at once.
 * A range owns the messages whose separator line begins in it, and reads on
 * past its end until the last of them ends. Nothing but the bytes around its
 * borders is needed to see what belongs to it.
 *
 * How many messages came before a range is known once all earlier ones have
 * been read; the numbers below hand that on.
 */
#ifndef SP_IO_RANGES_H
#define SP_IO_RANGES_H

#include <pthread.h>

#include "io/ahead.h"
#include "io/mail.h"
#include "io/reader.h"
#include "io/skips.h"

/* What the ranges of all files of a source share. */
struct sp_numbers {
	pthread_mutex_t lock; /* guards the rest and every list of ranges */
	pthread_cond_t changed;
	bool cancelled;
	struct sp_ranges *files; /* those not freed */
};

void sp_numbers_init(struct sp_numbers *numbers);
/* Frees all ranges too, released or not. */
void sp_numbers_free(struct sp_numbers *numbers);
void sp_numbers_cancel(struct sp_numbers *numbers);

struct sp_ranges; /* one file */
struct sp_range; /* one piece of it; lives until released */

/*
 * Takes fd and ahead (NULL: none), also on failure; size is that of the file;
 * path is borrowed until the last range is released. NULL when memory is
 * exhausted.
 */
struct sp_ranges *sp_ranges_open(struct sp_numbers *numbers, int fd,
	struct sp_ahead *ahead, const char *path, uint64_t size,
	enum sp_mbox_kind kind);

/* Leaves out what begins before offset, which is so many messages. Before the
 * first range is taken. */
void sp_ranges_skip(
	struct sp_ranges *ranges, uint64_t offset, uint64_t messages);

/*
 * The next range of range_bytes, or NULL: at the end of the file, or, with
 * *status SP_NO_MEMORY, when memory is exhausted. One caller at a time.
 */
struct sp_range *sp_ranges_take(
	struct sp_ranges *ranges, size_t range_bytes, enum sp_status *status);

/*
 * How long the next range should be: enough messages to fill the lanes of
 * hashing and signing, as long as it stays in the cache, and not so many that
 * it has to be read in parts; by those that have been counted so far.
 */
size_t sp_ranges_suit(struct sp_ranges *ranges);

/* No more ranges will be taken; freed with the last range. */
void sp_ranges_close(struct sp_ranges *ranges);

/*
 * Fills mails with the messages of the range, or the next messages_max of
 * them; index counts from its first. Must be called for each range until
 * mails->more is false, or the range be released: later ones wait for its
 * count.
 */
enum sp_status sp_range_read(struct sp_range *range, struct sp_reader *reader,
	struct sp_mails *mails, size_t messages_max, struct sp_skips *skips)
	__attribute__((warn_unused_result));

/*
 * Adds the number of messages in earlier ranges to each index. Waits until
 * they have been read. False when that was cancelled.
 */
bool sp_range_number(struct sp_range *range, struct sp_mails *mails);

/* Gives the range back, numbered or not, read or not. */
void sp_range_release(struct sp_range *range);

#endif
