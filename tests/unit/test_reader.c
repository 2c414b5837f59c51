/* SPDX-License-Identifier: Apache-2.0 */
/* Every backend reads the same bytes and reports the same trouble. */
#include "io/reader.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/folder.h"

#define ROOM (64u << 10)

/* What would block is killed: Criterion's own timeout leaks memory. */
#define SECONDS_MAX 20

static const char *const backends[] = {"pread", "io_uring"};

/* NULL where the kernel forbids it: then there is nothing to compare. */
static struct sp_reader *open_backend(size_t i)
{
	struct sp_reader *reader = sp_reader_open(backends[i], NULL);

	if (!reader)
		printf("skipped: no %s here\n", backends[i]);
	return reader;
}

static char byte_at(size_t i, size_t seed)
{
	return (char)((i * 2654435761u + seed) >> 13);
}

static void fill(char *data, size_t size, size_t seed)
{
	for (size_t i = 0; i < size; i++)
		data[i] = byte_at(i, seed);
}

static bool filled(const char *data, size_t size, size_t seed)
{
	for (size_t i = 0; i < size; i++)
		if (data[i] != byte_at(i, seed))
			return false;
	return true;
}

Test(reader, files_of_all_sizes_come_back_to_the_byte)
{
	static const size_t sizes[] = {
		0, 1, 4095, 4096, 4097, ROOM - 1, ROOM, ROOM + 1, 300000};
	char *dir = test_folder();
	char *data = malloc(300000);
	enum { COUNT = 100 }; /* more than one window */
	struct sp_read_file files[COUNT];
	char names[COUNT][16];

	for (size_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "f%zu", i);
		fill(data, 300000, i);
		test_write(dir, names[i], data, sizes[i % 9]);
	}
	for (size_t b = 0; b < 2; b++) {
		struct sp_reader *reader = open_backend(b);
		int fd = open(dir, O_RDONLY | O_DIRECTORY);

		if (!reader)
			continue;
		for (size_t i = 0; i < COUNT; i++)
			files[i] = (struct sp_read_file){.dir_fd = fd,
				.name = names[i],
				.buffer = malloc(ROOM),
				.room = ROOM};
		reader->ops->read_files(reader, files, COUNT);
		for (size_t i = 0; i < COUNT; i++) {
			size_t size = sizes[i % 9] < ROOM ? sizes[i % 9] : ROOM;

			cr_assert_eq(files[i].result, (ssize_t)size,
				"%s: file %zu gave %zd", backends[b], i,
				files[i].result);
			cr_assert(filled(files[i].buffer, size, i));
			free(files[i].buffer);
		}
		close(fd);
		sp_reader_close(reader);
	}
	free(data);
	test_folder_free(dir);
}

Test(reader, what_is_no_file_is_named_and_never_waited_for)
{
	static const struct {
		const char *name;
		ssize_t result;
	} cases[] = {
		{"absent", -ENOENT},
		{"folder", -EISDIR},
		{"fifo", -ENXIO},
		{"loop", -ELOOP},
		{"plain/below", -ENOTDIR},
		{"dangling", -ENOENT},
		{"plain", 5},
	};
	enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
	char *dir = test_folder();
	int fd = open(dir, O_RDONLY | O_DIRECTORY);
	char buffer[COUNT][64];

	alarm(SECONDS_MAX);
	cr_assert(mkdirat(fd, "folder", 0700) == 0);
	cr_assert(mkfifoat(fd, "fifo", 0600) == 0);
	cr_assert(symlinkat("loop", fd, "loop") == 0);
	cr_assert(symlinkat("nothing", fd, "dangling") == 0);
	test_write(dir, "plain", "hello", 5);
	for (size_t b = 0; b < 2; b++) {
		struct sp_reader *reader = open_backend(b);
		struct sp_read_file files[COUNT];

		if (!reader)
			continue;
		for (size_t i = 0; i < COUNT; i++)
			files[i] = (struct sp_read_file){.dir_fd = fd,
				.name = cases[i].name,
				.buffer = buffer[i],
				.room = sizeof(buffer[i])};
		reader->ops->read_files(reader, files, COUNT);
		for (size_t i = 0; i < COUNT; i++)
			cr_expect_eq(files[i].result, cases[i].result,
				"%s: %s gave %zd", backends[b], cases[i].name,
				files[i].result);
		sp_reader_close(reader);
	}
	close(fd);
	test_folder_free(dir);
}

