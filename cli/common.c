/* SPDX-License-Identifier: Apache-2.0 */
/* Options that several commands share, help, and standard inputs. */
#include "cli/common.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/affinity.h"
#include "base/cpu.h"
#include "base/limits.h"
#include "cli/safety.h"
#include "cli/version.h"
#include "io/reader.h"
#include "io/syncer.h"

#define METRICS_INTERVAL_S 10

static const char *const progress_names[] = {"auto", "always", "never", NULL};
static const char *const format_names[] = {
	[SP_INPUT_AUTO] = "auto",
	[SP_INPUT_MAILDIR] = "maildir",
	[SP_INPUT_MBOX] = "mbox",
	[SP_INPUT_EML] = "eml",
	[SP_INPUT_NETSTRING] = "netstring",
	NULL,
};
static const char *const mbox_names[] = {
	[SP_MBOX_AUTO] = "auto",
	[SP_MBOX_RD] = "rd",
	[SP_MBOX_O] = "o",
	[SP_MBOX_CL] = "cl",
	[SP_MBOX_CL2] = "cl2",
	NULL,
};

static enum sp_status set_stats(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_common *common = target;
	struct sp_span path = sp_span_str(value);
	struct sp_span format = sp_span_split(&path, ':');

	if (!sp_span_is(format, "json") || !path.size)
		return sp_error(error, SP_CONFIG,
			"--stats: '%s' is not json:PATH, for example "
			"json:stats.json or json:-",
			value);
	common->stats = path.data;
	return SP_OK;
}

static enum sp_status set_metrics(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_common *common = target;

	if (!*value || strcmp(value, "-") == 0)
		return sp_error(error, SP_CONFIG,
			"--metrics: '%s' is no file that can be replaced; name "
			"one, for example sealpress.prom",
			value);
	common->metrics = value;
	return SP_OK;
}

#define COMMON(field) .offset = offsetof(struct sp_common, field)

const struct sp_option sp_basic_options[] = {
	{.name = "help",
		.letter = 'h',
		.help = "print this text",
		.aside = true,
		.kind = SP_OPTION_ON,
		COMMON(help)},
	{.name = "version",
		.help = "print the version; with -v also libraries, CPU level, "
			"I/O backend and memory bound",
		.aside = true,
		.kind = SP_OPTION_ON,
		COMMON(version)},
	{.name = "quiet",
		.letter = 'q',
		.help = "print errors only",
		.aside = true,
		.kind = SP_OPTION_ON,
		COMMON(quiet)},
	{.name = "verbose",
		.letter = 'v',
		.help = "say more about what is done and how",
		.aside = true,
		.kind = SP_OPTION_ON,
		COMMON(verbose)},
	{.name = NULL},
};

const struct sp_option sp_work_options[] = {
	{.name = "jobs",
		.letter = 'j',
		.argument = "N",
		.help = "work with N threads (default: one per online CPU)",
		.aside = true,
		.kind = SP_OPTION_NUMBER,
		COMMON(jobs),
		.min = 1,
		.max = SP_JOBS_MAX},
	{.name = "progress",
		.argument = "WHEN",
		.help = "bar with rate and time left on stderr: auto (on a "
			"terminal; default), always, never",
		.aside = true,
		.kind = SP_OPTION_CHOICE,
		COMMON(progress),
		.choices = progress_names},
	{.name = "cpu",
		.argument = "LEVEL",
		.help = "use no more of the CPU than scalar, neon, avx2, "
			"avx512 or auto (default: $SEALPRESS_CPU, else auto)",
		.aside = true,
		.kind = SP_OPTION_TEXT,
		COMMON(cpu)},
	{.name = NULL},
};

const struct sp_option sp_stats_options[] = {
	{.name = "stats",
		.argument = "json:PATH",
		.help = "at the end write what was counted: time and bytes of "
			"each stage, lanes, cache, latency; - is standard "
			"output",
		.aside = true,
		.kind = SP_OPTION_CALL,
		.call = set_stats},
	{.name = "metrics",
		.argument = "FILE",
		.help = "keep the same in FILE for Prometheus, replaced as a "
			"whole again and again",
		.aside = true,
		.kind = SP_OPTION_CALL,
		.call = set_metrics},
	{.name = "metrics-interval",
		.argument = "SECONDS",
		.help = "so often (default 10)",
		.aside = true,
		.kind = SP_OPTION_NUMBER,
		COMMON(metrics_interval_s),
		.min = 1,
		.max = 86400},
	{.name = NULL},
};

