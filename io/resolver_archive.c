/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers from a key archive. Each lookup takes a connection to the file that
 * nobody else has and gives it back, so that workers never wait for each
 * other; there are as many as were ever needed at a time.
 */
#include "io/resolver.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "io/archive_parts.h"

struct connection {
	struct connection *next; /* free ones */
	sqlite3 *db; /* owned */
	sqlite3_stmt *find; /* owned */
};

struct resolver_archive {
	struct sp_resolver base;
	char *path; /* owned */
	pthread_mutex_t lock; /* of all that follows */
	struct connection *idle;
	struct sp_error trouble; /* of the last lookup that failed */
};

static const char find_text[] =
	"SELECT value,first_seen,last_seen,dnssec FROM keys WHERE name=?1"
	" ORDER BY last_seen DESC,first_seen DESC,value LIMIT ?2";

static void connection_close(struct connection *connection)
{
	sqlite3_finalize(connection->find);
	sqlite3_close(connection->db);
	free(connection);
}

static enum sp_status connection_open(struct connection **connection,
	const char *path, struct sp_error *error)
{
	struct connection *made = calloc(1, sizeof(*made));
	enum sp_status status;
	int code;

	*connection = NULL;
	if (!made)
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some", path);
	status = sp_archive_connect(&made->db, path, SP_ARCHIVE_READ, error);
	if (status == SP_OK) {
		code = sqlite3_prepare_v3(made->db, find_text, -1,
			SQLITE_PREPARE_PERSISTENT, &made->find, NULL);
		if (!code)
			code = sqlite3_bind_int(
				made->find, 2, SP_KEY_ARCHIVED_MAX);
		if (code)
			status = sp_archive_fault(path, code, error);
	}
	if (status == SP_OK)
		*connection = made;
	else
		connection_close(made);
	return status;
}

static enum sp_status take(struct resolver_archive *archive,
	struct connection **connection, struct sp_error *error)
{
	pthread_mutex_lock(&archive->lock);
	*connection = archive->idle;
	if (*connection)
		archive->idle = (*connection)->next;
	pthread_mutex_unlock(&archive->lock);
	if (*connection)
		return SP_OK;
	return connection_open(connection, archive->path, error);
}

static void give_back(
	struct resolver_archive *archive, struct connection *connection)
{
	pthread_mutex_lock(&archive->lock);
	connection->next = archive->idle;
	archive->idle = connection;
	pthread_mutex_unlock(&archive->lock);
}

/* The row of the statement, copied. */
static bool add_value(struct sp_answer *answer, struct sp_seen *seen,
	sqlite3_stmt *find, struct sp_arena *arena)
{
	struct sp_span value = sp_archive_column(find, 0);
	char *copy = sp_arena_copy(arena, value);

	if (!copy)
		return false;
	seen[answer->count] = (struct sp_seen){
		.first = sqlite3_column_int64(find, 1),
		.last = sqlite3_column_int64(find, 2),
	};
	sp_archive_dnssec_parse(
		sp_archive_column(find, 3), &seen[answer->count].dnssec);
	answer->values[answer->count++] = sp_span(copy, value.size);
	return true;
}

/* Reads the rows of a name; the code of SQLite. */
static int read_values(
	sqlite3_stmt *find, struct sp_answer *answer, struct sp_arena *arena)
{
	struct sp_seen *seen = NULL;
	int code;

	while ((code = sqlite3_step(find)) == SQLITE_ROW) {
		if (!answer->values) {
			answer->values = SP_ARENA_ARRAY(
				arena, struct sp_span, SP_KEY_ARCHIVED_MAX);
			seen = SP_ARENA_ARRAY(
				arena, struct sp_seen, SP_KEY_ARCHIVED_MAX);
			answer->seen = seen;
		}
		if (!answer->values || !seen ||
			!add_value(answer, seen, find, arena))
			return SQLITE_NOMEM;
	}
	if (seen && answer->count) {
		answer->status = SP_ANSWER_FOUND;
		answer->dnssec = seen[0].dnssec;
	}
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int look_up(sqlite3_stmt *find, struct sp_span name,
	struct sp_answer *answer, struct sp_arena *arena)
{
	int code;

	*answer = (struct sp_answer){
		.status = SP_ANSWER_UNKNOWN,
		.ttl_s = UINT32_MAX,
		.source = SP_KEY_SOURCE_ARCHIVE,
	};
	sqlite3_reset(find);
	code = sp_archive_bind(find, 1, name);
	if (!code)
		code = read_values(find, answer, arena);
	sqlite3_reset(find);
	return code;
}

static enum sp_status archive_lookup(struct sp_resolver *resolver,
	const struct sp_span *names, size_t count, struct sp_answer *answers,
	struct sp_arena *arena)
{
	struct resolver_archive *archive = (struct resolver_archive *)resolver;
	struct connection *connection;
	struct sp_error error;
	enum sp_status status = take(archive, &connection, &error);
	int code = SQLITE_OK;

	for (size_t i = 0; connection && i < count && !code; i++)
		code = look_up(connection->find, names[i], &answers[i], arena);
	if (connection)
		give_back(archive, connection);
	if (code)
		status = sp_archive_fault(archive->path, code, &error);
	if (status) {
		pthread_mutex_lock(&archive->lock);
		archive->trouble = error;
		pthread_mutex_unlock(&archive->lock);
	}
	return status;
}

static void archive_explain(
	struct sp_resolver *resolver, struct sp_error *error)
{
	struct resolver_archive *archive = (struct resolver_archive *)resolver;

	pthread_mutex_lock(&archive->lock);
	if (archive->trouble.status != SP_OK)
		*error = archive->trouble;
	pthread_mutex_unlock(&archive->lock);
}

static void archive_close(struct sp_resolver *resolver)
{
	struct resolver_archive *archive = (struct resolver_archive *)resolver;

	while (archive->idle) {
		struct connection *connection = archive->idle;

		archive->idle = connection->next;
		connection_close(connection);
	}
	pthread_mutex_destroy(&archive->lock);
	free(archive->path);
	free(archive);
}

static const struct sp_resolver_ops archive_ops = {
	.name = "archive",
	.lookup = archive_lookup,
	.explain = archive_explain,
	.close = archive_close,
};

enum sp_status sp_resolver_open_archive(
	struct sp_resolver **resolver, const char *path, struct sp_error *error)
{
	struct resolver_archive *archive = calloc(1, sizeof(*archive));
	struct connection *connection;
	enum sp_status status;

	*resolver = NULL;
	if (archive)
		archive->path = strdup(path);
	if (!archive || !archive->path) {
		free(archive);
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some", path);
	}
	archive->base.ops = &archive_ops;
	pthread_mutex_init(&archive->lock, NULL);
	/* The first connection tells whether there will be others. */
	status = take(archive, &connection, error);
	if (!connection) {
		archive_close(&archive->base);
		return status;
	}
	give_back(archive, connection);
	*resolver = &archive->base;
	return SP_OK;
}

enum sp_status sp_resolver_open(
	struct sp_resolver **resolver, const char *path, struct sp_error *error)
{
	if (sp_archive_is(path))
		return sp_resolver_open_archive(resolver, path, error);
	return sp_resolver_open_file(resolver, path, error);
}
