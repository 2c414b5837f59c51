/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch under way: the messages as io/ delivered them, what the stages made
 * of each, and what is to be written when its turn comes.
 */
#ifndef SP_ENGINE_BATCH_H
#define SP_ENGINE_BATCH_H

#include "engine/pool.h"
#include "engine/run.h"
#include "engine/stages.h"

/* One message on its way through the stages. */
struct sp_entry {
	struct sp_mail *mail;
	struct sp_message message;
	enum sp_reason split; /* what sp_message_split() found */
	enum sp_reason reason; /* for the record, see sp_record */
	union {
		struct sp_sign sign;
		struct sp_verify verify;
	};

	/* What leaves, when write is set (engine/output.h). */
	bool write;
	bool copied;
	struct sp_span top; /* new header fields */
	const struct sp_field **removed; /* fields left out, top to bottom */
	size_t removed_count;
	struct sp_content content;
	struct sp_delivery *delivery; /* NULL: not to or in a Maildir */
};

/* A batch that has asked for its keys, and may wait for them aside. */
struct sp_asked {
	struct sp_keywait wait; /* first: leads to the slot */
	struct sp_pool_slot *slot;
	struct sp_keycache *keys; /* NULL: it has not asked */
	struct sp_held_keys held;
	struct sp_verify **verifies;
	size_t count;
};

struct sp_batch {
	struct sp_mails mails;
	struct sp_arena arena; /* all that the stages make */
	struct sp_entry *entries;
	size_t count;
	struct sp_asked asked;
	struct sp_buffer reports[SP_REPORTS_MAX];
	bool last; /* the run ends with this batch (fail_fast, on_error) */
	uint64_t begun_ns; /* when its reading began, without waiting */
};

/* NULL when memory is exhausted. */
struct sp_batch *sp_batch_open(struct sp_pool_slot *slot);
void sp_batch_close(struct sp_batch *batch);

/* Forgets the messages, puts keys back, and keeps the memory. */
void sp_batch_reset(struct sp_batch *batch);

/* Empties all but the mails. */
void sp_batch_clear(struct sp_batch *batch);

/*
 * Makes an entry of each mail: split into header and body, or marked
 * SP_REASON_UNREADABLE.
 */
enum sp_status sp_batch_split(
	struct sp_batch *batch, const struct sp_message_limits *limits)
	__attribute__((warn_unused_result));

/* Entries that could be read and so go through the stages. */
static inline bool sp_entry_readable(const struct sp_entry *entry)
{
	return entry->mail->trouble == 0;
}

/* A separator line without line end, cut short (io/mbox.h) or at the end of the
 * file: fields written below it would continue it. */
static inline bool sp_entry_is_cut(const struct sp_entry *entry)
{
	struct sp_span line = entry->mail->from_line;

	return line.size && line.data[line.size - 1] != '\n';
}

#endif
