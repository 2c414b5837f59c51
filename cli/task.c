/* SPDX-License-Identifier: Apache-2.0 */
/* Around a run: opening, watching, ending. */
#include "cli/task.h"

#include <stdlib.h>
#include <string.h>

#include "cli/stop.h"
#include "engine/keyring.h"

void sp_task_init(struct sp_task *task, struct sp_common *common,
	const struct sp_inputs *inputs, struct sp_reports *reports,
	bool signing)
{
	*task = (struct sp_task){
		.common = common,
		.inputs = inputs,
		.reports = reports,
		.signing = signing,
		.log = sp_console_log(&common->console),
	};
}

bool sp_task_open_source(struct sp_task *task)
{
	struct sp_source_options options =
		sp_inputs_source(task->inputs, &task->log);
	struct sp_error error;

	options.in_place = task->in_place;
	if (task->journal)
		options.done = &sp_journal_state(task->journal)->done;

	if (sp_source_open(&task->source, &options, &error) == SP_OK)
		return true;
	sp_console_error(&task->common->console, "%s", error.text);
	return false;
}

static enum sp_status check_paths(
	const struct sp_task *task, const char *option, struct sp_error *error)
{
	struct sp_out_path outputs[SP_REPORTS_MAX + 5];
	size_t count = 0;

	outputs[count++] = (struct sp_out_path){option, task->target.path};
	outputs[count++] = (struct sp_out_path){"--stats", task->common->stats};
	outputs[count++] =
		(struct sp_out_path){"--metrics", task->common->metrics};
	for (size_t i = 0; i < task->reports->count; i++)
		outputs[count++] = (struct sp_out_path){
			"--report", task->reports->report[i].path};
	outputs[count++] =
		(struct sp_out_path){"--resume", task->common->resume};
	outputs[count++] = (struct sp_out_path){"--key-cache", task->key_cache};
	for (size_t i = 0; i < count; i++) {
		const char *path = outputs[i].path;

		if (path && task->keyring &&
			sp_keyring_has_file(task->keyring, path))
			return sp_error(error, SP_CONFIG,
				"%s: %s is a key of this run; choose another "
				"place",
				outputs[i].option, path);
		if (path && task->inputs->files_from)
			sp_source_protect(task->source, path);
	}
	return sp_paths_check(task->inputs, outputs, count, error);
}

/* Before the first look at the numbers, which are all zero then. */
static enum sp_status open_watch(struct sp_task *task, struct sp_error *error)
{
	task->watch = (struct sp_watch){
		.common = task->common,
		.console = &task->common->console,
		.source = task->source,
		.stats = &task->stats,
		.keys = task->keys,
		.signing = task->signing,
	};
	if (sp_run_stats_init(&task->stats, (unsigned)task->common->jobs) !=
		SP_OK)
		return sp_error(error, SP_NO_MEMORY,
			"out of memory for statistics; use fewer --jobs");
	return sp_watch_open(&task->watch, error);
}

bool sp_task_open_outputs(struct sp_task *task, const char *option)
{
	struct sp_console *console = &task->common->console;
	const char *backend = getenv("SEALPRESS_IO");
	struct sp_output_options options = {
		.plain = backend && strcmp(backend, "pread") == 0,
		.durability = (enum sp_durability)task->common->durability,
		.journal = task->journal,
	};
	struct sp_error error;

	if (options.plain && task->journal)
		sp_journal_use_plain(task->journal);
	if (check_paths(task, option, &error) == SP_OK &&
		sp_target_open(&task->target, &options, &error) == SP_OK &&
		sp_reports_open(task->reports, task->signing, &options, console,
			&error) == SP_OK &&
		open_watch(task, &error) == SP_OK)
		return true;
	sp_console_error(console, "%s", error.text);
	return false;
}

void sp_task_begin(struct sp_task *task, struct sp_run_options *run)
{
	*run = (struct sp_run_options){
		.source = task->source,
		.jobs = (unsigned)task->common->jobs,
		.reader = getenv("SEALPRESS_IO"),
		.log = &task->log,
		.limits = sp_inputs_limits(task->inputs),
		.durability = (enum sp_durability)task->common->durability,
		.journal = task->journal,
		.reporters = task->reports->reporters,
		.reporter_count = task->reports->count,
		.answer = task->signing ? sp_answer_signed : sp_answer_verified,
		.stop = sp_stop_flag(),
	};
	sp_target_apply(&task->target, run);
	sp_stop_install(sp_source_end_fd(task->source));
	task->start_s = sp_clock_s();
	sp_watch_begin(&task->watch);
	sp_progress_start(&task->progress, task->common, &task->common->console,
		task->source, &task->stats,
		task->signing ? "signing" : "verifying");
}

/* How the run ended, for its outputs. */
static enum sp_outcome outcome_of(
	enum sp_status status, bool by_signal, bool stop_completes)
{
	if (status == SP_OK)
		return SP_OUTCOME_COMPLETE;
	if (status != SP_STOPPED)
		return SP_OUTCOME_FAILED;
	return stop_completes && !by_signal ? SP_OUTCOME_COMPLETE
					    : SP_OUTCOME_INTERRUPTED;
}

