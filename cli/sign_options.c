/* SPDX-License-Identifier: Apache-2.0 */
/* Options of "sealpress sign" (RFC 6376 section 5; docs/sealpress.1). */
#include "cli/sign_options.h"

#include <string.h>

#include "cli/safety.h"
#include "cli/when.h"

#define EXPIRE_MAX (100u * 366 * 86400)
#define EXPIRE_DEFAULT (14 * 86400)

static const char *const canon_names[] = {
	"simple/simple",
	"simple/relaxed",
	"relaxed/simple",
	"relaxed/relaxed",
	NULL,
};
#define CANON_DEFAULT (SP_CANON_RELAXED * 2 + SP_CANON_RELAXED)

static const char *const on_error_names[] = {
	[SP_ON_ERROR_SKIP] = "skip",
	[SP_ON_ERROR_STOP] = "stop",
	[SP_ON_ERROR_COPY] = "copy",
	NULL,
};

static enum sp_status set_key(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_sign_command *command = target;

	return sp_triples_key(&command->triples, value, error);
}

static enum sp_status set_domain(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_sign_command *command = target;

	return sp_triples_domain(&command->triples, value, error);
}

static enum sp_status set_selector(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_sign_command *command = target;

	return sp_triples_selector(&command->triples, value, error);
}

static enum sp_status set_expire(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_sign_command *command = target;
	enum sp_status status;
	uint64_t seconds;

	if (strcmp(value, "never") == 0) {
		command->expire_s = SP_TIME_NONE;
		return SP_OK;
	}
	status = sp_options_number(
		"--expire (or never)", value, 1, EXPIRE_MAX, &seconds, error);
	if (status == SP_OK)
		command->expire_s = (int64_t)seconds;
	return status;
}

static enum sp_status set_timestamp(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_sign_command *command = target;

	if (strcmp(value, "now") == 0)
		command->timestamp = SP_TIME_NOW;
	else if (strcmp(value, "none") == 0)
		command->timestamp = SP_TIME_NONE;
	else if (!sp_when_parse(value, &command->timestamp))
		return sp_error(error, SP_CONFIG,
			"--timestamp: '%s' is not now, none, Unix seconds or a "
			"time like 2024-02-29T12:00:00Z",
			value);
	return SP_OK;
}

#define FIELD(field) .offset = offsetof(struct sp_sign_command, field)

static const struct sp_option key_options[] = {
	{.name = "key",
		.argument = "FILE",
		.help = "private key: PEM, or base64 of an Ed25519 seed; each "
			"needs its own --domain and --selector",
		.kind = SP_OPTION_CALL,
		.call = set_key},
	{.name = "domain",
		.argument = "DOMAIN",
		.help = "signing domain (d=) of that key",
		.kind = SP_OPTION_CALL,
		.call = set_domain},
	{.name = "selector",
		.argument = "NAME",
		.help = "selector (s=) of that key",
		.kind = SP_OPTION_CALL,
		.call = set_selector},
	{.name = "key-table",
		.argument = "FILE",
		.help = "OpenDKIM KeyTable, with --signing-table instead of "
			"--key",
		.kind = SP_OPTION_TEXT,
		FIELD(key_table)},
	{.name = "signing-table",
		.argument = "FILE",
		.help = "OpenDKIM SigningTable; refile:FILE for wildcards",
		.kind = SP_OPTION_TEXT,
		FIELD(signing_table)},
	{.name = "passphrase-file",
		.argument = "FILE",
		.help = "first line is the passphrase of encrypted keys",
		.aside = true,
		.kind = SP_OPTION_TEXT,
		FIELD(key_options.passphrase_file)},
	{.name = "passphrase-env",
		.argument = "NAME",
		.help = "environment variable with that passphrase",
		.aside = true,
		.kind = SP_OPTION_TEXT,
		FIELD(key_options.passphrase_env)},
	{.name = "insecure-key-permissions",
		.help = "accept key and passphrase files that group or "
			"others can read",
		.aside = true,
		.kind = SP_OPTION_ON,
		FIELD(key_options.insecure_permissions)},
	{.name = NULL},
};

