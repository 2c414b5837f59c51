/* SPDX-License-Identifier: Apache-2.0 */
/* What a run writes: messages, records, counts. */
#include "engine/run_parts.h"

#include "engine/checkpoint.h"

/* A message that somebody deleted meanwhile is not brought back. */
static void say_gone(
	const struct sp_run_options *options, const struct sp_entry *entry)
{
	sp_log(options->log, SP_LOG_WARNING,
		"%s: the message was deleted meanwhile and stays so",
		entry->mail->path.data);
}

/* Writes one entry's file to tmp. */
static enum sp_status write_delivery(const struct sp_run_options *options,
	struct sp_entry *entry, const struct sp_maildir_mark *mark,
	struct sp_error *error)
{
	struct sp_delivery *delivery = entry->delivery;
	enum sp_status status;
	bool gone;

	if (options->output == SP_OUTPUT_MAILDIR)
		return sp_delivery_write(delivery, options->maildir,
			entry->mail, &entry->content, mark, error);
	status = sp_delivery_write_over(
		delivery, entry->mail, &entry->content, mark, &gone, error);
	if (status == SP_OK && gone) {
		entry->reason = SP_REASON_UNWRITABLE;
		say_gone(options, entry);
	}
	return status;
}

/* Deliveries that are written and still open. */
struct unsettled {
	struct sp_delivery *list[SP_SYNC_FILES_MAX];
	size_t count;
	size_t limit; /* settle when so many are open */
	struct sp_syncer *syncer; /* NULL: they are not synced */
};

static struct unsettled unsettled_for(const struct sp_worker *worker)
{
	enum sp_durability durability = worker->run->options->durability;
	bool many = durability == SP_DURABILITY_BATCH;

	return (struct unsettled){
		.limit = many ? SP_SYNC_FILES_MAX : 1,
		.syncer = durability == SP_DURABILITY_NONE ? NULL
							   : worker->syncer,
	};
}

static enum sp_status settle(
	struct unsettled *open, size_t limit, struct sp_error *error)
{
	size_t count = open->count;

	if (count < limit || count == 0)
		return SP_OK;
	open->count = 0;
	return sp_delivery_settle(open->list, count, open->syncer, error);
}

static enum sp_status put_out(struct sp_worker *worker, struct sp_batch *batch,
	struct sp_entry *entry, struct unsettled *open, struct sp_error *error)
{
	const struct sp_run_options *options = worker->run->options;
	enum sp_status status = sp_output_prepare(entry, options->output,
		&batch->arena, &worker->stages.scratch, worker->run->now);
	bool over = options->output == SP_OUTPUT_REPLACE && !entry->copied;
	struct sp_maildir_mark mark;

	if (status != SP_OK || (options->output != SP_OUTPUT_MAILDIR && !over))
		return status;
	entry->delivery = SP_ARENA_NEW(&batch->arena, struct sp_delivery);
	if (!entry->delivery)
		return SP_NO_MEMORY;
	mark = sp_checkpoint_mark(worker->run, batch);
	mark.index = (size_t)(entry - batch->entries);
	status = write_delivery(options, entry, &mark, error);
	if (status == SP_OK && entry->delivery->mail)
		open->list[open->count++] = entry->delivery;
	return status == SP_OK ? settle(open, open->limit, error) : status;
}

enum sp_status sp_run_put_out(struct sp_worker *worker, struct sp_batch *batch,
	struct sp_error *error)
{
	struct unsettled open = unsettled_for(worker);
	bool answers = worker->run->options->output == SP_OUTPUT_NETSTRING;
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < batch->count && status == SP_OK; i++) {
		struct sp_entry *entry = &batch->entries[i];

		if (entry->write && !answers)
			status = put_out(worker, batch, entry, &open, error);
	}
	return status == SP_OK ? settle(&open, 1, error) : status;
}

static bool in_cur(const struct sp_mail *mail)
{
	return mail->form == SP_MAIL_MAILDIR && !mail->in_new;
}

static bool same_folder(const struct sp_run_options *options,
	const struct sp_mail *a, const struct sp_mail *b)
{
	return in_cur(a) == in_cur(b) &&
	       (options->maildir || sp_span_equal(a->maildir, b->maildir));
}

/*
 * Syncs the folder that holds what was placed, before the next message goes to
 * another one (next NULL: there is none), or after each message.
 */
static void sync_folder(const struct sp_run_options *options,
	const struct sp_mail *placed, const struct sp_mail *next)
{
	bool due = options->durability == SP_DURABILITY_MESSAGE;

	if (!placed || options->durability == SP_DURABILITY_NONE)
		return;
	if (due || !next || !same_folder(options, placed, next))
		sp_delivery_sync(options->maildir, placed);
}

