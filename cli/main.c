/* SPDX-License-Identifier: Apache-2.0 */
/* sealpress: the table of subcommands. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/subcommands.h"

static const struct sp_subcommand commands[] = {
	{"sign", sp_command_sign},
	{"verify", sp_command_verify},
	{"keygen", sp_command_keygen},
	{"keys", sp_command_keys},
	{"bench", sp_command_bench},
	{NULL, NULL},
};

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
	static const struct sp_subcommands all = {
		.name = "sealpress",
		.usage = "sealpress COMMAND [OPTION...]",
		.summary = summary,
		.examples = examples,
		.table = commands,
	};

	if (!fill_standard_streams())
		return SP_EXIT_TROUBLE;
	/* A closed pipe and the limit of file sizes (RLIMIT_FSIZE) are errors
	 * of write(2), and outputs are cleaned up. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return sp_subcommands_run(&all, argc, argv);
}
