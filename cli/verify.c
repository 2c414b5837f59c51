/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress verify": keys first, then the run (RFC 6376 section 6). */
#include "cli/commands.h"

#include <string.h>
#include <time.h>

#include "cli/safety.h"
#include "cli/summary.h"
#include "cli/task.h"
#include "cli/verify_options.h"

/* Where keys come from; the resolvers in the order of --keys. */
struct key_sources {
	struct sp_resolver *resolvers[SP_KEY_FILES_MAX];
	size_t count;
	struct sp_keycache *cache;
};

static bool open_keys(struct key_sources *keys,
	const struct sp_verify_command *command, struct sp_console *console)
{
	struct sp_error error;

	for (size_t i = 0; i < command->key_count; i++) {
		if (sp_resolver_open(&keys->resolvers[i], command->keys[i],
			    &error) != SP_OK) {
			sp_console_error(console, "%s", error.text);
			return false;
		}
		keys->count++;
	}
	keys->cache = sp_keycache_open(keys->resolvers, keys->count, 0);
	if (!keys->cache)
		sp_console_error(console, "out of memory");
	return keys->cache != NULL;
}

static void close_keys(struct key_sources *keys)
{
	if (keys->cache)
		sp_keycache_close(keys->cache);
	for (size_t i = 0; i < keys->count; i++)
		sp_resolver_close(keys->resolvers[i]);
}

/* True for a message of which people should hear without asking. */
static bool is_notable(const struct sp_record *record)
{
	if (sp_record_unreadable(record))
		return false;
	if (sp_record_failed(record))
		return true;
	for (size_t i = 0; i < record->verify->count; i++)
		if (sp_result_partial(&record->verify->results[i]))
			return true;
	return false;
}

static bool is_bad(const struct sp_record *record)
{
	return sp_record_failed(record) && !sp_record_unreadable(record);
}

/* How people are told: by lines and a summary on standard output? */
static bool is_plain(const struct sp_verify_command *command)
{
	const char *stats = command->common.stats;
	bool taken = (command->output && strcmp(command->output, "-") == 0) ||
		     (stats && strcmp(stats, "-") == 0);

	return command->report_count == 0 && !taken;
}

/*
 * What could not be read is named on standard error in any case. Without
 * --report there are lines for people: on standard output, unless messages go
 * there. --quiet leaves the exit status.
 */
static void add_own_reports(struct sp_verify_command *command)
{
	struct sp_reports *reports = &command->reports;
	bool plain = is_plain(command);

	if (command->only_failures)
		for (size_t i = 0; i < reports->count; i++)
			reports->report[i].lists = sp_record_failed;
	if (command->report_count == 0 && !command->common.quiet)
		sp_reports_add_own(reports,
			plain ? &sp_report_line : &sp_report_notice,
			plain ? "-" : NULL)
			->lists = command->only_failures ? is_bad : is_notable;
	sp_reports_add_own(reports, &sp_report_notice, NULL)->lists =
		sp_record_unreadable;
}

static bool open_journal(
	struct sp_verify_command *command, struct sp_task *task, int *status)
{
	for (size_t i = 0; i < command->key_count; i++)
		sp_work_file(&command->common, command->keys[i]);
	return sp_task_open_journal(task, command->output, false, status);
}

/* Opens input and outputs; false with words. */
static bool open_task(struct sp_verify_command *command, struct sp_task *task)
{
	const char *path = command->output;

	if (!sp_task_open_source(task))
		return false;
	if (path)
		sp_target_choose(
			&task->target, path, &command->inputs, task->source);
	add_own_reports(command);
	return sp_task_open_outputs(task, "-o");
}

static void print_summary(
	const struct sp_verify_command *command, struct sp_task *task)
{
	struct sp_console *console = &task->common->console;
	bool to_stdout = is_plain(command);
	const char *prefix = to_stdout ? "" : "sealpress: ";
	struct sp_buffer text = {.data = NULL};

	if (task->common->quiet)
		return;
	sp_summary_verify(
		&text, prefix, &task->stats, task->unreadable, task->elapsed_s);
	sp_task_add_figures(task, &text, prefix);
	if (to_stdout)
		fwrite(text.data, 1, text.size, stdout);
	else
		sp_console_write(console, sp_buffer_span(&text));
	sp_buffer_free(&text);
}

static int run(const struct sp_verify_command *command, struct sp_task *task)
{
	struct sp_console *console = &task->common->console;
	struct sp_verify_run options = {
		.keys = task->keys,
		.verify =
			{
				.signatures_max =
					(size_t)command->signatures_max,
				.now = command->at == SP_TIME_NOW
					       ? (int64_t)time(NULL)
					       : command->at,
				.clock_message = command->at_message,
				.historical = command->historical,
			},
		.authres_id = command->authres ? sp_span_str(command->authres)
					       : sp_span(NULL, 0),
		.fail_fast = command->fail_fast,
	};
	struct sp_error error = {.text = ""};
	enum sp_status status;
	int exit_status;

	sp_task_begin(task, &options.run);
	if (sp_task_is_complete(task))
		status = SP_OK;
	else
		status = sp_run_verify(&options, &task->stats, &error);
	exit_status = sp_task_end(task, status, &error, command->fail_fast);
	if (exit_status != SP_EXIT_TROUBLE)
		print_summary(command, task);
	return sp_finish_stdout(console, exit_status);
}

int sp_command_verify(int argc, char **argv)
{
	struct sp_verify_command command;
	struct key_sources keys = {.count = 0};
	struct sp_task task;
	int status;

	if (!sp_verify_command_parse(&command, argc, argv, &status))
		return status;
	sp_task_init(&task, &command.common, &command.inputs, &command.reports,
		false);
	status = SP_EXIT_TROUBLE;
	if (open_keys(&keys, &command, &command.common.console)) {
		task.keys = keys.cache;
		if (open_journal(&command, &task, &status) &&
			open_task(&command, &task))
			status = run(&command, &task);
	}
	sp_task_free(&task);
	close_keys(&keys);
	return status;
}
