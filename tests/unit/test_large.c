/* SPDX-License-Identifier: Apache-2.0 */
/* Large messages: pieces, unquoting over their borders, the stored form. */
#include "io/large.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/mbox.h"
#include "tests/unit/folder.h"

static struct sp_large large_in(const char *dir, const char *name)
{
	struct sp_large large = {0};

	large.fd = open(test_path(dir, name), O_RDONLY);
	cr_assert(large.fd >= 0);
	return large;
}

/* A body of lines that look like quoting all over. */
static size_t make_message(char *out, size_t size, unsigned seed)
{
	static const char *const bits[] = {"From ", ">From ", ">>From ", ">",
		"\n", "\n", "\r\n", "F", "Fro", "text", ">Fro\n", "From"};
	size_t at = (size_t)sprintf(out, "Subject: x\n>From in: header\n\n");

	srand(seed);
	while (at < size) {
		const char *bit = bits[(unsigned)rand() % 12];

		memcpy(out + at, bit, strlen(bit));
		at += strlen(bit);
	}
	return at;
}

static size_t read_all(struct sp_large *large, char *out, size_t room)
{
	size_t size = 0;
	ptrdiff_t got;

	while ((got = sp_large_read(large, out + size, room)) > 0) {
		for (size_t cut = 1; cut < 5 && cut <= size; cut++)
			cr_assert(memcmp(out + size - cut, "From ", 5) != 0);
		size += (size_t)got;
	}
	cr_assert_eq(got, 0);
	cr_assert_eq(sp_large_read(large, out + size, room), 0);
	return size;
}

Test(large, pieces_give_what_the_whole_would)
{
	static const enum sp_mbox_kind kinds[] = {
		SP_MBOX_RD, SP_MBOX_O, SP_MBOX_CL2};
	enum { SIZE = 30000 };
	char *stored = malloc(SIZE + 100), *whole = malloc(SIZE + 100);
	char *pieces = malloc(SIZE + 10000);
	char *dir = test_folder();

	for (unsigned seed = 1; seed < 40; seed++) {
		size_t size = make_message(stored, SIZE, seed);
		size_t header = sp_mbox_body_offset(sp_span(stored, size));
		struct sp_large large;

		test_write(dir, "m", stored, size);
		large = large_in(dir, "m");
		large.bytes = size;
		large.is_mbox = true;
		for (size_t k = 0; k < 3; k++) {
			unsigned state = 0;
			size_t wanted = header;
			size_t got;

			memcpy(whole, stored, header);
			wanted += sp_mbox_unquote(kinds[k], &state,
				whole + wanted,
				sp_span(stored + header, size - header));
			wanted += sp_mbox_unquote_end(&state, whole + wanted);
			large.unquote = kinds[k];
			sp_large_rewind(&large);
			got = read_all(&large, pieces, 4096 + seed);
			cr_assert_eq(got, wanted);
			cr_assert(memcmp(pieces, whole, wanted) == 0);
			sp_large_seek(&large, header);
			got = read_all(&large, pieces, 4096);
			cr_assert_eq(got, wanted - header);
			cr_assert(memcmp(pieces, whole + header, got) == 0);
		}
		close(large.fd);
	}
	free(stored);
	free(whole);
	free(pieces);
	test_folder_free(dir);
}

Test(large, stored_form_has_the_tail)
{
	char *dir = test_folder();
	struct sp_large large;
	char out[4096];

	test_write(dir, "m", "From a\nA: b\n\n>From c\n\nFrom next\n", 32);
	large = large_in(dir, "m");
	large.is_mbox = true;
	large.offset = 7;
	large.bytes = 14;
	large.tail_bytes = 1;
	cr_assert_eq(sp_large_read_stored(&large, out, sizeof(out)), 15);
	cr_assert(memcmp(out, "A: b\n\n>From c\n\n", 15) == 0);
	cr_assert_eq(sp_large_read_stored(&large, out, sizeof(out)), 0);
	sp_large_rewind(&large);
	cr_assert_eq(sp_large_read(&large, out, sizeof(out)), 13);
	cr_assert(memcmp(out, "A: b\n\nFrom c\n", 13) == 0);
	close(large.fd);
	test_folder_free(dir);
}

Test(large, a_file_that_shrank_is_trouble)
{
	char *dir = test_folder();
	struct sp_large large;
	char out[4096];

	test_write(dir, "m", "A: b\n\nbody\n", 11);
	large = large_in(dir, "m");
	large.bytes = 12;
	cr_assert_eq(sp_large_read(&large, out, sizeof(out)), 11);
	cr_assert_eq(sp_large_read(&large, out, sizeof(out)), -EIO);
	close(large.fd);
	test_folder_free(dir);
}

Test(large, attached_to_a_mail_it_brings_its_beginning)
{
	enum { SIZE = 3000000 };
	char *dir = test_folder();
	char *data = malloc(SIZE);
	struct sp_mails mails = {0};
	struct sp_mail *mail = sp_mails_add(&mails);
	struct sp_large_place place = {.offset = 10, .bytes = SIZE - 10};

	memset(data, 'x', SIZE);
	test_write(dir, "m", data, SIZE);
	place.fd = open(test_path(dir, "m"), O_RDONLY);
	cr_assert_eq(sp_large_attach(&mails, mail, &place), SP_OK);
	cr_expect_eq(mail->trouble, 0);
	cr_expect_not_null(mail->large);
	cr_expect_geq(mail->bytes.size, SP_LARGE_HEADER_BYTES_MAX);
	cr_expect_eq(mail->bytes_total, SIZE - 10);
	place.fd = open(test_path(dir, "m"), O_RDONLY);
	place.bytes = SIZE;
	place.offset = SIZE - 1;
	mail = sp_mails_add(&mails);
	cr_assert_eq(sp_large_attach(&mails, mail, &place), SP_OK);
	cr_expect_eq(mail->trouble, EIO);
	cr_expect_null(mail->large);
	sp_mails_free(&mails);
	free(data);
	test_folder_free(dir);
}
