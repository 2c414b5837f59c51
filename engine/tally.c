/* SPDX-License-Identifier: Apache-2.0 */
/* Counting by the worker, adding up by whoever asks. */
#include "engine/tally.h"

const char *sp_stage_name(enum sp_stage stage)
{
	static const char *const names[] = {
#define SP_STAGE_NAME(id, name) [id] = name,
		SP_STAGES(SP_STAGE_NAME)
#undef SP_STAGE_NAME
	};

	return names[stage];
}

/* Below SP_HISTOGRAM_SUB microseconds each has its bucket. */
unsigned sp_histogram_bucket(uint64_t ns)
{
	uint64_t us = ns / 1000;
	unsigned doublings, bucket;

	if (us < SP_HISTOGRAM_SUB)
		return (unsigned)us;
	doublings = 63u - (unsigned)__builtin_clzll(us);
	bucket = (doublings - 2) * SP_HISTOGRAM_SUB +
		 (unsigned)(us >> (doublings - 3)) % SP_HISTOGRAM_SUB;
	return bucket < SP_HISTOGRAM_BUCKETS ? bucket
					     : SP_HISTOGRAM_BUCKETS - 1;
}

uint64_t sp_histogram_bound_ns(unsigned bucket)
{
	unsigned next = bucket + 1;
	unsigned doublings = next / SP_HISTOGRAM_SUB + 2;
	uint64_t us = next % SP_HISTOGRAM_SUB + SP_HISTOGRAM_SUB;

	if (next < SP_HISTOGRAM_SUB)
		return next * 1000u;
	return (us << (doublings - 3)) * 1000;
}

static uint64_t get(const atomic_uint_fast64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void take_max(uint64_t *max, uint64_t value)
{
	if (*max < value)
		*max = value;
}

static void add_tally(struct sp_totals *totals, const struct sp_tally *tally)
{
	for (unsigned i = 0; i < SP_STAGE_COUNT; i++) {
		totals->stages[i].ns += get(&tally->stages[i].ns);
		totals->stages[i].bytes += get(&tally->stages[i].bytes);
		totals->stages[i].calls += get(&tally->stages[i].calls);
	}
	for (unsigned kind = 0; kind < SP_LANE_KINDS; kind++)
		for (unsigned type = 0; type < SP_LANE_TYPES; type++) {
			totals->lanes[kind][type].calls +=
				get(&tally->lanes[kind][type].calls);
			totals->lanes[kind][type].jobs +=
				get(&tally->lanes[kind][type].jobs);
		}
	for (unsigned i = 0; i < SP_HISTOGRAM_BUCKETS; i++)
		totals->latency[i] += get(&tally->latency[i]);
	totals->latency_ns += get(&tally->latency_ns);
	totals->queue_looks += get(&tally->queue_looks);
	totals->queue_sum += get(&tally->queue_sum);
	take_max(&totals->queue_max, get(&tally->queue_max));
	take_max(&totals->latency_max_ns, get(&tally->latency_max_ns));
}

void sp_tally_sum(
	struct sp_totals *totals, const struct sp_tally *tallies, size_t count)
{
	*totals = (struct sp_totals){.latency_ns = 0};
	for (size_t i = 0; i < count; i++)
		add_tally(totals, &tallies[i]);
}

uint64_t sp_totals_messages(const struct sp_totals *totals)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < SP_HISTOGRAM_BUCKETS; i++)
		count += totals->latency[i];
	return count;
}

uint64_t sp_totals_latency_ns(const struct sp_totals *totals, double share)
{
	double wanted = share * (double)sp_totals_messages(totals);
	uint64_t bound = 0;
	uint64_t count = 0;

	for (unsigned i = 0; i < SP_HISTOGRAM_BUCKETS; i++) {
		if (!totals->latency[i])
			continue;
		count += totals->latency[i];
		bound = sp_histogram_bound_ns(i);
		if ((double)count >= wanted)
			break;
	}
	/* The bucket's bound may lie above the longest time there was. */
	return bound < totals->latency_max_ns ? bound : totals->latency_max_ns;
}

static void raise_max(atomic_uint_fast64_t *max, uint64_t value)
{
	if (get(max) < value)
		atomic_store_explicit(max, value, memory_order_relaxed);
}

void sp_tally_latency(struct sp_tally *tally, uint64_t ns, uint64_t messages)
{
	if (!messages)
		return;
	sp_tally_add(&tally->latency[sp_histogram_bucket(ns)], messages);
	sp_tally_add(&tally->latency_ns, ns * messages);
	raise_max(&tally->latency_max_ns, ns);
}

void sp_tally_queue(struct sp_tally *tally, uint64_t waiting)
{
	sp_tally_add(&tally->queue_looks, 1);
	sp_tally_add(&tally->queue_sum, waiting);
	raise_max(&tally->queue_max, waiting);
}

void sp_tally_lanes(struct sp_tally *tally, const struct sp_lanes_stats *lanes)
{
	for (unsigned kind = 0; kind < SP_LANE_KINDS; kind++)
		for (unsigned type = 0; type < SP_LANE_TYPES; type++) {
			raise_max(&tally->lanes[kind][type].calls,
				lanes->fill[kind][type].calls);
			raise_max(&tally->lanes[kind][type].jobs,
				lanes->fill[kind][type].jobs);
		}
}

void sp_meter_start(struct sp_meter *meter, struct sp_tally *tally)
{
	*meter = (struct sp_meter){.tally = tally};
	if (tally)
		meter->at_ns = sp_clock_ns();
}

void sp_meter_lap_waited(struct sp_meter *meter, enum sp_stage stage,
	uint64_t bytes, uint64_t waited_ns)
{
	struct sp_tally *tally = meter->tally;
	uint64_t now;

	if (!tally)
		return;
	now = sp_clock_ns();
	sp_tally_add(&tally->stages[stage].ns, now - meter->at_ns - waited_ns);
	sp_tally_add(&tally->stages[stage].bytes, bytes);
	sp_tally_add(&tally->stages[stage].calls, 1);
	sp_tally_add(&tally->stages[SP_STAGE_WAIT].ns, waited_ns);
	meter->at_ns = now;
}

void sp_meter_lap(struct sp_meter *meter, enum sp_stage stage, uint64_t bytes)
{
	sp_meter_lap_waited(meter, stage, bytes, 0);
}
