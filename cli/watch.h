/* SPDX-License-Identifier: Apache-2.0 */
/* Who looks at a run from outside: --stats and --metrics. */
#ifndef SP_CLI_WATCH_H
#define SP_CLI_WATCH_H

#include "cli/common.h"
#include "cli/figures.h"
#include "cli/report.h"
#include "cli/ticker.h"

/* Everything borrowed is needed until sp_watch_end(). */
struct sp_watch {
	const struct sp_common *common; /* borrowed; --stats, --metrics */
	struct sp_console *console; /* borrowed */
	struct sp_source *source; /* borrowed */
	const struct sp_run_stats *stats; /* borrowed */
	struct sp_keycache *keys; /* borrowed; NULL: there is none */
	bool signing;
	double start_s;
	struct sp_stream *stream; /* owned; of --stats */
	struct sp_ticker ticker; /* of --metrics */
	bool warned; /* that the metrics cannot be written */
};

/* Opens what --stats writes to, and writes --metrics for the first time. */
enum sp_status sp_watch_open(struct sp_watch *watch, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Writes --metrics from now on. */
void sp_watch_begin(struct sp_watch *watch);

/*
 * The run has ended like this. Writes both for the last time, whatever the
 * outcome: the numbers of work that failed are numbers too. False with words
 * when that failed.
 */
bool sp_watch_end(struct sp_watch *watch, enum sp_outcome outcome);

/* The numbers as they are now. */
void sp_watch_look(
	struct sp_watch *watch, const char *state, struct sp_figures *figures);

/* Closes what sp_watch_end() did not; fine at any point. */
void sp_watch_free(struct sp_watch *watch);

#endif
