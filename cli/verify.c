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
	struct sp_resolver *resolvers[SP_KEY_FILES_MAX + 1];
	size_t count;
	struct sp_resolver *dns; /* the last of them, or NULL */
	struct sp_keycache *cache;
};

static enum sp_status open_all(struct key_sources *keys,
	const struct sp_verify_command *command, struct sp_error *error)
{
	const struct sp_dns_command *dns = &command->dns;
	const struct sp_keycache_options options = {
		.ttl_min_s = (uint32_t)dns->ttl_min_s,
		.ttl_max_s = (uint32_t)dns->ttl_max_s,
	};
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < command->key_count; i++) {
		status = sp_resolver_open(
			&keys->resolvers[i], command->keys[i], error);
		if (status != SP_OK)
			return status;
		keys->count++;
	}
	if (sp_verify_asks_dns(command)) {
		status = sp_dns_open(&keys->dns, dns, error);
		if (status != SP_OK)
			return status;
		keys->resolvers[keys->count++] = keys->dns;
	}
	keys->cache = sp_keycache_open(keys->resolvers, keys->count, &options);
	if (!keys->cache)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	return sp_dns_load(dns, keys->cache, error);
}

static bool open_keys(struct key_sources *keys,
	const struct sp_verify_command *command, struct sp_console *console)
{
	struct sp_error error;

	if (open_all(keys, command, &error) == SP_OK)
		return true;
	sp_console_error(console, "%s", error.text);
	return false;
}

/* What came from DNS is kept; false with words. */
static bool save_keys(const struct key_sources *keys,
	const struct sp_verify_command *command, struct sp_console *console)
{
	struct sp_error error;

	if (sp_dns_save(&command->dns, keys->cache, &error) == SP_OK)
		return true;
	sp_console_error(console, "%s", error.text);
	return false;
}

/* Resolvers first: what they still owe the cache they answer now. */
static void close_keys(struct key_sources *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		sp_resolver_close(keys->resolvers[i]);
	sp_keycache_close(keys->cache);
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
	for (size_t i = 0; i < command->key_count; i++) {
		sp_inputs_add_other(&command->inputs, command->keys[i]);
		sp_work_file(&command->common, command->keys[i]);
	}
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

static void print_summary(const struct sp_verify_command *command,
	struct sp_task *task, struct sp_resolver *dns)
{
	struct sp_console *console = &task->common->console;
	bool to_stdout = is_plain(command);
	const char *prefix = to_stdout ? "" : "sealpress: ";
	struct sp_buffer text = {.data = NULL};

	if (task->common->quiet)
		return;
	sp_summary_verify(
		&text, prefix, &task->stats, task->unreadable, task->elapsed_s);
	if (dns)
		sp_dns_summary(&text, prefix, dns);
	sp_task_add_figures(task, &text, prefix);
	if (to_stdout)
		fwrite(text.data, 1, text.size, stdout);
	else
		sp_console_write(console, sp_buffer_span(&text));
	sp_buffer_free(&text);
}

static int run(const struct sp_verify_command *command, struct sp_task *task,
	const struct key_sources *keys)
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
	if (!save_keys(keys, command, console))
		exit_status = SP_EXIT_TROUBLE;
	if (exit_status != SP_EXIT_TROUBLE)
		print_summary(command, task, keys->dns);
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
		task.key_cache = command.dns.key_cache;
		if (open_journal(&command, &task, &status) &&
			open_task(&command, &task))
			status = run(&command, &task, &keys);
	}
	sp_task_free(&task);
	close_keys(&keys);
	return status;
}
