/* SPDX-License-Identifier: Apache-2.0 */
/* Options that several commands share, and what they lead to. */
#ifndef SP_CLI_COMMON_H
#define SP_CLI_COMMON_H

#include "canon/message.h"
#include "cli/console.h"
#include "cli/options.h"
#include "io/source.h"

/* Exit statuses; 128 + the signal when one ended the work. */
enum sp_exit {
	SP_EXIT_GOOD = 0, /* every message as wished */
	SP_EXIT_SOME = 1, /* some message did not sign or verify */
	SP_EXIT_TROUBLE = 2, /* usage, configuration or I/O */
	SP_EXIT_SIGNAL = 128,
};

enum sp_progress_mode {
	SP_PROGRESS_AUTO,
	SP_PROGRESS_ALWAYS,
	SP_PROGRESS_NEVER,
};

struct sp_common {
	struct sp_console console;
	bool help;
	bool version;
	bool quiet;
	bool verbose;
	uint64_t jobs;
	int progress; /* enum sp_progress_mode */
	const char *cpu;
	int durability; /* enum sp_durability */
	const char *stats; /* path of --stats, or NULL */
	const char *metrics; /* path of --metrics, or NULL */
	uint64_t metrics_interval_s;
	const char *resume; /* the journal, or NULL */
	struct sp_buffer work; /* owned: what it is about (cli/safety.h) */
};

#define SP_OTHER_FILES_MAX 68u

/* What there is to read. */
struct sp_inputs {
	char **paths;
	size_t count;
	const char *files_from;
	bool files_from_nul;
	int format; /* enum sp_input_format */
	int mbox_kind; /* enum sp_mbox_kind */
	uint64_t header_bytes_max;
	uint64_t fields_max;
	/* Files besides: keys, tables, passphrases. No output may be one. */
	const char *others[SP_OTHER_FILES_MAX];
	size_t other_count;
};

extern const struct sp_option sp_basic_options[]; /* -h, --version, -q, -v */
extern const struct sp_option sp_safety_options[]; /* --durability, --resume */
extern const struct sp_option sp_work_options[]; /* -j, --progress, --cpu */
extern const struct sp_option sp_stats_options[]; /* --stats, --metrics */
extern const struct sp_option sp_input_options[];

/* A command as --help shows it and as the parser sees it. */
struct sp_command {
	const char *name; /* "sealpress sign" */
	const char *usage; /* lines behind "Usage:" */
	const char *summary; /* a paragraph below it */
	const struct sp_option_group *groups;
	size_t group_count;
	const char *examples; /* whole lines, each indented by two */
	struct sp_common *common;
	struct sp_inputs *inputs; /* NULL: it takes no operands */
	/* What is wrong with the options together, or NULL; may be in error. */
	const char *(*fault)(void *target, struct sp_error *error);
	void *target;
};

void sp_common_init(struct sp_common *common);
void sp_inputs_init(struct sp_inputs *inputs);

/*
 * Parses the command line, applies -q, -v and --cpu (or SEALPRESS_CPU), and
 * answers --help and --version. False when the command has nothing left to
 * do, with the exit status in *status.
 */
bool sp_command_begin(const struct sp_command *command, int argc, char **argv,
	int *first_operand, int *status);

/*
 * The same, and takes the operands as inputs. False with words, too, when
 * there are none, standard input is asked for twice, or there is a fault.
 */
bool sp_command_parse(
	const struct sp_command *command, int argc, char **argv, int *status);

/* Options of the source; log is borrowed until the source is closed. */
struct sp_source_options sp_inputs_source(
	const struct sp_inputs *inputs, const struct sp_log *log);

struct sp_message_limits sp_inputs_limits(const struct sp_inputs *inputs);

/* Adds to the other files; NULL is none. */
void sp_inputs_add_other(struct sp_inputs *inputs, const char *path);

/* True when the only input is standard input. */
bool sp_inputs_stdin_only(const struct sp_inputs *inputs);

/* "sealpress: WORDS; see 'sealpress sign --help'"; returns SP_EXIT_TROUBLE. */
int sp_usage_error(const struct sp_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Flushes standard output, so that a full disk or closed pipe is not missed:
 * status, or SP_EXIT_TROUBLE with words.
 */
int sp_finish_stdout(struct sp_console *console, int status);

#endif
