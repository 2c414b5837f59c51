/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "The next batch of messages", over any input: Maildir, folder of files,
 * mbox, single message, list of files, standard input. Shared by all workers;
 * each call gives one batch, numbered in input order: the inputs as given,
 * then the list; within a folder as walk.h says.
 *
 * One batch is up to SP_BATCH_FILES files (of several inputs, if they are
 * files), or the messages that begin in one range of an mbox, in several parts
 * if they are more than SP_BATCH_MESSAGES_MAX. Memory per batch
 * is bounded: slots for the files and SP_FILES_MEMORY_MAX for the longer of
 * them, or the range and one message. Larger messages are streamed (large.h),
 * and only the beginning of each, up to the end of its header, is in memory.
 */
#ifndef SP_IO_SOURCE_H
#define SP_IO_SOURCE_H

#include "io/done.h"
#include "io/mail.h"
#include "io/reader.h"

enum sp_input_format {
	SP_INPUT_AUTO,
	SP_INPUT_MAILDIR,
	SP_INPUT_MBOX,
	SP_INPUT_EML,
	SP_INPUT_NETSTRING, /* standard input only, and nothing beside it */
};

struct sp_source_options {
	const char *const *inputs; /* paths; "-" is standard input */
	size_t input_count;
	const char *files_from; /* list of message files, "-" or NULL; each
				   is one message, whatever it begins with */
	bool files_from_nul; /* NUL between names instead of newline */
	enum sp_input_format format;
	enum sp_mbox_kind mbox_kind;
	bool in_place; /* files are replaced and renamed while they are read */
	const struct sp_log *log; /* unreadable things are named here */
	struct sp_done *done; /* to be left out, or NULL; borrowed until close
				 and changed */
	size_t range_bytes; /* of an mbox per batch; 0: what suits it */
	size_t batch_messages; /* of an mbox; 0: SP_BATCH_MESSAGES_MAX */
	size_t batch_files; /* 0: SP_BATCH_FILES */
};

struct sp_source_totals {
	uint64_t bytes; /* known size of all input, or 0 */
	uint64_t files; /* known number of files, or 0 */
	uint64_t unreadable; /* things that were skipped so far, each named in
				the log; not mails with trouble */
};

struct sp_source;

/*
 * Looks at every input: SP_CONFIG or SP_IO with words for one that does not
 * exist or cannot be opened, or does not fit format. Waits for the first bytes
 * of standard input when it must tell an mbox from a message. The option
 * strings are borrowed until close.
 */
enum sp_status sp_source_open(struct sp_source **source,
	const struct sp_source_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

#define SP_SOURCE_PROTECTED_MAX 16u

/*
 * The file at path, if there is one, is going to be written over: when the
 * list names it, under whatever name, the run ends there. At most
 * SP_SOURCE_PROTECTED_MAX, before the first batch.
 */
void sp_source_protect(struct sp_source *source, const char *path);

/*
 * Fills mails (reset before) with the next batch; ticket is the next number.
 * SP_OK with count 0 and *end false is a batch whose files all vanished or a
 * range without a message: go on with it in order. *end is true when there is
 * no more input; no ticket is taken then. Thread-safe; reader is the caller's.
 * The index of each mail is relative to the batch until sp_source_number().
 * mails belongs to this source until that is closed. A status other than SP_OK
 * is the end of the run: SP_NO_MEMORY, or SP_CONFIG for a file that was done
 * and has changed since, or that is protected.
 */
enum sp_status sp_source_next(struct sp_source *source,
	struct sp_reader *reader, struct sp_mails *mails, bool *end,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * After a batch with mails->more: the next part of it, under the same ticket.
 * Call it when the part before has been numbered, worked through and is not
 * needed any more, before anything else is asked for with these mails.
 */
enum sp_status sp_source_more(struct sp_source *source,
	struct sp_reader *reader, struct sp_mails *mails,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Makes mail[].index count from the beginning of its path. Waits for earlier
 * batches of the same mbox to have been read (never for their processing).
 * False when the source was cancelled meanwhile.
 */
bool sp_source_number(struct sp_source *source, struct sp_mails *mails);

/*
 * No more batches; wakes whoever waits, for numbers or for standard input.
 * Safe in any thread.
 */
void sp_source_cancel(struct sp_source *source);

/*
 * An eventfd; writing to it (8 bytes, not zero) makes sp_source_next() find the
 * end of input, also where it waits for standard input. What has been read
 * goes on. For a signal handler; good until close.
 */
int sp_source_end_fd(const struct sp_source *source);

/* True when every input is a Maildir, or the only input is standard input. */
bool sp_source_is_maildir(const struct sp_source *source);
bool sp_source_is_stdin(const struct sp_source *source);
/* True when the first input is an mbox: "the input's format" for stdout. */
bool sp_source_is_mbox(const struct sp_source *source);

/*
 * What ended the input before its time: SP_OK, or the status and words of a
 * broken netstring stream. What came before that was given out. Once
 * sp_source_next() has said *end.
 */
enum sp_status sp_source_fault(
	const struct sp_source *source, struct sp_error *error);

void sp_source_totals(
	struct sp_source *source, struct sp_source_totals *totals);

void sp_source_close(struct sp_source *source);

#endif
