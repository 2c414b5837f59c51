/* SPDX-License-Identifier: Apache-2.0 */
/* Corpora as mbox (RFC 4155) and Maildir. */
#include "corpus/store.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "io/file.h"

#define FLUSH_BYTES (1u << 20)
#define EXIT_TROUBLE 2

static void write_all(int fd, const char *name, struct sp_span bytes)
{
	errno = sp_file_write(fd, bytes);
	if (errno)
		err(EXIT_TROUBLE, "%s", name);
}

static void open_maildir(struct store *store)
{
	static const char *const folders[] = {"tmp", "new", "cur"};

	if (mkdir(store->path, 0777) != 0)
		err(EXIT_TROUBLE, "%s", store->path);
	store->fd = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0)
		err(EXIT_TROUBLE, "%s", store->path);
	for (unsigned i = 0; i < 3; i++)
		if (mkdirat(store->fd, folders[i], 0777) != 0)
			err(EXIT_TROUBLE, "%s/%s", store->path, folders[i]);
}

void store_open(struct store *store, const char *path, bool maildir,
	const char *newline)
{
	*store = (struct store){
		.path = path, .newline = newline, .maildir = maildir};
	if (maildir) {
		open_maildir(store);
	} else if (strcmp(path, "-") == 0) {
		store->fd = STDOUT_FILENO;
	} else {
		store->fd = open(
			path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (store->fd < 0)
			err(EXIT_TROUBLE, "%s", path);
	}
}

size_t store_begin(struct store *store, int64_t time)
{
	time_t seconds = (time_t)time;
	char line[128];
	struct tm tm;

	if (!store->maildir) {
		gmtime_r(&seconds, &tm);
		strftime(line, sizeof(line),
			"From bounces@example.com %a %b %e %H:%M:%S %Y", &tm);
		sp_buffer_add_str(&store->text, line);
		sp_buffer_add_str(&store->text, store->newline);
	}
	return store->text.size;
}

/* Three of four messages are new; the rest were read and carry flags and, as
 * Maildir++ has it, their size. */
static void write_file(struct store *store, struct sp_span message,
	uint64_t index, int64_t time)
{
	char name[128];
	int fd;

	if (index % 4 != 3)
		snprintf(name, sizeof(name),
			"new/%" PRId64 ".M%010" PRIu64 ".corpus", time, index);
	else
		snprintf(name, sizeof(name),
			"cur/%" PRId64 ".M%010" PRIu64 ".corpus,S=%zu:2,S",
			time, index, message.size);
	fd = openat(
		store->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		err(EXIT_TROUBLE, "%s/%s", store->path, name);
	write_all(fd, name, message);
	if (close(fd) != 0)
		err(EXIT_TROUBLE, "%s/%s", store->path, name);
}

void store_message(
	struct store *store, size_t offset, uint64_t index, int64_t time)
{
	struct sp_span text = sp_buffer_span(&store->text);

	if (sp_buffer_status(&store->text) != SP_OK)
		errx(EXIT_TROUBLE, "out of memory");
	if (store->maildir) {
		write_file(store, sp_span_after(text, offset), index, time);
		sp_buffer_clear(&store->text);
		return;
	}
	sp_buffer_add_str(&store->text, store->newline);
	if (store->text.size >= FLUSH_BYTES) {
		write_all(store->fd, store->path, sp_buffer_span(&store->text));
		sp_buffer_clear(&store->text);
	}
}

void store_close(struct store *store)
{
	write_all(store->fd, store->path, sp_buffer_span(&store->text));
	sp_buffer_free(&store->text);
	if (close(store->fd) != 0)
		err(EXIT_TROUBLE, "%s", store->path);
}
