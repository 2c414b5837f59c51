/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress keys list": the keys of an archive, or the names without one. */
#include "cli/keys.h"

#include "cli/when.h"

struct command {
	struct sp_common common;
	int form; /* enum sp_keys_form */
	bool missing;
	struct sp_keys_operands operands;
	struct sp_buffer out;
};

#define FIELD(field) .offset = offsetof(struct command, field)

static const struct sp_option options[] = {
	{.name = "as",
		.argument = "FORM",
		.help = "text (default; a line per key), ndjson or csv (with "
			"the values; 'keys import' reads both)",
		.kind = SP_OPTION_CHOICE,
		FIELD(form),
		.choices = sp_keys_form_names},
	{.name = "missing",
		.help = "list names that harvested mail asks for and that have "
			"no key instead",
		.kind = SP_OPTION_ON,
		FIELD(missing)},
	{.name = NULL},
};

static const char usage[] = "sealpress keys list [OPTION...] ARCHIVE [PATTERN]";

static const char summary[] =
	"Lists the keys of an archive by name, of one name newest first: "
	"name,\n"
	"first and last day it was seen, kind, source, DNSSEC status, note.\n"
	"PATTERN chooses names: * is any text, ? any character.\n";

static const char examples[] =
	"  sealpress keys list keys.db\n"
	"  sealpress keys list keys.db '*._domainkey.example.com'\n"
	"  sealpress keys list --as csv keys.db >keys.csv\n"
	"  sealpress keys list --missing keys.db\n";

static enum sp_status print_key(
	void *context, const struct sp_archive_key *key, struct sp_error *error)
{
	struct command *command = context;

	sp_keys_print(&command->out, key, (enum sp_keys_form)command->form);
	return sp_keys_put_out(&command->out, error);
}

static enum sp_status print_name(void *context,
	const struct sp_archive_name *name, struct sp_error *error)
{
	struct command *command = context;

	sp_keys_print_name(
		&command->out, name, (enum sp_keys_form)command->form);
	return sp_keys_put_out(&command->out, error);
}

static enum sp_status list(struct command *command, struct sp_error *error)
{
	enum sp_keys_form form = (enum sp_keys_form)command->form;
	struct sp_archive *archive;
	enum sp_status status = sp_archive_open(
		&archive, command->operands.path, SP_ARCHIVE_READ, error);

	if (status != SP_OK)
		return status;
	if (command->missing) {
		sp_keys_print_names_header(&command->out, form);
		status = sp_archive_each_missing(
			archive, print_name, command, error);
	} else {
		sp_keys_print_header(&command->out, form);
		status = sp_archive_each(archive, command->operands.pattern,
			print_key, command, error);
	}
	if (status == SP_OK)
		status = sp_keys_put_out(&command->out, error);
	sp_archive_close(archive);
	return status;
}

int sp_keys_list(int argc, char **argv)
{
	struct command command = {.form = SP_KEYS_TEXT};
	struct sp_option_group groups[] = {
		{"Options", options, &command},
		{"Common", sp_basic_options, &command.common},
	};
	const struct sp_command about = {
		.name = "sealpress keys list",
		.usage = usage,
		.summary = summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = examples,
		.common = &command.common,
	};
	struct sp_error error;
	enum sp_status outcome;
	int first, status;

	sp_common_init(&command.common);
	if (!sp_command_begin(&about, argc, argv, &first, &status))
		return status;
	if (!sp_keys_operands(&command.operands, &about, argc - first,
		    argv + first, &status))
		return status;
	if (command.missing && command.operands.pattern)
		return sp_usage_error(&about,
			"--missing lists all names; leave out the PATTERN");
	outcome = list(&command, &error);
	sp_buffer_free(&command.out);
	return sp_keys_end(
		&command.common.console, outcome, &error, SP_EXIT_GOOD);
}
