/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads looking keys up in an archive that another process's worth of
 * writing changes meanwhile: connections are passed on, names come and grow.
 * For ThreadSanitizer (make MODE=tsan stress).
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/archive.h"

#define THREADS 8
#define NAMES 50
#define VALUES 6 /* of each name, one after the other */
#define BATCH 10

static struct sp_resolver *resolver;
static atomic_int written; /* values of every name that are there */
static atomic_uint_fast64_t lookups;

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void put_value(struct sp_archive *archive, int value)
{
	struct sp_error error;

	if (sp_archive_begin(archive, &error))
		fail(error.text);
	for (int i = 0; i < NAMES; i++) {
		char name[32], text[32];
		enum sp_archive_put outcome;
		struct sp_archive_key key = {
			.first_seen = value,
			.last_seen = value,
			.source = sp_span_str("dns"),
		};

		snprintf(name, sizeof(name), "s._domainkey.n%d", i);
		snprintf(text, sizeof(text), "p=%d", value);
		key.name = sp_span_str(name);
		key.value = sp_span_str(text);
		if (sp_archive_put(archive, &key, &outcome, &error))
			fail(error.text);
	}
	if (sp_archive_commit(archive, &error))
		fail(error.text);
	atomic_fetch_add(&written, 1);
}

static void *write_all(void *argument)
{
	for (int i = 1; i < VALUES; i++) {
		put_value(argument, i);
		usleep(2000);
	}
	return NULL;
}

/* All that was there before the lookup, newest first. */
static void check(const struct sp_answer *answer, int least)
{
	if (answer->status != SP_ANSWER_FOUND || !answer->seen ||
		answer->count < (size_t)least || answer->count > VALUES)
		fail("values are missing");
	for (size_t i = 0; i < answer->count; i++) {
		char text[32];

		snprintf(text, sizeof(text), "p=%zu", answer->count - 1 - i);
		if (!sp_span_is(answer->values[i], text) ||
			answer->seen[i].last !=
				(int64_t)(answer->count - 1 - i))
			fail("a value is wrong");
	}
}

static void *read_all(void *argument)
{
	uint64_t state = (uint64_t)(uintptr_t)argument + 1;
	struct sp_arena arena = {.chunk_bytes = 4096};
	bool last = false;

	while (!last) {
		struct sp_answer answers[BATCH];
		struct sp_span names[BATCH];
		char text[BATCH][32];
		int least = atomic_load(&written);

		last = least == VALUES;
		for (size_t i = 0; i < BATCH; i++) {
			state = state * 6364136223846793005ULL + 1;
			snprintf(text[i], sizeof(text[i]), "s._domainkey.n%u",
				(unsigned)(state >> 40) % NAMES);
			names[i] = sp_span_str(text[i]);
		}
		if (resolver->ops->lookup(
			    resolver, names, BATCH, answers, &arena))
			fail("a lookup failed");
		for (size_t i = 0; i < BATCH; i++)
			check(&answers[i], least);
		atomic_fetch_add(&lookups, BATCH);
		sp_arena_reset(&arena);
	}
	sp_arena_free(&arena);
	return NULL;
}

static void run(struct sp_archive *archive)
{
	pthread_t threads[THREADS + 1];

	if (pthread_create(&threads[THREADS], NULL, write_all, archive))
		fail("no thread");
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, read_all, (void *)i))
			fail("no thread");
	for (int i = 0; i <= THREADS; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	char folder[] = "/tmp/stress_archive.XXXXXX";
	char path[sizeof(folder) + 8];
	struct sp_archive *archive;
	struct sp_error error;

	if (!mkdtemp(folder))
		fail("no folder");
	snprintf(path, sizeof(path), "%s/keys.db", folder);
	if (sp_archive_open(&archive, path, SP_ARCHIVE_CREATE, &error))
		fail(error.text);
	put_value(archive, 0);
	if (sp_resolver_open_archive(&resolver, path, &error))
		fail(error.text);
	run(archive);
	sp_resolver_close(resolver);
	sp_archive_close(archive);
	unlink(path);
	rmdir(folder);
	printf("%llu lookups\n", (unsigned long long)lookups);
	return 0;
}
