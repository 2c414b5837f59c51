/* SPDX-License-Identifier: Apache-2.0 */
/* Key archives: what goes in comes out, and what is none is refused. */
#include "io/archive.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "tests/unit/folder.h"

static char *dir;
static const char *path;

static void make_folder(void)
{
	dir = test_folder();
	path = test_path(dir, "keys.db");
}

static void remove_folder(void)
{
	test_folder_free(dir);
}

TestSuite(archive, .init = make_folder, .fini = remove_folder);

static struct sp_archive *open_archive(enum sp_archive_mode mode)
{
	struct sp_archive *archive;
	struct sp_error error = {.text = ""};

	cr_assert_eq(sp_archive_open(&archive, path, mode, &error), SP_OK, "%s",
		error.text);
	return archive;
}

static enum sp_archive_put put(struct sp_archive *archive, const char *name,
	struct sp_span value, int64_t first, int64_t last)
{
	struct sp_archive_key key = {
		.name = sp_span_str(name),
		.value = value,
		.first_seen = first,
		.last_seen = last,
		.source = sp_span_str("file"),
	};
	enum sp_archive_put outcome;
	struct sp_error error = {.text = ""};

	cr_assert_eq(sp_archive_put(archive, &key, &outcome, &error), SP_OK,
		"%s", error.text);
	return outcome;
}

/* An archive with these values of one name, each seen for ten seconds. */
static void make_archive(const char *name, const struct sp_span *values,
	const int64_t *first, size_t count)
{
	struct sp_archive *archive = open_archive(SP_ARCHIVE_CREATE);
	struct sp_error error;

	cr_assert_eq(sp_archive_begin(archive, &error), SP_OK);
	for (size_t i = 0; i < count; i++)
		put(archive, name, values[i], first[i], first[i] + 10);
	cr_assert_eq(sp_archive_commit(archive, &error), SP_OK);
	sp_archive_close(archive);
}

static struct sp_resolver *open_resolver(void)
{
	struct sp_resolver *resolver;
	struct sp_error error = {.text = ""};

	cr_assert_eq(sp_resolver_open(&resolver, path, &error), SP_OK, "%s",
		error.text);
	return resolver;
}

static struct sp_answer ask(
	struct sp_resolver *resolver, const char *name, struct sp_arena *arena)
{
	struct sp_span span = sp_span_str(name);
	struct sp_answer answer;

	cr_assert_eq(resolver->ops->lookup(resolver, &span, 1, &answer, arena),
		SP_OK);
	return answer;
}

Test(archive, answers_newest_first_with_times)
{
	const struct sp_span values[] = {sp_span_str("b"), sp_span_str("a"),
		sp_span_str("new"), sp_span_str("old")};
	const int64_t first[] = {20, 20, 30, 10};
	struct sp_arena arena = {0};
	struct sp_resolver *resolver;
	struct sp_answer answer;

	make_archive("s._domainkey.a.example", values, first, 4);
	resolver = open_resolver();
	answer = ask(resolver, "s._domainkey.a.example", &arena);
	cr_assert_eq(answer.status, SP_ANSWER_FOUND);
	cr_assert_eq(answer.source, SP_KEY_SOURCE_ARCHIVE);
	cr_assert_eq(answer.count, 4);
	cr_assert(sp_span_is(answer.values[0], "new"));
	cr_assert(sp_span_is(answer.values[1], "a"));
	cr_assert(sp_span_is(answer.values[2], "b"));
	cr_assert(sp_span_is(answer.values[3], "old"));
	cr_assert_eq(answer.seen[3].first, 10);
	cr_assert_eq(answer.seen[3].last, 20);
	answer = ask(resolver, "t._domainkey.a.example", &arena);
	cr_assert_eq(answer.status, SP_ANSWER_UNKNOWN);
	sp_resolver_close(resolver);
	sp_arena_free(&arena);
}

static enum sp_status keep_last(
	void *context, const struct sp_archive_key *key, struct sp_error *error)
{
	struct sp_archive_key *last = context;

	(void)error;
	last->first_seen = key->first_seen;
	last->last_seen = key->last_seen;
	last->dnssec = key->dnssec;
	last->value.size = key->value.size;
	return SP_OK;
}

