/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of subcommands. */
#include "cli/subcommands.h"

#include <stdio.h>
#include <string.h>

#include "cli/common.h"
#include "cli/nearest.h"

#define NAMES_BYTES 256u

static const struct sp_subcommand *find(
	const struct sp_subcommands *all, const char *name)
{
	const struct sp_subcommand *at = all->table;

	while (at->name && strcmp(at->name, name) != 0)
		at++;
	return at->name ? at : NULL;
}

/* "sign, verify or keygen" */
static void list_names(
	const struct sp_subcommands *all, char names[NAMES_BYTES])
{
	size_t used = 0;

	names[0] = '\0';
	for (const struct sp_subcommand *at = all->table; at->name; at++) {
		const char *between = at == all->table ? ""
				      : at[1].name     ? ", "
						       : " or ";

		used += (size_t)snprintf(names + used, NAMES_BYTES - used,
			"%s%s", between, at->name);
		if (used >= NAMES_BYTES)
			return;
	}
}

/* No command in front: options of the whole. */
static int run_alone(const struct sp_subcommands *all, int argc, char **argv)
{
	struct sp_common common;
	struct sp_option_group groups[] = {
		{"Options", sp_basic_options, &common},
	};
	const struct sp_command about = {
		.name = all->name,
		.usage = all->usage,
		.summary = all->summary,
		.groups = groups,
		.group_count = 1,
		.examples = all->examples,
		.common = &common,
	};
	char names[NAMES_BYTES];
	int first, status;

	sp_common_init(&common);
	if (!sp_command_begin(&about, argc, argv, &first, &status))
		return status;
	if (first < argc)
		return sp_usage_error(
			&about, "the command comes before its options");
	list_names(all, names);
	return sp_usage_error(&about, "no command given; use %s", names);
}

static int unknown(const struct sp_subcommands *all, const char *name)
{
	struct sp_console console;
	struct sp_nearest nearest;
	const char *space = strchr(all->name, ' ');
	const char *within = space ? space + 1 : "";
	const char *gap = space ? " " : "";

	sp_nearest_begin(&nearest, sp_span_str(name));
	for (const struct sp_subcommand *at = all->table; at->name; at++)
		sp_nearest_try(&nearest, at->name);
	sp_console_init(&console);
	if (nearest.name)
		sp_console_error(&console,
			"unknown command '%s%s%s'; did you mean '%s%s%s'?",
			within, gap, name, within, gap, nearest.name);
	else
		sp_console_error(&console,
			"unknown command '%s%s%s'; see '%s --help'", within,
			gap, name, all->name);
	return SP_EXIT_TROUBLE;
}

/* "sealpress help sign" is "sealpress sign --help". */
static int help(const struct sp_subcommands *all, const char *name)
{
	char option[] = "--help";
	char *argv[] = {option, option, NULL};
	const struct sp_subcommand *found = name ? find(all, name) : NULL;

	if (!name)
		return run_alone(all, 2, argv);
	return found ? found->run(2, argv) : unknown(all, name);
}

int sp_subcommands_run(const struct sp_subcommands *all, int argc, char **argv)
{
	const struct sp_subcommand *found;

	if (argc < 2 || argv[1][0] == '-')
		return run_alone(all, argc, argv);
	found = find(all, argv[1]);
	if (found)
		return found->run(argc - 1, argv + 1);
	if (strcmp(argv[1], "help") == 0)
		return help(
			all, argc > 2 && argv[2][0] != '-' ? argv[2] : NULL);
	return unknown(all, argv[1]);
}
