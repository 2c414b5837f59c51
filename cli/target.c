/* SPDX-License-Identifier: Apache-2.0 */
/* Output of messages: the kind from the path, opening, the end. */
#include "cli/target.h"

#include <string.h>
#include <unistd.h>

#include "cli/paths.h"
#include "io/netpipe.h"

static bool is_single_message(
	const struct sp_inputs *inputs, const struct sp_source *source)
{
	return inputs->count == 1 && !inputs->files_from &&
	       !sp_source_is_mbox(source) &&
	       !sp_path_is_folder(inputs->paths[0]);
}

void sp_target_choose(struct sp_target *target, const char *path,
	const struct sp_inputs *inputs, const struct sp_source *source)
{
	target->path = path;
	if (inputs->format == SP_INPUT_NETSTRING)
		target->kind = SP_OUTPUT_NETSTRING;
	else if (strcmp(path, "-") == 0)
		target->kind = is_single_message(inputs, source)
				       ? SP_OUTPUT_MESSAGE
				       : SP_OUTPUT_MBOX;
	else if (sp_path_is_folder(path))
		target->kind = SP_OUTPUT_MAILDIR;
	else
		target->kind = SP_OUTPUT_MBOX;
}

enum sp_status sp_target_open(struct sp_target *target,
	const struct sp_output_options *options, struct sp_error *error)
{
	if (!target->path)
		return SP_OK;
	if (target->kind == SP_OUTPUT_MAILDIR)
		return sp_maildir_open(&target->maildir, target->path, error);
	return sp_output_open(&target->stream, target->path, options, error);
}

void sp_target_apply(const struct sp_target *target, struct sp_run_options *run)
{
	run->output = target->kind;
	run->stream = target->stream;
	run->maildir = target->maildir;
	run->fields_only = target->fields_only;
	if (target->kind == SP_OUTPUT_NETSTRING)
		sp_netpipe_widen(STDOUT_FILENO);
}

bool sp_target_finish(struct sp_target *target, enum sp_outcome outcome,
	struct sp_console *console)
{
	bool good = true;

	if (target->stream)
		good = sp_stream_finish(
			target->stream, target->path, outcome, console);
	if (target->maildir)
		sp_maildir_close(target->maildir);
	target->stream = NULL;
	target->maildir = NULL;
	return good;
}
