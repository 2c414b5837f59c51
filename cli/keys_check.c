/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "sealpress keys check": is the right key published under a name; what is
 * wrong with the keys of an archive; which keys does a corpus lack.
 */
#include "cli/keys_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/progress.h"
#include "cli/stop.h"

#define NAMES_AT_ONCE 1000u

struct command {
	struct sp_common common;
	struct sp_inputs inputs;
	struct sp_key_files files;
	int form; /* enum sp_keys_check_form */
	const char *key; /* file of a private key */
	struct sp_pkey_open_options open;
	struct sp_buffer out;
	struct sp_keys_audit *audit;
	struct sp_arena arena;
	bool print; /* the second time */
	uint64_t missing, unanswered; /* names */
};

static const char *const form_names[] = {
	[SP_KEYS_CHECK_TEXT] = "text",
	[SP_KEYS_CHECK_NDJSON] = "ndjson",
	NULL,
};

#define FIELD(field) .offset = offsetof(struct command, field)

static const struct sp_option options[] = {
	{.name = "as",
		.argument = "FORM",
		.help = "text (default) or ndjson: an object per finding",
		.kind = SP_OPTION_CHOICE,
		FIELD(form),
		.choices = form_names},
	{.name = "key",
		.argument = "FILE",
		.help = "the private key whose public half NAME should publish",
		.kind = SP_OPTION_TEXT,
		FIELD(key)},
	{.name = "passphrase-file",
		.argument = "FILE",
		.help = "first line of FILE opens it if it is encrypted",
		.kind = SP_OPTION_TEXT,
		FIELD(open.passphrase_file)},
	{.name = "passphrase-env",
		.argument = "NAME",
		.help = "so does the environment variable NAME",
		.kind = SP_OPTION_TEXT,
		FIELD(open.passphrase_env)},
	{.name = "insecure-key-permissions",
		.help = "accept key and passphrase files that group or "
			"others can read",
		.kind = SP_OPTION_ON,
		FIELD(open.insecure_permissions)},
	{.name = NULL},
};

static const char usage[] =
	"sealpress keys check [--keys FILE] [--key FILE] NAME...\n"
	"       sealpress keys check --keys FILE|--resolve [OPTION...] "
	"INPUT...\n"
	"       sealpress keys check --keys ARCHIVE";

static const char summary[] =
	"Looks at keys as verifiers will, and prints a line for each thing "
	"that\n"
	"is wrong with one, or worth knowing.\n"
	"\n"
	"NAME (selector._domainkey.domain): the record published under it, in\n"
	"the DNS or, with --keys, in files; with --key, whether it is the "
	"public\n"
	"half of that private key, and if not, why: missing, another key,\n"
	"another type, revoked, split wrongly, cut off, quotes in it, several\n"
	"records, too small.\n"
	"\n"
	"INPUT (mail): which keys its signatures need and are not there, and\n"
	"what is wrong with those that are.\n"
	"\n"
	"Nothing: all keys of the archives: weak, revoked, in test mode, "
	"shared\n"
	"between domains, published by an RFC with their private half.\n"
	"\n"
	"The exit status is 1 if something is wrong with a key or one is\n"
	"missing; small keys, test mode and shared keys are only told.\n";

static const char examples[] =
	"  sealpress keys check --key s1.pem s1._domainkey.example.com\n"
	"  sealpress keys check --keys example.zone --key s1.pem \\\n"
	"      s1._domainkey.example.com\n"
	"  sealpress keys check --keys keys.db archive.mbox\n"
	"  sealpress keys check --keys keys.db\n"
	"  sealpress keys check --as ndjson --keys keys.db archive.mbox\n";

static enum sp_status check_names(
	struct command *command, bool *all_good, struct sp_error *error)
{
	struct sp_pkey key = {.evp = NULL};
	enum sp_status status = SP_OK;

	if (command->key)
		status =
			sp_pkey_open(&key, command->key, &command->open, error);
	for (size_t i = 0; i < command->inputs.count && status == SP_OK; i++) {
		char name[SP_DOMAIN_BYTES_MAX + 1];
		bool good = true;

		if (!sp_keys_name(name, sp_span_str(command->inputs.paths[i])))
			status = sp_error(error, SP_CONFIG,
				"%s: is no name of a key; write "
				"selector._domainkey.domain",
				command->inputs.paths[i]);
		else
			status = sp_keys_check_name(&command->files, name,
				command->key ? &key : NULL,
				(enum sp_keys_check_form)command->form, &good,
				error);
		*all_good &= good;
	}
	sp_pkey_free(&key);
	return status;
}

