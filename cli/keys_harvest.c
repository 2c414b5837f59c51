/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "sealpress keys harvest": the names of keys that a corpus needs, looked up
 * and kept. What is asked for is stored a thousand names at a time, so that
 * work that is interrupted leaves an archive with all that was done.
 */
#include "cli/keys.h"

#include <time.h>

#include "cli/paths.h"
#include "cli/record.h"
#include "cli/stop.h"
#include "engine/harvest.h"

#define NAMES_AT_ONCE 1000u

struct command {
	struct sp_common common;
	struct sp_inputs inputs;
	struct sp_key_files files;
	const char *output;
	int form; /* enum sp_keys_form */
	struct sp_archive *archive;
	struct sp_harvest *harvest;
	struct sp_run_stats stats;
	struct sp_source_totals totals;
	struct sp_arena arena; /* answers of NAMES_AT_ONCE names */
	int64_t now;
	uint64_t found, failed; /* names with a key, and not answered for now */
	uint64_t added;
};

#define FIELD(field) .offset = offsetof(struct command, field)

static const struct sp_option options[] = {
	{.name = "output",
		.letter = 'o',
		.argument = "ARCHIVE",
		.help = "keep names and keys in this key archive, made if it "
			"is not there; without, the names are printed",
		.kind = SP_OPTION_TEXT,
		FIELD(output)},
	{.name = "as",
		.argument = "FORM",
		.help = "print names as text (default), ndjson or csv",
		.kind = SP_OPTION_CHOICE,
		FIELD(form),
		.choices = sp_keys_form_names},
	{.name = NULL},
};

static const char usage[] =
	"sealpress keys harvest [--keys FILE] [--resolve] [-o ARCHIVE]\n"
	"                              [OPTION...] INPUT...";

static const char summary[] =
	"Reads the header of each message, as fast as the disk, and lists the\n"
	"keys its signatures need: name, number of signatures, first and last\n"
	"day by t= or Date. With --keys and --resolve it looks them up, and\n"
	"with -o it keeps all in a key archive, which 'sealpress verify "
	"--keys\n"
	"ARCHIVE --at message' takes. An archive that is there is added to.\n";

static const char examples[] =
	"  sealpress keys harvest archive.mbox\n"
	"  sealpress keys harvest --keys example.zone -o keys.db ~/Maildir\n"
	"  sealpress keys harvest --resolve -o keys.db archive.mbox\n"
	"  sealpress keys list --missing keys.db\n";

static enum sp_status put_values(struct command *command,
	const struct sp_harvest_name *name, const struct sp_answer *answer,
	struct sp_error *error)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < answer->count && status == SP_OK; i++) {
		struct sp_archive_key key = {
			.name = name->name,
			.value = answer->values[i],
			.first_seen = command->now,
			.last_seen = command->now,
			.source =
				sp_span_str(sp_key_source_name(answer->source)),
			.dnssec = answer->dnssec,
		};
		enum sp_archive_put outcome;

		if (answer->seen) {
			key.first_seen = answer->seen[i].first;
			key.last_seen = answer->seen[i].last;
			key.dnssec = answer->seen[i].dnssec;
		}
		if (key.value.size > SP_KEY_RECORD_BYTES_MAX)
			continue;
		status =
			sp_archive_put(command->archive, &key, &outcome, error);
		command->added +=
			status == SP_OK && outcome == SP_ARCHIVE_ADDED;
	}
	return status;
}

static enum sp_status put_name(struct command *command,
	const struct sp_harvest_name *name, const struct sp_answer *answer,
	struct sp_buffer *out, struct sp_error *error)
{
	struct sp_archive_name entry = {
		.name = name->name,
		.signatures = name->signatures,
		.first_used = name->first_used,
		.last_used = name->last_used,
		.asked = answer->status == SP_ANSWER_UNKNOWN ? SP_TIME_NONE
							     : command->now,
		.answer = answer->status,
	};
	enum sp_status status;

	command->found += answer->status == SP_ANSWER_FOUND;
	command->failed += answer->status == SP_ANSWER_SERVFAIL ||
			   answer->status == SP_ANSWER_TIMEOUT;
	if (!command->archive) {
		sp_keys_print_name(
			out, &entry, (enum sp_keys_form)command->form);
		return SP_OK;
	}
	status = sp_archive_put_name(command->archive, &entry, error);
	return status ? status : put_values(command, name, answer, error);
}

/* Looks up some names and stores or prints what came. */
static enum sp_status put_names(struct command *command,
	const struct sp_harvest_name *names, size_t count,
	struct sp_buffer *out, struct sp_error *error)
{
	struct sp_arena *arena = &command->arena;
	struct sp_span *wanted;
	struct sp_answer *answers;
	enum sp_status status;

	sp_arena_reset(arena);
	wanted = SP_ARENA_ARRAY(arena, struct sp_span, count);
	answers = SP_ARENA_ARRAY(arena, struct sp_answer, count);
	if (!wanted || !answers)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		wanted[i] = names[i].name;
	/* After a signal names are stored, and nobody is asked any more. */
	status = sp_key_files_ask(&command->files, wanted,
		atomic_load(sp_stop_flag()) ? 0 : count, answers, arena, error);
	if (status == SP_OK && command->archive)
		status = sp_archive_begin(command->archive, error);
	for (size_t i = 0; i < count && status == SP_OK; i++)
		status = put_name(command, &names[i], &answers[i], out, error);
	if (status == SP_OK && command->archive)
		status = sp_archive_commit(command->archive, error);
	return status == SP_OK ? sp_keys_put_out(out, error) : status;
}

