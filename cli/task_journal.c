/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of a task: opened, compared, and what it says is left to do. */
#include "cli/task.h"

#include <string.h>
#include <unistd.h>

#include "cli/paths.h"
#include "cli/safety.h"
#include "io/maildir.h"

/* Messages of a run that died that wait for their names. */
static enum sp_status recover(struct sp_task *task, const char *output,
	bool in_place, struct sp_error *error)
{
	enum sp_status status = SP_OK;

	if (output && sp_path_is_folder(output))
		status = sp_maildir_recover(output, task->journal, error);
	for (size_t i = 0; in_place && i < task->inputs->count; i++)
		if (status == SP_OK)
			status = sp_maildir_recover(
				task->inputs->paths[i], task->journal, error);
	return status;
}

static void say_what_was_done(const struct sp_task *task)
{
	const struct sp_journal_state *state = sp_journal_state(task->journal);
	struct sp_console *console = &task->common->console;
	unsigned long long messages = state->note.messages;

	if (state->finished)
		sp_console_note(console,
			"%s: the work is finished (%llu message%s); nothing is "
			"left to do",
			task->common->resume, messages, sp_plural(messages));
	else if (state->begun)
		sp_console_note(console, "%s: going on behind %llu message%s",
			task->common->resume, messages, sp_plural(messages));
}

bool sp_task_open_journal(
	struct sp_task *task, const char *output, bool in_place, int *status)
{
	struct sp_common *common = task->common;
	struct sp_journal_state *state;
	struct sp_error error;

	if (!common->resume)
		return true;
	*status = SP_EXIT_TROUBLE;
	if (task->inputs->files_from)
		sp_work_file(common, task->inputs->files_from);
	if (common->work.failed)
		sp_error(&error, SP_NO_MEMORY, "out of memory");
	else if (sp_journal_open(&task->journal, common->resume,
			 sp_buffer_span(&common->work),
			 (enum sp_durability)common->durability,
			 &error) == SP_OK &&
		 recover(task, output, in_place, &error) == SP_OK) {
		say_what_was_done(task);
		state = sp_journal_state(task->journal);
		if (state->finished)
			*status = (int)state->exit_status;
		return !state->finished;
	}
	sp_console_error(&common->console, "%s", error.text);
	return false;
}

bool sp_task_is_complete(const struct sp_task *task)
{
	return task->journal && sp_journal_state(task->journal)->complete;
}
