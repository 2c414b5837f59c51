/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a run as one JSON object (docs/sealpress.1, "STATISTICS"). */
#include "cli/figures.h"

#include "cli/json.h"

/* ,"NAME": */
static void add_key(struct sp_buffer *out, const char *name)
{
	sp_buffer_add_format(out, ",\"%s\":", name);
}

static void add_count(struct sp_buffer *out, const char *name, uint64_t count)
{
	add_key(out, name);
	sp_json_number(out, count);
}

static void add_counter(struct sp_buffer *out, const char *name,
	const atomic_uint_fast64_t *counter)
{
	add_count(out, name, atomic_load(counter));
}

static void add_seconds(struct sp_buffer *out, const char *name, uint64_t ns)
{
	add_key(out, name);
	sp_buffer_add_format(out, "%.9f", (double)ns / 1e9);
}

static void add_reasons(struct sp_buffer *out, const struct sp_run_stats *stats)
{
	sp_buffer_add_str(out, ",\"reasons\":{\"ok\":");
	sp_json_number(out, atomic_load(&stats->reasons[SP_REASON_OK]));
	for (int i = SP_REASON_OK + 1; i <= SP_REASON_NO_SIGNATURE; i++)
		if (atomic_load(&stats->reasons[i]))
			add_counter(out, sp_reason_name((enum sp_reason)i),
				&stats->reasons[i]);
	sp_buffer_add_char(out, '}');
}

static void add_outcomes(
	struct sp_buffer *out, const struct sp_figures *figures)
{
	const struct sp_run_stats *stats = figures->run;

	add_counter(out, "messages", &stats->messages);
	add_counter(out, "bytes", &stats->bytes);
	add_counter(out, "signatures", &stats->signatures);
	add_counter(out, "unreadable", &stats->unreadable);
	add_count(out, "unreadable_inputs", figures->unreadable);
	if (figures->signing) {
		add_counter(out, "signed", &stats->signed_messages);
		add_counter(out, "skipped", &stats->skipped);
	} else {
		sp_buffer_add_str(out, ",\"results\":{\"pass\":");
		sp_json_number(out, atomic_load(&stats->verdicts[SP_PASS]));
		for (int i = SP_PASS + 1; i <= SP_NONE; i++)
			add_counter(out, sp_verdict_name((enum sp_verdict)i),
				&stats->verdicts[i]);
		sp_buffer_add_char(out, '}');
	}
	add_reasons(out, stats);
	add_counter(out, "faults", &stats->faults);
}

static void add_stages(struct sp_buffer *out, const struct sp_totals *totals)
{
	add_key(out, "stages");
	for (unsigned i = 0; i < SP_STAGE_COUNT; i++) {
		sp_buffer_add_format(out, "%s\"%s\":{\"seconds\":%.9f",
			i ? "," : "{", sp_stage_name((enum sp_stage)i),
			(double)totals->stages[i].ns / 1e9);
		add_count(out, "bytes", totals->stages[i].bytes);
		add_count(out, "calls", totals->stages[i].calls);
		sp_buffer_add_char(out, '}');
	}
	sp_buffer_add_char(out, '}');
}

static void add_lanes(struct sp_buffer *out, const struct sp_totals *totals)
{
	bool first = true;

	add_key(out, "lanes");
	sp_buffer_add_char(out, '[');
	for (unsigned kind = 0; kind < SP_LANE_KINDS; kind++)
		for (unsigned type = 0; type < SP_LANE_TYPES; type++) {
			sp_buffer_add_format(out,
				"%s{\"kind\":\"%s\",\"type\":\"%s\"",
				first ? "" : ",", sp_lane_kind_name(kind),
				sp_lane_type_name(type));
			add_count(
				out, "calls", totals->lanes[kind][type].calls);
			add_count(out, "jobs", totals->lanes[kind][type].jobs);
			sp_buffer_add_char(out, '}');
			first = false;
		}
	sp_buffer_add_char(out, ']');
}

static void add_latency(struct sp_buffer *out, const struct sp_totals *totals)
{
	static const struct {
		const char *name;
		double share;
	} ranks[] = {
		{"p50_seconds", 0.5},
		{"p90_seconds", 0.9},
		{"p99_seconds", 0.99},
		{"p999_seconds", 0.999},
	};
	bool first = true;

	sp_buffer_add_str(out, ",\"latency\":{\"messages\":");
	sp_json_number(out, sp_totals_messages(totals));
	add_seconds(out, "sum_seconds", totals->latency_ns);
	for (size_t i = 0; i < sizeof(ranks) / sizeof(ranks[0]); i++)
		add_seconds(out, ranks[i].name,
			sp_totals_latency_ns(totals, ranks[i].share));
	add_seconds(out, "max_seconds", totals->latency_max_ns);
	add_key(out, "buckets");
	sp_buffer_add_char(out, '[');
	for (unsigned i = 0; i < SP_HISTOGRAM_BUCKETS; i++) {
		if (!totals->latency[i])
			continue;
		sp_buffer_add_format(out, "%s{\"below_seconds\":%.6f",
			first ? "" : ",",
			(double)sp_histogram_bound_ns(i) / 1e9);
		add_count(out, "messages", totals->latency[i]);
		sp_buffer_add_char(out, '}');
		first = false;
	}
	sp_buffer_add_str(out, "]}");
}

void sp_figures_json(struct sp_buffer *out, const struct sp_figures *figures)
{
	const struct sp_totals *totals = &figures->totals;

	sp_buffer_add_format(out,
		"{\"sealpress\":\"%s\",\"command\":\"%s\",\"state\":\"%s\"",
		SP_VERSION, figures->signing ? "sign" : "verify",
		figures->state);
	add_count(out, "jobs", figures->jobs);
	add_seconds(
		out, "elapsed_seconds", (uint64_t)(figures->elapsed_s * 1e9));
	add_outcomes(out, figures);
	add_stages(out, totals);
	add_lanes(out, totals);
	sp_buffer_add_str(out, ",\"repeated_bodies\":{\"whole\":");
	sp_json_number(out, atomic_load(&figures->run->repeats_whole));
	add_counter(out, "begun", &figures->run->repeats_begun);
	add_counter(out, "bytes", &figures->run->repeats_bytes);
	sp_buffer_add_char(out, '}');
	if (figures->has_keys) {
		sp_buffer_add_str(out, ",\"key_cache\":{\"hits\":");
		sp_json_number(out, figures->keys.hits);
		add_count(out, "misses", figures->keys.misses);
		add_count(out, "evictions", figures->keys.evictions);
		sp_buffer_add_char(out, '}');
	}
	sp_buffer_add_str(out, ",\"queue\":{\"looks\":");
	sp_json_number(out, totals->queue_looks);
	add_count(out, "sum", totals->queue_sum);
	add_count(out, "max", totals->queue_max);
	sp_buffer_add_char(out, '}');
	add_latency(out, totals);
	sp_buffer_add_str(out, "}\n");
}
