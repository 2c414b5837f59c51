/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TXT answers from name servers, on c-ares: thousands of names under way at
 * once in one thread of the resolver's own, each with retries, a failover from
 * server to server, and a budget of time (docs/DESIGN.md, "DNS").
 */
#ifndef SP_IO_RESOLVER_DNS_H
#define SP_IO_RESOLVER_DNS_H

#include "base/limits.h"
#include "io/resolver.h"

#define SP_DNS_TIMEOUT_MS 10000u /* defaults of the options below */
#define SP_DNS_WINDOW 1000u
#define SP_DNS_WINDOW_MAX 20000u

struct sp_dns_options {
	/* ADDR or ADDR#PORT each, asked in this order; none: the system's. */
	const char *const *servers;
	size_t server_count; /* at most SP_DNS_SERVERS_MAX */
	/* For one name, from its first query to its answer; and how long all
	 * servers may be silent before they count as unreachable. 0: the
	 * default. */
	uint32_t timeout_ms;
	uint32_t window; /* names under way at most; 0: the default */
	uint32_t qps; /* queries per second to one server; 0: no limit */
	/* Believe the AD bit of servers beyond loopback, too. The system's are
	 * also believed when the system says so. */
	bool trust_ad;
};

/* Counters, readable at any time. */
struct sp_dns_stats {
	uint64_t names; /* answered, in whatever way */
	uint64_t queries; /* sent, retries and TCP included */
	uint64_t retries;
	uint64_t tcp; /* queries sent by TCP after truncation */
	uint64_t timeouts; /* names nobody answered */
	uint64_t failures; /* names answered with a failure (SERVFAIL) */
};

/*
 * SP_CONFIG for an address that is none or a system without name server;
 * SP_IO and SP_NO_MEMORY when sockets or the thread cannot be made. Names may
 * be asked for with lookup() and start(). NXDOMAIN and "no such record" are one
 * answer. Closing answers what is under way with SP_ANSWER_TIMEOUT.
 */
enum sp_status sp_resolver_open_dns(struct sp_resolver **resolver,
	const struct sp_dns_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Is this ADDR or ADDR#PORT? */
bool sp_resolver_dns_address(const char *text);

/*
 * Does the system trust its name servers about DNSSEC: is "trust-ad" among the
 * options of this resolv.conf(5), or in RES_OPTIONS (NULL: not set)?
 */
bool sp_resolver_dns_trusts(struct sp_span conf, const char *res_options);

/* resolver comes from sp_resolver_open_dns(). */
void sp_resolver_dns_stats(
	struct sp_resolver *resolver, struct sp_dns_stats *stats);

#endif
