/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names on their way to an answer: the window of those under way, retries with
 * growing time limits, the choice of the server, what an answer means. All of
 * it is one thread's; see io/resolver_dns.c.
 */
#ifndef SP_IO_DNSFLIGHT_H
#define SP_IO_DNSFLIGHT_H

#include <stdatomic.h>

#include "io/dnsnet.h"

struct sp_dns_counters {
	atomic_uint_fast64_t names, queries, retries, tcp, timeouts, failures;
};

struct sp_dns_flights;

/* One name under way. */
struct sp_dns_flight {
	struct sp_dns_try try; /* first: c-ares gives it back */
	struct sp_dns_flights *all;
	struct sp_query *query;
	struct sp_dns_name name; /* where the chain of CNAMEs has led */
	int64_t deadline_ms;
	int64_t due_ms; /* in the heap */
	unsigned server; /* of the last try */
	unsigned tries;
	unsigned silences; /* tries that nobody answered */
	unsigned refusals;
	unsigned failures; /* answers that were no use */
	unsigned links; /* aliases followed */
	uint32_t ttl_s; /* least of the aliases followed */
	bool tcp; /* the answer was truncated */
	bool authentic; /* so far */
	bool probe;
	struct sp_dns_flight *next; /* free */
};

struct sp_dns_flights {
	struct sp_dns_net net;
	struct sp_dns_counters counters;
	uint32_t budget_ms; /* for one name */
	uint32_t qps; /* to one server; 0: no limit */
	unsigned window_max;
	unsigned window; /* smaller for a while when answers get lost */
	int64_t window_cut_ms; /* when it was made smaller */

	struct sp_query *first, *last; /* not yet sent for */
	struct sp_dns_flight *flights; /* window_max; owned */
	struct sp_dns_flight *free_flights;
	struct sp_dns_flight **due; /* those that wait: a heap by due_ms */
	unsigned due_count;
	unsigned count; /* flights in use */

	/* All servers silent for a budget: then only a probe now and then. */
	int64_t silent_ms; /* first query since a word was heard; 0: none */
	int64_t probe_ms; /* when the next may leave */
	bool unreachable;
	bool cancelling;
	struct sp_arena arena; /* of the answer being read */
};

enum sp_status sp_dns_flights_open(struct sp_dns_flights *flights,
	const struct sp_dns_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));
void sp_dns_flights_close(struct sp_dns_flights *flights);

/* More names, to be sent for in this order. */
void sp_dns_flights_add(struct sp_dns_flights *flights, struct sp_query *list);

/* Sends what may be sent, waits for something to happen, deals with it. */
void sp_dns_flights_turn(struct sp_dns_flights *flights);

/* Answers everything with SP_ANSWER_TIMEOUT. */
void sp_dns_flights_cancel(struct sp_dns_flights *flights);

/*
 * The heap of flights that wait for their next try: put one in, take out the
 * one that is due first (there must be one).
 */
void sp_dns_due_put(struct sp_dns_flight *flight, int64_t due_ms);
struct sp_dns_flight *sp_dns_due_take(struct sp_dns_flights *flights);

#endif
