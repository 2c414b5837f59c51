/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "sealpress keys export": an archive as a zone file (RFC 1035 5.1) or key
 * file, for name servers and for verifiers that know no archives.
 */
#include "cli/keys.h"

#include "cli/when.h"

#define STRING_BYTES_MAX 255u /* RFC 1035 3.3 */

enum form { FORM_ZONE, FORM_KEYS };

struct command {
	struct sp_common common;
	int form;
	int64_t at;
	struct sp_keys_operands operands;
	struct sp_buffer out;
};

static const char *const form_names[] = {
	[FORM_ZONE] = "zone",
	[FORM_KEYS] = "keys",
	NULL,
};

static enum sp_status set_at(
	void *target, const char *value, struct sp_error *error)
{
	struct command *command = target;

	if (sp_when_parse(value, &command->at))
		return SP_OK;
	return sp_error(error, SP_CONFIG,
		"--at: '%s' is neither Unix seconds nor a time like "
		"2024-02-29T12:00:00Z",
		value);
}

#define FIELD(field) .offset = offsetof(struct command, field)

static const struct sp_option options[] = {
	{.name = "as",
		.argument = "FORM",
		.help = "zone (default) or keys: lines NAME<TAB>VALUE",
		.kind = SP_OPTION_CHOICE,
		FIELD(form),
		.choices = form_names},
	{.name = "at",
		.argument = "TIME",
		.help = "only keys that were seen before and after TIME (Unix "
			"seconds or RFC 3339)",
		.kind = SP_OPTION_CALL,
		.call = set_at},
	{.name = NULL},
};

static const char usage[] =
	"sealpress keys export [OPTION...] ARCHIVE [PATTERN]";

static const char summary[] =
	"Prints the keys of an archive as a zone file or key file, with a\n"
	"comment that says when each was seen. PATTERN chooses names: * is "
	"any\n"
	"text, ? any character.\n";

static const char examples[] =
	"  sealpress keys export keys.db >keys.zone\n"
	"  sealpress keys export --at 2019-06-01T00:00:00Z keys.db \\\n"
	"      '*._domainkey.example.com'\n"
	"  sealpress keys export --as keys keys.db >keys.txt\n";

/* A character-string, with what would end it or is not printable escaped. */
static void add_string(struct sp_buffer *out, struct sp_span text)
{
	sp_buffer_add_str(out, "\n\t\"");
	for (size_t i = 0; i < text.size; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c == '"' || c == '\\')
			sp_buffer_add_format(out, "\\%c", c);
		else if (c < ' ' || c > '~')
			sp_buffer_add_format(out, "\\%03u", c);
		else
			sp_buffer_add_char(out, (char)c);
	}
	sp_buffer_add_char(out, '"');
}

static void add_zone(struct sp_buffer *out, const struct sp_archive_key *key)
{
	struct sp_span value = key->value;

	sp_buffer_add(out, key->name);
	sp_buffer_add_str(out, ". IN TXT (");
	do {
		size_t size = value.size < STRING_BYTES_MAX ? value.size
							    : STRING_BYTES_MAX;

		add_string(out, sp_span(value.data, size));
		value = sp_span_after(value, size);
	} while (value.size);
	sp_buffer_add_str(out, " )\n");
}

static void add_key_line(
	struct sp_buffer *out, const struct sp_archive_key *key)
{
	sp_buffer_add(out, key->name);
	sp_buffer_add_char(out, '\t');
	for (size_t i = 0; i < key->value.size; i++) {
		unsigned char c = (unsigned char)key->value.data[i];

		if (c == '\\')
			sp_buffer_add_str(out, "\\\\");
		else if (c < ' ' || c > '~' || (i == 0 && c == '!'))
			sp_buffer_add_format(out, "\\x%02X", c);
		else
			sp_buffer_add_char(out, (char)c);
	}
	sp_buffer_add_char(out, '\n');
}

static enum sp_status export_key(
	void *context, const struct sp_archive_key *key, struct sp_error *error)
{
	struct command *command = context;
	struct sp_buffer *out = &command->out;
	char first[SP_KEYS_DATE_BYTES], last[SP_KEYS_DATE_BYTES];

	if (command->at != SP_TIME_NONE &&
		(command->at < key->first_seen || command->at > key->last_seen))
		return SP_OK;
	sp_keys_date(first, key->first_seen);
	sp_keys_date(last, key->last_seen);
	sp_buffer_add_format(out, "; seen %s to %s\n", first, last);
	if (command->form == FORM_ZONE)
		add_zone(out, key);
	else
		add_key_line(out, key);
	return sp_keys_put_out(out, error);
}

static enum sp_status export_all(
	struct command *command, struct sp_error *error)
{
	struct sp_archive *archive;
	enum sp_status status = sp_archive_open(
		&archive, command->operands.path, SP_ARCHIVE_READ, error);

	if (status != SP_OK)
		return status;
	status = sp_archive_each(
		archive, command->operands.pattern, export_key, command, error);
	sp_archive_close(archive);
	return status;
}

int sp_keys_export(int argc, char **argv)
{
	struct command command = {.at = SP_TIME_NONE};
	struct sp_option_group groups[] = {
		{"Options", options, &command},
		{"Common", sp_basic_options, &command.common},
	};
	const struct sp_command about = {
		.name = "sealpress keys export",
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
	outcome = export_all(&command, &error);
	sp_buffer_free(&command.out);
	return sp_keys_end(
		&command.common.console, outcome, &error, SP_EXIT_GOOD);
}
