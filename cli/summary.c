/* SPDX-License-Identifier: Apache-2.0 */
/* Summaries of runs. */
#include "cli/summary.h"

#include "cli/console.h"

static unsigned long long get(const atomic_uint_fast64_t *counter)
{
	return atomic_load(counter);
}

static void add_rate(struct sp_buffer *out, const struct sp_run_stats *stats,
	double elapsed_s)
{
	double s = elapsed_s > 0.001 ? elapsed_s : 0.001;

	sp_buffer_add_format(out, " in %.2f s: %.0f messages/s, %.1f MB/s\n",
		elapsed_s, (double)get(&stats->messages) / s,
		(double)get(&stats->bytes) / s / 1e6);
}

/* "reasons: key-not-found 3, expired 1", without "ok". */
static void add_reasons(struct sp_buffer *out, const char *prefix,
	const char *label, const struct sp_run_stats *stats)
{
	bool first = true;

	for (int i = SP_REASON_OK + 1; i <= SP_REASON_NO_SIGNATURE; i++) {
		unsigned long long count = get(&stats->reasons[i]);

		if (count == 0)
			continue;
		if (first)
			sp_buffer_add_format(out, "%s%s: ", prefix, label);
		sp_buffer_add_format(out, "%s%s %llu", first ? "" : ", ",
			sp_reason_name((enum sp_reason)i), count);
		first = false;
	}
	if (!first)
		sp_buffer_add_char(out, '\n');
}

/* What was saved where bodies come again. */
static void add_repeats(struct sp_buffer *out, const char *prefix,
	const struct sp_run_stats *stats)
{
	unsigned long long whole = get(&stats->repeats_whole);
	unsigned long long begun = get(&stats->repeats_begun);

	if (whole + begun)
		sp_buffer_add_format(out,
			"%srepeated bodies: %llu whole, %llu in part, %.1f MB "
			"not hashed again\n",
			prefix, whole, begun,
			(double)get(&stats->repeats_bytes) / 1e6);
}

static void add_trouble(struct sp_buffer *out, const char *prefix,
	const struct sp_run_stats *stats, uint64_t unreadable)
{
	unsigned long long faults = get(&stats->faults);

	if (unreadable)
		sp_buffer_add_format(out, "%s%llu input%s could not be read\n",
			prefix, (unsigned long long)unreadable,
			sp_plural(unreadable));
	if (faults)
		sp_buffer_add_format(out,
			"%s%llu wrong result%s of the CPU caught and redone; "
			"have this machine checked\n",
			prefix, faults, sp_plural(faults));
}

void sp_summary_sign(struct sp_buffer *out, const char *prefix,
	const struct sp_run_stats *stats, uint64_t unreadable, double elapsed_s)
{
	unsigned long long signatures = get(&stats->signatures);

	sp_buffer_add_format(out,
		"%ssigned %llu of %llu message%s, %llu signature%s", prefix,
		get(&stats->signed_messages), get(&stats->messages),
		sp_plural(get(&stats->messages)), signatures,
		sp_plural(signatures));
	add_rate(out, stats, elapsed_s);
	add_reasons(out, prefix, "not signed", stats);
	add_repeats(out, prefix, stats);
	add_trouble(out, prefix, stats, unreadable);
}

void sp_summary_verify(struct sp_buffer *out, const char *prefix,
	const struct sp_run_stats *stats, uint64_t unreadable, double elapsed_s)
{
	unsigned long long signatures = get(&stats->signatures);

	sp_buffer_add_format(out, "%sverified %llu message%s, %llu signature%s",
		prefix, get(&stats->messages), sp_plural(get(&stats->messages)),
		signatures, sp_plural(signatures));
	add_rate(out, stats, elapsed_s);
	sp_buffer_add_format(out, "%sresults: pass %llu", prefix,
		get(&stats->verdicts[SP_PASS]));
	for (int i = SP_PASS + 1; i <= SP_NONE; i++)
		if (get(&stats->verdicts[i]))
			sp_buffer_add_format(out, ", %s %llu",
				sp_verdict_name((enum sp_verdict)i),
				get(&stats->verdicts[i]));
	sp_buffer_add_char(out, '\n');
	add_reasons(out, prefix, "reasons", stats);
	add_repeats(out, prefix, stats);
	add_trouble(out, prefix, stats, unreadable);
}
