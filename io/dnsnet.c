/* SPDX-License-Identifier: Apache-2.0 */
/* Name servers over c-ares: channels, sockets, time limits. */
#include "io/dnsnet.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"

#define EVENTS 64
/* How often time limits are looked at: c-ares' own way to the next one walks
 * over all queries. */
#define TICK_MS 20
/* So many queries leave by one port before the next port's turn. */
#define PORT_TURN 64u
#define SOCKET_BUFFER_BYTES (1 << 20)
#define WAKE UINT32_MAX

int64_t sp_dns_now_ms(void)
{
	return (int64_t)(sp_clock_ns() / 1000000);
}

static enum sp_status watch(struct sp_dns_net *net)
{
	struct epoll_event event = {.events = EPOLLIN};

	net->epoll = epoll_create1(EPOLL_CLOEXEC);
	net->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event.data.u64 = (uint64_t)WAKE << 32;
	if (net->epoll < 0 || net->wake < 0 ||
		epoll_ctl(net->epoll, EPOLL_CTL_ADD, net->wake, &event) != 0)
		return SP_IO;
	return SP_OK;
}

enum sp_status sp_dns_net_open(struct sp_dns_net *net,
	const struct sp_dns_options *options, uint32_t limit_ms,
	struct sp_error *error)
{
	enum sp_status status;

	*net = (struct sp_dns_net){
		.epoll = -1, .wake = -1, .limit_ms = limit_ms};
	net->ares_begun = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
	if (!net->ares_begun)
		return sp_error(error, SP_IO, "c-ares does not start");
	for (uint32_t i = 0;
		i < sizeof(net->channels) / sizeof(struct sp_dns_channel); i++)
		(&net->channels[0][0][0])[i] =
			(struct sp_dns_channel){.net = net, .number = i};
	status = sp_dns_servers_find(net, options, error);
	if (status == SP_OK && watch(net) != SP_OK)
		status = sp_error_errno(error, errno,
			"name servers cannot be watched (epoll, eventfd)");
	return status;
}

static size_t channel_count(const struct sp_dns_net *net)
{
	return (size_t)net->server_count * SP_DNS_LEVELS * (SP_DNS_PORTS + 1);
}

void sp_dns_net_cancel(struct sp_dns_net *net)
{
	struct sp_dns_channel *channels = &net->channels[0][0][0];

	for (size_t i = 0; i < channel_count(net); i++)
		if (channels[i].pending)
			ares_cancel(channels[i].ares);
}

void sp_dns_net_close(struct sp_dns_net *net)
{
	struct sp_dns_channel *channels = &net->channels[0][0][0];

	for (size_t i = 0; i < channel_count(net); i++)
		if (channels[i].ares)
			ares_destroy(channels[i].ares);
	if (net->ares_begun)
		ares_library_cleanup();
	if (net->wake >= 0)
		close(net->wake);
	if (net->epoll >= 0)
		close(net->epoll);
}

