/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How records of a journal look (docs/DESIGN.md), and what an open one is made
 * of; for io/journal*.c only.
 */
#ifndef SP_IO_JOURNAL_PARTS_H
#define SP_IO_JOURNAL_PARTS_H

#include "base/crc32c.h"
#include "io/journal.h"

#define SP_JOURNAL_FIRST_LINE "sealpress journal 1\n"
#define SP_JOURNAL_FIRST_BYTES (sizeof(SP_JOURNAL_FIRST_LINE) - 1)

/* Mark, type, size of the content, checksum; four bytes each. */
#define SP_JOURNAL_HEAD_BYTES 16u
#define SP_JOURNAL_MARK 0x524a5053u /* "SPJR" */
#define SP_JOURNAL_RECORD_MAX (64u << 20)

enum sp_journal_type {
	SP_JOURNAL_WORK = 1, /* id, then the work in lines */
	SP_JOURNAL_RUN, /* its number */
	SP_JOURNAL_DONE, /* a note, positions of streams, inputs */
	SP_JOURNAL_COMPLETE, /* the same without inputs */
	SP_JOURNAL_FINISHED, /* exit status */
	SP_JOURNAL_SEAL, /* nothing: the record before it was written whole */
};

/* Over where it stands too, so that no record is taken for another one. */
static inline uint32_t sp_journal_sum(
	uint64_t offset, uint32_t type, struct sp_span content)
{
	uint64_t head[2] = {offset, type};
	uint32_t sum = sp_crc32c(0, sp_span(head, sizeof(head)));

	return sp_crc32c(sum, content);
}

struct sp_journal {
	const char *path; /* borrowed */
	int fd;
	uint64_t end; /* of the last record */
	void *map; /* what was there when it was opened; owned */
	size_t map_bytes;
	enum sp_durability durability;
	struct sp_syncer *syncer; /* owned */
	struct sp_journal_state state;
	struct sp_stream *streams[SP_JOURNAL_STREAMS_MAX]; /* borrowed */
	size_t stream_count;
	/* Since the last record: */
	struct sp_journal_note note;
	struct sp_buffer mboxes; /* as the record will have them */
	size_t last_mbox; /* input of the last of them */
	struct sp_done mine; /* mboxes; the source reads those of state */
	struct sp_buffer files;
	uint32_t file_count;
	uint64_t input_bytes;
	bool added;
	struct sp_buffer record; /* being made; its memory is kept */
};

/* Appends the value in size bytes, little endian. */
void sp_journal_put(struct sp_buffer *out, uint64_t value, size_t size);

/* Room for the head of a record; its content goes behind it. */
struct sp_buffer *sp_journal_begin(struct sp_journal *journal);

/*
 * Appends the record and, if it is to outlive a power cut, syncs, and then puts
 * a seal behind it, of which the next record takes the place. What a write that
 * failed left behind is taken away.
 */
enum sp_status sp_journal_append(struct sp_journal *journal,
	enum sp_journal_type type, struct sp_error *error)
	__attribute__((warn_unused_result));

/* 0 or an errno value; and the words for one. */
int sp_journal_write(int fd, struct sp_span bytes, uint64_t offset)
	__attribute__((warn_unused_result));
enum sp_status sp_journal_failed(
	const struct sp_journal *journal, int number, struct sp_error *error);

#endif
