/* SPDX-License-Identifier: Apache-2.0 */
/* "sealpress keys": the table of its commands, and what they share. */
#include "cli/keys.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "engine/domain.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"harvest", sp_keys_harvest},
	{"import", sp_keys_import},
	{"add", sp_keys_add},
	{"list", sp_keys_list},
	{"export", sp_keys_export},
	{"check", sp_keys_check},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

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

static int run_alone(int argc, char **argv)
{
	struct sp_common common;
	struct sp_option_group groups[] = {
		{"Options", sp_basic_options, &common},
	};
	const struct sp_command about = {
		.name = "sealpress keys",
		.usage = "sealpress keys COMMAND [OPTION...]",
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
	return sp_usage_error(&about,
		first < argc ? "the command comes before its options"
			     : "no command given; use harvest, import, add, "
			       "list, export or check");
}

int sp_command_keys(int argc, char **argv)
{
	struct sp_console console;

	if (argc < 2 || argv[1][0] == '-')
		return run_alone(argc, argv);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, argv[1]) == 0)
			return commands[i].run(argc - 1, argv + 1);
	sp_console_init(&console);
	sp_console_error(&console,
		"unknown command 'keys %s'; see 'sealpress keys --help'",
		argv[1]);
	return SP_EXIT_TROUBLE;
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

static enum sp_status add_file(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_key_files *files = target;

	if (files->count == SP_KEY_FILES_MAX)
		return sp_error(error, SP_CONFIG,
			"--keys: at most %u files; join some of them",
			SP_KEY_FILES_MAX);
	files->paths[files->count++] = value;
	return SP_OK;
}

const struct sp_option sp_key_file_options[] = {
	{.name = "keys",
		.argument = "FILE",
		.help = "public keys: a key file, zone file or key archive; "
			"repeatable, asked in the order given",
		.kind = SP_OPTION_CALL,
		.call = add_file},
	{.name = NULL},
};

enum sp_status sp_key_files_open(
	struct sp_key_files *files, struct sp_error *error)
{
	for (; files->open < files->count; files->open++) {
		enum sp_status status =
			sp_resolver_open(&files->resolvers[files->open],
				files->paths[files->open], error);

		if (status != SP_OK)
			return status;
	}
	return SP_OK;
}

void sp_key_files_close(struct sp_key_files *files)
{
	while (files->open)
		sp_resolver_close(files->resolvers[--files->open]);
}

/* Asks one source for what those before it did not know. */
static enum sp_status ask_one(struct sp_resolver *resolver,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena, struct sp_error *error)
{
	struct sp_span *wanted = SP_ARENA_ARRAY(arena, struct sp_span, count);
	struct sp_answer *found =
		SP_ARENA_ARRAY(arena, struct sp_answer, count);
	size_t asked = 0, next = 0;
	enum sp_status status;

	if (!wanted || !found)
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (answers[i].status == SP_ANSWER_UNKNOWN)
			wanted[asked++] = names[i];
	if (asked == 0)
		return SP_OK;
	sp_error(error, SP_NO_MEMORY, "out of memory");
	status = resolver->ops->lookup(resolver, wanted, asked, found, arena);
	if (status != SP_OK && resolver->ops->explain)
		resolver->ops->explain(resolver, error);
	for (size_t i = 0; i < count && status == SP_OK; i++)
		if (answers[i].status == SP_ANSWER_UNKNOWN)
			answers[i] = found[next++];
	return status;
}

enum sp_status sp_key_files_ask(struct sp_key_files *files,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena, struct sp_error *error)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < count; i++)
		answers[i] = (struct sp_answer){.status = SP_ANSWER_UNKNOWN};
	for (size_t i = 0; i < files->open && status == SP_OK; i++)
		status = ask_one(files->resolvers[i], names, count, answers,
			arena, error);
	return status;
}
