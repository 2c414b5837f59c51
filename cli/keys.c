/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress keys": the table of its commands, and what they share. */
#include "cli/keys.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/subcommands.h"
#include "engine/domain.h"

static const struct sp_subcommand commands[] = {
	{"harvest", sp_keys_harvest},
	{"import", sp_keys_import},
	{"add", sp_keys_add},
	{"list", sp_keys_list},
	{"export", sp_keys_export},
	{"check", sp_keys_check},
	{NULL, NULL},
};

static const char examples[] =
	"  sealpress keys harvest archive.mbox              # what it needs\n"
	"  sealpress keys import -o keys.db keys.zone       # what you have\n"
	"  sealpress keys check --keys keys.db archive.mbox # what is missing\n"
	"  sealpress verify --keys keys.db --at message archive.mbox\n";

static const char summary[] =
	"Keeps a key archive: a file with the public keys of many domains and\n"
	"the times at which they were seen, so that mail can be verified when\n"
	"its keys have left the DNS. 'sealpress verify --keys' takes it.\n"
	"\n"
	"Commands:\n"
	"  harvest                   list the keys that mail needs; get and "
	"keep\n"
	"                            them\n"
	"  import                    take keys from zone files, key files, "
	"key\n"
	"                            tables, JSON lines, CSV, other archives\n"
	"  add                       take one key\n"
	"  list                      print the keys\n"
	"  export                    print them as a zone file or key file\n"
	"  check                     what is wrong with keys, which are "
	"missing,\n"
	"                            and is the right one published?\n"
	"\n"
	"Each has a --help of its own.\n";

int sp_command_keys(int argc, char **argv)
{
	static const struct sp_subcommands all = {
		.name = "sealpress keys",
		.usage = "sealpress keys COMMAND [OPTION...]",
		.summary = summary,
		.examples = examples,
		.table = commands,
	};

	return sp_subcommands_run(&all, argc, argv);
}

bool sp_keys_name(char out[SP_DOMAIN_BYTES_MAX + 1], struct sp_span text)
{
	const char *middle;

	if (text.size && text.data[text.size - 1] == '.')
		text.size--;
	if (!sp_domain_to_ascii(out, text))
		return false;
	middle = strstr(out, "._domainkey.");
	return middle && middle > out;
}

bool sp_keys_operands(struct sp_keys_operands *operands,
	const struct sp_command *about, int count, char **words, int *status)
{
	if (count < 1 || count > 2) {
		*status = sp_usage_error(about,
			"give one ARCHIVE, and a PATTERN if not all is wanted");
		return false;
	}
	*operands = (struct sp_keys_operands){
		.path = words[0], .pattern = count == 2 ? words[1] : NULL};
	return true;
}

enum sp_status sp_keys_put_out(struct sp_buffer *out, struct sp_error *error)
{
	if (sp_buffer_status(out) != SP_OK)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	if (out->size && fwrite(out->data, 1, out->size, stdout) != out->size)
		return sp_error(error, SP_IO,
			"standard output cannot be written: %m; keep it open, "
			"or make room");
	sp_buffer_clear(out);
	return SP_OK;
}

int sp_keys_end(struct sp_console *console, enum sp_status outcome,
	const struct sp_error *error, int status)
{
	if (outcome == SP_OK)
		return sp_finish_stdout(console, status);
	sp_console_error(console, "%s", error->text);
	return SP_EXIT_TROUBLE;
}
