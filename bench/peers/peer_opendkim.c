/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast is libopendkim? Verifies or signs an mbox that is in memory, split
 * and with CRLF before the clock starts, and prints
 *
 *	MESSAGES CPU_SECONDS GOOD VERSION WALL_SECONDS
 *
 * where the seconds are of the work alone. One library handle for THREADS
 * threads (1), no DNS, no files: what the library's interface allows at best.
 * It takes a key as PEM for each message.
 *
 *	peer_opendkim verify KEYS MBOX COUNT [THREADS]
 *	peer_opendkim sign PEM SELECTOR DOMAIN MBOX COUNT [OUT [THREADS]]
 *
 * relaxed/relaxed; OUT is an mbox for what was signed, to be checked.
 */
#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "bench/peers/opendkim_peer.h"

#define EXIT_USAGE 2
#define THREADS_MAX 256u

struct messages {
	struct sp_span *at;
	size_t count;
	size_t room;
	struct sp_buffer text; /* CRLF; at points into it */
};

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void add_message(struct messages *messages, struct sp_span message)
{
	if (messages->count == messages->room) {
		messages->room = messages->room ? 2 * messages->room : 1024;
		messages->at = realloc(
			messages->at, messages->room * sizeof(messages->at[0]));
		if (!messages->at)
			err(EXIT_USAGE, "messages");
	}
	messages->at[messages->count++] = message;
}

/* Cuts at separator lines; the corpus has no quoted "From " (mkcorpus). */
static void split(struct messages *messages)
{
	static const char separator[] = "\r\nFrom ";
	struct sp_span rest = sp_buffer_span(&messages->text);

	while (rest.size > 0) {
		size_t line = sp_span_find(rest, '\n') + 1;
		const char *next;

		rest = sp_span_after(rest, line);
		next = memmem(
			rest.data, rest.size, separator, sizeof(separator) - 1);
		if (!next) {
			/* Less the empty line that ends an mbox. */
			add_message(
				messages, sp_span(rest.data, rest.size - 2));
			return;
		}
		add_message(messages, sp_span_between(rest.data, next));
		rest = sp_span_after(rest, (size_t)(next - rest.data) + 2);
	}
}

static void load(struct messages *messages, const char *path)
{
	struct sp_span raw = peer_read_file(path);

	*messages = (struct messages){0};
	peer_add_crlf(&messages->text, raw);
	free((void *)raw.data);
	if (sp_buffer_status(&messages->text) != SP_OK)
		errx(EXIT_USAGE, "%s: out of memory", path);
	split(messages);
}

/* Every so many-th message is one thread's. */
struct work {
	struct peer *peer;
	const struct messages *messages;
	size_t first, step;
	struct sp_buffer *fields; /* one for each message; NULL: verify */
	size_t good;
};

static void *do_work(void *arg)
{
	struct work *work = arg;

	for (size_t i = work->first; i < work->messages->count;
		i += work->step) {
		struct sp_span message = work->messages->at[i];

		if (work->fields)
			peer_sign(work->peer, message, &work->fields[i]);
		work->good += work->fields ||
			      peer_verify(work->peer, message) == DKIM_STAT_OK;
	}
	return NULL;
}

static size_t do_all(const struct work *whole)
{
	struct work works[THREADS_MAX];
	pthread_t threads[THREADS_MAX];
	size_t good = 0;

	for (size_t i = 0; i < whole->step; i++) {
		works[i] = *whole;
		works[i].first = i;
		if (pthread_create(&threads[i], NULL, do_work, &works[i]) != 0)
			errx(EXIT_USAGE, "no thread");
	}
	for (size_t i = 0; i < whole->step; i++) {
		pthread_join(threads[i], NULL);
		good += works[i].good;
	}
	return good;
}

static void write_signed(const char *path, const struct messages *messages,
	const struct sp_buffer *fields)
{
	FILE *out = fopen(path, "wb");

	if (!out)
		err(EXIT_USAGE, "%s", path);
	for (size_t i = 0; i < messages->count; i++) {
		fputs("From peer@example.com Tue Nov 14 22:13:20 2023\r\n",
			out);
		fwrite(fields[i].data, 1, fields[i].size, out);
		fwrite(messages->at[i].data, 1, messages->at[i].size, out);
		fputs("\r\n", out);
	}
	if (fclose(out) != 0)
		err(EXIT_USAGE, "%s", path);
}

static size_t number(const char *text, size_t max)
{
	unsigned long value = strtoul(text, NULL, 10);

	if (value == 0 || value > max)
		errx(EXIT_USAGE, "%s: not 1 to %zu", text, max);
	return value;
}

/* What follows MBOX: COUNT, OUT when signing, THREADS. */
static void run(
	struct peer *peer, bool signing, struct messages *messages, char **rest)
{
	struct work work = {.peer = peer, .messages = messages, .step = 1};
	size_t count = number(rest[0], SIZE_MAX), good;
	const char *out = signing ? rest[1] : NULL;
	const char *threads = signing && !out ? NULL : rest[1 + signing];
	double start, wall;

	if (messages->count > count)
		messages->count = count;
	if (threads)
		work.step = number(threads, THREADS_MAX);
	if (signing) {
		work.fields = calloc(messages->count, sizeof(*work.fields));
		if (!work.fields)
			err(EXIT_USAGE, "fields");
	}
	start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	wall = seconds(CLOCK_MONOTONIC);
	good = do_all(&work);
	printf("%zu %.3f %zu libopendkim-%d.%d.%d %.3f\n", messages->count,
		seconds(CLOCK_PROCESS_CPUTIME_ID) - start, good,
		OPENDKIM_LIB_VERSION >> 24, OPENDKIM_LIB_VERSION >> 16 & 0xff,
		OPENDKIM_LIB_VERSION >> 8 & 0xff,
		seconds(CLOCK_MONOTONIC) - wall);
	if (out && *out)
		write_signed(out, messages, work.fields);
	for (size_t i = 0; signing && i < messages->count; i++)
		sp_buffer_free(&work.fields[i]);
	free(work.fields);
	if (good != messages->count)
		exit(1);
}

int main(int argc, char **argv)
{
	bool verifying = argc >= 5 && argc <= 6 && !strcmp(argv[1], "verify");
	bool signing = argc >= 7 && argc <= 9 && !strcmp(argv[1], "sign");
	struct messages messages;
	struct peer peer;

	if (!verifying && !signing)
		errx(EXIT_USAGE, "verify KEYS MBOX COUNT [THREADS] | sign PEM "
				 "SELECTOR DOMAIN MBOX COUNT [OUT [THREADS]]");
	load(&messages, argv[signing ? 5 : 3]);
	peer_open(&peer, verifying ? argv[2] : NULL);
	if (signing)
		peer_set_key(
			&peer, argv[2], argv[3], argv[4], "relaxed/relaxed");
	run(&peer, signing, &messages, argv + (signing ? 6 : 4));
	peer_close(&peer);
	sp_buffer_free(&messages.text);
	free(messages.at);
	return 0;
}