/* Gives the batch's messages their names. */
static enum sp_status place_deliveries(
	struct sp_run *run, struct sp_batch *batch, struct sp_error *error)
{
	const struct sp_run_options *options = run->options;
	const struct sp_mail *placed = NULL;

	for (size_t i = 0; i < batch->count; i++) {
		struct sp_entry *entry = &batch->entries[i];
		enum sp_status status;
		bool gone;

		if (!entry->delivery || !entry->delivery->mail)
			continue;
		sync_folder(options, placed, entry->mail);
		status = sp_delivery_place(entry->delivery, &gone, error);
		if (status != SP_OK)
			return status;
		if (gone)
			say_gone(options, entry);
		placed = entry->mail;
	}
	sync_folder(options, placed, NULL);
	return SP_OK;
}

uint64_t sp_run_delivered(
	const struct sp_run *run, const struct sp_batch *batch)
{
	enum sp_output output = run->options->output;
	uint64_t bytes = 0;

	if (output != SP_OUTPUT_MAILDIR && output != SP_OUTPUT_REPLACE)
		return 0;
	for (size_t i = 0; i < batch->count; i++) {
		const struct sp_entry *entry = &batch->entries[i];

		if (entry->write)
			bytes += entry->top.size + entry->mail->bytes_total;
	}
	return bytes;
}

static struct sp_record record_of(
	const struct sp_run *run, const struct sp_entry *entry)
{
	struct sp_record record = {
		.mail = entry->mail,
		.message = &entry->message,
		.reason = entry->reason,
		.copied = entry->copied,
	};

	if (sp_entry_readable(entry))
		run->pass->record(entry, &record);
	return record;
}

enum sp_status sp_run_format(const struct sp_run *run, struct sp_batch *batch)
{
	const struct sp_run_options *options = run->options;

	for (size_t r = 0; r < options->reporter_count; r++) {
		const struct sp_reporter *reporter = &options->reporters[r];

		for (size_t i = 0; i < batch->count; i++) {
			struct sp_record record =
				record_of(run, &batch->entries[i]);

			reporter->format(
				reporter->context, &record, &batch->reports[r]);
		}
		if (batch->reports[r].failed)
			return SP_NO_MEMORY;
	}
	return SP_OK;
}

enum sp_status sp_run_answer(struct sp_worker *worker, struct sp_batch *batch)
{
	const struct sp_run *run = worker->run;
	struct sp_buffer text = {.data = NULL};
	enum sp_status status = SP_OK;

	if (run->options->output != SP_OUTPUT_NETSTRING)
		return SP_OK;
	for (size_t i = 0; i < batch->count && status == SP_OK; i++) {
		struct sp_entry *entry = &batch->entries[i];
		struct sp_record record = record_of(run, entry);

		sp_buffer_clear(&text);
		run->options->answer(&record, &text);
		status = sp_buffer_status(&text);
		if (status == SP_OK)
			status = sp_output_answer(entry, sp_buffer_span(&text),
				run->options->fields_only, &batch->arena,
				&worker->stages.scratch);
	}
	sp_buffer_free(&text);
	return status;
}

static enum sp_status write_reports(const struct sp_run *run,
	struct sp_batch *batch, uint64_t *bytes, struct sp_error *error)
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
		*bytes += batch->reports[r].size;
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

static enum sp_status write_stream(struct sp_run *run, struct sp_batch *batch,
	uint64_t *bytes, struct sp_error *error)
{
	struct sp_stream *stream = run->out.stream;
	uint64_t before = sp_stream_bytes(stream);
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < batch->count && status == SP_OK; i++)
		if (batch->entries[i].write)
			status = sp_output_stream_write(
				&run->out, &batch->entries[i], error);
	*bytes += sp_stream_bytes(stream) - before;
	/* Somebody is waiting for the answers. */
	if (status == SP_OK && run->options->output == SP_OUTPUT_NETSTRING)
		status = sp_stream_flush(stream, error);
	return status;
}

enum sp_status sp_run_commit(struct sp_run *run, struct sp_batch *batch,
	uint64_t *bytes, struct sp_error *error)
{
	struct sp_journal *journal = run->options->journal;
	enum sp_status status = SP_OK;

	/* With a journal they get their names when it says that they do. */
	if (!journal)
		status = place_deliveries(run, batch, error);
	if (status == SP_OK && run->out.stream)
		status = write_stream(run, batch, bytes, error);
	if (status == SP_OK)
		status = write_reports(run, batch, bytes, error);
	if (status != SP_OK)
		return status;
	count_entries(run, batch);
	if (journal)
		status = sp_checkpoint(run, batch, error);
	if (journal && status == SP_OK)
		status = place_deliveries(run, batch, error);
	if (status != SP_OK)
		return status;
	return batch->last ? SP_STOPPED : SP_OK;
}
