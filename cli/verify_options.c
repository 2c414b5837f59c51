/* SPDX-License-Identifier: Apache-2.0 */
/* Options of "sealpress verify" (RFC 6376 section 6; docs/sealpress.1). */
#include "cli/verify_options.h"

#include <string.h>

#include "cli/safety.h"
#include "cli/when.h"
#include "engine/authres.h"

static enum sp_status add_keys(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_verify_command *command = target;

	if (command->key_count == SP_KEY_FILES_MAX)
		return sp_error(error, SP_CONFIG,
			"--keys: at most %u files; join some of them",
			SP_KEY_FILES_MAX);
	command->keys[command->key_count++] = value;
	return SP_OK;
}

static enum sp_status set_at(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_verify_command *command = target;

	command->at = SP_TIME_NOW;
	command->at_message = strcmp(value, "message") == 0;
	if (command->at_message || strcmp(value, "now") == 0)
		return SP_OK;
	if (!sp_when_parse(value, &command->at))
		return sp_error(error, SP_CONFIG,
			"--at: '%s' is not now, message, Unix seconds or a "
			"time like 2024-02-29T12:00:00Z",
			value);
	return SP_OK;
}

#define FIELD(field) .offset = offsetof(struct sp_verify_command, field)

static const struct sp_option verify_options[] = {
	{.name = "keys",
		.argument = "FILE",
		.help = "public keys: a key file, zone file or key archive; "
			"repeatable, asked in the order given",
		.kind = SP_OPTION_CALL,
		.call = add_keys},
	{.name = "at",
		.argument = "TIME",
		.help = "clock for expiry and for the keys of an archive: now "
			"(default), message (its own time), Unix seconds or "
			"RFC 3339",
		.kind = SP_OPTION_CALL,
		.call = set_at},
	{.name = "historical",
		.help = "also say what the verdict was before RFC 8301 "
			"(rsa-sha1, small keys): legacy_result",
		.kind = SP_OPTION_ON,
		FIELD(historical)},
	{.name = "max-signatures",
		.argument = "N",
		.help = "verify at most N signatures of a message (default 10)",
		.kind = SP_OPTION_NUMBER,
		FIELD(signatures_max),
		.min = 1,
		.max = SP_SIGNATURES_LISTED_MAX},
	{.name = "fail-fast",
		.help = "stop at the first message that does not pass",
		.kind = SP_OPTION_ON,
		FIELD(fail_fast)},
	{.name = NULL},
};

static const struct sp_option output_options[] = {
	{.name = "only-failures",
		.help = "leave messages that pass out of the reports",
		.kind = SP_OPTION_ON,
		FIELD(only_failures)},
	{.name = "add-authres",
		.argument = "HOST",
		.help = "write copies with an Authentication-Results field of "
			"HOST; those that claim to be from HOST are removed",
		.kind = SP_OPTION_TEXT,
		FIELD(authres)},
	{.name = "output",
		.letter = 'o',
		.argument = "PATH",
		.help = "where --add-authres writes: a Maildir if PATH is a "
			"folder or ends in /, else an mbox; - is standard "
			"output in the input's format",
		.kind = SP_OPTION_TEXT,
		FIELD(output)},
	{.name = NULL},
};

static const char usage[] = "sealpress verify [OPTION...] INPUT...";

static const char summary[] =
	"Verifies the DKIM signatures (RFC 6376, RFC 8301, RFC 8463) of\n"
	"messages. INPUT is a Maildir, an mbox, a folder of messages, a\n"
	"message, or - for standard input. Without --report it prints a line\n"
	"for each message that does not pass, and a summary.\n"
	"\n"
	"Keys come from DNS, or from --keys, and then no packet leaves the\n"
	"machine unless --dns is given, too.\n";

static const char examples[] =
	"  sealpress verify ~/Maildir\n"
	"  sealpress verify --resolver 127.0.0.1#5353 --dns-qps 500 \\\n"
	"      --key-cache keys.cache yesterday.mbox\n"
	"  sealpress verify --keys keys.zone signed.mbox\n"
	"  sealpress verify --keys keys.zone --report ndjson:- ~/Maildir |\n"
	"      jq -r 'select(.result != \"pass\") | .path'\n"
	"  sealpress verify --keys keys.zone --at message --historical \\\n"
	"      --report csv:verdicts.csv archive.mbox\n"
	"  sealpress verify --keys keys.zone --add-authres mx.example.com \\\n"
	"      -o - - <message.eml\n"
	"  find spool -name '*.eml' -print0 |\n"
	"      sealpress verify --keys keys.zone --files-from - -0\n";

static void init(struct sp_verify_command *command)
{
	*command = (struct sp_verify_command){
		.at = SP_TIME_NOW,
		.signatures_max = SP_SIGNATURES_MAX,
	};
	sp_dns_init(&command->dns);
	sp_common_init(&command->common);
	sp_inputs_init(&command->inputs);
}

bool sp_verify_asks_dns(const struct sp_verify_command *command)
{
	return !command->dns.off &&
	       (command->dns.on || command->key_count == 0);
}

/* What is wrong with the options together, or NULL. */
static const char *fault_of(void *target, struct sp_error *error)
{
	const struct sp_verify_command *command = target;

	const char *fault =
		sp_dns_fault(&command->dns, sp_verify_asks_dns(command));

	(void)error;
	if (fault)
		return fault;
	if (command->key_count == 0 && command->dns.off)
		return "no keys; give --keys FILE (a zone file, what "
		       "'sealpress "
		       "keygen' printed, or a key archive), or drop --no-dns";
	if (command->authres && !command->output)
		return "--add-authres writes copies; say where with -o PATH";
	if (command->output && strcmp(command->output, "-") != 0 &&
		command->inputs.format == SP_INPUT_NETSTRING)
		return "--format netstring answers on standard output: -o -";
	if (command->output && !command->authres)
		return "-o goes with --add-authres HOST";
	if (command->output && *command->output == '\0')
		return "-o: the path is empty";
	if (command->authres &&
		!sp_authres_id_valid(sp_span_str(command->authres)))
		return "--add-authres: HOST must be a name like "
		       "mx.example.com (RFC 8601 section 2.5)";
	return sp_resume_fault(&command->common, &command->inputs,
		&command->reports, command->output,
		command->reports.count || command->output);
}

bool sp_verify_command_parse(
	struct sp_verify_command *command, int argc, char **argv, int *status)
{
	struct sp_option_group groups[] = {
		{"Verification", verify_options, command},
		{"Keys from DNS", sp_dns_options, &command->dns},
		{"Output", sp_report_options, &command->reports},
		{NULL, output_options, command},
		{NULL, sp_safety_options, &command->common},
		{"Input", sp_input_options, &command->inputs},
		{"Common", sp_basic_options, &command->common},
		{NULL, sp_work_options, &command->common},
		{NULL, sp_stats_options, &command->common},
	};
	const struct sp_command about = {
		.name = "sealpress verify",
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
	if (!sp_command_parse(&about, argc, argv, status))
		return false;
	command->report_count = command->reports.count;
	return true;
}
