/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a run in the text format of Prometheus, version 0.0.4. */
#include "cli/figures.h"

/*
 * Bounds of the exported histogram: every second doubling of a microsecond,
 * which are bounds of ours too, from 64 us to 67 s.
 */
#define BOUND_FIRST 6u
#define BOUND_LAST 26u
#define BOUND_STEP 2u

static void begin(struct sp_buffer *out, const char *name, const char *type,
	const char *help)
{
	sp_buffer_add_format(out,
		"# HELP sealpress_%s %s\n# TYPE sealpress_%s %s\n", name, help,
		name, type);
}

static void add_value(struct sp_buffer *out, const char *name, uint64_t value)
{
	sp_buffer_add_format(
		out, "sealpress_%s %llu\n", name, (unsigned long long)value);
}

/* With one label, whose value needs no escape. */
static void add_labelled(struct sp_buffer *out, const char *name,
	const char *label, const char *value, uint64_t number)
{
	sp_buffer_add_format(out, "sealpress_%s{%s=\"%s\"} %llu\n", name, label,
		value, (unsigned long long)number);
}

static void add_counter(struct sp_buffer *out, const char *name,
	const char *help, uint64_t value)
{
	begin(out, name, "counter", help);
	add_value(out, name, value);
}

static void add_results(struct sp_buffer *out, const struct sp_figures *figures)
{
	const struct sp_run_stats *run = figures->run;
	const char *name = "message_results_total";

	begin(out, name, "counter", "Messages by result.");
	if (figures->signing) {
		add_labelled(out, name, "result", "signed",
			atomic_load(&run->signed_messages));
		add_labelled(out, name, "result", "not-signed",
			atomic_load(&run->skipped));
	}
	for (int i = SP_PASS; i <= SP_NONE && !figures->signing; i++)
		add_labelled(out, name, "result",
			sp_verdict_name((enum sp_verdict)i),
			atomic_load(&run->verdicts[i]));
	add_labelled(out, name, "result", "unreadable",
		atomic_load(&run->unreadable));
	name = "message_reasons_total";
	begin(out, name, "counter", "Messages by reason of their result.");
	for (int i = SP_REASON_OK; i <= SP_REASON_NO_SIGNATURE; i++)
		add_labelled(out, name, "reason",
			sp_reason_name((enum sp_reason)i),
			atomic_load(&run->reasons[i]));
}

static void add_stages(struct sp_buffer *out, const struct sp_totals *totals)
{
	begin(out, "stage_seconds_total", "counter",
		"Time of all workers by stage.");
	for (unsigned i = 0; i < SP_STAGE_COUNT; i++)
		sp_buffer_add_format(out,
			"sealpress_stage_seconds_total{stage=\"%s\"} %.9f\n",
			sp_stage_name((enum sp_stage)i),
			(double)totals->stages[i].ns / 1e9);
	begin(out, "stage_bytes_total", "counter",
		"Bytes that went through a stage.");
	for (unsigned i = 0; i < SP_STAGE_COUNT; i++)
		add_labelled(out, "stage_bytes_total", "stage",
			sp_stage_name((enum sp_stage)i),
			totals->stages[i].bytes);
	begin(out, "stage_calls_total", "counter",
		"How often a stage was done, each time for a batch.");
	for (unsigned i = 0; i < SP_STAGE_COUNT; i++)
		add_labelled(out, "stage_calls_total", "stage",
			sp_stage_name((enum sp_stage)i),
			totals->stages[i].calls);
}

static void add_lane(struct sp_buffer *out, const char *name, unsigned kind,
	unsigned type, uint64_t number)
{
	sp_buffer_add_format(out,
		"sealpress_%s{kind=\"%s\",type=\"%s\"} %llu\n", name,
		sp_lane_kind_name(kind), sp_lane_type_name(type),
		(unsigned long long)number);
}

static void add_lanes(struct sp_buffer *out, const struct sp_totals *totals)
{
	begin(out, "lane_jobs_total", "counter",
		"Signatures made or verified side by side.");
	for (unsigned kind = 0; kind < SP_LANE_KINDS; kind++)
		for (unsigned type = 0; type < SP_LANE_TYPES; type++)
			add_lane(out, "lane_jobs_total", kind, type,
				totals->lanes[kind][type].jobs);
	begin(out, "lane_calls_total", "counter",
		"Calls of a lane kernel; jobs by calls is how full it was.");
	for (unsigned kind = 0; kind < SP_LANE_KINDS; kind++)
		for (unsigned type = 0; type < SP_LANE_TYPES; type++)
			add_lane(out, "lane_calls_total", kind, type,
				totals->lanes[kind][type].calls);
}

