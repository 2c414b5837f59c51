/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TXT answers from name servers (RFC 6376 3.6.2.1): one thread that sends,
 * retries, fails over and delivers. Callers put queries into an inbox that
 * needs no lock; the thread's own state needs none either.
 */
#include "io/resolver_dns.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "io/dnsflight.h"

struct resolver_dns {
	struct sp_resolver base;
	struct sp_dns_flights flights;
	_Atomic(struct sp_query *) inbox; /* newest first */
	atomic_bool cancelled;
	atomic_bool closing;
	pthread_t thread;
	bool running;
};

/* What is in the inbox, oldest first. */
static struct sp_query *empty_inbox(struct resolver_dns *dns)
{
	struct sp_query *newest = atomic_exchange_explicit(
		&dns->inbox, NULL, memory_order_acquire);
	struct sp_query *list = NULL;

	while (newest) {
		struct sp_query *next = newest->next;

		newest->next = list;
		list = newest;
		newest = next;
	}
	return list;
}

static void *run(void *argument)
{
	struct resolver_dns *dns = argument;
	struct sp_dns_flights *flights = &dns->flights;

	while (!atomic_load(&dns->closing)) {
		sp_dns_flights_add(flights, empty_inbox(dns));
		if (atomic_load(&dns->cancelled))
			sp_dns_flights_cancel(flights);
		sp_dns_flights_turn(flights);
	}
	sp_dns_flights_add(flights, empty_inbox(dns));
	sp_dns_flights_cancel(flights);
	return NULL;
}

static void dns_start(struct sp_resolver *resolver, struct sp_query *queries)
{
	struct resolver_dns *dns = (struct resolver_dns *)resolver;
	struct sp_query *last = NULL;
	struct sp_query *list = NULL;
	struct sp_query *head;

	/* Newest first, as the inbox has it. */
	while (queries) {
		struct sp_query *next = queries->next;

		if (!last)
			last = queries;
		queries->next = list;
		list = queries;
		queries = next;
	}
	if (!list)
		return;
	head = atomic_load_explicit(&dns->inbox, memory_order_relaxed);
	do
		last->next = head;
	while (!atomic_compare_exchange_weak_explicit(&dns->inbox, &head, list,
		memory_order_release, memory_order_relaxed));
	if (!head)
		sp_dns_net_wake(&dns->flights.net);
}

static void dns_cancel(struct sp_resolver *resolver)
{
	struct resolver_dns *dns = (struct resolver_dns *)resolver;

	atomic_store(&dns->cancelled, true);
	sp_dns_net_wake(&dns->flights.net);
}

/* A caller that waits for a list of names. */
struct visit {
	pthread_mutex_t lock;
	pthread_cond_t done;
	size_t left;
	bool no_memory;
	struct sp_arena *arena; /* the resolver thread's while it waits */
};

struct visit_query {
	struct sp_query base;
	struct visit *visit;
	struct sp_answer *answer;
};

static bool copy_answer(struct sp_answer *to, const struct sp_answer *from,
	struct sp_arena *arena)
{
	*to = *from;
	to->values = SP_ARENA_ARRAY(arena, struct sp_span, from->count);
	if (!to->values)
		return false;
	for (size_t i = 0; i < from->count; i++) {
		char *copy = sp_arena_copy(arena, from->values[i]);

		if (!copy)
			return false;
		to->values[i] = sp_span(copy, from->values[i].size);
	}
	return true;
}

static void visit_done(struct sp_query *query, const struct sp_answer *answer)
{
	struct visit_query *own = (struct visit_query *)query;
	struct visit *visit = own->visit;

	pthread_mutex_lock(&visit->lock);
	if (!copy_answer(own->answer, answer, visit->arena))
		visit->no_memory = true;
	if (--visit->left == 0)
		pthread_cond_signal(&visit->done);
	pthread_mutex_unlock(&visit->lock);
}

static enum sp_status dns_lookup(struct sp_resolver *resolver,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena)
{
	struct visit visit = {.left = count, .arena = arena};
	struct visit_query *queries =
		SP_ARENA_ARRAY(arena, struct visit_query, count);

	if (!queries)
		return SP_NO_MEMORY;
	if (count == 0)
		return SP_OK;
	for (size_t i = 0; i < count; i++)
		queries[i] = (struct visit_query){
			.base.name = names[i],
			.base.done = visit_done,
			.base.next =
				i + 1 < count ? &queries[i + 1].base : NULL,
			.visit = &visit,
			.answer = &answers[i],
		};
	pthread_mutex_init(&visit.lock, NULL);
	pthread_cond_init(&visit.done, NULL);
	dns_start(resolver, &queries[0].base);
	pthread_mutex_lock(&visit.lock);
	while (visit.left)
		pthread_cond_wait(&visit.done, &visit.lock);
	pthread_mutex_unlock(&visit.lock);
	pthread_cond_destroy(&visit.done);
	pthread_mutex_destroy(&visit.lock);
	return visit.no_memory ? SP_NO_MEMORY : SP_OK;
}

static void dns_close(struct sp_resolver *resolver)
{
	struct resolver_dns *dns = (struct resolver_dns *)resolver;

	if (dns->running) {
		atomic_store(&dns->closing, true);
		sp_dns_net_wake(&dns->flights.net);
		pthread_join(dns->thread, NULL);
	}
	sp_dns_flights_close(&dns->flights);
	free(dns);
}

static const struct sp_resolver_ops dns_ops = {
	.name = "dns",
	.lookup = dns_lookup,
	.close = dns_close,
	.start = dns_start,
	.cancel = dns_cancel,
};

/* Signals are left to the other threads. */
static bool start_thread(struct resolver_dns *dns)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	dns->running = pthread_create(&dns->thread, NULL, run, dns) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return dns->running;
}

enum sp_status sp_resolver_open_dns(struct sp_resolver **resolver,
	const struct sp_dns_options *options, struct sp_error *error)
{
	struct resolver_dns *dns = calloc(1, sizeof(*dns));
	enum sp_status status;

	*resolver = NULL;
	if (!dns)
		return sp_error(error, SP_NO_MEMORY,
			"not enough memory to ask name servers; free some");
	dns->base.ops = &dns_ops;
	status = sp_dns_flights_open(&dns->flights, options, error);
	if (status == SP_OK && !start_thread(dns))
		status = sp_error(error, SP_IO,
			"no thread for name servers; allow more (ulimit -u)");
	if (status != SP_OK) {
		dns_close(&dns->base);
		return status;
	}
	*resolver = &dns->base;
	return SP_OK;
}

void sp_resolver_dns_stats(
	struct sp_resolver *resolver, struct sp_dns_stats *stats)
{
	struct resolver_dns *dns = (struct resolver_dns *)resolver;
	struct sp_dns_counters *counters = &dns->flights.counters;

	assert(resolver->ops == &dns_ops);
	*stats = (struct sp_dns_stats){
		.names = atomic_load(&counters->names),
		.queries = atomic_load(&counters->queries),
		.retries = atomic_load(&counters->retries),
		.tcp = atomic_load(&counters->tcp),
		.timeouts = atomic_load(&counters->timeouts),
		.failures = atomic_load(&counters->failures),
	};
}
