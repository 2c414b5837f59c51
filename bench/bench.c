/* SPDX-License-Identifier: Apache-2.0 */
/* The list of items: filters, and a line for each, as table or JSON. */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "bench/measure.h"

#define TITLE_BYTES 160u

void bench_fail(const char *what)
{
	fprintf(stderr, "sealpress: bench: %s\n", what);
	exit(2);
}

void bench_variant(struct bench_item *item, const char *name)
{
	size_t size = strlen(name);

	if (size >= sizeof(item->variant))
		size = sizeof(item->variant) - 1;
	for (size_t i = 0; i < size; i++)
		item->variant[i] = name[i] == ' ' ? '-' : sp_lower(name[i]);
	item->variant[size] = '\0';
}

/* "crypto/rsa2048-sign ifma openssl-evp": what filters are looked for
 * in, and what --list prints. */
static void title(char *text, const struct bench_item *item)
{
	snprintf(text, TITLE_BYTES, "%s/%s %s %s", item->group, item->name,
		item->variant, item->baseline);
}

bool bench_wants(struct bench *bench, const struct bench_item *item)
{
	char text[TITLE_BYTES];
	bool wanted = bench->filter_count == 0;

	title(text, item);
	for (size_t i = 0; i < bench->filter_count && !wanted; i++)
		wanted = strstr(text, bench->filters[i]) != NULL;
	if (!wanted)
		return false;
	bench->found++;
	if (bench->list)
		printf("%s\n", text);
	return !bench->list;
}

static const char *const unit_names[] = {
	[BENCH_OPS] = "ops/s",
	[BENCH_BYTES] = "GB/s",
	[BENCH_LATENCY] = "us",
};

/* What a call of this many nanoseconds comes to in the item's unit. */
static double value_of(enum bench_unit unit, double work, double ns)
{
	if (unit == BENCH_LATENCY)
		return ns / work * 1e-3;
	return unit == BENCH_OPS ? work / ns * 1e9 : work / ns;
}

static void print_table(const struct bench *bench,
	const struct bench_item *item, const struct measure *measure,
	double ratio)
{
	double base_work = item->base_work > 0 ? item->base_work : item->work;
	int digits = item->unit == BENCH_OPS ? 0 : 2;
	char name[TITLE_BYTES];

	if (bench->found == 1)
		printf("%-34s %-12s %12s %-6s %12s %-14s %7s %7s\n", "name",
			"variant", "value", "unit", "baseline", "", "ratio",
			"spread");
	snprintf(name, sizeof(name), "%s/%s", item->group, item->name);
	printf("%-34s %-12s %12.*f %-6s %12.*f %-14s %7.2f %6.1f%%\n", name,
		item->variant, digits,
		value_of(item->unit, item->work, measure->ours_ns),
		unit_names[item->unit], digits,
		value_of(item->unit, base_work, measure->base_ns),
		item->baseline, ratio, 100 * measure->spread);
}

/* Names are ours and need no escapes. */
static void print_json(const struct bench_item *item,
	const struct measure *measure, double ratio)
{
	double base_work = item->base_work > 0 ? item->base_work : item->work;

	printf("{\"group\":\"%s\",\"name\":\"%s\",\"variant\":\"%s\","
	       "\"unit\":\"%s\",\"value\":%.6g,\"baseline\":\"%s\","
	       "\"baseline_value\":%.6g,\"ratio\":%.5g,\"spread\":%.4f,"
	       "\"rounds\":%u,\"cycles\":%.5g,\"ghz\":%.3f}\n",
		item->group, item->name, item->variant, unit_names[item->unit],
		value_of(item->unit, item->work, measure->ours_ns),
		item->baseline,
		value_of(item->unit, base_work, measure->base_ns), ratio,
		measure->spread, measure->rounds,
		measure->ours_ns * measure->ghz / item->work, measure->ghz);
}

/* Samples, for bench/compare: it has those of the other process beside them. */
static void print_samples(
	const struct bench_item *item, const double *samples, unsigned count)
{
	printf("{\"group\":\"%s\",\"name\":\"%s\",\"variant\":\"%s\","
	       "\"baseline\":\"%s\",\"samples\":[",
		item->group, item->name, item->variant, item->baseline);
	for (unsigned i = 0; i < count; i++)
		printf("%s%.6g", i ? "," : "", samples[i]);
	printf("]}\n");
	fflush(stdout);
}

void bench_measure(
	struct bench *bench, const struct bench_item *item, void *state)
{
	const struct measure_plan plan = {
		.ours = item->ours,
		.base = item->base,
		.state = state,
		.reset = item->reset,
		.wall = item->wall,
		.time_ms = bench->time_ms,
	};
	struct measure measure;
	double ratio;

	if (bench->once) {
		char text[TITLE_BYTES];

		item->ours(
			state); /* what is made at first use is not counted */
		measure_once(item->ours, state);
		title(text, item);
		printf("%s\n", text);
		fflush(stdout);
		return;
	}
	if (bench->turns) {
		unsigned count;
		const double *samples = measure_sample(&plan, &count);

		print_samples(item, samples, count);
		return;
	}
	measure = measure_pair(&plan);
	ratio = measure.ratio;
	if (item->base_work > 0)
		ratio *= item->work / item->base_work;
	if (bench->json)
		print_json(item, &measure, ratio);
	else
		print_table(bench, item, &measure, ratio);
	fflush(stdout);
}
