/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers of a run for operators: as JSON (--stats), as Prometheus text
 * (--metrics), and in a few words (-v).
 */
#ifndef SP_CLI_FIGURES_H
#define SP_CLI_FIGURES_H

#include "engine/run.h"

struct sp_figures {
	const struct sp_run_stats *run; /* borrowed; may still be growing */
	struct sp_totals totals;
	bool signing;
	unsigned jobs;
	double elapsed_s;
	uint64_t unreadable; /* inputs that gave no message */
	bool has_keys; /* there is a key cache */
	struct sp_keycache_stats keys;
	const char *state; /* "running", "complete", "interrupted", "failed" */
};

/* One object and a line end. */
void sp_figures_json(struct sp_buffer *out, const struct sp_figures *figures);

/* Exposition format 0.0.4, for the textfile collector of a node exporter. */
void sp_figures_metrics(
	struct sp_buffer *out, const struct sp_figures *figures);

/*
 * "lanes 81 %, bodies 9 %, ..." of the workers' time: the largest shares, at
 * most so many, those below one percent left out.
 */
void sp_figures_shares(
	struct sp_buffer *out, const struct sp_totals *totals, unsigned most);

/* The lines of -v below the summary, each with prefix in front. */
void sp_figures_text(struct sp_buffer *out, const char *prefix,
	const struct sp_figures *figures);

/* Names of the lanes' two dimensions. */
const char *sp_lane_kind_name(unsigned kind);
const char *sp_lane_type_name(unsigned type);

/* Time of all stages, waiting included: of all workers together. */
uint64_t sp_figures_time_ns(const struct sp_totals *totals);

#endif
