/* SPDX-License-Identifier: Apache-2.0 */
/* Running a source to its end, or batch by batch, and keeping what it gave. */
#ifndef SP_TESTS_UNIT_GATHER_H
#define SP_TESTS_UNIT_GATHER_H

#include "base/buffer.h"
#include "io/source.h"

/* The backends of reader.h; one that cannot be had gives no mail at all. */
static const char *const gather_backends[] = {"pread", "io_uring"};

/* All that a source gave, in a form that tests can look at. */
struct gathered {
	size_t mails;
	size_t troubles;
	size_t larges;
	size_t batches;
	int last_trouble;
	struct sp_buffer names; /* "path#index " of each */
	struct sp_buffer bytes; /* of all messages, one behind the other */
	struct sp_buffer stored; /* from_line + stored + tail of all */
	struct sp_buffer log;
	uint64_t input_bytes;
	struct sp_source_totals totals;
	enum sp_status opened;
	struct sp_error error;
};

void gathered_free(struct gathered *got);
bool gathered_logged(const struct gathered *got, const char *text);
void gathered_expect(const struct gathered *got, const char *names);

/* With one worker, all the way. Each checks what must hold for every mail. */
struct gathered gather(struct sp_source_options options, const char *backend);
struct gathered gather_one(const char *path, struct sp_source_options options);

/*
 * With standard input from the file, or, when that is NULL, from a pipe that a
 * child fills with data.
 */
struct gathered gather_stdin(struct sp_source_options options,
	struct sp_span data, const char *file);

/* A source whose batches, of one file each, are taken by hand. */
struct by_hand {
	struct sp_source *source;
	struct sp_reader *reader;
	struct gathered log;
	struct sp_log to;
	struct sp_mails mails;
	bool end;
};

void open_by_hand(struct by_hand *hand, const char *path,
	enum sp_mbox_kind kind, size_t range);
void next_by_hand(struct by_hand *hand);
void close_by_hand(struct by_hand *hand);

#endif