/*
 * Writes out all that is buffered before anything gets its name: a full disk
 * under one output leaves no other one complete. The journal says so first.
 */
static enum sp_status flush_outputs(struct sp_task *task, enum sp_status status,
	bool complete, struct sp_error *error)
{
	enum sp_status flushed = SP_OK;

	if (status != SP_OK && status != SP_STOPPED)
		return status;
	if (task->target.stream)
		flushed = sp_stream_flush(task->target.stream, error);
	if (flushed == SP_OK)
		flushed = sp_reports_flush(task->reports, error);
	if (flushed == SP_OK && task->journal)
		flushed = complete ? sp_journal_complete(task->journal, error)
				   : sp_journal_record(task->journal, error);
	return flushed == SP_OK ? status : flushed;
}

/* Of this run and of those before it. */
static bool all_good(struct sp_task *task)
{
	const struct sp_run_stats *stats = &task->stats;
	uint64_t good = task->signing ? atomic_load(&stats->signed_messages)
				      : atomic_load(&stats->verdicts[SP_PASS]);
	struct sp_journal_note before = {0};

	if (task->journal)
		before = sp_journal_state(task->journal)->note;
	return good + before.good ==
		       atomic_load(&stats->messages) + before.messages &&
	       task->unreadable == 0;
}

/* Gives the outputs their names; false when something has none. */
static bool name_outputs(struct sp_task *task, enum sp_outcome outcome)
{
	struct sp_console *console = &task->common->console;
	bool finished = sp_target_finish(&task->target, outcome, console);

	/* A report of messages that got no final name would mislead. */
	if (!finished)
		outcome = SP_OUTCOME_FAILED;
	return sp_reports_finish(task->reports, outcome, console) && finished &&
	       outcome != SP_OUTCOME_FAILED;
}

/* What the journal still has to say; the exit status of the run. */
static int end_journal(
	struct sp_task *task, enum sp_outcome outcome, int exit_status)
{
	struct sp_console *console = &task->common->console;
	struct sp_error error;

	if (!task->journal)
		return exit_status;
	if (outcome != SP_OUTCOME_COMPLETE || exit_status == SP_EXIT_TROUBLE) {
		sp_console_note(console,
			"%s: the same command goes on where this one ended",
			task->common->resume);
		return exit_status;
	}
	if (sp_journal_finish(task->journal, exit_status, &error) == SP_OK)
		return exit_status;
	sp_console_error(console, "%s", error.text);
	return SP_EXIT_TROUBLE;
}

void sp_task_add_figures(
	struct sp_task *task, struct sp_buffer *text, const char *prefix)
{
	struct sp_figures figures;

	if (!task->common->verbose)
		return;
	sp_watch_look(&task->watch, "complete", &figures);
	sp_figures_text(text, prefix, &figures);
}

int sp_task_end(struct sp_task *task, enum sp_status status,
	struct sp_error *error, bool stop_completes)
{
	unsigned long long messages = atomic_load(&task->stats.messages);
	struct sp_console *console = &task->common->console;
	struct sp_source_totals totals;
	enum sp_outcome outcome;
	int exit_status, signal;
	bool broken, named;

	sp_progress_stop(&task->progress);
	signal = status == SP_STOPPED ? atomic_load(sp_stop_flag()) : 0;
	outcome = outcome_of(status, signal != 0, stop_completes);
	/* What a broken stream held before that was done and is kept. */
	broken = status == SP_OK &&
		 sp_source_fault(task->source, error) != SP_OK;
	status = flush_outputs(
		task, status, outcome == SP_OUTCOME_COMPLETE, error);
	task->elapsed_s = sp_clock_s() - task->start_s;
	sp_source_totals(task->source, &totals);
	task->unreadable = totals.unreadable;
	if (status != SP_OK && status != SP_STOPPED)
		outcome = SP_OUTCOME_FAILED;
	if (broken)
		outcome = SP_OUTCOME_INTERRUPTED;
	if (outcome == SP_OUTCOME_FAILED || broken)
		sp_console_error(console, "%s", error->text);
	else if (signal)
		sp_console_error(console,
			"interrupted after %llu message%s; what was under way "
			"is finished",
			messages, sp_plural(messages));
	named = name_outputs(task, outcome);
	if (!sp_watch_end(&task->watch, named ? outcome : SP_OUTCOME_FAILED) ||
		!named || broken)
		exit_status = SP_EXIT_TROUBLE;
	else if (signal)
		exit_status = SP_EXIT_SIGNAL + signal;
	else
		exit_status = all_good(task) ? SP_EXIT_GOOD : SP_EXIT_SOME;
	return end_journal(task, outcome, exit_status);
}

void sp_task_free(struct sp_task *task)
{
	struct sp_console *console = &task->common->console;

	if (task->journal && task->start_s == 0)
		sp_journal_forget(task->journal);
	sp_target_finish(&task->target, SP_OUTCOME_FAILED, console);
	sp_reports_finish(task->reports, SP_OUTCOME_FAILED, console);
	sp_watch_free(&task->watch);
	sp_run_stats_free(&task->stats);
	sp_stop_forget();
	sp_source_close(task->source);
	task->source = NULL;
	sp_journal_close(task->journal);
	task->journal = NULL;
	sp_buffer_free(&task->common->work);
}
