/* SPDX-License-Identifier: Apache-2.0 */
/* Options about DNS, the resolver and the key cache they ask for. */
#include "cli/dns.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "io/file.h"
#include "io/partial.h"

#define KEY_CACHE_BYTES_MAX ((size_t)4 << 30)

static enum sp_status add_server(
	void *target, const char *value, struct sp_error *error)
{
	return sp_dns_add_server(target, value, error);
}

#define FIELD(field) .offset = offsetof(struct sp_dns_command, field)

const struct sp_option sp_dns_options[] = {
	{.name = "dns",
		.help = "ask name servers for keys that --keys does not have "
			"(without --keys that is the default)",
		.kind = SP_OPTION_ON,
		FIELD(on)},
	{.name = "no-dns",
		.help = "ask no name server; no packet leaves the machine",
		.kind = SP_OPTION_ON,
		FIELD(off)},
	{.name = "resolver",
		.argument = "ADDR[#PORT]",
		.help = "a name server instead of the system's; repeatable, "
			"the next one is asked when one fails",
		.kind = SP_OPTION_CALL,
		.call = add_server},
	{.name = "dns-timeout",
		.argument = "SECONDS",
		.help = "patience with one name, all tries together (default "
			"10); then it is temperror",
		.kind = SP_OPTION_NUMBER,
		FIELD(timeout_s),
		.min = 1,
		.max = 600},
	{.name = "dns-window",
		.argument = "N",
		.help = "names asked for at the same time (default 1000)",
		.kind = SP_OPTION_NUMBER,
		FIELD(window),
		.min = 1,
		.max = SP_DNS_WINDOW_MAX},
	{.name = "dns-qps",
		.argument = "N",
		.help = "queries per second to each name server at most "
			"(default: no limit)",
		.kind = SP_OPTION_NUMBER,
		FIELD(qps),
		.min = 1,
		.max = 1000000},
	{.name = "trust-ad",
		.help = "believe the name servers about DNSSEC (AD bit); those "
			"on loopback are believed anyway",
		.kind = SP_OPTION_ON,
		FIELD(trust_ad)},
	{.name = "dns-min-ttl",
		.argument = "SECONDS",
		.help = "keep keys at least so long (default 60)",
		.kind = SP_OPTION_NUMBER,
		FIELD(ttl_min_s),
		.min = 1,
		.max = SP_KEY_TTL_MAX_S},
	{.name = "dns-max-ttl",
		.argument = "SECONDS",
		.help = "keep keys at most so long (default 86400)",
		.kind = SP_OPTION_NUMBER,
		FIELD(ttl_max_s),
		.min = 1,
		.max = SP_KEY_TTL_MAX_S},
	{.name = "key-cache",
		.argument = "PATH",
		.help = "keep keys from DNS in this file for the next run",
		.kind = SP_OPTION_TEXT,
		FIELD(key_cache)},
	{.name = NULL},
};

void sp_dns_init(struct sp_dns_command *dns)
{
	*dns = (struct sp_dns_command){
		.timeout_s = SP_DNS_TIMEOUT_MS / 1000,
		.window = SP_DNS_WINDOW,
		.ttl_min_s = SP_KEY_TTL_MIN_S,
		.ttl_max_s = SP_KEY_TTL_MAX_S,
	};
}

enum sp_status sp_dns_add_server(
	struct sp_dns_command *dns, const char *value, struct sp_error *error)
{
	if (!sp_resolver_dns_address(value))
		return sp_error(error, SP_CONFIG,
			"--resolver: '%s' is no address; write 192.0.2.1, "
			"192.0.2.1#5353 or ::1#5353",
			value);
	if (dns->server_count == SP_DNS_SERVERS_MAX)
		return sp_error(error, SP_CONFIG,
			"--resolver: at most %u name servers",
			SP_DNS_SERVERS_MAX);
	dns->servers[dns->server_count++] = value;
	return SP_OK;
}

