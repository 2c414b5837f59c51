/* SPDX-License-Identifier: Apache-2.0 */
/* Corpora as mbox (RFC 4155), Maildir, and one file each. */
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
#include "io/mbox.h"

#define FLUSH_BYTES (1u << 20)
#define EXIT_TROUBLE 2

static void write_all(int fd, const char *name, struct sp_span bytes)
{
	errno = sp_file_write(fd, bytes);
	if (errno)
		err(EXIT_TROUBLE, "%s", name);
}

static void open_folder(struct store *store)
{
	static const char *const folders[] = {"tmp", "new", "cur"};

	if (mkdir(store->path, 0777) != 0)
		err(EXIT_TROUBLE, "%s", store->path);
	store->fd = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0)
		err(EXIT_TROUBLE, "%s", store->path);
	for (unsigned i = 0; i < 3 && store->format == STORE_MAILDIR; i++)
		if (mkdirat(store->fd, folders[i], 0777) != 0)
			err(EXIT_TROUBLE, "%s/%s", store->path, folders[i]);
}

void store_open(struct store *store, const char *path, enum store_format format,
	const char *newline)
{
	*store = (struct store){
		.path = path, .newline = newline, .format = format};
	if (format != STORE_MBOX) {
		open_folder(store);
	} else if (strcmp(path, "-") == 0) {
		store->fd = STDOUT_FILENO;
	} else {
		store->fd = open(
			path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (store->fd < 0)
			err(EXIT_TROUBLE, "%s", path);
	}
}

/* In a Maildir, three of four messages are new; the rest were read and carry
 * flags and, as Maildir++ has it, their size. */
static void write_file(struct store *store, uint64_t index, int64_t time)
{
	size_t size = store->message.size;
	char name[128];
	int fd;

	if (store->format == STORE_EML)
		snprintf(name, sizeof(name), "%010" PRIu64 ".eml", index);
	else if (index % 4 != 3)
		snprintf(name, sizeof(name),
			"new/%" PRId64 ".M%010" PRIu64 ".corpus", time, index);
	else
		snprintf(name, sizeof(name),
			"cur/%" PRId64 ".M%010" PRIu64 ".corpus,S=%zu:2,S",
			time, index, size);
	fd = openat(
		store->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		err(EXIT_TROUBLE, "%s/%s", store->path, name);
	write_all(fd, name, sp_buffer_span(&store->message));
	if (close(fd) != 0)
		err(EXIT_TROUBLE, "%s/%s", store->path, name);
}

/* Quoted as mboxrd has it; the last line may lack its end. */
static void add_to_mbox(struct store *store, int64_t time)
{
	struct sp_span message = sp_buffer_span(&store->message);
	struct sp_buffer *text = &store->text;
	size_t body = sp_mbox_body_offset(message);
	time_t seconds = (time_t)time;
	unsigned state = 0;
	char line[128];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(line, sizeof(line),
		"From bounces@example.com %a %b %e %H:%M:%S %Y", &tm);
	sp_buffer_add_str(text, line);
	sp_buffer_add_str(text, store->newline);
	sp_buffer_add(text, sp_span(message.data, body));
	sp_mbox_quote(text, &state, sp_span_after(message, body));
	if (!message.size || message.data[message.size - 1] != '\n')
		sp_buffer_add_str(text, store->newline);
	sp_buffer_add_str(text, store->newline);
	if (text->size >= FLUSH_BYTES) {
		write_all(store->fd, store->path, sp_buffer_span(text));
		sp_buffer_clear(text);
	}
}

void store_message(struct store *store, uint64_t index, int64_t time)
{
	if (store->format == STORE_MBOX)
		add_to_mbox(store, time);
	else
		write_file(store, index, time);
	if (sp_buffer_status(&store->message) != SP_OK ||
		sp_buffer_status(&store->text) != SP_OK)
		errx(EXIT_TROUBLE, "out of memory");
	sp_buffer_clear(&store->message);
}

void store_close(struct store *store)
{
	write_all(store->fd, store->path, sp_buffer_span(&store->text));
	sp_buffer_free(&store->text);
	sp_buffer_free(&store->message);
	if (close(store->fd) != 0)
		err(EXIT_TROUBLE, "%s", store->path);
}
