/* SPDX-License-Identifier: Apache-2.0 */
/* What a run writes: messages, records, counts. */
#include "engine/run_parts.h"

/* A message that somebody deleted meanwhile is not brought back. */
static enum sp_status replace(const struct sp_run_options *options,
	struct sp_entry *entry, struct sp_error *error)
{
	bool gone;
	enum sp_status status =
		sp_maildir_replace(entry->mail, &entry->content, &gone, error);

	if (status != SP_OK || !gone)
		return status;
	entry->reason = SP_REASON_UNWRITABLE;
	sp_log(options->log, SP_LOG_WARNING,
		"%s: the message was deleted meanwhile and stays so",
		entry->mail->path.data);
	return SP_OK;
}

static enum sp_status put_out(struct sp_worker *worker, struct sp_batch *batch,
	struct sp_entry *entry, struct sp_error *error)
{
	const struct sp_run_options *options = worker->run->options;
	enum sp_status status = sp_output_prepare(entry, options->output,
		&batch->arena, &worker->stages.scratch, worker->run->now);

	if (status != SP_OK)
		return status;
	if (options->output == SP_OUTPUT_MAILDIR)
		return sp_maildir_deliver(
			options->maildir, entry->mail, &entry->content, error);
	if (options->output == SP_OUTPUT_REPLACE && !entry->copied)
		return replace(options, entry, error);
	return SP_OK;
}

enum sp_status sp_run_put_out(struct sp_worker *worker, struct sp_batch *batch,
	struct sp_error *error)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct sp_entry *entry = &batch->entries[i];
		enum sp_status status = SP_OK;

		if (entry->write)
			status = put_out(worker, batch, entry, error);
		if (status != SP_OK)
			return status;
	}
	return SP_OK;
}

enum sp_status sp_run_format(const struct sp_run *run, struct sp_batch *batch)
{
	const struct sp_run_options *options = run->options;

	for (size_t r = 0; r < options->reporter_count; r++) {
		const struct sp_reporter *reporter = &options->reporters[r];

		for (size_t i = 0; i < batch->count; i++) {
			const struct sp_entry *entry = &batch->entries[i];
			struct sp_record record = {
				.mail = entry->mail,
				.message = &entry->message,
				.reason = entry->reason,
				.copied = entry->copied,
			};

			if (sp_entry_readable(entry))
				run->pass->record(entry, &record);
			reporter->format(
				reporter->context, &record, &batch->reports[r]);
		}
		if (batch->reports[r].failed)
			return SP_NO_MEMORY;
	}
	return SP_OK;
}

static enum sp_status write_reports(const struct sp_run *run,
	struct sp_batch *batch, struct sp_error *error)
{
	const struct sp_run_options *options = run->options;

	for (size_t r = 0; r < options->reporter_count; r++) {
		const struct sp_reporter *reporter = &options->reporters[r];
		enum sp_status status = SP_OK;

		if (batch->reports[r].size)
			status = reporter->write(reporter->context,
				sp_buffer_span(&batch->reports[r]), error);
		if (status != SP_OK)
			return status;
	}
	return SP_OK;
}

static void count_entries(
	const struct sp_run *run, const struct sp_batch *batch)
{
	struct sp_run_stats *stats = run->stats;

	for (size_t i = 0; i < batch->count; i++) {
		const struct sp_entry *entry = &batch->entries[i];

		if (sp_entry_readable(entry))
			run->pass->count(stats, entry);
		else
			sp_count(&stats->unreadable, 1);
		sp_count(&stats->reasons[entry->reason], 1);
	}
	sp_count(&stats->bytes, batch->mails.input_bytes);
	sp_count(&stats->messages, batch->count);
}

enum sp_status sp_run_commit(
	struct sp_run *run, struct sp_batch *batch, struct sp_error *error)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < batch->count && run->out.stream; i++) {
		const struct sp_entry *entry = &batch->entries[i];

		if (entry->write)
			status =
				sp_output_stream_write(&run->out, entry, error);
		if (status != SP_OK)
			return status;
	}
	status = write_reports(run, batch, error);
	if (status != SP_OK)
		return status;
	count_entries(run, batch);
	return batch->last ? SP_STOPPED : SP_OK;
}