const char *sp_dns_fault(const struct sp_dns_command *dns, bool wanted)
{
	if (dns->on && dns->off)
		return "--dns and --no-dns contradict each other; drop one";
	if (!wanted && dns->server_count)
		return "--resolver goes with --dns";
	if (!wanted && dns->key_cache)
		return "--key-cache keeps keys from DNS; add --dns";
	if (!wanted && dns->qps)
		return "--dns-qps goes with --dns";
	if (dns->key_cache && *dns->key_cache == '\0')
		return "--key-cache: the path is empty";
	if (dns->key_cache && strcmp(dns->key_cache, "-") == 0)
		return "--key-cache: it is read and written, so it must be a "
		       "file; write ./- for one of that name";
	if (dns->ttl_min_s > dns->ttl_max_s)
		return "--dns-min-ttl is more than --dns-max-ttl";
	return NULL;
}

enum sp_status sp_dns_open(struct sp_resolver **resolver,
	const struct sp_dns_command *dns, struct sp_error *error)
{
	const struct sp_dns_options options = {
		.servers = dns->servers,
		.server_count = dns->server_count,
		.timeout_ms = (uint32_t)dns->timeout_s * 1000,
		.window = (uint32_t)dns->window,
		.qps = (uint32_t)dns->qps,
		.trust_ad = dns->trust_ad,
	};

	return sp_resolver_open_dns(resolver, &options, error);
}

/* Will it be possible to write the file? Nobody likes to hear at the end. */
static enum sp_status try_file(const char *path, struct sp_error *error)
{
	struct sp_partial partial;
	enum sp_status status = sp_partial_open_secret(&partial, path, error);

	if (status == SP_OK)
		sp_partial_free(&partial);
	return status;
}

enum sp_status sp_dns_load(const struct sp_dns_command *dns,
	struct sp_keycache *keys, struct sp_error *error)
{
	struct sp_buffer bytes = {0};
	enum sp_status status = SP_OK;

	if (!dns->key_cache)
		return SP_OK;
	status = try_file(dns->key_cache, error);
	if (status != SP_OK || access(dns->key_cache, F_OK) != 0)
		return status;
	status = sp_file_read(
		&bytes, dns->key_cache, KEY_CACHE_BYTES_MAX, error);
	if (status == SP_OK)
		status = sp_keycache_load(keys, sp_buffer_span(&bytes),
			(int64_t)time(NULL), dns->key_cache, error);
	sp_buffer_free(&bytes);
	return status;
}

static enum sp_status write_file(
	const char *path, struct sp_span bytes, struct sp_error *error)
{
	struct sp_partial partial;
	enum sp_status status = sp_partial_open_secret(&partial, path, error);
	int number;

	if (status != SP_OK)
		return status;
	number = sp_file_write(partial.fd, bytes);
	if (number)
		status = sp_error_errno(error, number,
			"%s: cannot be written; "
			"%s",
			path, sp_partial_remedy(number));
	else
		status = sp_partial_commit(&partial, error);
	sp_partial_free(&partial);
	return status;
}

enum sp_status sp_dns_save(const struct sp_dns_command *dns,
	struct sp_keycache *keys, struct sp_error *error)
{
	struct sp_buffer bytes = {0};
	enum sp_status status;

	if (!dns->key_cache)
		return SP_OK;
	status = sp_keycache_save(keys, (int64_t)time(NULL), &bytes);
	if (status == SP_OK)
		status = write_file(
			dns->key_cache, sp_buffer_span(&bytes), error);
	else
		status = sp_error(error, status,
			"%s: not enough memory to write it; free some",
			dns->key_cache);
	sp_buffer_free(&bytes);
	return status;
}

void sp_dns_summary(
	struct sp_buffer *out, const char *prefix, struct sp_resolver *resolver)
{
	struct sp_dns_stats stats;

	sp_resolver_dns_stats(resolver, &stats);
	if (stats.names == 0)
		return;
	sp_buffer_add_format(out,
		"%sdns: %llu names, %llu queries, %llu retries, %llu by TCP",
		prefix, (unsigned long long)stats.names,
		(unsigned long long)stats.queries,
		(unsigned long long)stats.retries,
		(unsigned long long)stats.tcp);
	if (stats.timeouts)
		sp_buffer_add_format(out, ", %llu without an answer",
			(unsigned long long)stats.timeouts);
	if (stats.failures)
		sp_buffer_add_format(out, ", %llu failed",
			(unsigned long long)stats.failures);
	sp_buffer_add_char(out, '\n');
}