#define INPUT(field) .offset = offsetof(struct sp_inputs, field)

const struct sp_option sp_input_options[] = {
	{.name = "files-from",
		.argument = "FILE",
		.help = "read the names of message files from FILE, one per "
			"line; - is standard input",
		.kind = SP_OPTION_TEXT,
		INPUT(files_from)},
	{.name = "null",
		.letter = '0',
		.help = "names in --files-from end with NUL, as find -print0 "
			"writes them",
		.kind = SP_OPTION_ON,
		INPUT(files_from_nul)},
	{.name = "format",
		.argument = "FORMAT",
		.help = "take every INPUT as maildir, mbox or eml (one "
			"message) instead of looking at it; netstring: a "
			"stream of records and messages on -",
		.kind = SP_OPTION_CHOICE,
		INPUT(format),
		.choices = format_names},
	{.name = "mbox",
		.argument = "KIND",
		.help = "quoting of mbox INPUT: rd, o, cl, cl2 or auto "
			"(default; the same as rd)",
		.kind = SP_OPTION_CHOICE,
		INPUT(mbox_kind),
		.choices = mbox_names},
	{.name = "max-header-bytes",
		.argument = "N",
		.help = "refuse messages whose header is larger (default "
			"1048576)",
		.kind = SP_OPTION_NUMBER,
		INPUT(header_bytes_max),
		.min = 1024,
		.max = SP_HEADER_BYTES_MAX},
	{.name = "max-header-fields",
		.argument = "N",
		.help = "refuse messages with more header fields (default "
			"10000)",
		.kind = SP_OPTION_NUMBER,
		INPUT(fields_max),
		.min = 1,
		.max = 1000000},
	{.name = NULL},
};

void sp_common_init(struct sp_common *common)
{
	*common = (struct sp_common){
		.cpu = getenv("SEALPRESS_CPU"),
		.durability = SP_DURABILITY_BATCH,
		.metrics_interval_s = METRICS_INTERVAL_S,
	};
	sp_console_init(&common->console);
	common->jobs = sp_affinity_count();
	if (common->jobs > SP_JOBS_MAX)
		common->jobs = SP_JOBS_MAX;
}

void sp_inputs_init(struct sp_inputs *inputs)
{
	*inputs = (struct sp_inputs){
		.header_bytes_max = SP_HEADER_BYTES_MAX,
		.fields_max = SP_FIELDS_MAX,
	};
}

static void print_help(const struct sp_command *command)
{
	printf("Usage: %s\n\n%s\n", command->usage, command->summary);
	sp_options_print(stdout, command->groups, command->group_count);
	printf("\nExamples:\n%s\nThe whole reference: man sealpress\n",
		command->examples);
}

/* Files are read as SEALPRESS_IO says, if it says anything. */
static bool backend_works(void)
{
	const char *name = getenv("SEALPRESS_IO");
	struct sp_reader *reader = name ? sp_reader_open(name, NULL) : NULL;

	sp_reader_close(reader);
	return !name || reader;
}

bool sp_command_begin(const struct sp_command *command, int argc, char **argv,
	int *first_operand, int *status)
{
	struct sp_common *common = command->common;
	struct sp_error error;

	/* The parser names the command in its hints. */
	argv[0] = (char *)(uintptr_t)command->name;
	*status = SP_EXIT_TROUBLE;
	if (sp_options_parse(command->groups, command->group_count, argc, argv,
		    first_operand, &error) != SP_OK) {
		sp_console_error(&common->console, "%s", error.text);
		return false;
	}
	common->console.quiet = common->quiet;
	common->console.verbose = common->verbose;
	if (common->cpu && *common->cpu &&
		sp_cpu_cap(common->cpu, &error) != SP_OK) {
		sp_console_error(&common->console, "--cpu or SEALPRESS_CPU: %s",
			error.text);
		return false;
	}
	if (!backend_works()) {
		sp_console_error(&common->console,
			"SEALPRESS_IO: '%s' is no way to read files here; use "
			"io_uring or pread, or unset it",
			getenv("SEALPRESS_IO"));
		return false;
	}
	if (common->help || common->version) {
		if (common->help)
			print_help(command);
		else
			sp_version_print(stdout, common->verbose);
		*status = sp_finish_stdout(&common->console, SP_EXIT_GOOD);
		return false;
	}
	return true;
}

