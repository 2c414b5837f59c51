/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress keys import" and "add": keys that somebody has, kept. */
#include "cli/keys_import.h"

#include <string.h>
#include <time.h>

#include "cli/when.h"
#include "io/file.h"

#define FILE_BYTES_MAX ((size_t)4 << 30)

enum form {
	FORM_AUTO,
	FORM_ZONE,
	FORM_TABLE,
	FORM_NDJSON,
	FORM_CSV,
	FORM_ARCHIVE,
};

struct command {
	struct sp_common common;
	const char *output;
	int form;
	int64_t first_seen, last_seen;
	const char *source;
	const char *note;
	const char *passphrase_file;
	const char *passphrase_env;
	bool insecure_permissions;
	struct sp_keys_import import;
};

static const char *const form_names[] = {
	[FORM_AUTO] = "auto",
	[FORM_ZONE] = "zone",
	[FORM_TABLE] = "keytable",
	[FORM_NDJSON] = "ndjson",
	[FORM_CSV] = "csv",
	[FORM_ARCHIVE] = "archive",
	NULL,
};

static enum sp_status set_time(const char *option, int64_t *time,
	const char *value, struct sp_error *error)
{
	if (sp_when_parse(value, time))
		return SP_OK;
	return sp_error(error, SP_CONFIG,
		"%s: '%s' is neither Unix seconds nor a time like "
		"2024-02-29T12:00:00Z",
		option, value);
}

static enum sp_status set_first(
	void *target, const char *value, struct sp_error *error)
{
	return set_time("--first-seen", &((struct command *)target)->first_seen,
		value, error);
}

static enum sp_status set_last(
	void *target, const char *value, struct sp_error *error)
{
	return set_time("--last-seen", &((struct command *)target)->last_seen,
		value, error);
}

#define FIELD(field) .offset = offsetof(struct command, field)

static const struct sp_option output_options[] = {
	{.name = "output",
		.letter = 'o',
		.argument = "ARCHIVE",
		.help = "the key archive; made if it is not there",
		.kind = SP_OPTION_TEXT,
		FIELD(output)},
	{.name = "first-seen",
		.argument = "TIME",
		.help = "when the keys were seen first, Unix seconds or RFC "
			"3339 (default: now)",
		.kind = SP_OPTION_CALL,
		.call = set_first},
	{.name = "last-seen",
		.argument = "TIME",
		.help = "and when last (default: now)",
		.kind = SP_OPTION_CALL,
		.call = set_last},
	{.name = "source",
		.argument = "WORD",
		.help = "where they are from (default: file)",
		.kind = SP_OPTION_TEXT,
		FIELD(source)},
	{.name = "note",
		.argument = "TEXT",
		.help = "a note for people",
		.kind = SP_OPTION_TEXT,
		FIELD(note)},
	{.name = NULL},
};

static const struct sp_option import_options[] = {
	{.name = "format",
		.argument = "FORMAT",
		.help = "zone (also key files), keytable, ndjson, csv or "
			"archive; auto (default) looks at the file, and never "
			"finds a keytable",
		.kind = SP_OPTION_CHOICE,
		FIELD(form),
		.choices = form_names},
	{.name = "passphrase-file",
		.argument = "FILE",
		.help = "first line of FILE opens encrypted keys of a keytable",
		.kind = SP_OPTION_TEXT,
		FIELD(passphrase_file)},
	{.name = "passphrase-env",
		.argument = "NAME",
		.help = "so does the environment variable NAME",
		.kind = SP_OPTION_TEXT,
		FIELD(passphrase_env)},
	{.name = "insecure-key-permissions",
		.help = "accept key and passphrase files that group or "
			"others can read",
		.kind = SP_OPTION_ON,
		FIELD(insecure_permissions)},
	{.name = NULL},
};

static const char import_usage[] =
	"sealpress keys import -o ARCHIVE [OPTION...] FILE...";

static const char import_summary[] =
	"Puts keys into an archive: from zone files and key files, from the\n"
	"private keys that a KeyTable of OpenDKIM names (their public "
	"halves),\n"
	"from JSON lines and CSV as 'keys list' prints them, and from other\n"
	"archives. A key that is there already is now also known for the new\n"
	"times. Of each FILE all is taken, or, when there is a fault in it,\n"
	"nothing. JSON and CSV name their values name, value, value_base64,\n"
	"first_seen, last_seen, source, dnssec and note; name and value are\n"
	"needed, and of CSV the first line has the names.\n";

