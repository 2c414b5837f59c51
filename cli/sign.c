/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress sign": keys first, then the run (RFC 6376 section 5). */
#include "cli/commands.h"

#include <stdlib.h>
#include <time.h>

#include "cli/safety.h"
#include "cli/sign_options.h"
#include "cli/summary.h"
#include "cli/task.h"
#include "engine/address.h"
#include "engine/tables.h"

/* i= has to lie at or below every d=. */
static enum sp_status check_identity(
	const struct sp_sign_command *command, struct sp_error *error)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < command->triples.count && !status; i++)
		status = sp_address_check_identity(command->identity,
			command->triples.triple[i].domain, "--identity", error);
	return status;
}

static enum sp_status load_keys(struct sp_keyring *keyring,
	const struct sp_sign_command *command, struct sp_error *error)
{
	if (command->key_table)
		return sp_keyring_load_tables(keyring, command->key_table,
			command->signing_table, &command->key_options, error);
	for (size_t i = 0; i < command->triples.count; i++) {
		const struct sp_triple *triple = &command->triples.triple[i];
		enum sp_status status = sp_keyring_add(keyring, triple->domain,
			triple->selector, triple->key, &command->key_options,
			error);

		if (status != SP_OK)
			return status;
	}
	return SP_OK;
}

/* All that can be wrong without a message: false with words. */
static bool prepare(const struct sp_sign_command *command,
	struct sp_keyring **keyring, struct sp_selection *selection,
	struct sp_console *console)
{
	struct sp_error error;

	*keyring = sp_keyring_open();
	if (!*keyring)
		sp_error(&error, SP_NO_MEMORY, "out of memory");
	else if (check_identity(command, &error) == SP_OK &&
		 load_keys(*keyring, command, &error) == SP_OK &&
		 sp_selection_init(selection, command->headers,
			 command->oversign, &error) == SP_OK)
		return true;
	sp_console_error(console, "%s", error.text);
	return false;
}

static void choose_target(
	const struct sp_sign_command *command, struct sp_task *task)
{
	if (command->inputs.format == SP_INPUT_NETSTRING) {
		sp_target_choose(
			&task->target, "-", &command->inputs, task->source);
		task->target.fields_only = command->headers_only;
	} else if (command->headers_only)
		sp_reports_add_own(task->reports, &sp_report_headers, "-");
	else if (command->in_place)
		task->target.kind = SP_OUTPUT_REPLACE;
	else
		sp_target_choose(&task->target,
			command->output ? command->output : "-",
			&command->inputs, task->source);
}

/* A table: the journal has to know it, and no output may be it. */
static void name_table(struct sp_sign_command *command, const char *path)
{
	sp_inputs_add_other(&command->inputs, path);
	sp_work_file(&command->common, path);
}

static bool open_journal(
	struct sp_sign_command *command, struct sp_task *task, int *status)
{
	for (size_t i = 0; i < command->triples.count; i++)
		sp_work_file(&command->common, command->triples.triple[i].key);
	if (command->key_table) {
		name_table(command, sp_tables_path(command->key_table));
		name_table(command, sp_tables_path(command->signing_table));
	}
	sp_inputs_add_other(
		&command->inputs, command->key_options.passphrase_file);
	return sp_task_open_journal(
		task, command->output, command->in_place, status);
}

/* In place each message would be signed again for each name of its Maildir. */
static bool check_in_place(
	const struct sp_inputs *inputs, struct sp_console *console)
{
	for (size_t i = 0; i < inputs->count; i++)
		for (size_t j = 0; j < i; j++)
			if (sp_path_same_file(
				    inputs->paths[i], inputs->paths[j])) {
				sp_console_error(console,
					"--in-place: %s and %s are one "
					"Maildir; name it once",
					inputs->paths[j], inputs->paths[i]);
				return false;
			}
	return true;
}

/* Opens input and outputs; false with words. */
static bool open_task(
	const struct sp_sign_command *command, struct sp_task *task)
{
	struct sp_console *console = &task->common->console;

	task->in_place = command->in_place;
	if (!sp_task_open_source(task))
		return false;
	if (command->in_place && !sp_source_is_maildir(task->source)) {
		sp_console_error(console,
			"--in-place: every INPUT must be a Maildir; use -o "
			"PATH for other kinds");
		return false;
	}
	if (command->in_place && !check_in_place(&command->inputs, console))
		return false;
	/* Messages that are not signed are named on standard error. */
	sp_reports_add_own(task->reports, &sp_report_notice, NULL)->lists =
		command->common.quiet ? sp_record_unreadable : sp_record_failed;
	choose_target(command, task);
	if (command->body_length != SP_LENGTH_NONE)
		sp_console_warning(console,
			"--body-length: whatever is appended to these messages "
			"will still verify (RFC 6376 section 8.2)");
	return sp_task_open_outputs(
		task, command->headers_only ? "--headers-only" : "-o");
}

static struct sp_sign_options sign_options(
	const struct sp_sign_command *command,
	const struct sp_selection *selection)
{
	int64_t now = (int64_t)time(NULL);
	bool clock = command->timestamp == SP_TIME_NOW;

	return (struct sp_sign_options){
		.header_canon = (enum sp_canon)(command->canon / 2),
		.body_canon = (enum sp_canon)(command->canon % 2),
		.selection = selection,
		.timestamp = clock ? now : command->timestamp,
		.expire_s = command->expire_s,
		.now = now,
		.identity = command->identity ? sp_span_str(command->identity)
					      : sp_span(NULL, 0),
		.body_length = command->body_length,
		.copied_headers = command->copied_headers,
	};
}

static void print_summary(struct sp_task *task)
{
	struct sp_buffer text = {.data = NULL};

	if (task->common->quiet)
		return;
	sp_summary_sign(&text, "sealpress: ", &task->stats, task->unreadable,
		task->elapsed_s);
	sp_task_add_figures(task, &text, "sealpress: ");
	sp_console_write(&task->common->console, sp_buffer_span(&text));
	sp_buffer_free(&text);
}

static int run(const struct sp_sign_command *command, struct sp_task *task,
	const struct sp_selection *selection)
{
	struct sp_sign_run options = {
		.keyring = task->keyring,
		.sign = sign_options(command, selection),
		.on_error = (enum sp_on_error)command->on_error,
	};
	struct sp_error error = {.text = ""};
	enum sp_status status;
	int exit_status;

	sp_task_begin(task, &options.run);
	if (sp_task_is_complete(task))
		status = SP_OK;
	else
		status = sp_run_sign(&options, &task->stats, &error);
	exit_status = sp_task_end(task, status, &error, false);
	if (exit_status != SP_EXIT_TROUBLE)
		print_summary(task);
	return exit_status;
}

int sp_command_sign(int argc, char **argv)
{
	struct sp_sign_command command;
	struct sp_selection selection = {.names = NULL};
	struct sp_task task;
	int status;

	if (!sp_sign_command_parse(&command, argc, argv, &status))
		return status;
	sp_task_init(&task, &command.common, &command.inputs, &command.reports,
		true);
	status = SP_EXIT_TROUBLE;
	if (prepare(&command, &task.keyring, &selection,
		    &command.common.console) &&
		open_journal(&command, &task, &status) &&
		open_task(&command, &task))
		status = run(&command, &task, &selection);
	sp_task_free(&task);
	sp_selection_free(&selection);
	sp_keyring_close(task.keyring);
	return status;
}
