/* SPDX-License-Identifier: Apache-2.0 */
/* Where messages are written: mbox, Maildir, standard output, or in place. */
#ifndef SP_CLI_TARGET_H
#define SP_CLI_TARGET_H

#include "cli/common.h"
#include "cli/report.h"
#include "engine/run.h"

struct sp_target {
	enum sp_output kind;
	const char *path; /* NULL: nothing to open */
	bool fields_only; /* NETSTRING: answers have no message */
	struct sp_stream *stream; /* owned */
	struct sp_maildir *maildir; /* owned */
};

/*
 * What -o PATH means: a Maildir if PATH is or ends as a folder, an mbox
 * otherwise; for "-", which is standard output, the input's format: bare
 * for one message, else an mbox. A netstring stream is answered by another.
 */
void sp_target_choose(struct sp_target *target, const char *path,
	const struct sp_inputs *inputs, const struct sp_source *source);

enum sp_status sp_target_open(struct sp_target *target,
	const struct sp_output_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Puts it into the options of a run. */
void sp_target_apply(
	const struct sp_target *target, struct sp_run_options *run);

/* As sp_reports_finish(); closes in any case. */
bool sp_target_finish(struct sp_target *target, enum sp_outcome outcome,
	struct sp_console *console);

#endif
