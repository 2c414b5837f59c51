/* SPDX-License-Identifier: Apache-2.0 */
/* What is read ahead is what is in the file, and never more than that. */
#include "io/ahead.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/reader.h"
#include "tests/unit/folder.h"

#define PIECE SP_AHEAD_PIECE_BYTES
#define SIZE (30 * PIECE + 1234) /* the last piece is not aligned */
#define SECONDS_MAX 20

struct cold {
	char *dir, *data;
	int fd;
	int lines; /* in the log */
	struct sp_log log;
};

static void hear(void *context, enum sp_log_level level, const char *text)
{
	struct cold *cold = context;

	cr_expect_eq(level, SP_LOG_INFO);
	cr_expect(strstr(text, "is not in memory"));
	cold->lines++;
}

static bool is_resident(int fd)
{
	unsigned char page = 1;
	void *map = mmap(NULL, SIZE, PROT_NONE, MAP_SHARED, fd, 0);

	cr_assert(map != MAP_FAILED && mincore(map, 1, &page) == 0);
	munmap(map, SIZE);
	return page & 1;
}

static bool has_ring(void)
{
	struct sp_reader *reader = sp_reader_open("io_uring", NULL);

	sp_reader_close(reader);
	return reader;
}

static void forget(struct cold *cold)
{
	cr_assert(fsync(cold->fd) == 0);
	cr_assert(posix_fadvise(cold->fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
}

/*
 * A file that is on a disk and not in memory. False where there is no such
 * thing, as on a file system in memory.
 */
static bool cold_open(struct cold *cold)
{
	alarm(SECONDS_MAX);
	*cold = (struct cold){.dir = test_folder(), .data = malloc(SIZE)};
	cold->log = (struct sp_log){hear, cold};
	for (size_t i = 0; i < SIZE; i++)
		cold->data[i] = (char)((i * 2654435761u) >> 13);
	test_write(cold->dir, "cold", cold->data, SIZE);
	cold->fd = open(test_path(cold->dir, "cold"), O_RDWR);
	cr_assert(cold->fd >= 0);
	forget(cold);
	if (!is_resident(cold->fd) && has_ring())
		return true;
	printf("skipped: no cold file, or no io_uring here\n");
	return false;
}

static void cold_close(struct cold *cold)
{
	close(cold->fd);
	free(cold->data);
	test_folder_free(cold->dir);
}

static struct sp_ahead *ahead_of(struct cold *cold)
{
	return sp_ahead_open(cold->fd, SIZE, "cold", &cold->log);
}

/* Reads as a worker does: what is not there by plain calls. */
static size_t read_all(struct cold *cold, struct sp_ahead *ahead, size_t from,
	size_t step, size_t stride)
{
	char *buffer = malloc(step);
	size_t ahead_bytes = 0;

	for (size_t at = from; at < SIZE; at += stride) {
		size_t room = SIZE - at < step ? SIZE - at : step, there;

		sp_ahead_go(ahead, at);
		there = sp_ahead_read(ahead, at, buffer, room);
		cr_assert_leq(there, room);
		cr_assert(memcmp(buffer, cold->data + at, there) == 0,
			"%zu bytes at %zu differ", there, at);
		ahead_bytes += there;
	}
	free(buffer);
	return ahead_bytes;
}

Test(ahead, a_cold_file_comes_back_to_the_byte)
{
	static const size_t steps[] = {
		1 << 20, PIECE, PIECE + 1, PIECE - 1, 100000, 5 * PIECE + 77};
	struct cold cold;
	bool is_cold = cold_open(&cold);

	for (size_t i = 0; is_cold && i < sizeof(steps) / sizeof(*steps); i++) {
		struct sp_ahead *ahead;

		forget(&cold);
		ahead = ahead_of(&cold);
		cr_assert(ahead);
		cr_expect_eq(read_all(&cold, ahead, 0, steps[i], steps[i]),
			(size_t)SIZE, "steps of %zu", steps[i]);
		cr_expect_eq(cold.lines, (int)i + 1);
		cr_expect_not(
			is_resident(cold.fd), "the page cache was left alone");
		sp_ahead_close(ahead);
	}
	cold_close(&cold);
}

/* The end of one range and the beginning of the next are the same bytes. */
Test(ahead, what_two_ranges_want_is_there_twice)
{
	struct cold cold;

	if (cold_open(&cold)) {
		struct sp_ahead *ahead = ahead_of(&cold);

		cr_expect_gt(read_all(&cold, ahead, 777, 700000, 500000),
			(size_t)SIZE);
		sp_ahead_close(ahead);
	}
	cold_close(&cold);
}

Test(ahead, what_is_in_memory_is_left_to_the_page_cache)
{
	struct cold cold;
	bool is_cold = cold_open(&cold);
	struct sp_ahead *ahead = ahead_of(&cold);
	char *buffer = malloc(SIZE);
	size_t got = SIZE;

	/* The system may take it out of memory again, but not each time. */
	for (unsigned tries = 0; tries < 20 && got; tries++) {
		cold.lines = 0;
		cr_assert(pread(cold.fd, buffer, SIZE, 0) == SIZE);
		got = read_all(&cold, ahead, 0, 500000, 500000);
	}
	cr_expect_eq(got, 0u);
	cr_expect_eq(cold.lines, 0);
	sp_ahead_close(ahead);
	/* Of half of it, the other half is read ahead. */
	if (is_cold) {
		cr_assert(posix_fadvise(cold.fd, 16 * PIECE, 0,
				  POSIX_FADV_DONTNEED) == 0);
		ahead = ahead_of(&cold);
		got = read_all(&cold, ahead, 0, PIECE, PIECE);
		cr_expect_geq(got, (size_t)(SIZE - 16 * PIECE));
		cr_expect_lt(got, (size_t)SIZE);
		sp_ahead_close(ahead);
	}
	free(buffer);
	cold_close(&cold);
}

Test(ahead, a_file_that_is_cut_off_gives_no_more_than_it_has)
{
	struct cold cold;

	if (cold_open(&cold)) {
		struct sp_ahead *ahead = ahead_of(&cold);
		char *buffer = malloc(SIZE);
		size_t got;

		cr_assert(ftruncate(cold.fd, 3 * PIECE + 100) == 0);
		sp_ahead_go(ahead, 0);
		got = sp_ahead_read(ahead, 0, buffer, SIZE);
		cr_expect_leq(got, 3 * PIECE + 100u);
		cr_expect(memcmp(buffer, cold.data, got) == 0);
		cr_expect_eq(sp_ahead_read(ahead, 5 * PIECE, buffer, 10), 0u);
		/* What is under way when it is closed does no harm. */
		cr_assert(ftruncate(cold.fd, SIZE) == 0);
		sp_ahead_go(ahead, 14 * PIECE);
		sp_ahead_close(ahead);
		free(buffer);
	}
	cold_close(&cold);
}

struct reading {
	struct cold *cold;
	struct sp_ahead *ahead;
	size_t from, bytes;
};

static void *read_some(void *argument)
{
	struct reading *reading = argument;

	reading->bytes = read_all(
		reading->cold, reading->ahead, reading->from, 300000, 600000);
	return NULL;
}

Test(ahead, workers_share_it)
{
	struct cold cold;
	bool is_cold = cold_open(&cold);

	for (int turn = 0; turn < 5 && is_cold; turn++) {
		struct reading reading[4];
		struct sp_ahead *ahead;
		pthread_t threads[4];

		forget(&cold);
		ahead = ahead_of(&cold);
		for (size_t i = 0; i < 4; i++) {
			reading[i] =
				(struct reading){&cold, ahead, i * 150000, 0};
			pthread_create(
				&threads[i], NULL, read_some, &reading[i]);
		}
		for (size_t i = 0; i < 4; i++)
			pthread_join(threads[i], NULL);
		cr_expect_gt(reading[0].bytes + reading[1].bytes +
				     reading[2].bytes + reading[3].bytes,
			0u);
		sp_ahead_close(ahead);
	}
	cold_close(&cold);
}

Test(ahead, it_is_only_for_long_files_and_never_needed)
{
	char byte;

	cr_expect_null(sp_ahead_open(0, 1000, "short", NULL));
	cr_expect_null(sp_ahead_open(-1, SIZE, "closed", NULL));
	sp_ahead_go(NULL, 0);
	cr_expect_eq(sp_ahead_read(NULL, 0, &byte, 1), 0u);
	sp_ahead_close(NULL);
}