Test(archive, the_same_value_extends_its_times)
{
	struct sp_archive *archive = open_archive(SP_ARCHIVE_CREATE);
	const struct sp_span value = sp_span_str("v=DKIM1; p=");
	struct sp_archive_key key = {.first_seen = 0};
	struct sp_error error;

	cr_assert_eq(put(archive, "n", value, 100, 200), SP_ARCHIVE_ADDED);
	cr_assert_eq(put(archive, "n", value, 150, 160), SP_ARCHIVE_KNOWN);
	cr_assert_eq(put(archive, "n", value, 50, 160), SP_ARCHIVE_EXTENDED);
	cr_assert_eq(put(archive, "n", value, 60, 300), SP_ARCHIVE_EXTENDED);
	cr_assert_eq(
		put(archive, "n", sp_span_str("x"), 1, 1), SP_ARCHIVE_ADDED);
	cr_assert_eq(
		sp_archive_each(archive, "?", keep_last, &key, &error), SP_OK);
	/* The last in the list is the oldest: the other value. */
	cr_assert_eq(key.value.size, 1);
	cr_assert_eq(sp_archive_each(archive, "m*", keep_last, NULL, &error),
		SP_OK, "no name begins with m");
	sp_archive_close(archive);
	archive = open_archive(SP_ARCHIVE_WRITE);
	cr_assert_eq(put(archive, "n", value, 50, 300), SP_ARCHIVE_KNOWN);
	sp_archive_close(archive);
}

static enum sp_status count_name(void *context,
	const struct sp_archive_name *name, struct sp_error *error)
{
	struct sp_archive_name *last = context;

	(void)error;
	last->signatures = name->signatures;
	last->first_used = name->first_used;
	last->last_used = name->last_used;
	last->asked = name->asked;
	last->answer = name->answer;
	return SP_OK;
}

Test(archive, names_without_key)
{
	struct sp_archive *archive = open_archive(SP_ARCHIVE_CREATE);
	struct sp_archive_name name = {
		.name = sp_span_str("n"),
		.signatures = 7,
		.first_used = 20,
		.last_used = 30,
		.asked = SP_TIME_NONE,
	};
	struct sp_archive_name found = {.signatures = 0};
	struct sp_error error;

	cr_assert_eq(sp_archive_put_name(archive, &name, &error), SP_OK);
	name.signatures = 5;
	name.first_used = 25;
	name.last_used = 40;
	cr_assert_eq(sp_archive_put_name(archive, &name, &error), SP_OK);
	name = (struct sp_archive_name){
		.name = sp_span_str("n"),
		.first_used = SP_TIME_NONE,
		.last_used = SP_TIME_NONE,
		.asked = 99,
		.answer = SP_ANSWER_NXDOMAIN,
	};
	cr_assert_eq(sp_archive_put_name(archive, &name, &error), SP_OK);
	cr_assert_eq(
		sp_archive_each_missing(archive, count_name, &found, &error),
		SP_OK);
	cr_assert_eq(found.signatures, 5);
	cr_assert_eq(found.first_used, 20);
	cr_assert_eq(found.last_used, 40);
	cr_assert_eq(found.asked, 99);
	cr_assert_eq(found.answer, SP_ANSWER_NXDOMAIN);
	put(archive, "n", sp_span_str("v"), 1, 1);
	found.signatures = 0;
	cr_assert_eq(
		sp_archive_each_missing(archive, count_name, &found, &error),
		SP_OK);
	cr_assert_eq(found.signatures, 0, "it has a key now");
	sp_archive_close(archive);
}

/* 64 KB, bytes beyond ASCII, NUL, nothing: bytes are bytes. */
Test(archive, values_of_any_bytes)
{
	static char large[64 << 10];
	const struct sp_span values[] = {sp_span(large, sizeof(large)),
		sp_span("p=\xff\xfe", 4), sp_span("p=\0x", 4),
		sp_span_str("p=\xc3\xa9"), sp_span_str("")};
	const int64_t first[] = {50, 40, 30, 20, 10};
	struct sp_arena arena = {0};
	struct sp_resolver *resolver;
	struct sp_answer answer;

	memset(large, 'x', sizeof(large));
	make_archive("n", values, first, 5);
	make_archive("n", values, first, 5); /* finds them all */
	resolver = open_resolver();
	answer = ask(resolver, "n", &arena);
	cr_assert_eq(answer.count, 5);
	for (size_t i = 0; i < 5; i++)
		cr_assert(sp_span_equal(answer.values[i], values[i]), "%zu", i);
	sp_resolver_close(resolver);
	sp_arena_free(&arena);
}