/* Messages below a bound that is 2^doublings us. */
static uint64_t count_below(const struct sp_totals *totals, unsigned doublings)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < SP_HISTOGRAM_BUCKETS; i++)
		if (sp_histogram_bound_ns(i) <= (1000ull << doublings))
			count += totals->latency[i];
	return count;
}

static void add_latency(struct sp_buffer *out, const struct sp_totals *totals)
{
	const char *name = "message_latency_seconds";
	unsigned long long count = sp_totals_messages(totals);

	begin(out, name, "histogram",
		"Time of a message from the reading of its batch to its "
		"commit.");
	for (unsigned i = BOUND_FIRST; i <= BOUND_LAST; i += BOUND_STEP)
		sp_buffer_add_format(out,
			"sealpress_%s_bucket{le=\"%g\"} %llu\n", name,
			(double)(1u << i) / 1e6,
			(unsigned long long)count_below(totals, i));
	sp_buffer_add_format(out,
		"sealpress_%s_bucket{le=\"+Inf\"} %llu\n"
		"sealpress_%s_sum %.9f\nsealpress_%s_count %llu\n",
		name, count, name, (double)totals->latency_ns / 1e9, name,
		count);
}

static void add_queue(struct sp_buffer *out, const struct sp_figures *figures)
{
	int64_t queued = atomic_load(&figures->run->queued);

	begin(out, "queued_batches", "gauge",
		"Batches that are done and wait for their turn.");
	add_value(out, "queued_batches", queued > 0 ? (uint64_t)queued : 0);
	begin(out, "queued_batches_max", "gauge",
		"The largest number of such batches so far.");
	add_value(out, "queued_batches_max", figures->totals.queue_max);
}

static void add_state(struct sp_buffer *out, const struct sp_figures *figures)
{
	begin(out, "info", "gauge", "What runs here; always 1.");
	sp_buffer_add_format(out,
		"sealpress_info{version=\"%s\",command=\"%s\",state=\"%s\"} "
		"1\n",
		SP_VERSION, figures->signing ? "sign" : "verify",
		figures->state);
	begin(out, "workers", "gauge", "Threads that work.");
	add_value(out, "workers", figures->jobs);
	begin(out, "elapsed_seconds", "gauge", "Time since the run began.");
	sp_buffer_add_format(
		out, "sealpress_elapsed_seconds %.3f\n", figures->elapsed_s);
}

void sp_figures_metrics(struct sp_buffer *out, const struct sp_figures *figures)
{
	const struct sp_run_stats *run = figures->run;

	add_state(out, figures);
	add_counter(out, "messages_total", "Messages that are done.",
		atomic_load(&run->messages));
	add_counter(out, "input_bytes_total", "Bytes of input that are done.",
		atomic_load(&run->bytes));
	add_counter(out, "signatures_total", "Signatures made or looked at.",
		atomic_load(&run->signatures));
	add_counter(out, "unreadable_inputs_total",
		"Inputs that could not be read.", figures->unreadable);
	add_counter(out, "faults_total",
		"Wrong results of the CPU that were caught and redone.",
		atomic_load(&run->faults));
	add_results(out, figures);
	add_stages(out, &figures->totals);
	add_lanes(out, &figures->totals);
	add_counter(out, "repeated_bodies_total",
		"Body digests taken from an equal body.",
		atomic_load(&run->repeats_whole));
	add_counter(out, "repeated_body_begins_total",
		"Body digests that went on from a common beginning.",
		atomic_load(&run->repeats_begun));
	add_counter(out, "repeated_body_bytes_total",
		"Bytes of bodies that were not hashed again.",
		atomic_load(&run->repeats_bytes));
	if (figures->has_keys) {
		add_counter(out, "key_cache_hits_total",
			"Keys found in the cache.", figures->keys.hits);
		add_counter(out, "key_cache_misses_total",
			"Keys that were looked up.", figures->keys.misses);
		add_counter(out, "key_cache_evictions_total",
			"Keys that made room for others.",
			figures->keys.evictions);
	}
	add_queue(out, figures);
	add_latency(out, &figures->totals);
}
