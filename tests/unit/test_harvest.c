/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a corpus needs: counted once, whatever the workers. */
#include "engine/harvest.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/folder.h"

static char *dir;

static void make_folder(void)
{
	dir = test_folder();
}

static void remove_folder(void)
{
	test_folder_free(dir);
}

TestSuite(harvest, .init = make_folder, .fini = remove_folder);

/* A message with a signature that can be parsed; t empty: none. */
static void add_message(struct sp_buffer *mbox, const char *domain,
	const char *selector, const char *t, const char *date)
{
	sp_buffer_add_format(mbox,
		"From x\nFrom: a@example.com\n%s"
		"DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=%s; h=From;%s\n"
		" bh=AAAA; b=AAAA\n\nbody\n\n",
		date, domain, selector, t);
}

static enum sp_status run(const char *name, unsigned jobs, size_t names_max,
	struct sp_harvest **harvest, struct sp_run_stats *stats,
	struct sp_error *error)
{
	const char *path = test_path(dir, name);
	struct sp_source_options source_options = {
		.inputs = &path, .input_count = 1, .range_bytes = 4096};
	struct sp_harvest_options options = {
		.jobs = jobs, .names_max = names_max};
	enum sp_status status;

	cr_assert_eq(
		sp_source_open(&options.source, &source_options, error), SP_OK);
	status = sp_harvest_run(harvest, &options, stats, error);
	sp_source_close(options.source);
	return status;
}

Test(harvest, names_counts_and_times)
{
	struct sp_buffer mbox = {.data = NULL};
	struct sp_harvest *harvest;
	struct sp_run_stats stats = {0};
	struct sp_error error = {.text = ""};
	const struct sp_harvest_name *names;
	size_t count;

	add_message(&mbox, "b.example", "s", " t=50;", "");
	add_message(&mbox, "B.Example", "S", " t=30;", "");
	add_message(&mbox, "a.example", "s", "",
		"Date: Thu, 1 Jan 1970 00:01:40 +0000\n");
	add_message(&mbox, "a.example", "t", "", "");
	add_message(&mbox, "a.example", "s", " x=1;", "");
	add_message(&mbox, "a..example", "s", "", ""); /* no name */
	sp_buffer_add_str(&mbox, "From x\nFrom: a@b\n\nunsigned\n");
	test_write(dir, "in.mbox", mbox.data, mbox.size);
	sp_buffer_free(&mbox);
	cr_assert_eq(run("in.mbox", 2, 0, &harvest, &stats, &error), SP_OK,
		"%s", error.text);
	names = sp_harvest_names(harvest, &count);
	cr_assert_eq(count, 3);
	cr_assert(sp_span_is(names[0].name, "s._domainkey.a.example"));
	cr_assert_eq(names[0].signatures, 2);
	cr_assert_eq(names[0].first_used, 100);
	cr_assert_eq(names[0].last_used, 100);
	cr_assert(sp_span_is(names[1].name, "s._domainkey.b.example"));
	cr_assert_eq(names[1].signatures, 2);
	cr_assert_eq(names[1].first_used, 30);
	cr_assert_eq(names[1].last_used, 50);
	cr_assert_eq(names[2].first_used, SP_TIME_NONE);
	cr_assert_eq(atomic_load(&stats.messages), 7);
	cr_assert_eq(atomic_load(&stats.signatures), 5);
	sp_harvest_close(harvest);
}

Test(harvest, is_the_same_with_any_number_of_workers)
{
	struct sp_buffer mbox = {.data = NULL};
	struct sp_error error = {.text = ""};
	int64_t first[97], last[97];
	char domain[32], t[32];

	for (int i = 0; i < 3000; i++) {
		snprintf(domain, sizeof(domain), "d%d.example", i % 97);
		snprintf(t, sizeof(t), " t=%d;", 1000 + i * 7 % 3000);
		add_message(&mbox, domain, "s", t, "");
	}
	test_write(dir, "in.mbox", mbox.data, mbox.size);
	sp_buffer_free(&mbox);
	for (unsigned jobs = 1; jobs <= 4; jobs++) {
		struct sp_run_stats stats = {0};
		struct sp_harvest *harvest;
		const struct sp_harvest_name *names;
		size_t count;
		uint64_t signatures = 0;

		cr_assert_eq(run("in.mbox", jobs, 0, &harvest, &stats, &error),
			SP_OK, "%s", error.text);
		names = sp_harvest_names(harvest, &count);
		cr_assert_eq(count, 97);
		for (size_t i = 0; i < count; i++) {
			signatures += names[i].signatures;
			if (jobs == 1) {
				first[i] = names[i].first_used;
				last[i] = names[i].last_used;
			}
			cr_assert_lt(first[i], last[i]);
			cr_assert_eq(names[i].first_used, first[i]);
			cr_assert_eq(names[i].last_used, last[i]);
		}
		cr_assert_eq(signatures, 3000);
		sp_harvest_close(harvest);
	}
}

Test(harvest, more_names_than_allowed_end_it_with_words)
{
	struct sp_buffer mbox = {.data = NULL};
	struct sp_run_stats stats = {0};
	struct sp_error error = {.text = ""};
	struct sp_harvest *harvest;
	char domain[32];

	for (int i = 0; i < 20; i++) {
		snprintf(domain, sizeof(domain), "d%d.example", i);
		add_message(&mbox, domain, "s", "", "");
	}
	test_write(dir, "in.mbox", mbox.data, mbox.size);
	sp_buffer_free(&mbox);
	cr_assert_eq(
		run("in.mbox", 2, 10, &harvest, &stats, &error), SP_CONFIG);
	cr_assert_null(harvest);
	cr_assert_not_null(
		strstr(error.text, "harvest it in parts"), "%s", error.text);
	cr_assert_eq(run("in.mbox", 1, 20, &harvest, &stats, &error), SP_OK);
	sp_harvest_close(harvest);
}
