/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a run in a few words. */
#include "cli/figures.h"

#include "cli/console.h"
#include "crypto/lanes.h"

const char *sp_lane_kind_name(unsigned kind)
{
	return kind == SP_JOB_SIGN ? "sign" : "verify";
}

const char *sp_lane_type_name(unsigned type)
{
	return type == SP_PKEY_RSA ? "rsa" : "ed25519";
}

uint64_t sp_figures_time_ns(const struct sp_totals *totals)
{
	uint64_t ns = 0;

	for (unsigned i = 0; i < SP_STAGE_COUNT; i++)
		ns += totals->stages[i].ns;
	return ns;
}

/* The stage with the largest time below that of last; equal ones by number. */
static unsigned next_stage(const struct sp_totals *totals, unsigned last)
{
	unsigned best = SP_STAGE_COUNT;

	for (unsigned i = 0; i < SP_STAGE_COUNT; i++) {
		uint64_t ns = totals->stages[i].ns;
		bool done =
			last < SP_STAGE_COUNT &&
			(ns > totals->stages[last].ns ||
				(ns == totals->stages[last].ns && i <= last));

		if (!done && (best == SP_STAGE_COUNT ||
				     ns > totals->stages[best].ns))
			best = i;
	}
	return best;
}

void sp_figures_shares(
	struct sp_buffer *out, const struct sp_totals *totals, unsigned most)
{
	double all = (double)sp_figures_time_ns(totals);
	unsigned stage = SP_STAGE_COUNT;

	for (unsigned i = 0; i < most && i < SP_STAGE_COUNT; i++) {
		double share;

		stage = next_stage(totals, stage);
		share = 100 * (double)totals->stages[stage].ns / all;
		if (!(share >= 1))
			return;
		sp_buffer_add_format(out, "%s%s %.0f %%", i ? ", " : "",
			sp_stage_name((enum sp_stage)stage), share);
	}
}

static double ms(uint64_t ns)
{
	return (double)ns / 1e6;
}

static void add_lanes(struct sp_buffer *out, const char *prefix,
	const struct sp_totals *totals)
{
	for (unsigned kind = 0; kind < SP_LANE_KINDS; kind++)
		for (unsigned type = 0; type < SP_LANE_TYPES; type++) {
			uint64_t calls = totals->lanes[kind][type].calls;
			uint64_t jobs = totals->lanes[kind][type].jobs;

			if (jobs)
				sp_buffer_add_format(out,
					"%slanes: %s %s, %llu jobs, %.1f "
					"together\n",
					prefix, sp_lane_kind_name(kind),
					sp_lane_type_name(type),
					(unsigned long long)jobs,
					(double)jobs / (double)calls);
		}
}

void sp_figures_text(struct sp_buffer *out, const char *prefix,
	const struct sp_figures *figures)
{
	const struct sp_totals *totals = &figures->totals;

	if (!sp_totals_messages(totals))
		return;
	sp_buffer_add_format(out, "%stime of %u worker%s: ", prefix,
		figures->jobs, sp_plural(figures->jobs));
	sp_figures_shares(out, totals, SP_STAGE_COUNT);
	sp_buffer_add_char(out, '\n');
	add_lanes(out, prefix, totals);
	if (figures->has_keys)
		sp_buffer_add_format(out,
			"%skeys: %llu found in the cache, %llu looked up\n",
			prefix, (unsigned long long)figures->keys.hits,
			(unsigned long long)figures->keys.misses);
	sp_buffer_add_format(out,
		"%slatency: half within %.3f ms, 99 %% within %.3f ms, all "
		"within %.3f ms\n",
		prefix, ms(sp_totals_latency_ns(totals, 0.5)),
		ms(sp_totals_latency_ns(totals, 0.99)),
		ms(totals->latency_max_ns));
}