Test(archive, thousands_of_values_of_a_name)
{
	struct sp_archive *archive = open_archive(SP_ARCHIVE_CREATE);
	struct sp_arena arena = {0};
	struct sp_resolver *resolver;
	struct sp_answer answer;
	struct sp_error error;
	char value[32];

	cr_assert_eq(sp_archive_begin(archive, &error), SP_OK);
	for (unsigned i = 0; i < SP_ARCHIVE_VALUES_MAX + 2; i++) {
		snprintf(value, sizeof(value), "p=%u", i);
		cr_assert_eq(put(archive, "n", sp_span_str(value), i, i),
			i < SP_ARCHIVE_VALUES_MAX ? SP_ARCHIVE_ADDED
						  : SP_ARCHIVE_REFUSED);
	}
	cr_assert_eq(sp_archive_commit(archive, &error), SP_OK);
	sp_archive_close(archive);
	resolver = open_resolver();
	answer = ask(resolver, "n", &arena);
	cr_assert_eq(answer.count, SP_KEY_ARCHIVED_MAX);
	cr_assert(sp_span_is(answer.values[0], "p=999"));
	sp_resolver_close(resolver);
	sp_arena_free(&arena);
}

static void execute(const char *sql)
{
	sqlite3 *db;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s",
		sqlite3_errmsg(db));
	sqlite3_close(db);
}

static void expect_refused(const char *words)
{
	struct sp_resolver *resolver;
	struct sp_error error = {.text = ""};

	cr_assert_neq(sp_resolver_open_archive(&resolver, path, &error), SP_OK,
		"%s", words);
	cr_assert_null(resolver);
	cr_assert_not_null(strstr(error.text, words), "'%s' lacks '%s'",
		error.text, words);
	cr_assert_not_null(strstr(error.text, "keys.db: "), "%s", error.text);
	cr_assert_not_null(
		strstr(error.text, "; "), "no remedy: %s", error.text);
}

Test(archive, a_database_of_something_else_is_refused)
{
	execute("CREATE TABLE cookies(a)");
	expect_refused("no key archive (application_id 0)");
	execute("PRAGMA application_id=7");
	expect_refused("application_id 7");
	execute("PRAGMA application_id=0x53504b41");
	expect_refused("version 0");
	execute("PRAGMA user_version=1");
	expect_refused("lacks a table or column");
}

Test(archive, a_newer_version_is_refused)
{
	make_archive("n", NULL, NULL, 0);
	execute("PRAGMA user_version=2");
	expect_refused("version 2, and this sealpress knows version 1");
}

Test(archive, damage_is_found_and_named)
{
	static char large[4000];
	const struct sp_span value = sp_span(large, sizeof(large));
	const int64_t first = 1;
	FILE *file;

	memset(large, 'x', sizeof(large));
	make_archive("n", &value, &first, 1);
	cr_assert_eq(truncate(path, 8192), 0);
	expect_refused("is damaged");
	file = fopen(path, "r+");
	cr_assert_not_null(file);
	cr_assert_eq(fseek(file, 20, SEEK_SET), 0);
	for (int i = 0; i < 200; i++)
		fputc(i, file);
	fclose(file);
	expect_refused("is damaged");
	cr_assert_eq(truncate(path, 0), 0);
	expect_refused("is empty");
	cr_assert_eq(unlink(path), 0);
	expect_refused("cannot be opened");
}

/* Found only when the page is read: the lookup says which file. */
Test(archive, damage_in_the_middle_ends_the_lookup_with_words)
{
	struct sp_archive *archive = open_archive(SP_ARCHIVE_CREATE);
	struct sp_span name = sp_span_str("n500");
	struct sp_arena arena = {0};
	struct sp_resolver *resolver;
	struct sp_answer answer;
	struct sp_error error = {.text = ""};
	char text[32];
	FILE *file;

	cr_assert_eq(sp_archive_begin(archive, &error), SP_OK);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "n%d", i);
		put(archive, text, sp_span_str("v"), 1, 1);
	}
	cr_assert_eq(sp_archive_commit(archive, &error), SP_OK);
	sp_archive_close(archive);
	resolver = open_resolver();
	file = fopen(path, "r+");
	cr_assert_not_null(file);
	for (long at = 5 * 4096; at < 1 << 20; at++) {
		if (at % 4096 == 0 && fseek(file, at, SEEK_SET) != 0)
			break;
		if (fgetc(file) == EOF)
			break;
		fseek(file, at, SEEK_SET);
		fputc(0x77, file);
		fflush(file);
		at += 15;
	}
	fclose(file);
	cr_assert_neq(
		resolver->ops->lookup(resolver, &name, 1, &answer, &arena),
		SP_OK);
	resolver->ops->explain(resolver, &error);
	cr_assert_not_null(
		strstr(error.text, "keys.db: is damaged"), "%s", error.text);
	sp_resolver_close(resolver);
	sp_arena_free(&arena);
}

