/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast is libopendkim? Verifies or signs an mbox that is in memory, split
 * and with CRLF before the clock starts, and prints
 *
 *	MESSAGES CPU_SECONDS GOOD
 *
 * where the seconds are user and system time of the work alone. One handle,
 * no DNS, no files: what the library's interface allows at best.
 *
 *	peer_opendkim verify KEYS MBOX
 *	peer_opendkim sign PEM SELECTOR DOMAIN MBOX		relaxed/relaxed
 */
#include <err.h>
#include <stdlib.h>
#include <time.h>

#include "bench/peers/opendkim_peer.h"

#define EXIT_USAGE 2

struct messages {
	struct sp_span *at;
	size_t count;
	size_t room;
	struct sp_buffer text; /* CRLF; at points into it */
};

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
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

static size_t verify(struct peer *peer, const struct messages *messages)
{
	size_t good = 0;

	for (size_t i = 0; i < messages->count; i++)
		good += peer_verify(peer, messages->at[i]) == DKIM_STAT_OK;
	return good;
}

static size_t sign(struct peer *peer, const struct messages *messages)
{
	struct sp_buffer field = {0};

	for (size_t i = 0; i < messages->count; i++) {
		sp_buffer_clear(&field);
		peer_sign(peer, messages->at[i], &field);
	}
	sp_buffer_free(&field);
	return messages->count;
}

int main(int argc, char **argv)
{
	bool verifying = argc == 4 && strcmp(argv[1], "verify") == 0;
	bool signing = argc == 6 && strcmp(argv[1], "sign") == 0;
	struct messages messages;
	struct peer peer;
	double start;
	size_t good;

	if (!verifying && !signing)
		errx(EXIT_USAGE, "verify KEYS MBOX | "
				 "sign PEM SELECTOR DOMAIN MBOX");
	load(&messages, argv[argc - 1]);
	peer_open(&peer, verifying ? argv[2] : NULL);
	if (signing)
		peer_set_key(
			&peer, argv[2], argv[3], argv[4], "relaxed/relaxed");
	start = cpu_seconds();
	good = verifying ? verify(&peer, &messages) : sign(&peer, &messages);
	printf("%zu %.3f %zu\n", messages.count, cpu_seconds() - start, good);
	peer_close(&peer);
	sp_buffer_free(&messages.text);
	free(messages.at);
	return good == messages.count ? 0 : 1;
}
