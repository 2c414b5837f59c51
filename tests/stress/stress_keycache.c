/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads over a small key cache: entries come, are shared, expire and
 * give way all the time; first over a resolver that answers at once, then over
 * one that takes its time, where no name may be asked for twice at once. For
 * ThreadSanitizer (make MODE=tsan stress).
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/keycache.h"

#define THREADS 8
#define ROUNDS 1500
#define NAMES 97u
#define BATCH 16u
#define ENTRIES 24u
#define ENTRIES_FEW 8u /* most have no place while they are asked for */

static struct sp_keycache *cache;
static atomic_uint_fast64_t lookups;

/* The number in a name says how many records it has. */
static unsigned number_of(struct sp_span name)
{
	unsigned number = 0;

	/* No NUL follows a name. */
	for (size_t i = 1; i < name.size; i++)
		number = 10 * number + (unsigned)(name.data[i] - '0');
	return number;
}

static enum sp_status lookup(struct sp_resolver *resolver,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena)
{
	static const char value[] = "k=ed25519; p=11qYAYKxCrfVS/"
				    "7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

	(void)resolver;
	atomic_fetch_add(&lookups, count);
	for (size_t i = 0; i < count; i++) {
		size_t records = number_of(names[i]) % 3;

		answers[i] = (struct sp_answer){
			.status =
				records ? SP_ANSWER_FOUND : SP_ANSWER_NXDOMAIN,
			.values =
				SP_ARENA_ARRAY(arena, struct sp_span, records),
			.count = records,
		};
		if (!answers[i].values)
			return SP_NO_MEMORY;
		for (size_t j = 0; j < records; j++)
			answers[i].values[j] = sp_span_str(value);
	}
	return SP_OK;
}

static const struct sp_resolver_ops ops = {.name = "fake", .lookup = lookup};

static void check(struct sp_span name, const struct sp_keyset *set)
{
	bool right = set->count == number_of(name) % 3;

	for (size_t i = 0; i < set->count; i++)
		right = right && set->records[i].reason == SP_REASON_OK &&
			set->records[i].key.evp;
	if (right)
		return;
	fprintf(stderr, "wrong keys for %.*s\n", SP_SPAN_ARGS(name));
	exit(1);
}

static void *work(void *argument)
{
	uint64_t state = (uint64_t)(uintptr_t)argument + 1;

	for (int round = 0; round < ROUNDS; round++) {
		char text[BATCH][16];
		struct sp_span names[BATCH];
		const struct sp_keyset *sets[BATCH];

		for (size_t i = 0; i < BATCH; i++) {
			state = state * 6364136223846793005ULL + 1;
			snprintf(text[i], sizeof(text[i]), "n%u",
				(unsigned)(state >> 40) % NAMES);
			names[i] = sp_span_str(text[i]);
		}
		if (sp_keycache_get(cache, names, BATCH, sets)) {
			fprintf(stderr, "out of memory\n");
			exit(1);
		}
		for (size_t i = 0; i < BATCH; i++)
			check(names[i], sets[i]);
		sp_keycache_put(cache, sets, BATCH);
	}
	return NULL;
}

/* A resolver that takes its time, in a thread of its own. */
static struct {
	pthread_mutex_t lock;
	struct sp_query *asked;
	bool closing;
	pthread_t thread;
	atomic_uint under_way[NAMES];
} net = {.lock = PTHREAD_MUTEX_INITIALIZER};

static atomic_int_fast64_t time_s;

static int64_t stress_clock(void)
{
	return atomic_load(&time_s);
}

static void net_start(struct sp_resolver *resolver, struct sp_query *queries)
{
	(void)resolver;
	pthread_mutex_lock(&net.lock);
	while (queries) {
		struct sp_query *next = queries->next;

		if (atomic_fetch_add(
			    &net.under_way[number_of(queries->name)], 1)) {
			fprintf(stderr, "%.*s is asked for twice\n",
				SP_SPAN_ARGS(queries->name));
			exit(1);
		}
		queries->next = net.asked;
		net.asked = queries;
		queries = next;
	}
	pthread_mutex_unlock(&net.lock);
}

static void net_answer(struct sp_query *query)
{
	struct sp_arena arena = {.chunk_bytes = 1024};
	struct sp_answer answer;

	if (lookup(NULL, &query->name, 1, &answer, &arena)) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	answer.ttl_s = 60;
	atomic_fetch_sub(&net.under_way[number_of(query->name)], 1);
	query->done(query, &answer);
	sp_arena_free(&arena);
}

static void *net_run(void *argument)
{
	bool closing = false;

	while (!closing) {
		struct sp_query *list;

		pthread_mutex_lock(&net.lock);
		list = net.asked;
		net.asked = NULL;
		closing = net.closing;
		pthread_mutex_unlock(&net.lock);
		if (!list)
			sched_yield();
		while (list) {
			struct sp_query *next = list->next;

			net_answer(list);
			list = next;
		}
		/* Now and then all that is known expires. */
		atomic_fetch_add(&time_s, 20);
	}
	return argument;
}

static const struct sp_resolver_ops net_ops = {
	.name = "net", .start = net_start};

/* False when the figures do not add up. */
static bool run(const struct sp_resolver_ops *resolver_ops, size_t entries_max)
{
	struct sp_resolver resolver = {resolver_ops};
	struct sp_resolver *list = &resolver;
	struct sp_keycache_options options = {
		.entries_max = entries_max, .clock = stress_clock};
	struct sp_keycache_stats stats;
	pthread_t threads[THREADS];

	atomic_store(&lookups, 0);
	cache = sp_keycache_open(&list, 1, &options);
	if (!cache)
		return false;
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return false;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	/* The network goes first, as with sp_resolver_close(). */
	if (resolver_ops->start) {
		pthread_mutex_lock(&net.lock);
		net.closing = true;
		pthread_mutex_unlock(&net.lock);
		pthread_join(net.thread, NULL);
	}
	sp_keycache_stats(cache, &stats);
	sp_keycache_close(cache);
	printf("%s: %llu hits, %llu misses, %llu joined, %llu evictions, %llu "
	       "lookups\n",
		resolver_ops->name, (unsigned long long)stats.hits,
		(unsigned long long)stats.misses,
		(unsigned long long)stats.joined,
		(unsigned long long)stats.evictions,
		(unsigned long long)lookups);
	return stats.evictions && stats.hits &&
	       stats.misses == lookups + stats.joined;
}

int main(void)
{
	bool good = run(&ops, ENTRIES);

	if (pthread_create(&net.thread, NULL, net_run, NULL))
		return 1;
	good &= run(&net_ops, ENTRIES_FEW);
	return good ? 0 : 1;
}
