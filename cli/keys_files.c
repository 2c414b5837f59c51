/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where "sealpress keys" and "keygen --check" find keys: files, and, when they
 * are told to, name servers.
 */
#include "cli/keys.h"

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

static enum sp_status add_server(
	void *target, const char *value, struct sp_error *error)
{
	struct sp_key_files *files = target;

	return sp_dns_add_server(&files->dns, value, error);
}

#define FIELD(field) .offset = offsetof(struct sp_key_files, field)

const struct sp_option sp_key_file_options[] = {
	{.name = "keys",
		.argument = "FILE",
		.help = "public keys: a key file, zone file or key archive; "
			"repeatable, asked in the order given",
		.kind = SP_OPTION_CALL,
		.call = add_file},
	{.name = "resolve",
		.help = "ask name servers for what --keys does not have",
		.kind = SP_OPTION_ON,
		FIELD(resolve)},
	{.name = "resolver",
		.argument = "ADDR[#PORT]",
		.help = "with --resolve: a name server instead of the "
			"system's; "
			"repeatable",
		.kind = SP_OPTION_CALL,
		.call = add_server},
	{.name = "dns-timeout",
		.argument = "SECONDS",
		.help = "with --resolve: patience with one name (default 10)",
		.kind = SP_OPTION_NUMBER,
		FIELD(dns.timeout_s),
		.min = 1,
		.max = 600},
	{.name = "dns-qps",
		.argument = "N",
		.help = "with --resolve: queries per second to each name "
			"server "
			"at most (default: no limit)",
		.kind = SP_OPTION_NUMBER,
		FIELD(dns.qps),
		.min = 1,
		.max = 1000000},
	{.name = "trust-ad",
		.help = "with --resolve: believe name servers beyond loopback "
			"about DNSSEC, too",
		.kind = SP_OPTION_ON,
		FIELD(dns.trust_ad)},
	{.name = NULL},
};

const char *sp_key_files_fault(const struct sp_key_files *files)
{
	if (files->resolve)
		return NULL;
	if (files->dns.server_count)
		return "--resolver goes with --resolve";
	if (files->dns.timeout_s || files->dns.qps || files->dns.trust_ad)
		return "--dns-timeout, --dns-qps and --trust-ad go with "
		       "--resolve";
	return NULL;
}

static enum sp_status open_dns(
	struct sp_key_files *files, struct sp_error *error)
{
	enum sp_status status =
		sp_dns_open(&files->resolvers[files->open], &files->dns, error);

	files->open += status == SP_OK;
	return status;
}

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
	return files->resolve ? open_dns(files, error) : SP_OK;
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