Test(archive, a_locked_archive_is_named)
{
	sqlite3 *db;

	make_archive("n", NULL, NULL, 0);
	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
		SQLITE_OK);
	expect_refused("is locked by another program");
	sqlite3_close(db);
}

/* A writer that dies in the middle, with part of its work in the file. */
static void write_and_die(void)
{
	static char large[8000];
	struct sp_archive *archive = open_archive(SP_ARCHIVE_WRITE);
	struct sp_error error;
	char text[32];

	memset(large, 'y', sizeof(large));
	if (sp_archive_begin(archive, &error) != SP_OK)
		_exit(1);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "n%d", i);
		put(archive, text, sp_span(large, sizeof(large)), 1, 1);
	}
	_exit(0);
}

Test(archive, what_a_dead_writer_left_is_usable)
{
	const struct sp_span value = sp_span_str("kept");
	const int64_t first = 5;
	struct sp_arena arena = {0};
	struct sp_resolver *resolver;
	pid_t child;
	int status;

	make_archive("n1", &value, &first, 1);
	child = fork();
	if (child == 0)
		write_and_die();
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_eq(access(test_path(dir, "keys.db-journal"), F_OK), 0,
		"the writer died with its journal");
	resolver = open_resolver();
	cr_assert_eq(ask(resolver, "n1", &arena).count, 1);
	cr_assert_eq(ask(resolver, "n2", &arena).status, SP_ANSWER_UNKNOWN);
	sp_resolver_close(resolver);
	sp_arena_free(&arena);
}

#define THREADS 4

static void *ask_often(void *argument)
{
	struct sp_resolver *resolver = argument;
	struct sp_arena arena = {0};
	uintptr_t found = 0;

	for (int i = 0; i < 200; i++) {
		struct sp_span name = sp_span_str(i % 2 ? "n" : "m");
		struct sp_answer answer;

		if (resolver->ops->lookup(
			    resolver, &name, 1, &answer, &arena) == SP_OK &&
			answer.count == 1 && sp_span_is(answer.values[0], "v"))
			found++;
		sp_arena_reset(&arena);
	}
	sp_arena_free(&arena);
	return (void *)found;
}

Test(archive, several_workers_at_once)
{
	const struct sp_span value = sp_span_str("v");
	const int64_t first = 5;
	struct sp_resolver *resolver;
	pthread_t threads[THREADS];

	make_archive("n", &value, &first, 1);
	resolver = open_resolver();
	for (int i = 0; i < THREADS; i++)
		cr_assert_eq(
			pthread_create(&threads[i], NULL, ask_often, resolver),
			0);
	for (int i = 0; i < THREADS; i++) {
		void *found;

		cr_assert_eq(pthread_join(threads[i], &found), 0);
		cr_assert_eq((uintptr_t)found, 100);
	}
	sp_resolver_close(resolver);
}

Test(archive, is_told_from_a_key_file_by_content)
{
	struct sp_resolver *resolver;
	struct sp_arena arena = {0};
	struct sp_error error;

	cr_assert_not(sp_archive_is(path));
	test_write_text(dir, "keys.db", "n\tv\n");
	cr_assert_not(sp_archive_is(path));
	cr_assert_eq(sp_resolver_open(&resolver, path, &error), SP_OK);
	cr_assert_eq(ask(resolver, "n", &arena).source, SP_KEY_SOURCE_FILE);
	sp_resolver_close(resolver);
	cr_assert_eq(unlink(path), 0);
	make_archive("n", NULL, NULL, 0);
	cr_assert(sp_archive_is(path));
	sp_arena_free(&arena);
}
