/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command-line options as tables: one table serves getopt_long(3), the checks
 * of values, and the text of --help.
 */
#ifndef SP_CLI_OPTIONS_H
#define SP_CLI_OPTIONS_H

#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"

#define SP_OPTIONS_MAX 64u /* of one command */

enum sp_option_kind {
	SP_OPTION_ON, /* bool: set true */
	SP_OPTION_OFF, /* bool: set false */
	SP_OPTION_TEXT, /* const char *: the argument, borrowed from argv */
	SP_OPTION_NUMBER, /* uint64_t within min and max */
	SP_OPTION_CHOICE, /* int: index of the argument in choices */
	SP_OPTION_CALL, /* whatever call makes of it */
};

struct sp_option {
	const char *name; /* without the dashes */
	char letter; /* 0: it has none */
	const char *argument; /* as --help calls it; NULL: it takes none */
	const char *help;
	bool aside; /* what comes out does not depend on it */
	enum sp_option_kind kind;
	size_t offset; /* of the value in the group's target */
	uint64_t min, max;
	const char *const *choices; /* NULL at the end */
	enum sp_status (*call)(
		void *target, const char *argument, struct sp_error *error);
};

/* Options under one heading of --help that belong to one struct. */
struct sp_option_group {
	const char *heading; /* NULL: goes on under the one before */
	const struct sp_option *options; /* name NULL at the end */
	void *target; /* may be NULL for help alone */
};

/*
 * Parses argv[1] and up; argv[0] is the name of the command. Options and
 * operands may be mixed, "--" ends the options. On SP_OK the operands are
 * argv[*first_operand] and up. SP_CONFIG with words for an unknown option
 * (with the nearest known one), an abbreviated one (what is short today may
 * be ambiguous tomorrow), a missing, needless or bad argument. Of an option
 * given twice the last one counts, unless its call does otherwise.
 */
enum sp_status sp_options_parse(const struct sp_option_group *groups,
	size_t group_count, int argc, char **argv, int *first_operand,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * Appends a line "option --NAME[=ARGUMENT]" for each option of a command line
 * that was parsed, save those that are aside.
 */
void sp_options_words(struct sp_buffer *out,
	const struct sp_option_group *groups, size_t group_count, int argc,
	char **argv);

/* The options part of --help. */
void sp_options_print(
	FILE *out, const struct sp_option_group *groups, size_t group_count);

/*
 * A whole decimal number within min and max. SP_CONFIG names what it is for,
 * e.g. "--jobs".
 */
enum sp_status sp_options_number(const char *what, const char *text,
	uint64_t min, uint64_t max, uint64_t *number, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
