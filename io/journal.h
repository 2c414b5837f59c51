/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of a run: what is done, so that a later run can go on after a
 * crash, a power cut or a full disk. Its format is in docs/DESIGN.md.
 *
 * An append-only file of checksummed records. A record is written when what it
 * tells of is on the disk; what stands in an output behind the last record is
 * cut off when the work goes on. One process at a time holds the journal.
 */
#ifndef SP_IO_JOURNAL_H
#define SP_IO_JOURNAL_H

#include "io/done.h"
#include "io/stream.h"

#define SP_JOURNAL_STREAMS_MAX 16u
#define SP_JOURNAL_RUNS_MAX (1u << 20)
#define SP_JOURNAL_TEXT_MAX (16u << 20) /* options and inputs, in words */
#define SP_JOURNAL_GROUP_BYTES (32u << 20) /* of input between two records */
#define SP_JOURNAL_GROUP_FILES (1u << 20) /* bytes of names between them */

/* What an mbox is owed before its next message (engine/output.h). */
struct sp_journal_owed {
	uint8_t end; /* 0: nothing, else 1 + which line end */
	uint8_t line;
	uint64_t index;
	uint64_t offset;
};

/* Where the work stands; what belongs together is written together. */
struct sp_journal_note {
	uint64_t units; /* batches of this run that are done, in parts */
	uint64_t messages; /* of all runs */
	uint64_t good; /* of those, signed or passed */
	struct sp_journal_owed owed;
};

/* What a journal says. */
struct sp_journal_state {
	uint64_t id; /* names what belongs to this work; never 0 */
	bool begun; /* there is something to go on from */
	bool complete; /* only final names are missing */
	bool finished;
	uint32_t exit_status; /* when finished */
	struct sp_journal_note note; /* units are of the last run */
	struct sp_stream_place streams[SP_JOURNAL_STREAMS_MAX];
	size_t stream_count;
	struct sp_done done;
	uint64_t *units; /* owned: of run 0, 1, 2 */
	uint32_t runs;
};

/*
 * Reads a journal. *end is where its whole records end: what is behind it is
 * a torn tail. work is what is to be done, in lines (sp_journal_open); NULL
 * data: whatever it was. SP_CONFIG with words for what is no journal, is of
 * another version, has other work, or is damaged before its tail. The state
 * borrows file and is freed by the caller in any case.
 */
enum sp_status sp_journal_read(struct sp_journal_state *state,
	struct sp_span file, const char *path, struct sp_span work,
	uint64_t *end, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Frees what a state owns. */
void sp_journal_state_free(struct sp_journal_state *state);

struct sp_journal;

/*
 * Opens path, or makes it; locks it, reads it, cuts a torn tail off, and
 * begins a run. work is what is to be done, one thing a line: "file PATH ..."
 * for the state of a file that is read, anything else for an option. A journal
 * is only taken up again by the same work.
 */
enum sp_status sp_journal_open(struct sp_journal **journal, const char *path,
	struct sp_span work, enum sp_durability durability,
	struct sp_error *error) __attribute__((warn_unused_result));
void sp_journal_close(struct sp_journal *journal); /* NULL is fine */

/* Has streams synced without a ring, as sp_stream_use_plain(). */
void sp_journal_use_plain(struct sp_journal *journal);

/* What it said when it was opened; the done part is for the source. */
struct sp_journal_state *sp_journal_state(struct sp_journal *journal);

/* Names what belongs to this work; never 0. */
uint64_t sp_journal_id(const struct sp_journal *journal);

/* The number of this run, from 0; what it makes carries it. */
uint32_t sp_journal_run(const struct sp_journal *journal);

/* Was this batch of that run done? (By runs before this one.) */
bool sp_journal_had(
	const struct sp_journal *journal, uint64_t run, uint64_t unit);

/* Of the stream that is attached next: whose it is and where it goes on. */
void sp_journal_place(
	const struct sp_journal *journal, struct sp_stream_options *options);

/*
 * Streams whose positions are recorded, in the same order each time, at most
 * SP_JOURNAL_STREAMS_MAX. Borrowed until sp_journal_complete() or close.
 */
void sp_journal_attach(struct sp_journal *journal, struct sp_stream *stream);

/*
 * What a batch has done; one caller at a time. Of an mbox: the offset up to
 * which it was read and the messages since the last call for this input. Of a
 * file its sp_done_name() and its size. Then where the work stands with it.
 */
void sp_journal_add_mbox(struct sp_journal *journal, size_t input,
	uint64_t offset, uint64_t messages);
void sp_journal_add_file(
	struct sp_journal *journal, struct sp_span name, uint64_t bytes);
void sp_journal_note(struct sp_journal *journal,
	const struct sp_journal_note *note, uint64_t input_bytes);

/* True when so much was added that a record is worth its flush. */
bool sp_journal_due(const struct sp_journal *journal);

/*
 * Records all that was added: syncs the streams, appends, syncs the journal
 * (as durability says). SP_OK when nothing was added.
 */
enum sp_status sp_journal_record(struct sp_journal *journal,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * No work was begun after all: removes a journal in which nothing is recorded,
 * and has its streams removed when they are closed.
 */
void sp_journal_forget(struct sp_journal *journal);

/* All input is worked through: outputs may get their names now. */
enum sp_status sp_journal_complete(struct sp_journal *journal,
	struct sp_error *error) __attribute__((warn_unused_result));

/* And have got them. */
enum sp_status sp_journal_finish(struct sp_journal *journal, int exit_status,
	struct sp_error *error) __attribute__((warn_unused_result));

#endif
