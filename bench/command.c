/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress bench": options, help, and the groups in turn. */
#include <limits.h>

#include "bench/bench.h"
#include "bench/measure.h"
#include "cli/commands.h"
#include "cli/common.h"

#define TIME_MS 300u

struct command {
	struct sp_common common;
	struct bench bench;
};

#define FIELD(field) .offset = offsetof(struct command, field)

static const struct sp_option options[] = {
	{.name = "json",
		.help = "one JSON object per line instead of a table",
		.kind = SP_OPTION_ON,
		FIELD(bench.json)},
	{.name = "list",
		.help = "name the items and measure none",
		.kind = SP_OPTION_ON,
		FIELD(bench.list)},
	{.name = "time",
		.argument = "MS",
		.help = "milliseconds for each item, 1 to 60000 (default 300); "
			"2001 rounds at most, of a millisecond or more",
		.kind = SP_OPTION_NUMBER,
		FIELD(bench.time_ms),
		.min = 1,
		.max = 60000},
	{.name = "once",
		.help = "run each item once and time nothing: for profilers",
		.kind = SP_OPTION_ON,
		FIELD(bench.once)},
	{.name = "pair",
		.argument = "IN,OUT",
		.help = "take turns with another 'sealpress bench' over two "
			"FIFOs, and print samples, as bench/gate wants them",
		.kind = SP_OPTION_TEXT,
		FIELD(bench.turns)},
	{.name = "cpu",
		.argument = "LEVEL",
		.help = "kernels up to scalar, neon, avx2, avx512 or auto "
			"(default; same as SEALPRESS_CPU)",
		.kind = SP_OPTION_TEXT,
		FIELD(common.cpu)},
	{.name = NULL},
};

static const char usage[] = "sealpress bench [FILTER...] [OPTION...]";

static const char summary[] =
	"Measures the parts of sealpress on this machine, each in turns with\n"
	"a baseline that does the like: OpenSSL one by one, memcpy, our own\n"
	"scalar code, a plain read loop. The ratio says how many times as\n"
	"fast as the baseline it is, whatever the machine was doing; the\n"
	"spread is half the distance between the quartiles of that ratio.\n"
	"Items are named GROUP/NAME VARIANT BASELINE; a FILTER is any part of\n"
	"that. The groups are crypto, canon, io and engine.\n";

static const char examples[] = "  sealpress bench\n"
			       "  sealpress bench crypto --json >crypto.json\n"
			       "  sealpress bench rsa2048-sign --time 2000\n"
			       "  sealpress bench --list canon/\n";

/* What is wrong with the options, said; or they asked for help. */
static bool parse(struct command *command, int argc, char **argv, int *status)
{
	struct sp_option_group groups[] = {
		{"Options", options, command},
		{"Common", sp_basic_options, &command->common},
	};
	const struct sp_command about = {
		.name = "sealpress bench",
		.usage = usage,
		.summary = summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = examples,
		.common = &command->common,
	};
	int first;

	*command = (struct command){.bench.time_ms = TIME_MS};
	sp_common_init(&command->common);
	if (!sp_command_begin(&about, argc, argv, &first, status))
		return false;
	command->bench.filters = argv + first;
	command->bench.filter_count = (size_t)(argc - first);
	return true;
}

/* False with words when they are no two FIFOs. */
static bool begin_turns(struct sp_console *console, const char *turns)
{
	struct sp_span rest = sp_span_str(turns);
	char in[PATH_MAX];
	struct sp_span first = sp_span_split(&rest, ',');

	if (!rest.size || first.size >= sizeof(in)) {
		sp_console_error(
			console, "--pair '%s': write two FIFOs, IN,OUT", turns);
		return false;
	}
	snprintf(in, sizeof(in), "%.*s", SP_SPAN_ARGS(first));
	if (!measure_turns_begin(in, rest.data)) {
		sp_console_error(console,
			"--pair %s: %m; make both with mkfifo(1)", turns);
		return false;
	}
	return true;
}

int sp_command_bench(int argc, char **argv)
{
	static void (*const groups[])(struct bench *) = {bench_rsa,
		bench_ed25519, bench_sha256, bench_base64, bench_body,
		bench_header, bench_mbox, bench_files, bench_fields, bench_keys,
		bench_messages, bench_report};
	struct command command;
	int status;

	if (!parse(&command, argc, argv, &status))
		return status;
	if (command.bench.turns &&
		!begin_turns(&command.common.console, command.bench.turns))
		return SP_EXIT_TROUBLE;
	measure_pin();
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		groups[i](&command.bench);
	measure_turns_end();
	if (command.bench.found == 0) {
		sp_console_error(&command.common.console,
			"nothing is called '%s'; see 'sealpress bench --list'",
			command.bench.filters[0]);
		return SP_EXIT_TROUBLE;
	}
	return sp_finish_stdout(&command.common.console, SP_EXIT_GOOD);
}
