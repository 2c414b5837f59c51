/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options for work that must outlive a power cut, and what a journal has to
 * know of a command line (docs/DESIGN.md, Journal).
 */
#include "cli/safety.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/syncer.h"

static const char *const durability_names[] = {
	[SP_DURABILITY_NONE] = "none",
	[SP_DURABILITY_BATCH] = "batch",
	[SP_DURABILITY_MESSAGE] = "message",
	NULL,
};

#define COMMON(field) .offset = offsetof(struct sp_common, field)

const struct sp_option sp_safety_options[] = {
	{.name = "durability",
		.argument = "WHEN",
		.help = "when output is synced to disk: batch (default: "
			"before it gets its final name, many messages at "
			"once), message (one by one), none (a power cut may "
			"lose it)",
		.aside = true,
		.kind = SP_OPTION_CHOICE,
		COMMON(durability),
		.choices = durability_names},
	{.name = "resume",
		.argument = "JOURNAL",
		.help = "keep a journal in this file; after a crash, a power "
			"cut or a full disk the same command goes on where it "
			"says, with every message written once",
		.aside = true,
		.kind = SP_OPTION_TEXT,
		COMMON(resume)},
	{.name = NULL},
};

void sp_work_describe(struct sp_common *common,
	const struct sp_command *command, int argc, char **argv, int operands)
{
	struct sp_buffer *work = &common->work;
	char folder[PATH_MAX];

	sp_buffer_clear(work);
	sp_buffer_add_format(work, "command %s\n", command->name);
	if (getcwd(folder, sizeof(folder)))
		sp_buffer_add_format(work, "folder %s\n", folder);
	sp_options_words(
		work, command->groups, command->group_count, argc, argv);
	for (int i = operands; i < argc; i++) {
		sp_buffer_add_format(work, "input %s\n", argv[i]);
		sp_work_file(common, argv[i]);
	}
}

void sp_work_file(struct sp_common *common, const char *path)
{
	struct stat st;

	if (!common->resume || stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	sp_buffer_add_format(&common->work, "file %s %lld %lld.%09ld\n", path,
		(long long)st.st_size, (long long)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec);
}

const char *sp_resume_fault(const struct sp_common *common,
	const struct sp_inputs *inputs, const struct sp_reports *reports,
	const char *output, bool writes)
{
	bool is_stdin = inputs->files_from && !strcmp(inputs->files_from, "-");
	bool is_stdout = output && strcmp(output, "-") == 0;
	bool has_rows = false;

	if (!common->resume)
		return NULL;
	for (size_t i = 0; i < inputs->count; i++)
		is_stdin |= strcmp(inputs->paths[i], "-") == 0;
	for (size_t i = 0; i < reports->count; i++)
		has_rows |= reports->report[i].format->schema != NULL;
	for (size_t i = 0; i < reports->count; i++)
		is_stdout |= reports->report[i].path &&
			     strcmp(reports->report[i].path, "-") == 0;
	if (*common->resume == '\0')
		return "--resume: the path is empty";
	if (strcmp(common->resume, "-") == 0)
		return "--resume: a journal is a file, not standard output";
	if (is_stdin)
		return "--resume: standard input cannot be read again; give "
		       "files";
	if (is_stdout)
		return "--resume: what went to standard output cannot be taken "
		       "back; write to files";
	if (has_rows)
		return "--resume: a database cannot be taken up again; write "
		       "the report as ndjson or csv";
	if (!writes)
		return "--resume goes with --report FORMAT:PATH or -o PATH: "
		       "there is nothing to go on with";
	return NULL;
}
