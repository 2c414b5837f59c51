/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: all of the bytes under the final name, or none. */
#include "io/stream.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/folder.h"
#include "tests/unit/guard.h"

static char *folder;

static const struct sp_stream_options durable = {
	.durability = SP_DURABILITY_BATCH,
};

static void setup(void)
{
	folder = test_folder();
}

static void teardown(void)
{
	test_folder_free(folder);
}

TestSuite(stream, .init = setup, .fini = teardown);

static const char *in_folder(const char *name)
{
	return test_path(folder, name);
}

static size_t files_in_folder(void)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	cr_assert_not_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static enum sp_status put(
	struct sp_stream *stream, const void *data, size_t size)
{
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct sp_error error;

	return sp_stream_write(stream, &part, 1, &error);
}

static struct sp_stream *open_stream(const char *path)
{
	struct sp_stream *stream;
	struct sp_error error;

	cr_assert_eq(sp_stream_open(&stream, path, &durable, &error), SP_OK,
		"%s", error.text);
	return stream;
}

static void expect_file(const char *path, const char *data, size_t size)
{
	size_t got;
	char *text = test_read_file(path, &got);

	cr_assert_not_null(text);
	cr_assert_eq(got, size, "%zu instead of %zu", got, size);
	cr_assert(memcmp(text, data, size) == 0);
	free(text);
}

Test(stream, final_name_appears_with_the_commit)
{
	const char *path = in_folder("out");
	struct sp_stream *stream = open_stream(path);
	struct sp_error error;

	cr_assert_eq(put(stream, "hello", 5), SP_OK);
	cr_assert_eq(sp_stream_flush(stream, &error), SP_OK);
	cr_assert_neq(access(path, F_OK), 0);
	cr_assert_eq(files_in_folder(), 1);
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	cr_assert_eq(sp_stream_bytes(stream), 5);
	sp_stream_close(stream);
	expect_file(path, "hello", 5);
	cr_assert_eq(files_in_folder(), 1);
}

Test(stream, close_without_commit_leaves_the_old_file)
{
	const char *path = in_folder("out");
	struct sp_stream *stream = open_stream(path);
	struct sp_error error;

	cr_assert_eq(put(stream, "old", 3), SP_OK);
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	sp_stream_close(stream);
	stream = open_stream(path);
	cr_assert_eq(put(stream, "new", 3), SP_OK);
	sp_stream_close(stream);
	expect_file(path, "old", 3);
	cr_assert_eq(files_in_folder(), 1);
	sp_stream_close(NULL);
}

Test(stream, keep_leaves_the_partial_file)
{
	struct sp_stream *stream = open_stream(in_folder("out"));
	char partial[4096];

	cr_assert_eq(put(stream, "some", 4), SP_OK);
	snprintf(partial, sizeof(partial), "%s", sp_stream_keep(stream));
	sp_stream_close(stream);
	expect_file(partial, "some", 4);
	cr_assert_neq(access(in_folder("out"), F_OK), 0);

	/* A later run is not in its way, and leaves it alone. */
	struct sp_error error;

	stream = open_stream(in_folder("out"));
	cr_assert_eq(put(stream, "all", 3), SP_OK);
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	sp_stream_close(stream);
	expect_file(in_folder("out"), "all", 3);
	expect_file(partial, "some", 4);
}

/* Pieces of all sizes around those of the buffers, by ring and plain calls. */
Test(stream, bytes_are_the_same_by_ring_and_by_plain_calls)
{
	size_t size = 5 * SP_STREAM_BUFFER_BYTES + 12345;
	char *data = malloc(size);
	unsigned seed = 1;

	cr_assert_not_null(data);
	for (size_t i = 0; i < size; i++)
		data[i] = (char)((seed = seed * 1103515245 + 12345) >> 16);
	for (int plain = 0; plain < 2; plain++) {
		struct sp_stream *stream = open_stream(in_folder("out"));
		struct sp_error error;

		if (plain)
			sp_stream_use_plain(stream);
		for (size_t at = 0; at < size;) {
			size_t steps[] = {0, 1, 77777, 4096,
				SP_STREAM_BUFFER_BYTES - 1,
				SP_STREAM_BUFFER_BYTES + 1};
			size_t step = steps[(seed = seed * 1103515245 + 1) % 6];
			size_t left = size - at;
			size_t one = step < left ? step : left;
			struct iovec parts[2] = {{data + at, one / 3},
				{data + at + one / 3, one - one / 3}};

			cr_assert_eq(sp_stream_write(stream, parts, 2, &error),
				SP_OK);
			at += one;
		}
		cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
		cr_assert_eq(sp_stream_bytes(stream), size);
		sp_stream_close(stream);
		expect_file(in_folder("out"), data, size);
	}
	free(data);
}

static void *write_a_buffer(void *context)
{
	char *block = malloc(SP_STREAM_BUFFER_BYTES);

	memset(block, 'x', SP_STREAM_BUFFER_BYTES);
	cr_assert_eq(put(context, block, SP_STREAM_BUFFER_BYTES), SP_OK);
	free(block);
	return NULL;
}

/* A request dies with the thread that made it; its bytes must not. */
Test(stream, threads_that_end_lose_nothing)
{
	struct sp_stream *stream = open_stream(in_folder("out"));
	struct sp_error error;
	struct stat st;

	for (int i = 0; i < 20; i++) {
		pthread_t thread;

		cr_assert_eq(
			pthread_create(&thread, NULL, write_a_buffer, stream),
			0);
		pthread_join(thread, NULL);
	}
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	sp_stream_close(stream);
	cr_assert_eq(stat(in_folder("out"), &st), 0);
	cr_assert_eq(st.st_size, 20 * (off_t)SP_STREAM_BUFFER_BYTES);
}