static enum sp_status audit_key(
	void *context, const struct sp_archive_key *key, struct sp_error *error)
{
	struct command *command = context;
	enum sp_status status = sp_keys_audit_value(command->audit, key->name,
		key->value, command->print, &command->out, error);

	return status ? status : sp_keys_put_out(&command->out, error);
}

static enum sp_status audit_archives(
	struct command *command, struct sp_error *error)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < command->files.count && status == SP_OK; i++) {
		struct sp_archive *archive;

		status = sp_archive_open(&archive, command->files.paths[i],
			SP_ARCHIVE_READ, error);
		if (status != SP_OK)
			return status;
		status = sp_archive_each(
			archive, NULL, audit_key, command, error);
		sp_archive_close(archive);
	}
	return status;
}

/* A name of the corpus and the answer: what is missing, what is wrong. */
static enum sp_status audit_answer(struct command *command,
	const struct sp_harvest_name *name, const struct sp_answer *answer,
	struct sp_error *error)
{
	bool silent = answer->status == SP_ANSWER_SERVFAIL ||
		      answer->status == SP_ANSWER_TIMEOUT;
	unsigned number = silent ? SP_KEYCHECK_UNANSWERED_NUMBER
				 : SP_KEYCHECK_MISSING_NUMBER;
	const struct sp_keys_finding finding = {
		.name = name->name,
		.word = sp_keycheck_word(number),
		.fault = sp_keycheck_is_fault(number),
		.words = sp_keycheck_words(number),
		.use = name,
	};
	bool found = answer->status == SP_ANSWER_FOUND;
	enum sp_status status = SP_OK;

	for (size_t i = 0; found && i < answer->count && status == SP_OK; i++)
		status = sp_keys_audit_value(command->audit, name->name,
			answer->values[i], command->print, &command->out,
			error);
	if (found || !command->print || status != SP_OK)
		return status;
	command->unanswered += silent;
	command->missing++;
	sp_keys_print_finding(&command->out,
		(enum sp_keys_check_form)command->form, &finding);
	return SP_OK;
}

static enum sp_status audit_some(struct command *command,
	const struct sp_harvest_name *names, size_t count,
	struct sp_error *error)
{
	struct sp_arena *arena = &command->arena;
	struct sp_answer *answers;
	struct sp_span *wanted;
	enum sp_status status;

	sp_arena_reset(arena);
	answers = SP_ARENA_ARRAY(arena, struct sp_answer, count);
	wanted = SP_ARENA_ARRAY(arena, struct sp_span, count);
	if (!answers || !wanted)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		wanted[i] = names[i].name;
	status = sp_key_files_ask(
		&command->files, wanted, count, answers, arena, error);
	for (size_t i = 0; i < count && status == SP_OK; i++)
		status = audit_answer(command, &names[i], &answers[i], error);
	return status ? status : sp_keys_put_out(&command->out, error);
}

static enum sp_status audit_names(struct command *command,
	const struct sp_harvest *harvest, struct sp_error *error)
{
	size_t count;
	const struct sp_harvest_name *names = sp_harvest_names(harvest, &count);
	enum sp_status status = SP_OK;

	for (size_t at = 0; at < count && status == SP_OK;
		at += NAMES_AT_ONCE) {
		size_t some =
			count - at < NAMES_AT_ONCE ? count - at : NAMES_AT_ONCE;

		status = audit_some(command, names + at, some, error);
	}
	return status;
}

static enum sp_status audit(struct command *command,
	const struct sp_harvest *harvest, struct sp_error *error)
{
	enum sp_status status = SP_OK;

	command->audit =
		sp_keys_audit_open((enum sp_keys_check_form)command->form);
	if (!command->audit)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	for (int pass = 0; pass < 2 && status == SP_OK; pass++) {
		command->print = pass == 1;
		status = harvest ? audit_names(command, harvest, error)
				 : audit_archives(command, error);
	}
	return status;
}

