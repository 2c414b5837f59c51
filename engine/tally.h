/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker counts while it works: time, bytes and calls of each stage,
 * how full the lanes were, how long messages took.
 *
 * Each worker has a tally of its own, on cache lines of its own, and nobody
 * else writes to it; anybody may read it meanwhile. The clock is read once per
 * stage and batch, not per message.
 */
#ifndef SP_ENGINE_TALLY_H
#define SP_ENGINE_TALLY_H

#include <stdalign.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "crypto/lanes.h"

/* In the order in which a batch passes through them (docs/DESIGN.md). */
#define SP_STAGES(X) \
	X(SP_STAGE_READ, "read") /* and find the messages in it */ \
	X(SP_STAGE_SPLIT, "split") \
	X(SP_STAGE_BEGIN, "begin") /* senders, signatures, wishes */ \
	X(SP_STAGE_BODIES, "bodies") /* canonicalize and hash */ \
	X(SP_STAGE_KEYS, "keys") \
	X(SP_STAGE_COMPOSE, "compose") \
	X(SP_STAGE_HEADERS, "headers") /* hash */ \
	X(SP_STAGE_LANES, "lanes") /* private or public key */ \
	X(SP_STAGE_FINISH, "finish") \
	X(SP_STAGE_DELIVER, "deliver") /* Maildirs; else only prepared */ \
	X(SP_STAGE_FORMAT, "format") /* records */ \
	X(SP_STAGE_COMMIT, "commit") /* mboxes, streams, reports */ \
	X(SP_STAGE_WAIT, "wait") /* for input, a batch, another worker */

enum sp_stage {
#define SP_STAGE_ENUM(id, name) id,
	SP_STAGES(SP_STAGE_ENUM)
#undef SP_STAGE_ENUM
		SP_STAGE_COUNT
};

const char *sp_stage_name(enum sp_stage stage);

/*
 * Durations in buckets of logarithmic width: eight to each doubling, so that
 * the bounds of a bucket are at most an eighth apart.
 */
#define SP_HISTOGRAM_SUB 8u
#define SP_HISTOGRAM_DOUBLINGS 36u /* of a microsecond: 19 hours */
#define SP_HISTOGRAM_BUCKETS ((SP_HISTOGRAM_DOUBLINGS - 2u) * SP_HISTOGRAM_SUB)

/* The bucket of a duration; what is longer than all is in the last one. */
unsigned sp_histogram_bucket(uint64_t ns);

/* Every duration in the bucket is below this. */
uint64_t sp_histogram_bound_ns(unsigned bucket);

#define SP_LANE_KINDS 2u /* enum sp_job_kind */
#define SP_LANE_TYPES 2u /* enum sp_pkey_type */

struct sp_tally {
	alignas(64) struct {
		atomic_uint_fast64_t ns, bytes, calls;
	} stages[SP_STAGE_COUNT];
	struct {
		atomic_uint_fast64_t calls, jobs;
	} lanes[SP_LANE_KINDS][SP_LANE_TYPES];
	/* Of messages: from the reading of their batch to its commit. */
	atomic_uint_fast64_t latency[SP_HISTOGRAM_BUCKETS];
	atomic_uint_fast64_t latency_ns; /* sum */
	atomic_uint_fast64_t latency_max_ns;
	/* Batches that were done and waited for their turn, looked at
	 * whenever one was done. */
	atomic_uint_fast64_t queue_looks, queue_sum, queue_max;
};

/* The sum of all tallies at one moment. */
struct sp_totals {
	struct {
		uint64_t ns, bytes, calls;
	} stages[SP_STAGE_COUNT];
	struct {
		uint64_t calls, jobs;
	} lanes[SP_LANE_KINDS][SP_LANE_TYPES];
	uint64_t latency[SP_HISTOGRAM_BUCKETS];
	uint64_t latency_ns;
	uint64_t latency_max_ns;
	uint64_t queue_looks, queue_sum, queue_max;
};

void sp_tally_sum(
	struct sp_totals *totals, const struct sp_tally *tallies, size_t count);

/* The time that share (0 to 1) of the messages did not take longer than; 0
 * without messages. */
uint64_t sp_totals_latency_ns(const struct sp_totals *totals, double share);

/* How many messages are in the histogram. */
uint64_t sp_totals_messages(const struct sp_totals *totals);

/* For the owner of the tally alone: no locked instruction. */
static inline void sp_tally_add(atomic_uint_fast64_t *counter, uint64_t more)
{
	uint64_t old = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, old + more, memory_order_relaxed);
}

void sp_tally_latency(struct sp_tally *tally, uint64_t ns, uint64_t messages);
void sp_tally_queue(struct sp_tally *tally, uint64_t waiting);
void sp_tally_lanes(struct sp_tally *tally, const struct sp_lanes_stats *lanes);

/* A worker's stopwatch. All functions do nothing without a tally. */
struct sp_meter {
	struct sp_tally *tally; /* borrowed, or NULL */
	uint64_t at_ns; /* of the last lap */
};

void sp_meter_start(struct sp_meter *meter, struct sp_tally *tally);

/* All time since the last lap was spent in stage, on so many bytes. */
void sp_meter_lap(struct sp_meter *meter, enum sp_stage stage, uint64_t bytes);

/* The same, less waited_ns, which count as waiting. */
void sp_meter_lap_waited(struct sp_meter *meter, enum sp_stage stage,
	uint64_t bytes, uint64_t waited_ns);

#endif
