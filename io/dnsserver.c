/* SPDX-License-Identifier: Apache-2.0 */
/* Name servers: their addresses, which one is asked, and how often. */
#include <arpa/inet.h>

#include <stdlib.h>

#include "io/dnsnet.h"
#include "io/file.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLV_CONF_BYTES_MAX (64u << 10)

/* A server that left so many tries in a row unanswered is passed over. */
#define SILENT_MAX 8u
#define DOWN_MS 2000

static bool parse_port(const char *text, int *port)
{
	int number = 0;

	for (; *text; text++) {
		if (!sp_is_digit(*text) || number > 65535)
			return false;
		number = 10 * number + (*text - '0');
	}
	*port = number;
	return number >= 1 && number <= 65535;
}

static bool parse_address(struct ares_addr_port_node *node, const char *text)
{
	const char *mark = strchr(text, '#');
	size_t size = mark ? (size_t)(mark - text) : strlen(text);
	char address[INET6_ADDRSTRLEN + 1];

	*node = (struct ares_addr_port_node){.next = NULL};
	if (size == 0 || size >= sizeof(address))
		return false;
	memcpy(address, text, size);
	address[size] = '\0';
	if (mark && !parse_port(mark + 1, &node->udp_port))
		return false;
	node->tcp_port = node->udp_port;
	node->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	return inet_pton(node->family, address, &node->addr) == 1;
}

bool sp_resolver_dns_address(const char *text)
{
	struct ares_addr_port_node node;

	return parse_address(&node, text);
}

static bool is_loopback(const struct ares_addr_port_node *node)
{
	const struct in6_addr *six = (const void *)&node->addr.addr6;

	if (node->family == AF_INET)
		return ntohl(node->addr.addr4.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(six) ||
	       (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

static void add_server(struct sp_dns_net *net,
	const struct ares_addr_port_node *node, bool trust_ad)
{
	struct sp_dns_server *server;

	if (net->server_count == SP_DNS_SERVERS_MAX)
		return;
	server = &net->servers[net->server_count++];
	server->address = *node;
	server->address.next = NULL;
	server->trusted = trust_ad || is_loopback(node);
}

/* Is trust-ad one of the words? */
static bool has_trust_ad(struct sp_span words)
{
	while (words.size) {
		size_t size = 0;

		while (size < words.size && !sp_is_fws(words.data[size]))
			size++;
		if (sp_span_is(sp_span(words.data, size), "trust-ad"))
			return true;
		words = sp_span_after(words, size + (size < words.size));
	}
	return false;
}

bool sp_resolver_dns_trusts(struct sp_span conf, const char *res_options)
{
	static const char keyword[] = "options";

	if (res_options && has_trust_ad(sp_span_str(res_options)))
		return true;
	while (conf.data) {
		struct sp_span line = sp_span_split(&conf, '\n');

		/* The keyword begins the line, and white space follows. */
		if (sp_span_starts(line, keyword) &&
			line.size > strlen(keyword) &&
			sp_is_wsp(line.data[strlen(keyword)]) &&
			has_trust_ad(sp_span_after(line, strlen(keyword))))
			return true;
	}
	return false;
}

/* c-ares does not tell this option. */
static bool system_trusts(void)
{
	struct sp_buffer conf = {.data = NULL};
	struct sp_error error;
	bool trusts;

	if (sp_file_read(&conf, RESOLV_CONF, RESOLV_CONF_BYTES_MAX, &error) !=
		SP_OK)
		sp_buffer_clear(&conf);
	trusts = sp_resolver_dns_trusts(
		sp_buffer_span(&conf), getenv("RES_OPTIONS"));
	sp_buffer_free(&conf);
	return trusts;
}

/* The servers of /etc/resolv.conf, as c-ares reads it. */
static enum sp_status system_servers(
	struct sp_dns_net *net, bool trust_ad, struct sp_error *error)
{
	struct ares_addr_port_node *list = NULL;
	ares_channel ares;

	trust_ad = trust_ad || system_trusts();
	if (ares_init(&ares) == ARES_SUCCESS) {
		if (ares_get_servers_ports(ares, &list) == ARES_SUCCESS)
			for (struct ares_addr_port_node *node = list; node;
				node = node->next)
				add_server(net, node, trust_ad);
		ares_free_data(list);
		ares_destroy(ares);
	}
	if (net->server_count == 0)
		return sp_error(error, SP_CONFIG,
			RESOLV_CONF ": names no name server; give "
				    "--resolver ADDR");
	return SP_OK;
}

enum sp_status sp_dns_servers_find(struct sp_dns_net *net,
	const struct sp_dns_options *options, struct sp_error *error)
{
	struct ares_addr_port_node node;

	for (size_t i = 0; i < options->server_count; i++) {
		if (!parse_address(&node, options->servers[i]))
			return sp_error(error, SP_CONFIG,
				"'%s' is no address of a name server; write "
				"192.0.2.1, 192.0.2.1#5353 or ::1#5353",
				options->servers[i]);
		add_server(net, &node, options->trust_ad);
	}
	if (net->server_count)
		return SP_OK;
	return system_servers(net, options->trust_ad, error);
}

static bool take_token(struct sp_dns_server *server, uint32_t qps)
{
	double most = qps / 10.0 + 1;
	int64_t now = sp_dns_now_ms();

	if (!qps)
		return true;
	server->tokens += (double)(now - server->tokens_ms) * qps / 1000;
	server->tokens_ms = now;
	if (server->tokens > most)
		server->tokens = most;
	if (server->tokens < 1)
		return false;
	server->tokens--;
	return true;
}

bool sp_dns_server_choose(
	struct sp_dns_net *net, unsigned first, uint32_t qps, unsigned *chosen)
{
	unsigned servers = net->server_count;
	int64_t now = sp_dns_now_ms();

	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < servers; i++) {
			unsigned at = (first + i) % servers;
			struct sp_dns_server *server = &net->servers[at];
			bool down = now < server->down_until_ms;

			/* Those that are down only when all are. */
			if (down != (pass == 1) || !take_token(server, qps))
				continue;
			*chosen = at;
			return true;
		}
	return false;
}

void sp_dns_server_heard(struct sp_dns_net *net, unsigned at)
{
	net->servers[at].silent = 0;
	net->servers[at].down_until_ms = 0;
}

void sp_dns_server_failed(struct sp_dns_net *net, unsigned at)
{
	struct sp_dns_server *server = &net->servers[at];

	if (++server->silent >= SILENT_MAX)
		server->down_until_ms = sp_dns_now_ms() + DOWN_MS;
}
