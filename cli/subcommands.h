/* SPDX-License-Identifier: Apache-2.0 */
/* A command whose first word chooses one of several. */
#ifndef SP_CLI_SUBCOMMANDS_H
#define SP_CLI_SUBCOMMANDS_H

/* argv[0] is its name. Returns an exit status. */
struct sp_subcommand {
	const char *name; /* NULL ends a table */
	int (*run)(int argc, char **argv);
};

struct sp_subcommands {
	const char *name; /* of the whole: "sealpress keys" */
	const char *usage; /* as in struct sp_command */
	const char *summary;
	const char *examples;
	const struct sp_subcommand *table;
};

/*
 * Runs what argv[1] names. "help NAME" is "NAME --help"; without a name the
 * options are those of the whole, --help and --version. An unknown one is told
 * with the nearest that there is. Returns the exit status.
 */
int sp_subcommands_run(const struct sp_subcommands *all, int argc, char **argv);

#endif
