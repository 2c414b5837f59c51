/* SPDX-License-Identifier: Apache-2.0 */
/* Options about DNS, and what they lead to: a resolver, a key cache. */
#ifndef SP_CLI_DNS_H
#define SP_CLI_DNS_H

#include "cli/console.h"
#include "cli/options.h"
#include "engine/keycache.h"
#include "io/resolver_dns.h"

struct sp_dns_command {
	bool on, off; /* --dns, --no-dns */
	const char *servers[SP_DNS_SERVERS_MAX];
	size_t server_count;
	uint64_t timeout_s, qps, window;
	uint64_t ttl_min_s, ttl_max_s;
	bool trust_ad;
	const char *key_cache;
};

extern const struct sp_option sp_dns_options[];

void sp_dns_init(struct sp_dns_command *dns);

/* One more name server by its address: what --resolver does. */
enum sp_status sp_dns_add_server(struct sp_dns_command *dns, const char *value,
	struct sp_error *error) __attribute__((warn_unused_result));

/*
 * What is wrong with the options together, or NULL. wanted: name servers will
 * be asked.
 */
const char *sp_dns_fault(const struct sp_dns_command *dns, bool wanted);

/* As sp_resolver_open_dns(), by the options. */
enum sp_status sp_dns_open(struct sp_resolver **resolver,
	const struct sp_dns_command *dns, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Reads --key-cache, if it is given and there is such a file. */
enum sp_status sp_dns_load(const struct sp_dns_command *dns,
	struct sp_keycache *keys, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Replaces the file of --key-cache, if it is given. */
enum sp_status sp_dns_save(const struct sp_dns_command *dns,
	struct sp_keycache *keys, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Appends a line on what the resolver did. */
void sp_dns_summary(struct sp_buffer *out, const char *prefix,
	struct sp_resolver *resolver);

#endif