static const struct sp_option signature_options[] = {
	{.name = "canon",
		.letter = 'c',
		.argument = "HEADER/BODY",
		.help = "canonicalization, each simple or relaxed (default "
			"relaxed/relaxed)",
		.kind = SP_OPTION_CHOICE,
		FIELD(canon),
		.choices = canon_names},
	{.name = "headers",
		.argument = "LIST",
		.help = "header fields to sign: default, opendkim, ses, all, "
			"or names with colons; +name oversigns, ?name signs "
			"if present",
		.kind = SP_OPTION_TEXT,
		FIELD(headers)},
	{.name = "oversign",
		.help = "also sign the absence of a second From and of other "
			"fields that must be unique (default)",
		.kind = SP_OPTION_ON,
		FIELD(oversign)},
	{.name = "no-oversign",
		.help = "sign only the fields that are there",
		.kind = SP_OPTION_OFF,
		FIELD(oversign)},
	{.name = "timestamp",
		.argument = "TIME",
		.help = "t=: now (default), none, Unix seconds or RFC 3339",
		.kind = SP_OPTION_CALL,
		.call = set_timestamp},
	{.name = "expire",
		.argument = "SECONDS",
		.help = "x= so long after t=, or never (default 1209600, 14 "
			"days)",
		.kind = SP_OPTION_CALL,
		.call = set_expire},
	{.name = "identity",
		.argument = "ADDRESS",
		.help = "i=: [user]@ the domain or a subdomain of it",
		.kind = SP_OPTION_TEXT,
		FIELD(identity)},
	{.name = "body-length",
		.argument = "N",
		.help = "l=: sign at most the first N octets of the body; "
			"anybody can append to such a message",
		.kind = SP_OPTION_NUMBER,
		FIELD(body_length),
		.max = UINT64_MAX - 1},
	{.name = "copied-headers",
		.help = "z=: put a copy of the signed fields into the "
			"signature",
		.kind = SP_OPTION_ON,
		FIELD(copied_headers)},
	{.name = NULL},
};

static const struct sp_option output_options[] = {
	{.name = "output",
		.letter = 'o',
		.argument = "PATH",
		.help = "write signed copies: to a Maildir if PATH is a folder "
			"or ends in /, else to an mbox; - is standard output "
			"in the input's format",
		.kind = SP_OPTION_TEXT,
		FIELD(output)},
	{.name = "in-place",
		.help = "replace each message of a Maildir atomically",
		.kind = SP_OPTION_ON,
		FIELD(in_place)},
	{.name = "headers-only",
		.help = "print only the new header fields, as NDJSON with "
			"path, index and header",
		.kind = SP_OPTION_ON,
		FIELD(headers_only)},
	{.name = "on-error",
		.argument = "WHAT",
		.help = "what becomes of a message that cannot be signed: skip "
			"(default), stop, copy",
		.kind = SP_OPTION_CHOICE,
		FIELD(on_error),
		.choices = on_error_names},
	{.name = NULL},
};

static const char usage[] =
	"sealpress sign --key FILE --domain DOMAIN --selector NAME\n"
	"                      [OPTION...] INPUT...\n"
	"       sealpress sign --key-table FILE --signing-table FILE\n"
	"                      [OPTION...] INPUT...";

static const char summary[] =
	"Puts DKIM signatures (RFC 6376, RFC 8463) above messages. INPUT is a\n"
	"Maildir, an mbox, a folder of messages, a message, or - for standard\n"
	"input. Say where the result goes with -o, --in-place or\n"
	"--headers-only; standard input alone goes to standard output. With\n"
	"several keys every message gets a signature of each.\n";