/* c-ares opened, wants to hear of, or is about to close a socket. */
static void socket_changed(void *data, ares_socket_t fd, int in, int out)
{
	struct sp_dns_channel *channel = data;
	int epoll = channel->net->epoll;
	struct epoll_event event = {
		.events = (in ? EPOLLIN : 0u) | (out ? EPOLLOUT : 0u),
		.data.u64 = (uint64_t)channel->number << 32 | (uint32_t)fd,
	};

	if (!in && !out)
		epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) != 0)
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static bool channel_open(struct sp_dns_channel *channel,
	const struct sp_dns_server *server, uint32_t limit_ms, bool tcp)
{
	struct ares_addr_port_node address = server->address;
	struct ares_options options = {
		/* All of what comes is looked at here, failures too. */
		.flags = ARES_FLAG_EDNS | ARES_FLAG_NOCHECKRESP |
			 ARES_FLAG_IGNTC | (tcp ? ARES_FLAG_USEVC : 0),
		.timeout = (int)limit_ms,
		.tries = 1,
		.ednspsz = SP_DNS_UDP_BYTES,
		.socket_send_buffer_size = SOCKET_BUFFER_BYTES,
		.socket_receive_buffer_size = SOCKET_BUFFER_BYTES,
		.sock_state_cb = socket_changed,
		.sock_state_cb_data = channel,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		   ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_SNDBUF |
		   ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB |
		   ARES_OPT_NOROTATE;

	if (ares_init_options(&channel->ares, &options, mask) != ARES_SUCCESS) {
		channel->ares = NULL;
		return false;
	}
	if (ares_set_servers_ports(channel->ares, &address) == ARES_SUCCESS)
		return true;
	ares_destroy(channel->ares);
	channel->ares = NULL;
	return false;
}

static void answered(void *argument, int status, int timeouts,
	unsigned char *packet, int size)
{
	struct sp_dns_try *try = argument;
	enum sp_dns_outcome outcome = SP_DNS_UNREACHED;

	(void)timeouts;
	try->channel->pending--;
	try->channel->net->pending--;
	if (status == ARES_SUCCESS)
		outcome = SP_DNS_ANSWERED;
	else if (status == ARES_ETIMEOUT)
		outcome = SP_DNS_SILENT;
	else if (status == ARES_ECANCELLED || status == ARES_EDESTRUCTION)
		outcome = SP_DNS_CANCELLED;
	try->done(try, outcome, packet, packet ? (size_t)size : 0);
}

/* Ids nobody can guess; the port of the socket is random by the kernel. */
static uint16_t next_id(struct sp_dns_net *net)
{
	if (net->id_count == 0) {
		/* Up to 256 bytes are never cut short (getrandom(2)). */
		ssize_t got = getrandom(net->ids, sizeof(net->ids), 0);

		assert(got == (ssize_t)sizeof(net->ids));
		net->id_count = sizeof(net->ids) / sizeof(net->ids[0]);
	}
	return net->ids[--net->id_count];
}

void sp_dns_net_send(struct sp_dns_net *net, unsigned server, unsigned level,
	bool tcp, const struct sp_dns_name *name, struct sp_dns_try *try)
{
	struct sp_dns_server *to = &net->servers[server];
	unsigned port =
		tcp ? SP_DNS_PORTS : to->sent / PORT_TURN % SP_DNS_PORTS;
	struct sp_dns_channel *channel = &net->channels[server][level][port];
	unsigned char query[SP_DNS_QUERY_BYTES_MAX];
	size_t size;

	to->sent++;
	if (!channel->ares &&
		!channel_open(channel, to, net->limit_ms << level, tcp)) {
		try->done(try, SP_DNS_UNREACHED, NULL, 0);
		return;
	}
	size = sp_dns_query_write(query, name, next_id(net), to->trusted);
	try->channel = channel;
	channel->pending++;
	net->pending++;
	ares_send(channel->ares, query, (int)size, answered, try);
}

/* Time limits that have passed. */
static void tick(struct sp_dns_net *net)
{
	struct sp_dns_channel *channels = &net->channels[0][0][0];
	int64_t now = sp_dns_now_ms();

	if (now - net->ticked_ms < TICK_MS)
		return;
	net->ticked_ms = now;
	for (size_t i = 0; i < channel_count(net); i++)
		if (channels[i].pending)
			ares_process_fd(channels[i].ares, ARES_SOCKET_BAD,
				ARES_SOCKET_BAD);
}

static void handle(struct sp_dns_net *net, const struct epoll_event *event)
{
	uint32_t number = (uint32_t)(event->data.u64 >> 32);
	ares_socket_t fd = (ares_socket_t)(uint32_t)event->data.u64;
	struct sp_dns_channel *channel;
	uint64_t wakes;

	if (number == WAKE) {
		ssize_t got = read(net->wake, &wakes, sizeof(wakes));

		(void)got; /* nothing there: somebody was faster */
		return;
	}
	/* A socket that was closed meanwhile is none of the channel's. */
	channel = &net->channels[0][0][0] + number;
	ares_process_fd(channel->ares,
		event->events & ~EPOLLOUT ? fd : ARES_SOCKET_BAD,
		event->events & EPOLLOUT ? fd : ARES_SOCKET_BAD);
}

void sp_dns_net_poll(struct sp_dns_net *net, int timeout_ms)
{
	struct epoll_event events[EVENTS];
	int count;

	if (net->pending && (timeout_ms < 0 || timeout_ms > TICK_MS))
		timeout_ms = TICK_MS;
	count = epoll_wait(net->epoll, events, EVENTS, timeout_ms);
	for (int i = 0; i < count; i++)
		handle(net, &events[i]);
	tick(net);
}

void sp_dns_net_wake(struct sp_dns_net *net)
{
	uint64_t one = 1;
	ssize_t written = write(net->wake, &one, sizeof(one));

	(void)written; /* full: it will wake anyway */
}
