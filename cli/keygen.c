/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "sealpress keygen": a key pair, and the record to publish (RFC 6376 3.6.1;
 * RFC 8463 section 4; strings of at most 255 bytes, RFC 1035 3.3).
 */
#include "cli/commands.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/keys_check.h"
#include "engine/keyrecord.h"
#include "engine/signature.h"
#include "io/file.h"
#include "io/partial.h"

#define STRING_BYTES_MAX 255u
/* Larger than the PEM of any key we make, so that it is never moved about. */
#define PEM_ROOM (16u << 10)
#define BITS_MAX 4096u
#define BITS_DEFAULT 2048u

struct command {
	struct sp_common common;
	int type; /* enum sp_pkey_type */
	uint64_t bits;
	const char *domain;
	const char *selector;
	const char *output;
	bool testing;
	bool force;
	const char *check; /* a private key: is its record published? */
	struct sp_key_files files;
	/* "selector._domainkey.domain" in A-labels */
	char name[SP_DOMAIN_BYTES_MAX + 1];
};

static const char *const type_names[] = {
	[SP_PKEY_RSA] = "rsa",
	[SP_PKEY_ED25519] = "ed25519",
	NULL,
};

#define FIELD(field) .offset = offsetof(struct command, field)

static const struct sp_option options[] = {
	{.name = "domain",
		.argument = "DOMAIN",
		.help = "domain that will sign (d=)",
		.kind = SP_OPTION_TEXT,
		FIELD(domain)},
	{.name = "selector",
		.argument = "NAME",
		.help = "selector (s=): which of the domain's keys this is",
		.kind = SP_OPTION_TEXT,
		FIELD(selector)},
	{.name = "output",
		.letter = 'o',
		.argument = "KEYFILE",
		.help = "where the private key goes, as PEM with mode 0600",
		.kind = SP_OPTION_TEXT,
		FIELD(output)},
	{.name = "type",
		.argument = "TYPE",
		.help = "rsa (default; every verifier knows it) or ed25519",
		.kind = SP_OPTION_CHOICE,
		FIELD(type),
		.choices = type_names},
	{.name = "bits",
		.argument = "N",
		.help = "size of an RSA key, 1024 to 4096 in steps of 8 "
			"(default 2048)",
		.kind = SP_OPTION_NUMBER,
		FIELD(bits),
		.min = SP_RSA_SIGN_BITS_MIN,
		.max = BITS_MAX},
	{.name = "testing",
		.help = "mark the record t=y: the domain is testing DKIM",
		.kind = SP_OPTION_ON,
		FIELD(testing)},
	{.name = "check",
		.argument = "KEYFILE",
		.help = "make no key: see whether the record of KEYFILE is "
			"published, in the DNS or by --keys",
		.kind = SP_OPTION_TEXT,
		FIELD(check)},
	{.name = "force",
		.help = "replace KEYFILE if it exists",
		.kind = SP_OPTION_ON,
		FIELD(force)},
	{.name = NULL},
};

static const char usage[] =
	"sealpress keygen --domain DOMAIN --selector NAME -o KEYFILE\n"
	"                        [OPTION...]\n"
	"       sealpress keygen --domain DOMAIN --selector NAME --check "
	"KEYFILE\n"
	"                        [--keys FILE]";

static const char summary[] =
	"Makes a key pair. The private key goes to KEYFILE. The record to\n"
	"publish is printed: for a zone file, and, behind a semicolon, as the\n"
	"plain value that web forms ask for. What is printed is a valid zone\n"
	"file and a key file for 'sealpress verify --keys'.\n";

static const char examples[] =
	"  sealpress keygen --domain example.com --selector s1 -o s1.pem\n"
	"  sealpress keygen --domain example.com --selector e1 \\\n"
	"      --type ed25519 -o e1.pem >>keys.zone\n"
	"  sealpress keygen --domain example.com --selector s1 --bits 4096 \\\n"
	"      --force -o s1.pem >s1.zone\n"
	"  sealpress keygen --domain example.com --selector s1 --check "
	"s1.pem\n";