static const char examples[] =
	"  sealpress sign --key s1.pem --domain example.com --selector s1 \\\n"
	"      -o signed.mbox outgoing.mbox\n"
	"  sealpress sign --key s1.pem --domain example.com --selector s1 \\\n"
	"      --in-place ~/Maildir\n"
	"  sealpress sign --key rsa.pem --domain example.com --selector r1 \\\n"
	"      --key ed.pem --domain example.com --selector e1 \\\n"
	"      -j 4 --report ndjson:signed.ndjson -o signed/ outgoing.mbox\n"
	"  sealpress sign --key s1.pem --domain example.com --selector s1 - "
	"\\\n"
	"      <message.eml >signed.eml\n"
	"  sealpress sign --key-table /etc/opendkim/key.table \\\n"
	"      --signing-table refile:/etc/opendkim/signing.table \\\n"
	"      --on-error copy -o signed/ spool/\n";

static void init(struct sp_sign_command *command)
{
	*command = (struct sp_sign_command){
		.canon = CANON_DEFAULT,
		.headers = "default",
		.oversign = true,
		.timestamp = SP_TIME_NOW,
		.expire_s = EXPIRE_DEFAULT,
		.body_length = SP_LENGTH_NONE,
	};
	sp_common_init(&command->common);
	sp_inputs_init(&command->inputs);
}

/* What is wrong with the choice of keys, or NULL. */
static const char *key_fault(const struct sp_sign_command *command)
{
	bool tables = command->key_table || command->signing_table;

	if (tables && command->triples.count)
		return "--key and --key-table exclude each other";
	if (tables && !(command->key_table && command->signing_table))
		return "--key-table and --signing-table go together";
	if (!tables && command->triples.count == 0)
		return "no key; give --key FILE --domain DOMAIN --selector "
		       "NAME, or --key-table and --signing-table";
	if (tables && command->identity)
		return "--identity goes with --key; tables have their own i=";
	if (command->key_options.passphrase_file &&
		command->key_options.passphrase_env)
		return "--passphrase-file and --passphrase-env exclude each "
		       "other";
	return NULL;
}

/* What is wrong with the choice of outputs, or NULL. */
static const char *output_fault(const struct sp_sign_command *command)
{
	int chosen = (command->output != NULL) + command->in_place +
		     command->headers_only;

	if (chosen > 1)
		return "-o, --in-place and --headers-only exclude each other";
	if (command->output && *command->output == '\0')
		return "-o: the path is empty";
	if (command->inputs.format == SP_INPUT_NETSTRING &&
		(command->in_place ||
			(command->output && strcmp(command->output, "-") != 0)))
		return "--format netstring answers on standard output; leave "
		       "out -o and --in-place";
	if (chosen == 0 && !sp_inputs_stdin_only(&command->inputs))
		return "where to? give -o PATH, --in-place or --headers-only";
	return NULL;
}

static const char *fault_of(void *target, struct sp_error *error)
{
	const struct sp_sign_command *command = target;
	const char *fault;

	if (sp_triples_check(&command->triples, error) != SP_OK)
		return error->text;
	fault = key_fault(command);
	if (!fault)
		fault = output_fault(command);
	if (!fault)
		fault = sp_resume_fault(&command->common, &command->inputs,
			&command->reports,
			command->headers_only ? "-" : command->output, true);
	return fault;
}

bool sp_sign_command_parse(
	struct sp_sign_command *command, int argc, char **argv, int *status)
{
	struct sp_option_group groups[] = {
		{"Keys", key_options, command},
		{"Signature", signature_options, command},
		{"Output", output_options, command},
		{NULL, sp_report_options, &command->reports},
		{NULL, sp_safety_options, &command->common},
		{"Input", sp_input_options, &command->inputs},
		{"Common", sp_basic_options, &command->common},
		{NULL, sp_work_options, &command->common},
		{NULL, sp_stats_options, &command->common},
	};
	const struct sp_command about = {
		.name = "sealpress sign",
		.usage = usage,
		.summary = summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = examples,
		.common = &command->common,
		.inputs = &command->inputs,
		.fault = fault_of,
		.target = command,
	};

	init(command);
	return sp_command_parse(&about, argc, argv, status);
}
