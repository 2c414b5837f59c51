/* SPDX-License-Identifier: Apache-2.0 */
/* --durability and --resume: what a journal has to know of a command line. */
#ifndef SP_CLI_SAFETY_H
#define SP_CLI_SAFETY_H

#include "cli/common.h"
#include "cli/report.h"

/*
 * Describes the work in lines (io/journal.h): the command, the folder it is
 * given in, its options but those that are aside, its operands. argv as
 * sp_options_parse() left it.
 */
void sp_work_describe(struct sp_common *common,
	const struct sp_command *command, int argc, char **argv, int operands);

/* Adds the state of a file that the work reads: its size and time of change. */
void sp_work_file(struct sp_common *common, const char *path);

/* What speaks against --resume, or NULL. writes: something is written at all.
 */
const char *sp_resume_fault(const struct sp_common *common,
	const struct sp_inputs *inputs, const struct sp_reports *reports,
	const char *output, bool writes);

#endif
