/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics at the end of a run, metrics while it goes on. */
#include "cli/watch.h"

#include <sys/stat.h>

#include "cli/progress.h"
#include "io/file.h"
#include "io/partial.h"

void sp_watch_look(
	struct sp_watch *watch, const char *state, struct sp_figures *figures)
{
	struct sp_source_totals totals;

	sp_source_totals(watch->source, &totals);
	*figures = (struct sp_figures){
		.run = watch->stats,
		.signing = watch->signing,
		.jobs = (unsigned)watch->common->jobs,
		.elapsed_s =
			watch->start_s > 0 ? sp_clock_s() - watch->start_s : 0,
		.unreadable = totals.unreadable,
		.has_keys = watch->keys != NULL,
		.state = state,
	};
	sp_tally_sum(&figures->totals, watch->stats->tallies,
		watch->stats->tally_count);
	if (watch->keys)
		sp_keycache_stats(watch->keys, &figures->keys);
}

/* Whoever scrapes the file sees the old one or the new one, whole. */
static enum sp_status replace(
	const char *path, struct sp_span text, struct sp_error *error)
{
	struct sp_partial partial = {.fd = -1};
	struct stat old;
	bool exists = stat(path, &old) == 0;
	enum sp_status status =
		sp_partial_open(&partial, path, exists ? &old : NULL, error);
	int trouble;

	if (status != SP_OK)
		return status;
	/* After a power cut there is a new run, with new numbers. */
	partial.unsynced = true;
	trouble = sp_file_write(partial.fd, text);
	if (trouble)
		status = sp_error_errno(
			error, trouble, "%s: cannot be written", path);
	else
		status = sp_partial_commit(&partial, error);
	sp_partial_free(&partial);
	return status;
}

static enum sp_status write_metrics(
	struct sp_watch *watch, const char *state, struct sp_error *error)
{
	struct sp_buffer text = {.data = NULL};
	struct sp_figures figures;
	enum sp_status status;

	if (!watch->common->metrics)
		return SP_OK;
	sp_watch_look(watch, state, &figures);
	sp_figures_metrics(&text, &figures);
	status = sp_buffer_status(&text);
	if (status != SP_OK)
		sp_error(error, status, "out of memory");
	else
		status = replace(
			watch->common->metrics, sp_buffer_span(&text), error);
	sp_buffer_free(&text);
	return status;
}

/* The work is worth more than its numbers: trouble is told once. */
static void tick(void *context)
{
	struct sp_watch *watch = context;
	struct sp_error error;

	if (write_metrics(watch, "running", &error) == SP_OK || watch->warned)
		return;
	sp_console_warning(watch->console, "--metrics: %s", error.text);
	watch->warned = true;
}

enum sp_status sp_watch_open(struct sp_watch *watch, struct sp_error *error)
{
	const struct sp_stream_options options = {
		.durability = (enum sp_durability)watch->common->durability};
	enum sp_status status = SP_OK;

	if (watch->common->stats)
		status = sp_stream_open(
			&watch->stream, watch->common->stats, &options, error);
	if (status == SP_OK)
		status = write_metrics(watch, "running", error);
	return status;
}

void sp_watch_begin(struct sp_watch *watch)
{
	watch->start_s = sp_clock_s();
	if (watch->common->metrics)
		sp_ticker_start(&watch->ticker,
			(unsigned)watch->common->metrics_interval_s * 1000,
			tick, watch);
}

static enum sp_status write_stats(
	struct sp_watch *watch, const char *state, struct sp_error *error)
{
	struct sp_buffer text = {.data = NULL};
	struct sp_figures figures;
	struct iovec part;
	enum sp_status status;

	if (!watch->stream)
		return SP_OK;
	sp_watch_look(watch, state, &figures);
	sp_figures_json(&text, &figures);
	part = (struct iovec){text.data, text.size};
	status = sp_buffer_status(&text);
	if (status != SP_OK)
		sp_error(error, status, "out of memory");
	else
		status = sp_stream_write(watch->stream, &part, 1, error);
	if (status == SP_OK)
		status = sp_stream_commit(watch->stream, error);
	sp_buffer_free(&text);
	return status;
}

bool sp_watch_end(struct sp_watch *watch, enum sp_outcome outcome)
{
	static const char *const states[] = {
		[SP_OUTCOME_COMPLETE] = "complete",
		[SP_OUTCOME_INTERRUPTED] = "interrupted",
		[SP_OUTCOME_FAILED] = "failed",
	};
	struct sp_error error;
	bool good = true;

	sp_ticker_stop(&watch->ticker);
	if (write_metrics(watch, states[outcome], &error) != SP_OK) {
		sp_console_error(watch->console, "--metrics: %s", error.text);
		good = false;
	}
	if (write_stats(watch, states[outcome], &error) != SP_OK) {
		sp_console_error(watch->console, "--stats: %s", error.text);
		good = false;
	}
	sp_watch_free(watch);
	return good;
}

void sp_watch_free(struct sp_watch *watch)
{
	sp_ticker_stop(&watch->ticker);
	sp_stream_close(watch->stream);
	watch->stream = NULL;
}
