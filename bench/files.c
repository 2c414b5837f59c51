/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to read files (io/reader.h) against a plain loop of open, read and
 * close: many small files as of a Maildir, warm, and cold where the folder is
 * on a disk; and one large file in ranges. In $TMPDIR, else /var/tmp.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "io/file.h"
#include "io/reader.h"

#define FILES 256u
#define FILE_BYTES 10000u
#define SLOT_BYTES (16u << 10)
#define WINDOW 32u /* files in flight */
#define LARGE_BYTES (8u << 20)
#define RANGE_BYTES (512u << 10)

struct state {
	struct sp_reader *reader;
	char path[512];
	int folder, large;
	char names[FILES][8];
	char *memory; /* WINDOW slots, or a range */
};

static void need(bool right, const char *what)
{
	char text[256];

	if (right)
		return;
	snprintf(text, sizeof(text), "%s: %s (set TMPDIR?)", what,
		strerror(errno));
	bench_need(false, text);
}

static void read_files(void *arg)
{
	struct state *state = arg;

	for (unsigned at = 0; at < FILES; at += WINDOW) {
		struct sp_read_file files[WINDOW];

		for (unsigned i = 0; i < WINDOW; i++)
			files[i] = (struct sp_read_file){
				.dir_fd = state->folder,
				.name = state->names[at + i],
				.buffer = state->memory + i * SLOT_BYTES,
				.room = SLOT_BYTES,
			};
		state->reader->ops->read_files(state->reader, files, WINDOW);
		for (unsigned i = 0; i < WINDOW; i++)
			bench_need(files[i].result == FILE_BYTES,
				"a file is not read whole");
	}
}

static void read_plainly(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < FILES; i++) {
		int fd = openat(
			state->folder, state->names[i], O_RDONLY | O_CLOEXEC);
		char *slot = state->memory + i % WINDOW * SLOT_BYTES;

		need(fd >= 0 && read(fd, slot, SLOT_BYTES) == FILE_BYTES,
			"a file");
		close(fd);
	}
}

static void read_ranges(void *arg)
{
	struct state *state = arg;

	for (size_t at = 0; at < LARGE_BYTES; at += RANGE_BYTES)
		bench_need(state->reader->ops->read_range(state->reader,
				   state->large, at, state->memory,
				   RANGE_BYTES) == (ssize_t)RANGE_BYTES,
			"a range is not read whole");
}

static void read_ranges_plainly(void *arg)
{
	struct state *state = arg;

	for (size_t at = 0; at < LARGE_BYTES; at += RANGE_BYTES)
		need(pread(state->large, state->memory, RANGE_BYTES,
			     (off_t)at) == (ssize_t)RANGE_BYTES,
			"the large file");
}

/* Out of the page cache; what is on no disk stays. */
static void forget(void *arg)
{
	struct state *state = arg;

	for (unsigned i = 0; i < FILES; i++) {
		int fd = openat(
			state->folder, state->names[i], O_RDONLY | O_CLOEXEC);

		need(fd >= 0, "a file");
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
}

static void make_file(
	int folder, const char *name, const char *bytes, size_t size)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	need(fd >= 0, name);
	errno = sp_file_write(fd, sp_span(bytes, size));
	need(errno == 0 && fsync(fd) == 0, name);
	close(fd);
}

/* What a signal handler and exit(3) can reach: whose folder is still there. */
static struct state *volatile left;

static void remove_folder(void)
{
	struct state *state = left;

	if (!state)
		return;
	left = NULL;
	for (unsigned i = 0; i < FILES; i++)
		unlinkat(state->folder, state->names[i], 0);
	unlinkat(state->folder, "large", 0);
	rmdir(state->path);
}

static void on_signal(int number)
{
	remove_folder();
	/* Delivered when this handler returns. */
	signal(number, SIG_DFL);
	raise(number);
}

/* However the program ends, the folder goes. */
static void promise_removal(struct state *state)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
	struct sigaction action = {.sa_handler = on_signal}, old;

	sigfillset(&action.sa_mask);
	left = state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (sigaction(numbers[i], NULL, &old) == 0 &&
			old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	bench_need(atexit(remove_folder) == 0, "out of memory");
}

static void open_state(struct state *state)
{
	const char *parent = getenv("TMPDIR");

	snprintf(state->path, sizeof(state->path), "%s/sealpress-bench.XXXXXX",
		parent && *parent ? parent : "/var/tmp");
	need(mkdtemp(state->path) != NULL, state->path);
	state->folder = open(state->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	need(state->folder >= 0, state->path);
	promise_removal(state);
	state->memory = calloc(1, LARGE_BYTES);
	bench_need(state->memory != NULL, "out of memory");
	for (unsigned i = 0; i < FILES; i++) {
		snprintf(state->names[i], sizeof(state->names[i]), "%u", i);
		make_file(state->folder, state->names[i], state->memory,
			FILE_BYTES);
	}
	make_file(state->folder, "large", state->memory, LARGE_BYTES);
	state->large = openat(state->folder, "large", O_RDONLY | O_CLOEXEC);
	need(state->large >= 0, "large");
}

static void close_state(struct state *state)
{
	if (!state->memory)
		return;
	remove_folder();
	close(state->large);
	close(state->folder);
	free(state->memory);
}

void bench_files(struct bench *bench)
{
	static const char *const backends[] = {"io_uring", "pread"};
	static const struct bench_item kinds[] = {
		{.name = "read-files",
			.unit = BENCH_OPS,
			.work = FILES,
			.ours = read_files,
			.base = read_plainly},
		{.name = "read-files-cold",
			.unit = BENCH_OPS,
			.work = FILES,
			.ours = read_files,
			.base = read_plainly,
			.reset = forget},
		{.name = "read-range",
			.unit = BENCH_BYTES,
			.work = LARGE_BYTES,
			.ours = read_ranges,
			.base = read_ranges_plainly},
	};
	static struct state state;

	for (size_t i = 0; i < 2; i++) {
		struct sp_reader *reader = sp_reader_open(backends[i], NULL);

		/* The kernel may forbid io_uring. */
		for (size_t k = 0; k < 3 && reader; k++) {
			struct bench_item item = kinds[k];

			item.group = "io";
			item.baseline = "read-loop";
			item.wall = true;
			bench_variant(&item, backends[i]);
			if (!bench_wants(bench, &item))
				continue;
			if (!state.memory)
				open_state(&state);
			state.reader = reader;
			bench_measure(bench, &item, &state);
		}
		sp_reader_close(reader);
	}
	close_state(&state);
}
