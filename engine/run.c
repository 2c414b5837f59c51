/* SPDX-License-Identifier: Apache-2.0 */
/* A run: workers take batches from the source through the stages. */
#include "engine/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/pool.h"
#include "engine/run_parts.h"
#include "io/large.h"

static void worker_close(void *argument)
{
	struct sp_worker *worker = argument;

	sp_stages_free(&worker->stages);
	sp_reader_close(worker->reader);
	sp_syncer_close(worker->syncer);
	free(worker->piece);
	free(worker);
}

/* The tally of a worker that starts, or NULL. */
static struct sp_tally *take_tally(struct sp_run_stats *stats)
{
	unsigned i = stats->tallies ? atomic_fetch_add(&stats->tally_next, 1)
				    : stats->tally_count;

	return i < stats->tally_count ? &stats->tallies[i] : NULL;
}

static void *worker_open(void *context)
{
	struct sp_run *run = context;
	struct sp_worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return NULL;
	worker->run = run;
	worker->piece = malloc(SP_PIECE_BYTES);
	worker->reader =
		sp_reader_open(run->options->reader, run->options->log);
	worker->syncer = sp_syncer_open(
		worker->reader && worker->reader->ops == &sp_reader_pread);
	if (!worker->piece || !worker->reader || !worker->syncer ||
		sp_stages_init(&worker->stages, NULL) != SP_OK) {
		worker_close(worker);
		return NULL;
	}
	sp_meter_start(sp_worker_meter(worker), take_tally(run->stats));
	return worker;
}

static void *batch_open(void *context, struct sp_pool_slot *slot)
{
	(void)context;
	return sp_batch_open(slot);
}

static void batch_close(void *batch)
{
	sp_batch_close(batch);
}

static enum sp_status next(void *context, void *worker_pointer,
	void *batch_pointer, uint64_t *ticket, bool *end,
	struct sp_error *error)
{
	struct sp_run *run = context;
	struct sp_worker *worker = worker_pointer;
	struct sp_meter *meter = sp_worker_meter(worker);
	struct sp_batch *batch = batch_pointer;
	struct sp_mails *mails = &batch->mails;
	enum sp_status status;

	/* It waited for the batch to become free. */
	sp_meter_lap(meter, SP_STAGE_WAIT, 0);
	batch->begun_ns = meter->at_ns;
	sp_batch_reset(batch);
	status = sp_source_next(
		run->options->source, worker->reader, mails, end, error);
	sp_meter_lap_waited(
		meter, SP_STAGE_READ, mails->input_bytes, mails->waited_ns);
	batch->begun_ns += mails->waited_ns;
	*ticket = mails->ticket;
	return status;
}

static bool has_more(const void *batch)
{
	return ((const struct sp_batch *)batch)->mails.more;
}

static enum sp_status more(void *context, void *worker_pointer,
	void *batch_pointer, struct sp_error *error)
{
	struct sp_run *run = context;
	struct sp_worker *worker = worker_pointer;
	struct sp_meter *meter = sp_worker_meter(worker);
	struct sp_batch *batch = batch_pointer;
	struct sp_mails *mails = &batch->mails;
	enum sp_status status;

	batch->begun_ns = meter->at_ns;
	sp_batch_clear(batch);
	status = sp_source_more(
		run->options->source, worker->reader, mails, error);
	sp_meter_lap(meter, SP_STAGE_READ, mails->input_bytes);
	return status;
}

/*
 * No descriptors and no memory are not the fault of a message: it would count
 * as unreadable, and nobody would look at it again.
 */
static enum sp_status check_resources(
	const struct sp_batch *batch, struct sp_error *error)
{
	for (size_t i = 0; i < batch->mails.count; i++) {
		const struct sp_mail *mail = &batch->mails.mail[i];
		int number = mail->trouble;

		errno = number;
		if (number == EMFILE || number == ENFILE || number == ENOMEM)
			return sp_error(error, SP_IO,
				"%s: cannot be read: %m; raise the limit "
				"(ulimit -n) or use fewer --jobs",
				mail->path.data);
	}
	return SP_OK;
}

/* One pass over the body of a large message; trouble stays with the mail. */
static enum sp_status stream_once(
	struct sp_worker *worker, struct sp_entry *entry)
{
	struct sp_bodyhash *hash = worker->stages.bodyhash;
	struct sp_large *large = entry->mail->large;
	enum sp_status status = SP_OK;
	ptrdiff_t got = 0;

