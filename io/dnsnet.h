/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network side of the DNS resolver: name servers, c-ares channels to them
 * and their sockets in one epoll. Each try at a name is one query to one server
 * with a time limit of its own; who retries what is io/resolver_dns.c's.
 *
 * c-ares drops what has the wrong id, question or sender. Queries are spread
 * over SP_DNS_PORTS channels, whose sockets have random ports of their own and
 * are closed whenever nothing is under way on them.
 *
 * All of it belongs to one thread but for sp_dns_net_wake().
 */
#ifndef SP_IO_DNSNET_H
#define SP_IO_DNSNET_H

#include <ares.h>

#include "io/dnsmessage.h"
#include "io/resolver_dns.h"

#define SP_DNS_PORTS 16u
#define SP_DNS_LEVELS 3u /* time limits: each is twice the one before */

enum sp_dns_outcome {
	SP_DNS_ANSWERED, /* with a packet */
	SP_DNS_SILENT, /* the time limit passed */
	SP_DNS_UNREACHED, /* refused, no route, connection lost */
	SP_DNS_CANCELLED,
};

/* One query to one server. */
struct sp_dns_try {
	/* Called once, perhaps from within sp_dns_net_send(). */
	void (*done)(struct sp_dns_try *try, enum sp_dns_outcome outcome,
		const unsigned char *packet, size_t size);
	struct sp_dns_channel *channel; /* the net's */
};

/* What c-ares calls a channel, with one server and one time limit. */
struct sp_dns_channel {
	ares_channel ares; /* NULL until it is needed */
	struct sp_dns_net *net;
	unsigned pending;
	uint32_t number; /* in net->channels */
};

struct sp_dns_server {
	struct ares_addr_port_node address;
	bool trusted; /* its AD bit counts */
	unsigned sent; /* queries, for the choice of the port */
	/* For the resolver: */
	unsigned silent; /* tries in a row without an answer */
	int64_t down_until_ms;
	double tokens; /* of the rate limit */
	int64_t tokens_ms;
};

struct sp_dns_net {
	struct sp_dns_server servers[SP_DNS_SERVERS_MAX];
	unsigned server_count;
	uint32_t limit_ms; /* of the first level */
	int epoll;
	int wake;
	bool ares_begun;
	int64_t ticked_ms;
	unsigned pending; /* tries under way */
	uint16_t ids[64]; /* random, used up from the end */
	unsigned id_count;
	/* By server, level, and port; the last one is for TCP. */
	struct sp_dns_channel channels[SP_DNS_SERVERS_MAX][SP_DNS_LEVELS]
				      [SP_DNS_PORTS + 1];
};

enum sp_status sp_dns_net_open(struct sp_dns_net *net,
	const struct sp_dns_options *options, uint32_t limit_ms,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Tries that are under way are done, SP_DNS_CANCELLED. */
void sp_dns_net_close(struct sp_dns_net *net);
void sp_dns_net_cancel(struct sp_dns_net *net);

void sp_dns_net_send(struct sp_dns_net *net, unsigned server, unsigned level,
	bool tcp, const struct sp_dns_name *name, struct sp_dns_try *try);

/* Waits for packets, time limits or a wake, at most so long (-1: for ever). */
void sp_dns_net_poll(struct sp_dns_net *net, int timeout_ms);

/* From any thread. */
void sp_dns_net_wake(struct sp_dns_net *net);

/* The servers of the options, or the system's; see sp_resolver_open_dns(). */
enum sp_status sp_dns_servers_find(struct sp_dns_net *net,
	const struct sp_dns_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * The server for the next try: the first one from "first" on that is not down
 * and may be asked now (qps, 0: always); those that are down only when all are.
 * False when the rate limit says wait.
 */
bool sp_dns_server_choose(
	struct sp_dns_net *net, unsigned first, uint32_t qps, unsigned *chosen);

/* A try was left unanswered; an answer came. */
void sp_dns_server_failed(struct sp_dns_net *net, unsigned at);
void sp_dns_server_heard(struct sp_dns_net *net, unsigned at);

/* A clock that only goes forward. */
int64_t sp_dns_now_ms(void);

#endif