Test(stream, failed_write_is_remembered_and_nothing_is_left)
{
	for (int plain = 0; plain < 2; plain++) {
		struct rlimit limit = {1500000, 1500000};
		struct sp_stream *stream = open_stream(in_folder("out"));
		char *block = calloc(1, SP_STREAM_BUFFER_BYTES);
		struct iovec part = {block, SP_STREAM_BUFFER_BYTES};
		struct sp_error error = {0}, again = {0};

		signal(SIGXFSZ, SIG_IGN);
		cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
		if (plain)
			sp_stream_use_plain(stream);
		for (int i = 0; i < 4; i++)
			if (sp_stream_write(stream, &part, 1, &error) != SP_OK)
				break;
		cr_assert_eq(error.status, SP_IO);
		cr_assert_not_null(
			strstr(error.text, "out: "), "%s", error.text);
		cr_assert_not_null(strstr(error.text, "File too large"));
		cr_assert_eq(sp_stream_commit(stream, &again), SP_IO);
		cr_assert_str_eq(again.text, error.text);
		cr_assert_null(sp_stream_keep(stream));
		sp_stream_close(stream);
		free(block);
		cr_assert_eq(files_in_folder(), 0);
	}
}

Test(stream, device_is_written_to_directly)
{
	struct sp_stream *stream = open_stream("/dev/null");
	struct sp_error error;

	cr_assert_eq(put(stream, "x", 1), SP_OK);
	cr_assert_null(sp_stream_keep(stream));
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	sp_stream_close(stream);
	stream = open_stream("/dev/full");
	cr_assert_eq(put(stream, "x", 1), SP_OK);
	cr_assert_eq(sp_stream_commit(stream, &error), SP_IO);
	cr_assert_str_eq(error.text,
		"/dev/full: cannot be written: No space left on device; free "
		"some space and run again");
	sp_stream_close(stream);
}

Test(stream, reader_of_standard_output_goes_away)
{
	int ends[2], saved = dup(STDOUT_FILENO);
	struct sp_stream *stream = open_stream("-");
	struct sp_error error = {0};
	char got[8];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	cr_assert_eq(put(stream, "abc", 3), SP_OK);
	cr_assert_eq(sp_stream_flush(stream, &error), SP_OK);
	cr_assert_eq(read(ends[0], got, sizeof(got)), 3);
	close(ends[0]);
	cr_assert_eq(put(stream, "def", 3), SP_OK);
	cr_assert_eq(sp_stream_flush(stream, &error), SP_IO);
	cr_assert(strstr(error.text, "standard output was closed by its "
				     "reader; ") == error.text,
		"%s", error.text);
	sp_stream_close(stream);
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static void *drain(void *context)
{
	int fd = *(int *)context;
	char block[65536];
	ssize_t got;
	size_t *total = calloc(1, sizeof(*total));

	while ((got = read(fd, block, sizeof(block))) > 0) {
		*total += (size_t)got;
		usleep(100);
	}
	return total;
}

Test(stream, slow_reader_of_a_pipe_that_does_not_block)
{
	int ends[2], saved = dup(STDOUT_FILENO);
	struct sp_stream *stream = open_stream("-");
	char *block = calloc(3, SP_STREAM_BUFFER_BYTES);
	struct sp_error error;
	pthread_t thread;
	void *total;

	cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
	cr_assert_eq(fcntl(ends[0], F_SETFL, 0), 0);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	pthread_create(&thread, NULL, drain, &ends[0]);
	cr_assert_eq(put(stream, block, 3 * SP_STREAM_BUFFER_BYTES), SP_OK);
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	sp_stream_close(stream);
	dup2(saved, STDOUT_FILENO);
	pthread_join(thread, &total);
	cr_assert_eq(*(size_t *)total, 3 * (size_t)SP_STREAM_BUFFER_BYTES);
	free(total);
	free(block);
}

Test(stream, replaced_file_keeps_its_mode_and_links_stay_links)
{
	const char *path = in_folder("link"), *target = in_folder("target");
	struct sp_stream *stream;
	struct sp_error error;
	struct stat st;
	int fd;

	fd = open(target, O_WRONLY | O_CREAT, 0600);
	cr_assert_geq(fd, 0);
	close(fd);
	cr_assert_eq(symlink("target", path), 0);
	stream = open_stream(path);
	cr_assert_eq(put(stream, "x", 1), SP_OK);
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	sp_stream_close(stream);
	cr_assert_eq(lstat(path, &st), 0);
	cr_assert(S_ISLNK(st.st_mode));
	cr_assert_eq(stat(target, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(st.st_size, 1);
}

Test(stream, new_file_follows_the_umask)
{
	struct sp_stream *stream;
	struct sp_error error;
	struct stat st;

	umask(027);
	stream = open_stream(in_folder("out"));
	cr_assert_eq(sp_stream_commit(stream, &error), SP_OK);
	sp_stream_close(stream);
	cr_assert_eq(stat(in_folder("out"), &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0640);
}

Test(stream, paths_that_cannot_be_written)
{
	struct sp_stream *stream;
	struct sp_error error;

	cr_assert_eq(
		sp_stream_open(&stream, folder, &durable, &error), SP_CONFIG);
	cr_assert_not_null(strstr(error.text, "is a folder; "));
	cr_assert_null(stream);
	cr_assert_eq(
		sp_stream_open(&stream, in_folder("none/x"), &durable, &error),
		SP_IO);
	cr_assert_not_null(
		strstr(error.text, "No such file"), "%s", error.text);
}
