/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What signing and verifying do alike around a run: the source, outputs and
 * reports, progress, signals, the end.
 */
#ifndef SP_CLI_TASK_H
#define SP_CLI_TASK_H

#include "cli/paths.h"
#include "cli/progress.h"
#include "cli/target.h"
#include "cli/watch.h"

struct sp_task {
	struct sp_common *common; /* borrowed, as all that is not "owned" */
	const struct sp_inputs *inputs;
	struct sp_reports *reports; /* opened and finished here */
	bool signing;
	bool in_place; /* the input is what is written to */
	struct sp_log log;
	struct sp_journal *journal; /* owned; NULL: there is none */
	struct sp_source *source; /* owned */
	struct sp_target target; /* what it opens is owned */
	struct sp_run_stats stats;
	struct sp_keyring *keyring; /* what signs, or NULL */
	struct sp_keycache *keys; /* NULL: there is none */
	const char *key_cache; /* its file, or NULL */
	struct sp_watch watch;
	struct sp_progress progress;
	double start_s;
	double elapsed_s; /* of the run, once it ended */
	uint64_t unreadable; /* inputs that gave no message */
};

void sp_task_init(struct sp_task *task, struct sp_common *common,
	const struct sp_inputs *inputs, struct sp_reports *reports,
	bool signing);

/*
 * Opens the journal of --resume, if there is one, after all files that the work
 * reads were named (cli/safety.h), and brings to its end what a run that died
 * left in the Maildirs: those in the inputs when in_place, or the output. False
 * when nothing is left to do, with the exit status in *status, or with words.
 */
bool sp_task_open_journal(
	struct sp_task *task, const char *output, bool in_place, int *status);

/* All input was worked through before; only the outputs have to be named. */
bool sp_task_is_complete(const struct sp_task *task);

/* Looks at the inputs. False with words on the console. */
bool sp_task_open_source(struct sp_task *task);

/* Appends the lines of -v to a summary, each with prefix in front. */
void sp_task_add_figures(
	struct sp_task *task, struct sp_buffer *text, const char *prefix);

/*
 * Checks that no output meets an input, opens the target and the reports.
 * option is what named the target. False with words on the console.
 */
bool sp_task_open_outputs(struct sp_task *task, const char *option);

/* Sets the options that every run has, then progress and signals. */
void sp_task_begin(struct sp_task *task, struct sp_run_options *run);

/*
 * The run has ended with status and error: finishes outputs and returns the
 * exit status: SP_EXIT_TROUBLE with words, 128 + signal, SP_EXIT_SOME when a
 * message did not do as wished or an input could not be read, SP_EXIT_GOOD.
 * stop_completes: a run that ended itself (--fail-fast) did all it should.
 */
int sp_task_end(struct sp_task *task, enum sp_status status,
	struct sp_error *error, bool stop_completes);

/* Closes and removes what was not finished; fine at any point. */
void sp_task_free(struct sp_task *task);

#endif