	sp_meter_lap(sp_worker_meter(worker), SP_STAGE_BEGIN, 0);
	sp_large_seek(large, entry->message.body_offset);
	while (status == SP_OK &&
		(got = sp_large_read(large, worker->piece, SP_PIECE_BYTES)) > 0)
		status = sp_bodyhash_update(
			hash, sp_span(worker->piece, (size_t)got));
	if (got < 0) {
		entry->mail->trouble = (int)-got;
		entry->reason = SP_REASON_UNREADABLE;
	}
	/* Finished in any case, so that the streams are free again. */
	if (status == SP_OK)
		status = sp_bodyhash_finish(hash);
	sp_meter_lap(sp_worker_meter(worker), SP_STAGE_BODIES,
		entry->mail->bytes_total - entry->message.body_offset);
	return status;
}

/* The body digests of a message that memory does not hold. */
static enum sp_status stream_body(
	struct sp_worker *worker, struct sp_entry *entry)
{
	enum sp_status status = SP_OK;
	size_t count;
	struct sp_body_digest *bodies =
		worker->run->pass->bodies(entry, &count);

	while (sp_entry_readable(entry) && status == SP_OK &&
		sp_stages_stream(&worker->stages, bodies, count, &status))
		status = stream_once(worker, entry);
	return status;
}

static enum sp_status begin_entries(struct sp_worker *worker,
	struct sp_batch *batch, struct sp_error *error)
{
	struct sp_run *run = worker->run;

	for (size_t i = 0; i < batch->count; i++) {
		struct sp_entry *entry = &batch->entries[i];
		enum sp_status status;

		if (!sp_entry_readable(entry))
			continue;
		status = run->pass->begin(run, batch, entry, error);
		if (status == SP_OK && entry->mail->large)
			status = stream_body(worker, entry);
		if (status != SP_OK)
			return status;
	}
	return SP_OK;
}

/* Settles every entry; a run that ends inside the batch forgets the rest. */
static enum sp_status conclude_entries(
	struct sp_worker *worker, struct sp_batch *batch)
{
	struct sp_run *run = worker->run;

	for (size_t i = 0; i < batch->count && !batch->last; i++) {
		struct sp_entry *entry = &batch->entries[i];
		enum sp_status status = run->pass->conclude(
			run, worker, batch, entry, &batch->last);

		if (status != SP_OK)
			return status;
		if (batch->last)
			batch->count = i + 1;
	}
	return SP_OK;
}

/* Adds what became more since the last time. */
static void count_more(
	atomic_uint_fast64_t *counter, uint64_t now, uint64_t *counted)
{
	if (now != *counted)
		sp_count(counter, now - *counted);
	*counted = now;
}

/* Tells what the worker's own parts have counted for themselves. */
static void count_batch(struct sp_worker *worker)
{
	struct sp_tally *tally = sp_worker_meter(worker)->tally;
	struct sp_run_stats *stats = worker->run->stats;
	const struct sp_lanes_stats *lanes =
		sp_lanes_stats(worker->stages.lanes);
	const struct sp_repeats_stats *repeats =
		sp_bodyhash_repeats(worker->stages.bodyhash);
	struct sp_repeats_stats *counted = &worker->repeats;
	int_fast64_t queued = atomic_fetch_add(&stats->queued, 1);

	count_more(&stats->faults, lanes->faults, &worker->faults);
	count_more(&stats->repeats_whole, repeats->whole, &counted->whole);
	count_more(&stats->repeats_begun, repeats->begun, &counted->begun);
	count_more(&stats->repeats_bytes, repeats->bytes, &counted->bytes);
	if (!tally)
		return;
	sp_tally_lanes(tally, lanes);
	sp_tally_queue(tally, (uint64_t)queued);
}

/* All that makes output of the stages' results, while others do the same. */
static enum sp_status prepare_output(struct sp_worker *worker,
	struct sp_batch *batch, struct sp_error *error)
{
	struct sp_run *run = worker->run;
	struct sp_meter *meter = sp_worker_meter(worker);
	enum sp_status status = conclude_entries(worker, batch);

	if (status == SP_OK && run->options->output != SP_OUTPUT_NONE)
		status = sp_run_put_out(worker, batch, error);
	sp_meter_lap(meter, SP_STAGE_DELIVER, sp_run_delivered(run, batch));
	if (status == SP_OK &&
		!sp_source_number(run->options->source, &batch->mails))
		status = SP_STOPPED;
	sp_meter_lap(meter, SP_STAGE_WAIT, 0);
	if (status == SP_OK)
		status = sp_run_format(run, batch);
	if (status == SP_OK)
		status = sp_run_answer(worker, batch);
	sp_meter_lap(meter, SP_STAGE_FORMAT, 0);
	return status;
}