/* "selector._domainkey.domain"; what is wrong with it, or NULL. */
static const char *make_name(struct command *command)
{
	char whole[2 * SP_DOMAIN_BYTES_MAX + 16];
	int size;

	if (!sp_domain_to_ascii(command->name, sp_span_str(command->domain)))
		return "--domain: this is no domain name";
	if (!sp_domain_to_ascii(command->name, sp_span_str(command->selector)))
		return "--selector: this cannot be part of a domain name";
	size = snprintf(whole, sizeof(whole), "%s._domainkey.%s",
		command->selector, command->domain);
	if (size < 0 || (size_t)size >= sizeof(whole) ||
		!sp_domain_to_ascii(command->name, sp_span_str(whole)))
		return "--selector and --domain are too long together";
	return NULL;
}

static const char *check_fault_of(struct command *command)
{
	/* What is published is in the DNS, if nothing else is said. */
	if (command->files.count == 0)
		command->files.resolve = true;
	if (command->output || command->bits || command->testing ||
		command->force)
		return "--check makes no key; leave out -o, --bits, --testing "
		       "and --force";
	return sp_key_files_fault(&command->files);
}

static const char *fault_of(void *target, struct sp_error *error)
{
	struct command *command = target;

	(void)error;
	if (!command->domain || !command->selector)
		return "give --domain DOMAIN and --selector NAME";
	if (command->check) {
		const char *fault = check_fault_of(command);

		return fault ? fault : make_name(command);
	}
	if (command->files.count || command->files.resolve)
		return "--keys and --resolve go with --check";
	if (sp_key_files_fault(&command->files))
		return sp_key_files_fault(&command->files);
	if (!command->output || *command->output == '\0')
		return "where does the private key go? give -o KEYFILE";
	if (strcmp(command->output, "-") == 0)
		return "-o: the record is on standard output, and the private "
		       "key belongs in a file";
	if (command->bits && command->type != SP_PKEY_RSA)
		return "--bits goes with --type rsa";
	if (command->bits % 8)
		return "--bits: the size must be a multiple of 8";
	return make_name(command);
}

static bool parse(struct command *command, int argc, char **argv, int *status)
{
	struct sp_option_group groups[] = {
		{"Options", options, command},
		{NULL, sp_key_file_options, &command->files},
		{"Common", sp_basic_options, &command->common},
	};
	const struct sp_command about = {
		.name = "sealpress keygen",
		.usage = usage,
		.summary = summary,
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.examples = examples,
		.common = &command->common,
		.fault = fault_of,
		.target = command,
	};

	*command = (struct command){.type = SP_PKEY_RSA};
	sp_common_init(&command->common);
	return sp_command_parse(&about, argc, argv, status);
}

/* A key in the way is known before a large one is made. */
static enum sp_status check_output(
	const struct command *command, struct sp_error *error)
{
	struct stat st;

	/* A link that leads nowhere is in the way too. */
	if (lstat(command->output, &st) != 0)
		return SP_OK;
	if (S_ISDIR(st.st_mode))
		return sp_error(error, SP_CONFIG,
			"%s: is a folder; name a file in it", command->output);
	if (command->force)
		return SP_OK;
	return sp_error(error, SP_CONFIG,
		"%s: exists already; choose another name, or replace it with "
		"--force",
		command->output);
}

/* Writes the PEM and wipes every copy of it in memory. */
static enum sp_status write_private(struct sp_partial *file,
	const struct sp_pkey *key, struct sp_error *error)
{
	struct sp_buffer pem = {.data = NULL};
	enum sp_status status = SP_NO_MEMORY;

	if (sp_buffer_reserve(&pem, PEM_ROOM))
		status = sp_pkey_write_pem(key, &pem);
	if (status != SP_OK) {
		sp_error(error, status, "%s: the key cannot be written: %s",
			file->path, sp_status_name(status));
	} else {
		errno = sp_file_write(file->fd, sp_buffer_span(&pem));
		if (errno)
			status = sp_error(error, SP_IO,
				"%s: cannot be written: %m; %s", file->path,
				sp_partial_remedy(errno));
	}
	if (pem.data)
		explicit_bzero(pem.data, pem.room);
	sp_buffer_free(&pem);
	return status;
}

