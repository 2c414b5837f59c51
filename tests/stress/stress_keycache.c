/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads over a small key cache: entries come, are shared and give way
 * all the time. For ThreadSanitizer (make MODE=tsan stress).
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/keycache.h"

#define THREADS 8
#define ROUNDS 3000
#define NAMES 97u
#define BATCH 16u
#define ENTRIES 24u

static struct sp_keycache *cache;
static atomic_uint_fast64_t lookups;

/* The number in a name says how many records it has. */
static unsigned number_of(struct sp_span name)
{
	return (unsigned)strtoul(name.data + 1, NULL, 10);
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

int main(void)
{
	struct sp_resolver resolver = {&ops};
	struct sp_resolver *list = &resolver;
	struct sp_keycache_stats stats;
	pthread_t threads[THREADS];

	cache = sp_keycache_open(&list, 1, ENTRIES);
	if (!cache)
		return 1;
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	sp_keycache_stats(cache, &stats);
	sp_keycache_close(cache);
	printf("%llu hits, %llu misses, %llu evictions, %llu lookups\n",
		(unsigned long long)stats.hits,
		(unsigned long long)stats.misses,
		(unsigned long long)stats.evictions,
		(unsigned long long)lookups);
	return stats.evictions && stats.hits && stats.misses == lookups ? 0 : 1;
}