static const char import_examples[] =
	"  sealpress keys import -o keys.db example.zone\n"
	"  sealpress keys import -o keys.db --first-seen 2015-03-01T00:00:00Z "
	"\\\n"
	"      --last-seen 2017-08-31T00:00:00Z old.zone\n"
	"  sealpress keys import -o keys.db --format keytable \\\n"
	"      /etc/opendkim/KeyTable\n"
	"  sealpress keys import -o keys.db keys.csv other.db\n";

static const char add_usage[] =
	"sealpress keys add -o ARCHIVE [OPTION...] NAME VALUE";

static const char add_summary[] =
	"Puts one key into an archive. NAME is selector._domainkey.domain,\n"
	"VALUE the TXT record with its strings joined.\n";

static const char add_examples[] =
	"  sealpress keys add -o keys.db s1._domainkey.example.com \\\n"
	"      'v=DKIM1; k=ed25519; "
	"p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='\n"
	"  sealpress keys add -o keys.db --note 'revoked, see ticket 7' \\\n"
	"      s0._domainkey.example.com 'v=DKIM1; p='\n";

/* What kind of file it is, by how it begins. */
static enum form guess(const char *path, const struct sp_buffer *text)
{
	struct sp_span rest = sp_span_trim(sp_buffer_span(text));

	if (sp_archive_is(path))
		return FORM_ARCHIVE;
	if (sp_span_starts(rest, "{"))
		return FORM_NDJSON;
	if (sp_span_starts(rest, "name,") || sp_span_starts(rest, "\"name\","))
		return FORM_CSV;
	return FORM_ZONE;
}

/* The byte order mark that spreadsheets put before CSV. */
static void drop_mark(struct sp_buffer *text)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (!sp_span_starts(sp_buffer_span(text), mark))
		return;
	text->size -= strlen(mark);
	memmove(text->data, text->data + strlen(mark), text->size);
}

static enum sp_status import_text(
	struct command *command, const char *path, struct sp_error *error)
{
	struct sp_keys_import *import = &command->import;
	enum form form = (enum form)command->form;
	struct sp_buffer text = {.data = NULL};
	enum sp_status status =
		sp_file_read(&text, path, FILE_BYTES_MAX, error);

	if (status == SP_OK)
		drop_mark(&text);
	if (status == SP_OK && form == FORM_AUTO)
		form = guess(path, &text);
	if (status == SP_OK) {
		if (form == FORM_NDJSON)
			status =
				sp_keys_import_json(import, path, &text, error);
		else if (form == FORM_CSV)
			status = sp_keys_import_csv(import, path, &text, error);
		else
			status =
				sp_keys_import_zone(import, path, &text, error);
	}
	sp_buffer_free(&text);
	return status;
}

/* All of a file or nothing of it. */
static enum sp_status import_file(
	struct command *command, const char *path, struct sp_error *error)
{
	struct sp_keys_import *import = &command->import;
	enum form form = (enum form)command->form;
	enum sp_status status = sp_archive_begin(import->archive, error);

	if (status != SP_OK)
		return status;
	if (form == FORM_ARCHIVE || (form == FORM_AUTO && sp_archive_is(path)))
		status = sp_keys_import_archive(import, path, error);
	else if (form == FORM_TABLE)
		status = sp_keys_import_table(import, path, error);
	else
		status = import_text(command, path, error);
	return status ? status : sp_archive_commit(import->archive, error);
}

