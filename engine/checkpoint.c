/* SPDX-License-Identifier: Apache-2.0 */
/* From a batch to the record that it is done. */
#include "engine/checkpoint.h"

#include "io/large.h"

/* More parts than a range has messages. */
#define PART_BITS 24

/*
 * Where an mbox is read on. A run that ends inside a piece goes on behind the
 * message that ended it.
 */
static uint64_t next_offset(const struct sp_batch *batch)
{
	const struct sp_mail *mail;

	if (!batch->last)
		return batch->mails.piece_end;
	mail = batch->entries[batch->count - 1].mail;
	if (mail->trouble)
		return batch->mails.piece_end;
	return mail->offset + mail->bytes_total +
	       (mail->large ? mail->large->tail_bytes : mail->tail.size);
}

static void add_file(struct sp_run *run, const struct sp_mail *mail)
{
	sp_done_name(&run->name, mail->maildir, mail->name, mail->path);
	sp_journal_add_file(run->options->journal, sp_buffer_span(&run->name),
		mail->trouble ? SP_DONE_BYTES_UNKNOWN : mail->bytes_total);
}

static enum sp_status add_inputs(
	struct sp_run *run, const struct sp_batch *batch)
{
	if (batch->mails.piece_end) {
		sp_journal_add_mbox(run->options->journal,
			batch->mails.piece_input, next_offset(batch),
			batch->count);
		return SP_OK;
	}
	for (size_t i = 0; i < batch->count; i++)
		add_file(run, batch->entries[i].mail);
	return sp_buffer_status(&run->name);
}

/* Batches and their parts in the order in which they are committed. */
static uint64_t unit_of(const struct sp_batch *batch)
{
	return batch->mails.ticket << PART_BITS | batch->mails.part;
}

/* What all runs together have done. */
static struct sp_journal_note note_of(
	const struct sp_run *run, const struct sp_batch *batch)
{
	const struct sp_run_stats *stats = run->stats;
	const struct sp_journal_state *before =
		sp_journal_state(run->options->journal);

	return (struct sp_journal_note){
		.units = unit_of(batch) + 1,
		.messages = before->note.messages + stats->messages,
		.good = before->note.good +
			(run->sign ? stats->signed_messages
				   : stats->verdicts[SP_PASS]),
		.owed = sp_output_stream_owed(&run->out),
	};
}

enum sp_status sp_checkpoint(struct sp_run *run, const struct sp_batch *batch,
	struct sp_error *error)
{
	struct sp_journal *journal = run->options->journal;
	enum sp_output output = run->options->output;
	bool named = output == SP_OUTPUT_MAILDIR || output == SP_OUTPUT_REPLACE;
	struct sp_journal_note note = note_of(run, batch);

	if (add_inputs(run, batch) != SP_OK)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	sp_journal_note(journal, &note, batch->mails.input_bytes);
	if (named || batch->last || sp_journal_due(journal))
		return sp_journal_record(journal, error);
	return SP_OK;
}

struct sp_maildir_mark sp_checkpoint_mark(
	const struct sp_run *run, const struct sp_batch *batch)
{
	struct sp_journal *journal = run->options->journal;

	if (!journal)
		return (struct sp_maildir_mark){.journal = 0};
	return (struct sp_maildir_mark){
		.journal = sp_journal_id(journal),
		.run = sp_journal_run(journal),
		.unit = unit_of(batch),
	};
}
