/* SPDX-License-Identifier: Apache-2.0 */
/* sealpress: the table of subcommands. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"sign", sp_command_sign},
	{"verify", sp_command_verify},
	{"keygen", sp_command_keygen},
	{"keys", sp_command_keys},
	{"bench", sp_command_bench},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static const char examples[] =
	"  sealpress keygen --domain example.com --selector s1 -o s1.pem \\\n"
	"      >keys.zone\n"
	"  sealpress sign --key s1.pem --domain example.com --selector s1 \\\n"
	"      -o signed.mbox outgoing.mbox\n"
	"  sealpress verify --keys keys.zone signed.mbox\n";

static const char summary[] =
	"Signs and verifies DKIM (RFC 6376) in batches: Maildirs, mboxes,\n"
	"folders and single messages.\n"
	"\n"
	"Commands:\n"
	"  sign                      sign messages\n"
	"  verify                    verify the signatures of messages\n"
	"  keygen                    make a key pair and print the record to\n"
	"                            publish\n"
	"  keys                      the key archive: harvest, import, list,\n"
	"                            export and check public keys\n"
	"  bench                     measure the parts on this machine\n"
	"  help [COMMAND]            the same as COMMAND --help\n";

static size_t find_command(const char *name)
{
	size_t i = 0;

	while (i < COMMAND_COUNT && strcmp(commands[i].name, name) != 0)
		i++;
	return i;
}

/* "sealpress help sign" is "sealpress sign --help". */
static int help_for(const char *name, struct sp_console *console)
{
	char option[] = "--help";
	char *argv[] = {option, option, NULL};
	size_t i = find_command(name);

	if (i < COMMAND_COUNT)
		return commands[i].run(2, argv);
	sp_console_error(
		console, "unknown command '%s'; see 'sealpress --help'", name);
	return SP_EXIT_TROUBLE;
}

/* No command in front: options of the program itself. */
static int run_alone(int argc, char **argv)
{
	struct sp_common common;
	struct sp_option_group groups[] = {
		{"Options", sp_basic_options, &common},
	};
	const struct sp_command about = {
		.name = "sealpress",
		.usage = "sealpress COMMAND [OPTION...]",
		.summary = summary,
		.groups = groups,
		.group_count = 1,
		.examples = examples,
		.common = &common,
	};
	int first, status;

	sp_common_init(&common);
	if (!sp_command_begin(&about, argc, argv, &first, &status))
		return status;
	return sp_usage_error(
		&about, first < argc ? "the command comes before its options"
				     : "no command given; use sign, verify, "
				       "keygen, keys or bench");
}

/*
 * A standard stream that was closed is given something that neither reads nor
 * writes. Else the first file to be opened would get its number, and a private
 * key the record that is printed.
 */
static bool fill_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
			open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct sp_console console;
	size_t i;

	if (!fill_standard_streams())
		return SP_EXIT_TROUBLE;
	/* A closed pipe and the limit of file sizes (RLIMIT_FSIZE) are errors
	 * of write(2), and outputs are cleaned up. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sp_console_init(&console);
	if (argc < 2 || argv[1][0] == '-')
		return run_alone(argc, argv);
	i = find_command(argv[1]);
	if (i < COMMAND_COUNT)
		return commands[i].run(argc - 1, argv + 1);
	if (strcmp(argv[1], "help") != 0)
		return help_for(argv[1], &console);
	if (argc > 2 && argv[2][0] != '-')
		return help_for(argv[2], &console);
	argv[1] = (char *)(uintptr_t) "--help";
	return run_alone(2, argv);
}