static bool is_names(const struct sp_inputs *inputs)
{
	char name[SP_DOMAIN_BYTES_MAX + 1];

	for (size_t i = 0; i < inputs->count; i++)
		if (sp_keys_name(name, sp_span_str(inputs->paths[i])) &&
			access(inputs->paths[i], F_OK) != 0)
			return true;
	return false;
}

static int finish(struct command *command, enum sp_status status,
	const struct sp_error *error)
{
	uint64_t values = 0, faults = 0;
	bool text = command->form == SP_KEYS_CHECK_TEXT;

	if (status != SP_OK)
		return sp_keys_end(&command->common.console, status, error,
			SP_EXIT_TROUBLE);
	sp_keys_audit_counts(command->audit, &values, &faults);
	if (!command->common.quiet)
		fprintf(text ? stdout : stderr,
			"%s%llu key%s looked at, something is wrong with %llu; "
			"%llu name%s without key\n",
			text ? "" : "sealpress: ", (unsigned long long)values,
			sp_plural(values), (unsigned long long)faults,
			(unsigned long long)command->missing,
			sp_plural(command->missing));
	return sp_finish_stdout(&command->common.console,
		faults || command->missing ? SP_EXIT_SOME : SP_EXIT_GOOD);
}

static int check(struct command *command)
{
	struct sp_run_stats stats = {0};
	struct sp_harvest *harvest = NULL;
	struct sp_error error;
	enum sp_status status = sp_key_files_open(&command->files, &error);
	bool good = true;

	if (status == SP_OK && (command->key || is_names(&command->inputs))) {
		status = check_names(command, &good, &error);
		return sp_keys_end(&command->common.console, status, &error,
			good ? SP_EXIT_GOOD : SP_EXIT_SOME);
	}
	if (status == SP_OK &&
		(command->inputs.count || command->inputs.files_from))
		status = sp_keys_scan(&harvest, &command->common,
			&command->inputs, &stats, NULL, &error);
	if (status == SP_STOPPED) {
		sp_harvest_close(harvest);
		return SP_EXIT_SIGNAL + atomic_load(sp_stop_flag());
	}
	if (status == SP_OK)
		status = audit(command, harvest, &error);
	sp_harvest_close(harvest);
	return finish(command, status, &error);
}

/* What is wrong with the options together, or NULL. */
static const char *fault_of(struct command *command)
{
	const struct sp_inputs *inputs = &command->inputs;
	struct sp_key_files *files = &command->files;

	/* Of a name the DNS is meant, if nothing else is said. */
	if (files->count == 0 && (command->key || is_names(inputs)))
		files->resolve = true;
	if (sp_key_files_fault(files))
		return sp_key_files_fault(files);
	if (files->count == 0 && !files->resolve)
		return "where are the keys? give --keys FILE or --resolve";
	if (command->key && inputs->count != 1)
		return "--key goes with one NAME";
	if (inputs->files_from_nul && !inputs->files_from)
		return "-0 goes with --files-from FILE";
	if (inputs->count || inputs->files_from)
		return NULL;
	if (files->resolve)
		return "--resolve goes with NAME or INPUT";
	for (size_t i = 0; i < files->count; i++)
		if (!sp_archive_is(files->paths[i]))
			return "without NAME or INPUT all keys of archives are "
			       "looked at; make one of this file with 'keys "
			       "import'";
	return NULL;
}

int sp_keys_check(int argc, char **argv)
{
	struct command command = {.key = NULL};
	struct sp_option_group groups[] = {
		{"Options", sp_key_file_options, &command.files},
		{NULL, options, &command},
		{"Input", sp_input_options, &command.inputs},
		{"Common", sp_basic_options, &command.common},
		{NULL, sp_work_options, &command.common},
	};
	const struct sp_command about = {
		.name = "sealpress keys check",
		.usage = usage,
		.summary = summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = examples,
		.common = &command.common,
	};
	const char *fault;
	int first, status;

	sp_common_init(&command.common);
	sp_inputs_init(&command.inputs);
	if (!sp_command_begin(&about, argc, argv, &first, &status))
		return status;
	command.inputs.paths = argv + first;
	command.inputs.count = (size_t)(argc - first);
	fault = fault_of(&command);
	if (fault)
		return sp_usage_error(&about, "%s", fault);
	status = check(&command);
	sp_keys_audit_close(command.audit);
	sp_key_files_close(&command.files);
	sp_buffer_free(&command.out);
	sp_arena_free(&command.arena);
	return status;
}