/* Parses; false with the exit status when there is nothing left to do. */
static bool parse(struct command *command, const struct sp_command *about,
	int argc, char **argv, int *first, int *status)
{
	int64_t now = (int64_t)time(NULL);

	sp_common_init(&command->common);
	command->first_seen = SP_TIME_NONE;
	command->last_seen = SP_TIME_NONE;
	if (!sp_command_begin(about, argc, argv, first, status))
		return false;
	if (!command->output || *command->output == '\0') {
		*status =
			sp_usage_error(about, "which archive? give -o ARCHIVE");
		return false;
	}
	if (command->last_seen == SP_TIME_NONE)
		command->last_seen = now;
	if (command->first_seen == SP_TIME_NONE)
		command->first_seen =
			command->last_seen < now ? command->last_seen : now;
	command->import = (struct sp_keys_import){
		.common = &command->common,
		.first_seen = command->first_seen,
		.last_seen = command->last_seen,
		.source =
			sp_span_str(command->source ? command->source : "file"),
		.note = sp_span_str(command->note ? command->note : ""),
		.open =
			{
				.passphrase_file = command->passphrase_file,
				.passphrase_env = command->passphrase_env,
				.insecure_permissions =
					command->insecure_permissions,
			},
	};
	if (command->first_seen > command->last_seen) {
		*status = sp_usage_error(about,
			"--first-seen lies after --last-seen; swap them");
		return false;
	}
	return true;
}

int sp_keys_import(int argc, char **argv)
{
	struct command command = {.form = FORM_AUTO};
	struct sp_option_group groups[] = {
		{"Options", output_options, &command},
		{NULL, import_options, &command},
		{"Common", sp_basic_options, &command.common},
	};
	const struct sp_command about = {
		.name = "sealpress keys import",
		.usage = import_usage,
		.summary = import_summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = import_examples,
		.common = &command.common,
	};
	struct sp_error error;
	enum sp_status outcome;
	int first, status;

	if (!parse(&command, &about, argc, argv, &first, &status))
		return status;
	if (first == argc)
		return sp_usage_error(
			&about, "no FILE given to take keys from");
	outcome = sp_archive_open(&command.import.archive, command.output,
		SP_ARCHIVE_CREATE, &error);
	for (int i = first; i < argc && outcome == SP_OK; i++)
		outcome = import_file(&command, argv[i], &error);
	sp_archive_close(command.import.archive);
	if (outcome == SP_OK)
		sp_keys_import_summary(&command.import, command.output);
	return sp_keys_end(
		&command.common.console, outcome, &error, SP_EXIT_GOOD);
}

static enum sp_status add(struct command *command, const char *name,
	const char *value, struct sp_error *error)
{
	struct sp_keys_import *import = &command->import;
	struct sp_archive_key key = sp_keys_import_default(import);
	enum sp_reason reason = sp_keyrecord_check(sp_span_str(value));
	enum sp_status status = sp_archive_open(
		&import->archive, command->output, SP_ARCHIVE_CREATE, error);

	key.name = sp_span_str(name);
	key.value = sp_span_str(value);
	if (status == SP_OK)
		status = sp_keys_import_put(import, &key, "add", 1, error);
	sp_archive_close(import->archive);
	if (status == SP_OK && reason && reason != SP_REASON_KEY_REVOKED)
		sp_console_warning(&command->common.console,
			"this value is no usable key (%s); it is kept as it is",
			sp_reason_name(reason));
	return status;
}

int sp_keys_add(int argc, char **argv)
{
	struct command command = {.form = FORM_AUTO};
	struct sp_option_group groups[] = {
		{"Options", output_options, &command},
		{"Common", sp_basic_options, &command.common},
	};
	const struct sp_command about = {
		.name = "sealpress keys add",
		.usage = add_usage,
		.summary = add_summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = add_examples,
		.common = &command.common,
	};
	char name[SP_DOMAIN_BYTES_MAX + 1];
	struct sp_error error;
	enum sp_status outcome;
	int first, status;

	if (!parse(&command, &about, argc, argv, &first, &status))
		return status;
	if (argc - first != 2)
		return sp_usage_error(&about, "give one NAME and one VALUE");
	if (!sp_keys_name(name, sp_span_str(argv[first])))
		return sp_usage_error(&about,
			"'%s' is no name of a key; write "
			"selector._domainkey.domain",
			argv[first]);
	if (strlen(argv[first + 1]) > SP_KEY_RECORD_BYTES_MAX)
		return sp_usage_error(&about, "VALUE is longer than %u bytes",
			SP_KEY_RECORD_BYTES_MAX);
	outcome = add(&command, name, argv[first + 1], &error);
	if (outcome == SP_OK)
		sp_keys_import_summary(&command.import, command.output);
	return sp_keys_end(
		&command.common.console, outcome, &error, SP_EXIT_GOOD);
}
