/* SPDX-License-Identifier: Apache-2.0 */
/* Counting by workers: buckets, sums, ranks, the stopwatch. */
#include <criterion/criterion.h>

#include <string.h>

#include "engine/tally.h"

Test(tally, each_bucket_ends_where_the_next_begins)
{
	for (unsigned i = 0; i + 1 < SP_HISTOGRAM_BUCKETS; i++) {
		uint64_t bound = sp_histogram_bound_ns(i);

		cr_assert_eq(sp_histogram_bucket(bound - 1), i, "%u", i);
		cr_assert_eq(sp_histogram_bucket(bound), i + 1, "%u", i);
	}
}

Test(tally, a_bucket_is_an_eighth_wide_at_most)
{
	for (unsigned i = SP_HISTOGRAM_SUB; i < SP_HISTOGRAM_BUCKETS; i++) {
		uint64_t first = sp_histogram_bound_ns(i - 1);
		uint64_t bound = sp_histogram_bound_ns(i);

		cr_assert(bound > first && bound - first <= first / 8, "%u", i);
	}
}

Test(tally, longer_than_all_is_in_the_last_bucket)
{
	cr_assert_eq(sp_histogram_bucket(0), 0);
	cr_assert_eq(sp_histogram_bucket(UINT64_MAX), SP_HISTOGRAM_BUCKETS - 1);
}

static struct sp_tally tallies[2];

Test(tally, ranks_are_bounds_that_hold)
{
	struct sp_totals totals;

	sp_tally_latency(&tallies[0], 1000000, 90);
	sp_tally_latency(&tallies[1], 5000000, 9);
	sp_tally_latency(&tallies[1], 70000000, 1);
	sp_tally_latency(&tallies[1], 80000000, 0);
	sp_tally_sum(&totals, tallies, 2);
	cr_assert_eq(sp_totals_messages(&totals), 100);
	cr_assert_eq(totals.latency_ns, 90000000u + 45000000u + 70000000u);
	cr_assert_eq(totals.latency_max_ns, 70000000);
	for (int i = 1; i <= 100; i++) {
		uint64_t truth = i <= 90   ? 1000000
				 : i <= 99 ? 5000000
					   : 70000000;
		uint64_t ns = sp_totals_latency_ns(&totals, i / 100.0);

		cr_assert(ns >= truth && ns <= truth + truth / 8, "%d: %llu", i,
			(unsigned long long)ns);
	}
}

Test(tally, nothing_has_no_rank)
{
	struct sp_totals totals;

	sp_tally_sum(&totals, tallies, 2);
	cr_assert_eq(sp_totals_latency_ns(&totals, 0.5), 0);
	sp_tally_sum(&totals, NULL, 0);
	cr_assert_eq(sp_totals_messages(&totals), 0);
}

Test(tally, all_workers_are_added_up)
{
	struct sp_lanes_stats lanes = {.runs = 1};
	struct sp_totals totals;

	lanes.fill[SP_JOB_SIGN][SP_PKEY_ED25519].calls = 2;
	lanes.fill[SP_JOB_SIGN][SP_PKEY_ED25519].jobs = 16;
	for (int i = 0; i < 2; i++) {
		/* Lanes count for themselves: told twice is not doubled. */
		sp_tally_lanes(&tallies[i], &lanes);
		sp_tally_lanes(&tallies[i], &lanes);
		sp_tally_queue(&tallies[i], 3u * (unsigned)i);
	}
	sp_tally_sum(&totals, tallies, 2);
	cr_assert_eq(totals.lanes[SP_JOB_SIGN][SP_PKEY_ED25519].calls, 4);
	cr_assert_eq(totals.lanes[SP_JOB_SIGN][SP_PKEY_ED25519].jobs, 32);
	cr_assert_eq(totals.lanes[SP_JOB_VERIFY][SP_PKEY_RSA].jobs, 0);
	cr_assert_eq(totals.queue_looks, 2);
	cr_assert_eq(totals.queue_sum, 3);
	cr_assert_eq(totals.queue_max, 3);
}

Test(tally, laps_leave_no_time_out)
{
	struct sp_meter meter;
	struct sp_totals totals;
	uint64_t begun;

	sp_meter_start(&meter, &tallies[0]);
	begun = meter.at_ns;
	while (sp_clock_ns() - begun < 1000)
		;
	sp_meter_lap(&meter, SP_STAGE_SPLIT, 7);
	while (sp_clock_ns() - meter.at_ns < 1000)
		;
	sp_meter_lap_waited(&meter, SP_STAGE_READ, 5, 600);
	sp_tally_sum(&totals, tallies, 1);
	cr_assert_geq(totals.stages[SP_STAGE_SPLIT].ns, 1000);
	cr_assert_eq(totals.stages[SP_STAGE_SPLIT].bytes, 7);
	cr_assert_eq(totals.stages[SP_STAGE_SPLIT].calls, 1);
	cr_assert_eq(totals.stages[SP_STAGE_WAIT].ns, 600);
	cr_assert_eq(totals.stages[SP_STAGE_SPLIT].ns +
			     totals.stages[SP_STAGE_READ].ns +
			     totals.stages[SP_STAGE_WAIT].ns,
		meter.at_ns - begun);
}

Test(tally, without_a_tally_nothing_is_measured)
{
	struct sp_meter meter;

	sp_meter_start(&meter, NULL);
	sp_meter_lap(&meter, SP_STAGE_READ, 1);
	cr_assert_eq(meter.at_ns, 0);
}

Test(tally, each_worker_has_cache_lines_of_its_own)
{
	cr_assert_eq(sizeof(struct sp_tally) % 64, 0);
	cr_assert_eq((uintptr_t)&tallies[1] % 64, 0);
}
