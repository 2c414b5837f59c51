/* SPDX-License-Identifier: Apache-2.0 */
/* The vectors in corpus/vectors (see its README), through the engine. */
#include <criterion/criterion.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/post.h"
#include "tests/unit/shared.h"

#define FOLDER "corpus/vectors/"

static bool is_verdict(
	struct sp_span line, enum sp_verdict verdict, enum sp_reason reason)
{
	struct sp_span word = sp_span_split(&line, ' ');

	return sp_span_is(word, sp_verdict_name(verdict)) &&
	       sp_span_is(line, sp_reason_name(reason));
}

static bool is_time(struct sp_span line)
{
	return sp_span_starts(line, "at ");
}

static int64_t time_of(struct sp_span expect)
{
	while (expect.data) {
		struct sp_span line = sp_span_split(&expect, '\n');

		if (is_time(line))
			return strtoll(line.data + strlen("at "), NULL, 10);
	}
	return 1600000000;
}

static void check(
	const char *path, struct sp_span expect, const struct sp_verify *verify)
{
	size_t count = 0;

	while (expect.data) {
		struct sp_span line = sp_span_split(&expect, '\n');
		enum sp_verdict verdict = verify->verdict;
		enum sp_reason reason = verify->reason;

		if (!line.size || line.data[0] == '#' || is_time(line))
			continue;
		if (count < verify->count) {
			verdict = verify->results[count].verdict;
			reason = verify->results[count].reason;
		}
		cr_expect(is_verdict(line, verdict, reason),
			"%s #%zu: %s %s, not %.*s", path, count,
			sp_verdict_name(verdict), sp_reason_name(reason),
			SP_SPAN_ARGS(line));
		count++;
	}
	cr_expect_eq(count, verify->count ? verify->count : 1, "%s", path);
}

static void run(struct post *post, const char *path)
{
	char expect_path[512];
	size_t stem = strlen(path) - strlen(".eml");
	struct sp_span message = text_read(path);
	struct sp_span expect;

	snprintf(expect_path, sizeof(expect_path), "%.*s.expect", (int)stem,
		path);
	expect = text_read(expect_path);
	post->verify.now = time_of(expect);
	check(path, expect, post_verify(post, message));
	text_free(message);
	text_free(expect);
}

/* RFC 6376 appendix A, RFC 8463 appendix A, and what is made of them. */
Test(vectors, every_message_gets_its_verdicts)
{
	struct sp_span zone = text_read(FOLDER "keys.zone");
	struct post post;
	glob_t found;

	post_open(&post);
	post_publish_only(&post, zone);
	cr_assert_eq(glob(FOLDER "*.eml", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		run(&post, found.gl_pathv[i]);
	cr_assert_geq(found.gl_pathc, 10);
	globfree(&found);
	text_free(zone);
	post_close(&post);
}