static size_t count_stdin(const struct sp_inputs *inputs)
{
	size_t count = inputs->files_from && !strcmp(inputs->files_from, "-");

	for (size_t i = 0; i < inputs->count; i++)
		count += strcmp(inputs->paths[i], "-") == 0;
	return count;
}

/* What is wrong with the operands, or NULL. */
static const char *operands_fault(const struct sp_inputs *inputs, int count)
{
	if (!inputs)
		return count ? "nothing but options is expected" : NULL;
	if (inputs->files_from_nul && !inputs->files_from)
		return "-0 goes with --files-from FILE";
	if (inputs->count == 0 && !inputs->files_from)
		return "no input given; name a Maildir, mbox, folder or "
		       "message, or - for standard input";
	for (size_t i = 0; i < inputs->count; i++)
		if (*inputs->paths[i] == '\0')
			return "an INPUT is an empty word; name a Maildir, "
			       "mbox, folder or message";
	if (count_stdin(inputs) > 1)
		return "standard input can be read only once";
	if (inputs->format == SP_INPUT_NETSTRING &&
		!sp_inputs_stdin_only(inputs))
		return "--format netstring reads standard input; give - as "
		       "the only INPUT";
	return NULL;
}

bool sp_command_parse(
	const struct sp_command *command, int argc, char **argv, int *status)
{
	struct sp_common *common = command->common;
	struct sp_inputs *inputs = command->inputs;
	struct sp_error error;
	const char *fault;
	int first;

	if (!sp_command_begin(command, argc, argv, &first, status))
		return false;
	*status = SP_EXIT_TROUBLE;
	if (inputs) {
		inputs->paths = argv + first;
		inputs->count = (size_t)(argc - first);
	}
	if (common->resume)
		sp_work_describe(common, command, argc, argv, first);
	fault = operands_fault(inputs, argc - first);
	if (!fault)
		fault = command->fault(command->target, &error);
	if (fault) {
		sp_usage_error(command, "%s", fault);
		sp_buffer_free(&common->work);
	}
	return !fault;
}

struct sp_source_options sp_inputs_source(
	const struct sp_inputs *inputs, const struct sp_log *log)
{
	return (struct sp_source_options){
		.inputs = (const char *const *)inputs->paths,
		.input_count = inputs->count,
		.files_from = inputs->files_from,
		.files_from_nul = inputs->files_from_nul,
		.format = (enum sp_input_format)inputs->format,
		.mbox_kind = (enum sp_mbox_kind)inputs->mbox_kind,
		.log = log,
	};
}

struct sp_message_limits sp_inputs_limits(const struct sp_inputs *inputs)
{
	return (struct sp_message_limits){
		.header_bytes_max = (size_t)inputs->header_bytes_max,
		.fields_max = (size_t)inputs->fields_max,
	};
}

void sp_inputs_add_other(struct sp_inputs *inputs, const char *path)
{
	if (!path)
		return;
	assert(inputs->other_count < SP_OTHER_FILES_MAX);
	inputs->others[inputs->other_count++] = path;
}

bool sp_inputs_stdin_only(const struct sp_inputs *inputs)
{
	return inputs->count == 1 && !inputs->files_from &&
	       strcmp(inputs->paths[0], "-") == 0;
}

int sp_usage_error(const struct sp_command *command, const char *format, ...)
{
	char text[SP_ERROR_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	sp_console_error(&command->common->console, "%s; see '%s --help'", text,
		command->name);
	return SP_EXIT_TROUBLE;
}

int sp_finish_stdout(struct sp_console *console, int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	sp_console_error(console, "standard output: %s", strerror(errno));
	return SP_EXIT_TROUBLE;
}
