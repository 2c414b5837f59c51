/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads pull one source: every message comes once, and sorted by
 * ticket they are in input order, with the right index each. The same with
 * somebody who calls it all off at some moment, and with an mbox that is not in
 * memory, so that it is read ahead (io/ahead.h). Run it under TSan.
 */
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/source.h"

enum { THREADS = 6, FILES = 600, MAILS = 4000, SEEN_MAX = 20000 };

struct seen {
	uint64_t ticket;
	size_t place; /* within the batch */
	uint64_t index;
	long number; /* written in the message */
	bool mbox;
};

struct shared {
	struct sp_source *source;
	const char *backend;
	atomic_size_t count;
	struct seen seen[SEEN_MAX];
	long cancel_at; /* messages, or -1 */
};

static void note(struct shared *shared, const struct sp_mails *mails, size_t i)
{
	const struct sp_mail *mail = &mails->mail[i];
	size_t at = atomic_fetch_add(&shared->count, 1);

	assert(at < SEEN_MAX && mail->trouble == 0);
	assert(sp_span_starts(mail->bytes, "X: "));
	shared->seen[at] = (struct seen){
		.ticket = mails->ticket,
		/* Counted in parts of a range, too. */
		.place = mail->form == SP_MAIL_MBOX ? mail->index : i,
		.index = mail->index,
		.number = strtol(mail->bytes.data + 3, NULL, 10),
		.mbox = mail->form == SP_MAIL_MBOX,
	};
	if ((long)at == shared->cancel_at)
		sp_source_cancel(shared->source);
}

static bool take(struct shared *shared, struct sp_mails *mails)
{
	if (!sp_source_number(shared->source, mails))
		return false;
	for (size_t i = 0; i < mails->count; i++)
		note(shared, mails, i);
	return true;
}

static void *work(void *argument)
{
	struct shared *shared = argument;
	struct sp_reader *reader = sp_reader_open(shared->backend, NULL);
	struct sp_mails mails = {0};
	struct sp_error error;
	bool end = false;

	assert(reader);
	for (;;) {
		assert(sp_source_next(shared->source, reader, &mails, &end,
			       &error) == SP_OK);
		if (end || !take(shared, &mails))
			break;
		while (mails.more) {
			assert(sp_source_more(shared->source, reader, &mails,
				       &error) == SP_OK);
			if (!take(shared, &mails))
				break;
		}
	}
	sp_mails_free(&mails);
	sp_reader_close(reader);
	return NULL;
}

static int by_ticket(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->ticket != y->ticket)
		return x->ticket < y->ticket ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* Without a cancellation all are there; with one, none comes twice. */
static void check(struct shared *shared)
{
	size_t count = shared->count;
	long last = -1;

	qsort(shared->seen, count, sizeof(shared->seen[0]), by_ticket);
	if (shared->cancel_at < 0)
		assert(count == FILES + MAILS);
	for (size_t i = 0; i < count; i++) {
		const struct seen *seen = &shared->seen[i];

		assert(seen->number > last);
		last = seen->number;
		if (shared->cancel_at < 0)
			assert(seen->number == (long)i);
		assert(seen->index ==
			(seen->mbox ? (uint64_t)seen->number - FILES : 0));
	}
}

static void count_word(void *context, enum sp_log_level level, const char *text)
{
	(void)level;
	if (strstr(text, "read ahead"))
		++*(int *)context;
}

/* Takes a file out of memory, where the system does that. */
static void forget(const char *path)
{
	int fd = open(path, O_RDONLY);

	assert(fd >= 0 && fsync(fd) == 0);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
}

/* Returns whether an mbox was read ahead. */
static int run(const char *const *inputs, const char *backend, long cancel_at)
{
	static struct shared shared;
	int ahead = 0;
	const struct sp_log log = {.line = count_word, .context = &ahead};
	struct sp_source_options options = {
		.inputs = inputs,
		.input_count = 2,
		.range_bytes = 1500,
		.batch_messages = 4,
		.batch_files = 5,
		.log = &log,
	};
	pthread_t threads[THREADS];
	struct sp_error error;

	shared.backend = backend;
	shared.cancel_at = cancel_at;
	atomic_store(&shared.count, 0);
	assert(sp_source_open(&shared.source, &options, &error) == SP_OK);
	for (size_t i = 0; i < THREADS; i++)
		assert(pthread_create(&threads[i], NULL, work, &shared) == 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	sp_source_close(shared.source);
	check(&shared);
	return ahead;
}

static void write_inputs(const char *dir)
{
	char path[256];
	FILE *file;

	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/files/%05d", dir, i);
		file = fopen(path, "w");
		assert(file);
		fprintf(file, "X: %d\n\nbody\n", i);
		fclose(file);
	}
	snprintf(path, sizeof(path), "%s/mbox", dir);
	file = fopen(path, "w");
	assert(file);
	for (int i = 0; i < MAILS; i++)
		fprintf(file, "From a\nX: %d\n\n%*s\n\n", FILES + i,
			i * 37 % 4000, "x");
	fclose(file);
}

int main(void)
{
	const char *base = getenv("TMPDIR");
	char dir[128], files[160], mbox[160], command[256];
	const char *inputs[] = {files, mbox};
	int ahead = 0;

	snprintf(dir, sizeof(dir), "%s/sealpress-stress.XXXXXX",
		base ? base : "/tmp");
	assert(mkdtemp(dir));
	snprintf(files, sizeof(files), "%s/files", dir);
	snprintf(mbox, sizeof(mbox), "%s/mbox", dir);
	assert(mkdir(files, 0700) == 0);
	write_inputs(dir);
	for (int round = 0; round < 3; round++) {
		run(inputs, "pread", -1);
		run(inputs, NULL, -1);
		run(inputs, "pread", 1000 * round);
		run(inputs, NULL, 1500 + 700 * round);
		forget(mbox);
		ahead += run(inputs, NULL, -1);
		forget(mbox);
		ahead += run(inputs, NULL, 700 + 1500 * round);
	}
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	assert(system(command) == 0);
	printf("ok: every message once and in order, 18 runs, %d read ahead\n",
		ahead);
	return 0;
}
