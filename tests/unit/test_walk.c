/* SPDX-License-Identifier: Apache-2.0 */
/* Walking through a Maildir that somebody else reads mail in. */
#include "io/walk.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/folder.h"

struct walked {
	struct sp_walk walk;
	struct sp_skips skips;
	char names[256];
};

/* Adds the next name to names; false at the end. */
static bool step(struct walked *walked)
{
	struct sp_walk_file file;

	cr_assert_eq(sp_walk_next(&walked->walk, &file), SP_OK);
	if (!file.name)
		return false;
	strcat(walked->names, file.name);
	strcat(walked->names, " ");
	return true;
}

static void begin(struct walked *walked, const char *dir, bool in_place)
{
	*walked = (struct walked){0};
	cr_assert_eq(sp_walk_begin(&walked->walk, dir, true, in_place,
			     &walked->skips),
		SP_OK);
}

static void move(const char *dir, const char *from, const char *to)
{
	cr_assert_eq(rename(test_path(dir, from), test_path(dir, to)), 0);
}

/* maildir(5): who looks at mail takes it from new to cur. */
Test(walk, what_moves_from_new_to_cur_comes_once)
{
	for (int in_place = 0; in_place < 2; in_place++) {
		char *dir = test_folder();
		struct walked walked;

		test_write_text(dir, "cur/a:2,S", "a");
		test_write_text(dir, "cur/b:2,", "b");
		test_write_text(dir, "new/c", "c");
		test_write_text(dir, "new/d,S=1", "d");
		begin(&walked, dir, in_place);
		cr_assert(step(&walked));
		move(dir, "new/c", "cur/c:2,S");
		while (step(&walked))
			;
		sp_walk_end(&walked.walk);
		cr_assert_str_eq(walked.names, "a:2,S b:2, c d,S=1 ");
		/* Two files of one name are two messages. */
		begin(&walked, dir, in_place);
		test_write_text(dir, "new/c", "c");
		test_write_text(dir, "cur/d,S=1:2,F", "d");
		while (step(&walked))
			;
		sp_walk_end(&walked.walk);
		cr_assert_str_eq(
			walked.names, "a:2,S b:2, c:2,S d,S=1:2,F c d,S=1 ");
		test_folder_free(dir);
	}
}

Test(walk, a_maildir_without_new_or_cur_gives_the_rest)
{
	char *dir = test_folder();
	struct walked walked;

	test_write_text(dir, "new/c", "c");
	begin(&walked, dir, false);
	while (step(&walked))
		;
	sp_walk_end(&walked.walk);
	cr_assert_str_eq(walked.names, "c ");
	move(dir, "new", "cur");
	begin(&walked, dir, false);
	cr_assert(step(&walked));
	sp_walk_end(&walked.walk); /* at any time */
	cr_assert_str_eq(walked.names, "c ");
	test_folder_free(dir);
}
