/* SPDX-License-Identifier: Apache-2.0 */
/* The progress bar, from the counters of a run. */
#ifndef SP_CLI_PROGRESS_H
#define SP_CLI_PROGRESS_H

#include "cli/common.h"
#include "cli/ticker.h"
#include "engine/run.h"

#define SP_PROGRESS_INTERVAL_MS 200

struct sp_progress {
	struct sp_ticker ticker;
	struct sp_console *console;
	struct sp_source *source;
	const struct sp_run_stats *stats;
	const char *verb; /* "signing" */
	double start_s;
};

/*
 * Starts the thread if mode and the terminal ask for it. Everything is
 * borrowed until sp_progress_stop(), which takes the bar away.
 */
void sp_progress_start(struct sp_progress *progress,
	const struct sp_common *common, struct sp_console *console,
	struct sp_source *source, const struct sp_run_stats *stats,
	const char *verb);
void sp_progress_stop(struct sp_progress *progress);

/* Seconds of a clock that only goes forward. */
double sp_clock_s(void);

struct sp_progress_state {
	uint64_t messages;
	uint64_t bytes;
	struct sp_source_totals totals;
	double elapsed_s;
	struct sp_span shares; /* of the stages, with -v; else empty */
};

/* Writes the bar for a terminal of width columns; "" when that is too few. */
void sp_progress_format(char *out, size_t room, size_t width, const char *verb,
	const struct sp_progress_state *state);

#endif