static enum sp_status put_all(struct command *command, struct sp_error *error)
{
	struct sp_buffer out = {.data = NULL};
	enum sp_status status = SP_OK;
	size_t count;
	const struct sp_harvest_name *names =
		sp_harvest_names(command->harvest, &count);

	if (!command->archive)
		sp_keys_print_names_header(
			&out, (enum sp_keys_form)command->form);
	for (size_t at = 0; at < count && status == SP_OK;
		at += NAMES_AT_ONCE) {
		size_t some =
			count - at < NAMES_AT_ONCE ? count - at : NAMES_AT_ONCE;

		status = put_names(command, names + at, some, &out, error);
	}
	if (status == SP_OK)
		status = sp_keys_put_out(&out, error);
	sp_buffer_free(&out);
	return status;
}

static void print_summary(struct command *command)
{
	unsigned long long messages = atomic_load(&command->stats.messages);
	unsigned long long signatures = atomic_load(&command->stats.signatures);
	struct sp_console *console = &command->common.console;
	bool to_stdout = command->archive != NULL;
	char text[512];
	size_t count;

	if (command->common.quiet)
		return;
	(void)sp_harvest_names(command->harvest, &count);
	snprintf(text, sizeof(text),
		"%llu message%s, %llu signature%s, %zu name%s of keys; %llu of "
		"them found, %llu key%s new to the archive",
		messages, sp_plural(messages), signatures,
		sp_plural(signatures), count, sp_plural(count),
		(unsigned long long)command->found,
		(unsigned long long)command->added, sp_plural(command->added));
	if (to_stdout)
		printf("%s\n", text);
	else
		sp_console_note(console, "%s", text);
}

/* The exit status of a harvest without trouble. */
static int settle(struct command *command)
{
	struct sp_console *console = &command->common.console;

	if (command->failed)
		sp_console_error(console,
			"%llu name%s not answered for now (servfail, timeout); "
			"run again later",
			(unsigned long long)command->failed,
			sp_plural(command->failed));
	return command->failed || command->totals.unreadable ||
			       atomic_load(&command->stats.unreadable)
		       ? SP_EXIT_SOME
		       : SP_EXIT_GOOD;
}

static int run(struct command *command)
{
	struct sp_console *console = &command->common.console;
	struct sp_out_path output = {"-o", command->output};
	struct sp_error error;
	enum sp_status status =
		sp_paths_check(&command->inputs, &output, 1, &error);
	unsigned long long messages;
	int signal;

	command->now = (int64_t)time(NULL);
	if (status == SP_OK)
		status = sp_key_files_open(&command->files, &error);
	if (status == SP_OK && command->output)
		status = sp_archive_open(&command->archive, command->output,
			SP_ARCHIVE_CREATE, &error);
	if (status == SP_OK)
		status = sp_keys_scan(&command->harvest, &command->common,
			&command->inputs, &command->stats, &command->totals,
			&error);
	if (status == SP_OK || status == SP_STOPPED)
		status = put_all(command, &error);
	signal = atomic_load(sp_stop_flag());
	if (status != SP_OK)
		return sp_keys_end(console, status, &error, SP_EXIT_TROUBLE);
	print_summary(command);
	messages = atomic_load(&command->stats.messages);
	if (signal) {
		sp_console_error(console,
			"interrupted after %llu message%s; what was found "
			"until then is kept",
			messages, sp_plural(messages));
		return sp_finish_stdout(console, SP_EXIT_SIGNAL + signal);
	}
	return sp_finish_stdout(console, settle(command));
}

static const char *fault_of(void *target, struct sp_error *error)
{
	const struct command *command = target;

	(void)error;
	if (command->output && *command->output == '\0')
		return "-o: the path is empty";
	if (sp_key_files_fault(&command->files))
		return sp_key_files_fault(&command->files);
	if (command->output && command->form != SP_KEYS_TEXT)
		return "--as is for names that are printed; with -o use 'keys "
		       "list --as'";
	return NULL;
}

int sp_keys_harvest(int argc, char **argv)
{
	struct command command = {.form = SP_KEYS_TEXT};
	struct sp_option_group groups[] = {
		{"Options", sp_key_file_options, &command.files},
		{NULL, options, &command},
		{"Input", sp_input_options, &command.inputs},
		{"Common", sp_basic_options, &command.common},
		{NULL, sp_work_options, &command.common},
	};
	const struct sp_command about = {
		.name = "sealpress keys harvest",
		.usage = usage,
		.summary = summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = examples,
		.common = &command.common,
		.inputs = &command.inputs,
		.fault = fault_of,
		.target = &command,
	};
	int status;

	sp_common_init(&command.common);
	sp_inputs_init(&command.inputs);
	if (!sp_command_parse(&about, argc, argv, &status))
		return status;
	status = run(&command);
	sp_harvest_close(command.harvest);
	sp_archive_close(command.archive);
	sp_key_files_close(&command.files);
	sp_arena_free(&command.arena);
	return status;
}