/* A writer that is there and says nothing must not hold us up either. */
Test(reader, a_fifo_with_a_writer_is_no_file)
{
	char *dir = test_folder();
	int fd = open(dir, O_RDONLY | O_DIRECTORY);
	int writer;

	alarm(SECONDS_MAX);
	cr_assert(mkfifoat(fd, "fifo", 0600) == 0);
	writer = openat(fd, "fifo", O_RDWR | O_NONBLOCK);
	for (size_t b = 0; b < 2; b++) {
		struct sp_reader *reader = open_backend(b);
		char buffer[16];
		struct sp_read_file file = {.dir_fd = fd,
			.name = "fifo",
			.buffer = buffer,
			.room = sizeof(buffer)};

		if (!reader)
			continue;
		reader->ops->read_files(reader, &file, 1);
		cr_expect_eq(file.result, -ENXIO, "%s: %zd", backends[b],
			file.result);
		sp_reader_close(reader);
	}
	close(writer);
	close(fd);
	test_folder_free(dir);
}

Test(reader, ranges_end_where_room_or_file_ends)
{
	enum { SIZE = 5000001 };
	static const struct {
		uint64_t offset;
		size_t room;
		ssize_t result;
	} cases[] = {
		{0, 1, 1},
		{0, SIZE, SIZE},
		{0, SIZE + 1000, SIZE},
		{1, 262144, 262144},
		{3, 262145, 262145},
		{7, 9 * 262144 + 1, 9 * 262144 + 1},
		{SIZE - 10, 11, 10},
		{SIZE, 5, 0},
		{SIZE + 99, 5, 0},
		{5, 0, 0},
	};
	char *dir = test_folder();
	char *data = malloc(SIZE + 2000);
	char *back = malloc(SIZE + 2000);
	int fd;

	fill(data, SIZE, 1);
	test_write(dir, "big", data, SIZE);
	fd = open(test_path(dir, "big"), O_RDONLY);
	for (size_t b = 0; b < 2; b++) {
		struct sp_reader *reader = open_backend(b);

		if (!reader)
			continue;
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			ssize_t got = reader->ops->read_range(reader, fd,
				cases[i].offset, back, cases[i].room);

			cr_expect_eq(got, cases[i].result, "%s: %zu gave %zd",
				backends[b], i, got);
			cr_expect(got <= 0 || memcmp(data + cases[i].offset,
						      back, (size_t)got) == 0);
		}
		cr_expect_eq(reader->ops->read_range(reader, -1, 0, back, 10),
			-EBADF);
		sp_reader_close(reader);
	}
	close(fd);
	free(data);
	free(back);
	test_folder_free(dir);
}

struct heard {
	int lines;
	char text[200];
};

static void hear(void *context, enum sp_log_level level, const char *text)
{
	struct heard *heard = context;

	cr_expect_eq(level, SP_LOG_INFO);
	heard->lines++;
	snprintf(heard->text, sizeof(heard->text), "%s", text);
}

Test(reader, the_choice_is_told_once)
{
	struct heard heard = {0};
	struct sp_log log = {hear, &heard};
	struct sp_reader *first = sp_reader_open(NULL, NULL);
	struct sp_reader *second = sp_reader_open(NULL, &log);
	struct sp_reader *third = sp_reader_open(NULL, &log);

	cr_assert(first && second && third);
	cr_expect_eq(heard.lines, 1);
	cr_expect(strstr(heard.text, second->ops->name));
	cr_expect_null(sp_reader_open("telepathy", NULL));
	sp_reader_close(first);
	sp_reader_close(second);
	sp_reader_close(third);
	sp_reader_close(NULL);
}

/* As containers do it. Each test has a process of its own. */
static void forbid_io_uring(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {4, code};

	cr_assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	cr_assert(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

Test(reader, where_io_uring_is_forbidden_plain_calls_do_it)
{
	struct heard heard = {0};
	struct sp_log log = {hear, &heard};
	struct sp_reader *reader;

	forbid_io_uring();
	cr_expect_null(sp_reader_open("io_uring", NULL));
	reader = sp_reader_open(NULL, &log);
	cr_assert(reader);
	cr_expect_str_eq(reader->ops->name, "pread");
	cr_expect_str_eq(heard.text,
		"reading with pread: io_uring is not allowed here (EPERM)");
	sp_reader_close(reader);
}
