/* SPDX-License-Identifier: Apache-2.0 */
/* Sorted listings in bounded memory. */
#include "io/folder.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/folder.h"

Test(folder, passes_of_any_size_list_every_name_once_in_order)
{
	char *dir = test_folder();

	for (int i = 0; i < 97; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s%d", i % 10 ? "n" : ".",
			i * 7919 % 97);
		test_write(dir, name, "", 0);
	}
	for (size_t max = 0; max < 100; max++) {
		struct sp_listing listing;
		struct sp_folder *folder = sp_folder_open(NULL, dir);
		char last[32] = "";
		size_t count = 0;
		unsigned char type;
		const char *name;

		cr_assert(folder);
		sp_listing_begin(&listing, folder, true);
		listing.names_max = max ? max : listing.names_max;
		while ((name = sp_listing_next(&listing, &type))) {
			cr_assert(strcmp(last, name) < 0);
			snprintf(last, sizeof(last), "%s", name);
			count++;
		}
		cr_assert_null(sp_listing_next(&listing, &type));
		cr_assert_eq(listing.fault, 0);
		cr_assert_eq(count, 87, "passes of %zu gave %zu", max, count);
		sp_listing_free(&listing);
	}
	test_folder_free(dir);
}

/* As it is read: nothing twice, nothing left out, no more held than may be. */
Test(folder, lots_of_any_size_list_every_name_once)
{
	char *dir = test_folder();

	for (int i = 0; i < 97; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s%03d", i % 10 ? "n" : ".",
			i * 7919 % 97);
		test_write(dir, name, "", 0);
	}
	for (size_t max = 1; max < 100; max++) {
		struct sp_folder *folder = sp_folder_open(NULL, dir);
		struct sp_listing listing;
		char last[32] = "";
		bool seen[97] = {false};
		size_t count = 0;
		unsigned char type;
		const char *name;

		cr_assert(folder);
		sp_listing_begin(&listing, folder, false);
		listing.names_max = max;
		while ((name = sp_listing_next(&listing, &type))) {
			bool *place = &seen[atoi(name + 1)];

			cr_assert_not(*place);
			*place = true;
			cr_assert_leq(listing.count, max);
			/* In order within the lot, and in all if it is one. */
			cr_assert(listing.next == 1 || strcmp(last, name) < 0);
			cr_assert(max < 87 || listing.next == count + 1);
			snprintf(last, sizeof(last), "%s", name);
			count++;
			cr_assert(count > 1 || listing.whole == (max > 87));
		}
		cr_assert_eq(count, 87, "lots of %zu gave %zu", max, count);
		cr_assert_null(sp_listing_next(&listing, &type));
		sp_listing_free(&listing);
	}
	test_folder_free(dir);
}

/* Between two passes we may ourselves have renamed what we listed. */
Test(folder, a_renamed_message_does_not_come_again)
{
	char *dir = test_folder();
	struct sp_folder *folder;
	struct sp_listing listing;
	unsigned char type;

	test_write(dir, "1,S=10:2,", "", 0);
	test_write(dir, "2,S=10:2,", "", 0);
	folder = sp_folder_open(NULL, dir);
	cr_assert(folder);
	folder->maildir = strdup(dir);
	sp_listing_begin(&listing, folder, true);
	listing.names_max = 1;
	cr_expect_str_eq(sp_listing_next(&listing, &type), "1,S=10:2,");
	cr_assert(rename(test_path(dir, "1,S=10:2,"),
			  test_path(dir, "1,S=99:2,S")) == 0);
	cr_expect_str_eq(sp_listing_next(&listing, &type), "2,S=10:2,");
	cr_expect_null(sp_listing_next(&listing, &type));
	sp_listing_free(&listing);
	test_folder_free(dir);
}

/* maildir(5), and the sizes of Maildir++. */
Test(folder, flags_and_sizes_do_not_tell_messages_apart)
{
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{"1.x", "1.x", true},
		{"1.x", "1.x:2,S", true},
		{"1.x,S=1,W=22:2,", "1.x,S=345:2,RS", true},
		{"1.x,S=1", "1.x", true},
		{"1.x,1", "1.x,2", false},
		{"1.x", "1.xy", false},
		{"1.x,S", "1.x", false},
		{"1.x:2,S", "2.x:2,S", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cr_expect_eq(sp_folder_same_message(cases[i].a, cases[i].b),
			cases[i].same, "case %zu", i);
		cr_expect_eq(sp_folder_same_message(cases[i].b, cases[i].a),
			cases[i].same);
	}
}