/* Words for SP_NO_MEMORY, which comes without; others replace them. */
static void prepare_error(struct sp_error *error)
{
	sp_error(error, SP_NO_MEMORY, "out of memory; use fewer --jobs");
}

static enum sp_status process(void *context, void *worker_pointer,
	void *batch_pointer, bool *parked, struct sp_error *error)
{
	struct sp_run *run = context;
	struct sp_worker *worker = worker_pointer;
	struct sp_meter *meter = sp_worker_meter(worker);
	struct sp_batch *batch = batch_pointer;
	enum sp_status status;

	prepare_error(error);
	if (check_resources(batch, error) != SP_OK)
		return SP_IO;
	status = sp_batch_split(batch, &run->options->limits);
	sp_meter_lap(meter, SP_STAGE_SPLIT, batch->mails.input_bytes);
	if (status == SP_OK)
		status = begin_entries(worker, batch, error);
	sp_meter_lap(meter, SP_STAGE_BEGIN, 0);
	if (status == SP_OK)
		status = run->pass->stages(run, worker, batch, parked, error);
	if (*parked)
		return status;
	if (status == SP_OK)
		status = prepare_output(worker, batch, error);
	count_batch(worker);
	return status;
}

static enum sp_status resume(void *context, void *worker_pointer, void *batch,
	struct sp_error *error)
{
	struct sp_run *run = context;
	struct sp_worker *worker = worker_pointer;
	enum sp_status status;

	sp_meter_lap(sp_worker_meter(worker), SP_STAGE_WAIT, 0);
	prepare_error(error);
	status = run->pass->resume(run, worker, batch, error);
	if (status == SP_OK)
		status = prepare_output(worker, batch, error);
	count_batch(worker);
	return status;
}

static enum sp_status commit(void *context, void *worker_pointer,
	void *batch_pointer, struct sp_error *error)
{
	struct sp_run *run = context;
	struct sp_worker *worker = worker_pointer;
	struct sp_meter *meter = sp_worker_meter(worker);
	struct sp_batch *batch = batch_pointer;
	uint64_t bytes = 0;
	enum sp_status status;

	sp_meter_lap(meter, SP_STAGE_WAIT, 0);
	status = sp_run_commit(run, batch, &bytes, error);
	sp_meter_lap(meter, SP_STAGE_COMMIT, bytes);
	if (meter->tally)
		sp_tally_latency(meter->tally, meter->at_ns - batch->begun_ns,
			batch->count);
	atomic_fetch_sub(&run->stats->queued, 1);
	return status;
}

static void cancel(void *context)
{
	struct sp_run *run = context;

	sp_source_cancel(run->options->source);
	if (run->verify)
		sp_keycache_cancel(run->verify->keys);
}

enum sp_status sp_run_stats_init(struct sp_run_stats *stats, unsigned jobs)
{
	size_t bytes = jobs * sizeof(*stats->tallies);

	*stats = (struct sp_run_stats){0};
	stats->tallies = aligned_alloc(alignof(struct sp_tally), bytes);
	if (!stats->tallies)
		return SP_NO_MEMORY;
	memset(stats->tallies, 0, bytes);
	stats->tally_count = jobs;
	return SP_OK;
}

void sp_run_stats_free(struct sp_run_stats *stats)
{
	free(stats->tallies);
	stats->tallies = NULL;
	stats->tally_count = 0;
}

enum sp_status sp_pass_run(struct sp_run *run, struct sp_error *error)
{
	bool waits = run->verify && sp_keycache_waits(run->verify->keys);
	const struct sp_pool_ops ops = {
		.worker_open = worker_open,
		.worker_close = worker_close,
		.batch_open = batch_open,
		.batch_close = batch_close,
		.next = next,
		.has_more = has_more,
		.more = more,
		.process = process,
		.resume = waits ? resume : NULL,
		.commit = commit,
		.cancel = cancel,
	};
	const struct sp_run_options *options = run->options;
	enum sp_status status = SP_OK;

	run->now = (int64_t)time(NULL);
	if (options->stream)
		status = sp_output_stream_open(
			&run->out, options->stream, options->output);
	if (status != SP_OK)
		return sp_error(error, status, "out of memory");
	if (options->journal)
		sp_output_stream_owe(&run->out,
			&sp_journal_state(options->journal)->note.owed);
	status = sp_pool_run(&ops, run, options->jobs,
		waits ? SP_BATCHES_PARKED_MAX : 0, options->stop, error);
	sp_output_stream_close(&run->out);
	sp_buffer_free(&run->name);
	return status;
}
