/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names on their way to an answer (RFC 1035 7.2 to 7.3; RFC 8767 section 5 on
 * patience): who is asked, when again, and when it is enough.
 */
#include "io/dnsflight.h"

#include <assert.h>
#include <stdlib.h>

#define WINDOW_MIN 16u
#define RETRY_MS 50 /* after a refusal, doubled each time */
#define FAILURES_MAX 2u /* SERVFAIL and the like, before they are believed */

static void count(atomic_uint_fast64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

enum sp_status sp_dns_flights_open(struct sp_dns_flights *flights,
	const struct sp_dns_options *options, struct sp_error *error)
{
	uint32_t budget_ms =
		options->timeout_ms ? options->timeout_ms : SP_DNS_TIMEOUT_MS;
	/* Levels take 1, 2 and 4 parts of the budget. */
	enum sp_status status = sp_dns_net_open(&flights->net, options,
		budget_ms / ((1u << SP_DNS_LEVELS) - 1) + 1, error);

	flights->budget_ms = budget_ms;
	flights->qps = options->qps;
	flights->window_max = options->window ? options->window : SP_DNS_WINDOW;
	flights->window = flights->window_max;
	flights->arena.chunk_bytes = SP_KEY_RECORD_BYTES_MAX;
	if (status != SP_OK)
		return status;
	flights->flights =
		calloc(flights->window_max, sizeof(*flights->flights));
	flights->due = calloc(flights->window_max, sizeof(*flights->due));
	if (!flights->flights || !flights->due)
		return sp_error(error, SP_NO_MEMORY,
			"not enough memory to ask name servers; use a smaller "
			"--dns-window");
	for (unsigned i = 0; i < flights->window_max; i++) {
		flights->flights[i].next = flights->free_flights;
		flights->free_flights = &flights->flights[i];
	}
	return SP_OK;
}

void sp_dns_flights_close(struct sp_dns_flights *flights)
{
	assert(flights->count == 0 && !flights->first);
	sp_dns_net_close(&flights->net);
	sp_arena_free(&flights->arena);
	free(flights->flights);
	free(flights->due);
}

void sp_dns_flights_add(struct sp_dns_flights *flights, struct sp_query *list)
{
	if (!list)
		return;
	/* What nobody answered before a pause is no sign of now. */
	if (flights->count == 0 && !flights->first && !flights->unreachable)
		flights->silent_ms = 0;
	if (flights->first)
		flights->last->next = list;
	else
		flights->first = list;
	flights->last = list;
	while (flights->last->next)
		flights->last = flights->last->next;
}

static void deliver(struct sp_dns_flights *flights, struct sp_query *query,
	const struct sp_answer *answer)
{
	struct sp_dns_counters *counters = &flights->counters;

	count(&counters->names);
	if (answer->status == SP_ANSWER_TIMEOUT)
		count(&counters->timeouts);
	else if (answer->status == SP_ANSWER_SERVFAIL)
		count(&counters->failures);
	query->done(query, answer);
}

static void deliver_status(struct sp_dns_flights *flights,
	struct sp_query *query, enum sp_answer_status status)
{
	const struct sp_answer answer = {
		.status = status, .source = SP_KEY_SOURCE_DNS};

	deliver(flights, query, &answer);
}

static void give_back(struct sp_dns_flight *flight)
{
	flight->next = flight->all->free_flights;
	flight->all->free_flights = flight;
	flight->all->count--;
}

static void end(struct sp_dns_flight *flight, enum sp_answer_status status)
{
	deliver_status(flight->all, flight->query, status);
	give_back(flight);
}

/* Again, after so long; or never, when the budget does not allow it. */
static void retry(struct sp_dns_flight *flight, int64_t after_ms,
	enum sp_answer_status otherwise)
{
	int64_t now = sp_dns_now_ms();
	int64_t least = flight->all->net.limit_ms / 2;

	if (flight->all->cancelling || flight->all->unreachable ||
		flight->probe || now + after_ms + least > flight->deadline_ms)
		end(flight, otherwise);
	else
		sp_dns_due_put(flight, now + after_ms);
}

/* A lost packet may be one too many: half as many at once, for now. */
static void cut_window(struct sp_dns_flights *flights)
{
	int64_t now = sp_dns_now_ms();

	if (flights->window <= WINDOW_MIN ||
		now - flights->window_cut_ms < flights->net.limit_ms)
		return;
	flights->window_cut_ms = now;
	flights->window /= 2;
}

static void heard(struct sp_dns_flights *flights, unsigned at)
{
	sp_dns_server_heard(&flights->net, at);
	flights->silent_ms = 0;
	flights->unreachable = false;
	if (flights->window < flights->window_max)
		flights->window++;
}

/* An answer that is of no use: believed when it was heard often enough. */
static void failed(struct sp_dns_flight *flight)
{
	unsigned servers = flight->all->net.server_count;
	unsigned most = servers > FAILURES_MAX ? servers : FAILURES_MAX;

	flight->tcp = false;
	if (++flight->failures >= most)
		end(flight, SP_ANSWER_SERVFAIL);
	else
		retry(flight, servers > 1 ? 0 : RETRY_MS, SP_ANSWER_SERVFAIL);
}

static void found(
	struct sp_dns_flight *flight, const struct sp_dns_reply *reply)
{
	struct sp_dns_flights *flights = flight->all;
	struct sp_answer answer = {
		.status = reply->kind == SP_DNS_TXT ? SP_ANSWER_FOUND
						    : SP_ANSWER_NXDOMAIN,
		.values = reply->values,
		.count = reply->count,
		.ttl_s = reply->ttl_s < flight->ttl_s ? reply->ttl_s
						      : flight->ttl_s,
		.source = SP_KEY_SOURCE_DNS,
		.dnssec = SP_DNSSEC_UNKNOWN,
	};

	if (flights->net.servers[flight->server].trusted)
		answer.dnssec = flight->authentic ? SP_DNSSEC_SECURE
						  : SP_DNSSEC_INSECURE;
	deliver(flights, flight->query, &answer);
	give_back(flight);
}

static void follow(
	struct sp_dns_flight *flight, const struct sp_dns_reply *reply)
{
	if (++flight->links > SP_DNS_CHAIN_MAX) {
		end(flight, SP_ANSWER_SERVFAIL);
		return;
	}
	flight->name = reply->target;
	flight->tcp = false;
	retry(flight, 0, SP_ANSWER_TIMEOUT);
}

static void read_packet(
	struct sp_dns_flight *flight, const unsigned char *packet, size_t size)
{
	struct sp_dns_flights *flights = flight->all;
	struct sp_dns_reply reply;
	enum sp_status status = sp_dns_reply_read(
		&reply, packet, size, &flight->name, &flights->arena);
	bool useless;

	heard(flights, flight->server);
	/* Cut where nothing need be: half an answer is none. */
	useless = status != SP_OK || reply.kind == SP_DNS_BROKEN ||
		  reply.kind == SP_DNS_FAILED ||
		  (reply.truncated && flight->tcp);
	if (!useless)
		flight->authentic &= reply.authentic;
	if (useless) {
		failed(flight);
	} else if (reply.truncated) {
		flight->tcp = true;
		retry(flight, 0, SP_ANSWER_TIMEOUT);
	} else if (reply.kind == SP_DNS_LOOP) {
		end(flight, SP_ANSWER_SERVFAIL);
	} else if (reply.kind == SP_DNS_ALIAS) {
		follow(flight, &reply);
	} else {
		found(flight, &reply);
	}
	sp_arena_reset(&flights->arena);
}

/* Nobody there, or no TCP: soon again, elsewhere if there is an elsewhere. */
static void unreached(struct sp_dns_flight *flight)
{
	unsigned doublings = flight->refusals < 6 ? flight->refusals : 6;

	flight->refusals++;
	if (flight->tcp) {
		/* UDP works: that is an answer nobody can get. */
		failed(flight);
		return;
	}
	sp_dns_server_failed(&flight->all->net, flight->server);
	retry(flight, RETRY_MS << doublings, SP_ANSWER_TIMEOUT);
}

static void try_done(struct sp_dns_try *try, enum sp_dns_outcome outcome,
	const unsigned char *packet, size_t size)
{
	struct sp_dns_flight *flight = (struct sp_dns_flight *)try;

	switch (outcome) {
	case SP_DNS_ANSWERED:
		read_packet(flight, packet, size);
		break;
	case SP_DNS_SILENT:
		flight->silences++;
		flight->tcp = false;
		sp_dns_server_failed(&flight->all->net, flight->server);
		cut_window(flight->all);
		retry(flight, 0, SP_ANSWER_TIMEOUT);
		break;
	case SP_DNS_UNREACHED:
		unreached(flight);
		break;
	case SP_DNS_CANCELLED:
		end(flight, SP_ANSWER_TIMEOUT);
		break;
	}
}

/* The longest time limit that is due and that the budget allows. */
static unsigned level_of(const struct sp_dns_flight *flight)
{
	unsigned level = flight->silences;
	int64_t left = flight->deadline_ms - sp_dns_now_ms();

	if (level >= SP_DNS_LEVELS)
		level = SP_DNS_LEVELS - 1;
	while (level && (int64_t)flight->all->net.limit_ms << level >
				left + flight->all->net.limit_ms / 2)
		level--;
	return level;
}

/* False when the rate limit says wait. */
static bool launch(struct sp_dns_flight *flight)
{
	struct sp_dns_flights *flights = flight->all;
	const int64_t now = sp_dns_now_ms();
	unsigned first = 0;

	if (flight->tcp)
		first = flight->server;
	else if (flight->tries)
		first = flight->server + 1;
	if (!sp_dns_server_choose(
		    &flights->net, first, flights->qps, &flight->server))
		return false;
	count(&flights->counters.queries);
	if (flight->tcp)
		count(&flights->counters.tcp);
	else if (flight->tries)
		count(&flights->counters.retries);
	if (!flights->silent_ms)
		flights->silent_ms = now;
	if (flight->tries++ == 0)
		flight->deadline_ms = now + flights->budget_ms;
	flight->try.done = try_done;
	sp_dns_net_send(&flights->net, flight->server, level_of(flight),
		flight->tcp, &flight->name, &flight->try);
	return true;
}

/* The query at the front takes off, or waits for the rate limit. */
static bool board(struct sp_dns_flights *flights)
{
	struct sp_query *query = flights->first;
	struct sp_dns_flight *flight = flights->free_flights;
	struct sp_dns_flight *next = flight->next;

	*flight = (struct sp_dns_flight){
		.all = flights,
		.query = query,
		.ttl_s = INT32_MAX,
		.authentic = true,
		.probe = flights->unreachable,
	};
	if (!sp_dns_name_parse(&flight->name, query->name)) {
		/* No such name can exist. */
		flight->next = next;
		flights->first = query->next;
		deliver_status(flights, query, SP_ANSWER_NXDOMAIN);
		return true;
	}
	flights->free_flights = next;
	flights->first = query->next;
	flights->count++;
	if (launch(flight))
		return true;
	give_back(flight);
	query->next = flights->first;
	flights->first = query;
	return false;
}

static void drop_queue(struct sp_dns_flights *flights)
{
	while (flights->first) {
		struct sp_query *query = flights->first;

		flights->first = query->next;
		deliver_status(flights, query, SP_ANSWER_TIMEOUT);
	}
}

/*
 * When no server said a word for a whole budget, names are not made to wait
 * for it one after the other: they are answered at once, but for a probe.
 */
static void watch_reach(struct sp_dns_flights *flights)
{
	int64_t now = sp_dns_now_ms();

	if (flights->silent_ms && !flights->unreachable &&
		now - flights->silent_ms >= flights->budget_ms) {
		flights->unreachable = true;
		flights->probe_ms = now + flights->net.limit_ms;
	}
	if (!flights->unreachable)
		return;
	if (flights->first && now >= flights->probe_ms &&
		flights->count < flights->window_max) {
		flights->probe_ms = now + flights->net.limit_ms;
		board(flights);
	}
	if (flights->unreachable)
		drop_queue(flights);
}

/* Sends what may be sent; how long until more may, or -1. */
static int send_all(struct sp_dns_flights *flights)
{
	const int64_t now = sp_dns_now_ms();

	while (flights->due_count && flights->due[0]->due_ms <= now) {
		struct sp_dns_flight *flight = sp_dns_due_take(flights);

		/* It waited for the rate limit for too long. */
		if (now > flight->deadline_ms) {
			end(flight, flight->failures ? SP_ANSWER_SERVFAIL
						     : SP_ANSWER_TIMEOUT);
		} else if (!launch(flight)) {
			sp_dns_due_put(flight, now + 1);
			return 1;
		}
	}
	while (flights->first && flights->count < flights->window)
		if (!board(flights))
			return 1; /* the rate limit: look again soon */
	return flights->due_count ? (int)(flights->due[0]->due_ms - now) : -1;
}

void sp_dns_flights_turn(struct sp_dns_flights *flights)
{
	watch_reach(flights);
	sp_dns_net_poll(&flights->net, send_all(flights));
}

void sp_dns_flights_cancel(struct sp_dns_flights *flights)
{
	flights->cancelling = true;
	drop_queue(flights);
	while (flights->due_count)
		end(sp_dns_due_take(flights), SP_ANSWER_TIMEOUT);
	sp_dns_net_cancel(&flights->net);
	assert(flights->count == 0);
}