/* The record's value, with t=y in front of p= when testing. */
static enum sp_status make_value(const struct command *command,
	const struct sp_pkey *key, struct sp_buffer *value)
{
	struct sp_buffer plain = {.data = NULL};
	enum sp_status status = sp_keyrecord_write(&plain, key);

	if (status == SP_OK) {
		struct sp_span text = sp_buffer_span(&plain);
		const char *p = memmem(text.data, text.size, "p=", 2);
		size_t before = p ? (size_t)(p - text.data) : 0;

		sp_buffer_add(value, sp_span(text.data, before));
		if (command->testing)
			sp_buffer_add_str(value, "t=y; ");
		sp_buffer_add(value, sp_span_after(text, before));
		status = sp_buffer_status(value);
	}
	sp_buffer_free(&plain);
	return status;
}

static void print_strings(struct sp_span value)
{
	while (value.size) {
		size_t size = value.size < STRING_BYTES_MAX ? value.size
							    : STRING_BYTES_MAX;

		printf("\n\t\"%.*s\"", (int)size, value.data);
		value = sp_span_after(value, size);
	}
}

/* SP_IO with words when standard output does not take it. */
static enum sp_status print_record(const struct command *command,
	const struct sp_pkey *key, struct sp_span value, struct sp_error *error)
{
	printf("; %s %u bits; publish this record:\n",
		sp_pkey_type_name(key->type), key->bits);
	printf("%s. IN TXT (", command->name);
	print_strings(value);
	printf(" )\n");
	printf("; the value alone, for a web form:\n; %.*s\n",
		SP_SPAN_ARGS(value));
	if (fflush(stdout) != 0)
		return sp_error_errno(error, errno, "standard output");
	return SP_OK;
}

/*
 * The key gets its name last: one whose record nobody saw is of no use, and
 * the old one may still be.
 */
static enum sp_status put_out(const struct command *command,
	const struct sp_pkey *key, struct sp_span value, struct sp_error *error)
{
	struct sp_partial file;
	enum sp_status status =
		sp_partial_open_secret(&file, command->output, error);

	if (status == SP_OK)
		status = write_private(&file, key, error);
	if (status == SP_OK)
		status = print_record(command, key, value, error);
	if (status == SP_OK)
		status = command->force ? sp_partial_commit(&file, error)
					: sp_partial_commit_new(&file, error);
	sp_partial_free(&file);
	return status;
}

static enum sp_status make_key(
	const struct command *command, struct sp_error *error)
{
	struct sp_pkey key = {.evp = NULL};
	struct sp_buffer value = {.data = NULL};
	unsigned bits = command->bits ? (unsigned)command->bits : BITS_DEFAULT;
	enum sp_status status = sp_pkey_generate(
		&key, (enum sp_pkey_type)command->type, bits, error);

	if (status == SP_OK) {
		status = make_value(command, &key, &value);
		if (status != SP_OK)
			sp_error(error, status, "%s", sp_status_name(status));
	}
	if (status == SP_OK)
		status = put_out(command, &key, sp_buffer_span(&value), error);
	sp_buffer_free(&value);
	sp_pkey_free(&key);
	return status;
}

/* Is the public half of this key published under the name? */
static int check(struct command *command)
{
	struct sp_pkey key = {.evp = NULL};
	struct sp_error error;
	bool good = false;
	enum sp_status status =
		sp_pkey_open(&key, command->check, NULL, &error);

	if (status == SP_OK)
		status = sp_key_files_open(&command->files, &error);
	if (status == SP_OK)
		status = sp_keys_check_name(&command->files, command->name,
			&key, SP_KEYS_CHECK_TEXT, &good, &error);
	sp_pkey_free(&key);
	sp_key_files_close(&command->files);
	return sp_keys_end(&command->common.console, status, &error,
		good ? SP_EXIT_GOOD : SP_EXIT_SOME);
}

int sp_command_keygen(int argc, char **argv)
{
	struct command command;
	struct sp_console *console = &command.common.console;
	struct sp_error error;
	int status;

	if (!parse(&command, argc, argv, &status))
		return status;
	if (command.check)
		return check(&command);
	if (check_output(&command, &error) != SP_OK ||
		make_key(&command, &error) != SP_OK) {
		sp_console_error(console, "%s", error.text);
		return SP_EXIT_TROUBLE;
	}
	if (command.type == SP_PKEY_RSA && command.bits &&
		command.bits < BITS_DEFAULT)
		sp_console_warning(console,
			"RSA keys below 2048 bits are on their way out "
			"(RFC 8301 section 3.2)");
	return SP_EXIT_GOOD;
}
