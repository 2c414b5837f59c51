/* SPDX-License-Identifier: Apache-2.0 */
/* Values and names of a key archive: put in, listed. */
#include "io/archive_parts.h"

static const char *const statement_texts[] = {
	[SP_ARCHIVE_FIND] = "SELECT id,value,first_seen,last_seen,source,"
			    "dnssec,note FROM keys WHERE name=?",
	[SP_ARCHIVE_INSERT] =
		"INSERT INTO keys(name,value,first_seen,last_seen,"
		"source,dnssec,note) VALUES(?1,?2,?3,?4,?5,?6,?7)",
	[SP_ARCHIVE_UPDATE] =
		"UPDATE keys SET first_seen=?3,last_seen=?4,source=?5,"
		"dnssec=?6,note=?7 WHERE id=?8",
	[SP_ARCHIVE_NAME] =
		"INSERT INTO names VALUES(?1,?2,?3,?4,?5,?6)"
		" ON CONFLICT(name) DO UPDATE SET"
		" signatures=iif(excluded.signatures=0,signatures,"
		"excluded.signatures),"
		" first_used=min(ifnull(excluded.first_used,first_used),"
		"ifnull(first_used,excluded.first_used)),"
		" last_used=max(ifnull(excluded.last_used,last_used),"
		"ifnull(last_used,excluded.last_used)),"
		" asked=ifnull(excluded.asked,asked),"
		" answer=ifnull(excluded.answer,answer)",
};

bool sp_archive_dnssec_parse(struct sp_span word, enum sp_dnssec *dnssec)
{
	for (int i = SP_DNSSEC_UNKNOWN; i <= SP_DNSSEC_SECURE; i++) {
		if (!sp_span_is(word, sp_dnssec_name(i)))
			continue;
		*dnssec = (enum sp_dnssec)i;
		return true;
	}
	return false;
}

int sp_archive_bind(sqlite3_stmt *statement, int at, struct sp_span bytes)
{
	bool ascii = true;

	for (size_t i = 0; i < bytes.size && ascii; i++)
		ascii = bytes.data[i] > 0;
	if (!ascii)
		return sqlite3_bind_blob64(
			statement, at, bytes.data, bytes.size, SQLITE_STATIC);
	return sqlite3_bind_text64(statement, at, bytes.size ? bytes.data : "",
		bytes.size, SQLITE_STATIC, SQLITE_UTF8);
}

struct sp_span sp_archive_column(sqlite3_stmt *statement, int at)
{
	/* In this order: the size is that of what the call before made. */
	const void *data = sqlite3_column_blob(statement, at);

	return sp_span(data, (size_t)sqlite3_column_bytes(statement, at));
}

static int statement_of(struct sp_archive *archive,
	enum sp_archive_statement which, sqlite3_stmt **statement)
{
	int code = SQLITE_OK;

	if (!archive->statements[which])
		code = sqlite3_prepare_v3(archive->db, statement_texts[which],
			-1, SQLITE_PREPARE_PERSISTENT,
			&archive->statements[which], NULL);
	*statement = archive->statements[which];
	if (!code)
		sqlite3_reset(*statement);
	return code;
}

static enum sp_dnssec column_dnssec(sqlite3_stmt *statement, int at)
{
	enum sp_dnssec dnssec = SP_DNSSEC_UNKNOWN;

	sp_archive_dnssec_parse(sp_archive_column(statement, at), &dnssec);
	return dnssec;
}

/* The row of the statement FIND, without the name. */
static void read_row(sqlite3_stmt *find, struct sp_archive_key *key)
{
	key->value = sp_archive_column(find, 1);
	key->first_seen = sqlite3_column_int64(find, 2);
	key->last_seen = sqlite3_column_int64(find, 3);
	key->source = sp_archive_column(find, 4);
	key->dnssec = column_dnssec(find, 5);
	key->note = sp_archive_column(find, 6);
}

/*
 * Finds the value among those of its name. *id is 0 when it is not there,
 * *count how many were looked at. What is found stays until the next step.
 */
static int find_value(sqlite3_stmt *find, const struct sp_archive_key *key,
	struct sp_archive_key *found, sqlite3_int64 *id, size_t *count)
{
	int code = sp_archive_bind(find, 1, key->name);

	*id = 0;
	*count = 0;
	if (code)
		return code;
	while ((code = sqlite3_step(find)) == SQLITE_ROW) {
		read_row(find, found);
		++*count;
		if (!sp_span_equal(found->value, key->value))
			continue;
		*id = sqlite3_column_int64(find, 0);
		return SQLITE_OK;
	}
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int bind_key(sqlite3_stmt *statement, const struct sp_archive_key *key)
{
	int code = sqlite3_bind_int64(statement, 3, key->first_seen);

	if (!code)
		code = sqlite3_bind_int64(statement, 4, key->last_seen);
	if (!code)
		code = sp_archive_bind(statement, 5, key->source);
	if (!code)
		code = sqlite3_bind_text(statement, 6,
			sp_dnssec_name(key->dnssec), -1, SQLITE_STATIC);
	if (!code)
		code = sp_archive_bind(statement, 7, key->note);
	return code;
}

static int run(sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int insert(struct sp_archive *archive, const struct sp_archive_key *key)
{
	sqlite3_stmt *statement;
	int code = statement_of(archive, SP_ARCHIVE_INSERT, &statement);

	if (!code)
		code = sp_archive_bind(statement, 1, key->name);
	if (!code)
		code = sp_archive_bind(statement, 2, key->value);
	if (!code)
		code = bind_key(statement, key);
	return code ? code : run(statement);
}

/* Brings what is there and what came together; false: nothing is new. */
static bool merge(struct sp_archive_key *old, const struct sp_archive_key *key)
{
	struct sp_archive_key before = *old;

	if (key->first_seen < old->first_seen)
		old->first_seen = key->first_seen;
	if (key->last_seen > old->last_seen)
		old->last_seen = key->last_seen;
	if (key->dnssec > old->dnssec)
		old->dnssec = key->dnssec;
	if (old->source.size == 0)
		old->source = key->source;
	if (old->note.size == 0)
		old->note = key->note;
	return old->first_seen != before.first_seen ||
	       old->last_seen != before.last_seen ||
	       old->dnssec != before.dnssec ||
	       old->source.size != before.source.size ||
	       old->note.size != before.note.size;
}

static int update(struct sp_archive *archive, const struct sp_archive_key *key,
	sqlite3_int64 id)
{
	sqlite3_stmt *statement;
	int code = statement_of(archive, SP_ARCHIVE_UPDATE, &statement);

	if (!code)
		code = bind_key(statement, key);
	if (!code)
		code = sqlite3_bind_int64(statement, 8, id);
	return code ? code : run(statement);
}

static int put(struct sp_archive *archive, const struct sp_archive_key *key,
	enum sp_archive_put *outcome)
{
	struct sp_archive_key old = {.name = key->name};
	sqlite3_stmt *find;
	sqlite3_int64 id = 0;
	size_t count = 0;
	int code = statement_of(archive, SP_ARCHIVE_FIND, &find);

	if (!code)
		code = find_value(find, key, &old, &id, &count);
	*outcome = SP_ARCHIVE_KNOWN;
	if (code)
		return code;
	if (id == 0 && count >= SP_ARCHIVE_VALUES_MAX) {
		*outcome = SP_ARCHIVE_REFUSED;
	} else if (id == 0) {
		*outcome = SP_ARCHIVE_ADDED;
		code = insert(archive, key);
	} else if (merge(&old, key)) {
		*outcome = SP_ARCHIVE_EXTENDED;
		/* Spans of old are in the row, which is still there. */
		code = update(archive, &old, id);
	}
	sqlite3_reset(find);
	return code;
}

enum sp_status sp_archive_put(struct sp_archive *archive,
	const struct sp_archive_key *key, enum sp_archive_put *outcome,
	struct sp_error *error)
{
	int code = put(archive, key, outcome);

	return code ? sp_archive_fault(archive->path, code, error) : SP_OK;
}

static int bind_time(sqlite3_stmt *statement, int at, int64_t time)
{
	return time == SP_TIME_NONE ? sqlite3_bind_null(statement, at)
				    : sqlite3_bind_int64(statement, at, time);
}

static int put_name(
	struct sp_archive *archive, const struct sp_archive_name *name)
{
	const char *answer = sp_answer_name(name->answer);
	sqlite3_stmt *statement;
	int code = statement_of(archive, SP_ARCHIVE_NAME, &statement);

	if (!code)
		code = sp_archive_bind(statement, 1, name->name);
	if (!code)
		code = sqlite3_bind_int64(
			statement, 2, (sqlite3_int64)name->signatures);
	if (!code)
		code = bind_time(statement, 3, name->first_used);
	if (!code)
		code = bind_time(statement, 4, name->last_used);
	if (!code)
		code = bind_time(statement, 5, name->asked);
	if (!code && answer)
		code = sqlite3_bind_text(
			statement, 6, answer, -1, SQLITE_STATIC);
	return code ? code : run(statement);
}

enum sp_status sp_archive_put_name(struct sp_archive *archive,
	const struct sp_archive_name *name, struct sp_error *error)
{
	int code = put_name(archive, name);

	return code ? sp_archive_fault(archive->path, code, error) : SP_OK;
}

/* What a listing reads, and whom it tells. */
struct listing {
	struct sp_archive *archive;
	sqlite3_stmt *statement;
	enum sp_status (*row)(struct listing *listing, struct sp_error *error);
	enum sp_status (*key)(void *context, const struct sp_archive_key *key,
		struct sp_error *error);
	enum sp_status (*name)(void *context,
		const struct sp_archive_name *name, struct sp_error *error);
	void *context;
};

static enum sp_status list(struct listing *listing, const char *sql,
	const char *pattern, struct sp_error *error)
{
	enum sp_status status = SP_OK;
	int code = sqlite3_prepare_v2(
		listing->archive->db, sql, -1, &listing->statement, NULL);

	if (!code && pattern)
		code = sqlite3_bind_text(
			listing->statement, 1, pattern, -1, SQLITE_STATIC);
	if (!code)
		code = SQLITE_ROW;
	while (code == SQLITE_ROW && status == SP_OK) {
		code = sqlite3_step(listing->statement);
		if (code == SQLITE_ROW)
			status = listing->row(listing, error);
	}
	sqlite3_finalize(listing->statement);
	if (status == SP_OK && code != SQLITE_DONE)
		return sp_archive_fault(listing->archive->path, code, error);
	return status;
}

static enum sp_status key_row(struct listing *listing, struct sp_error *error)
{
	struct sp_archive_key key = {
		.name = sp_archive_column(listing->statement, 0),
	};

	read_row(listing->statement, &key);
	return listing->key(listing->context, &key, error);
}

enum sp_status sp_archive_each(struct sp_archive *archive, const char *pattern,
	enum sp_status (*call)(void *context, const struct sp_archive_key *key,
		struct sp_error *error),
	void *context, struct sp_error *error)
{
	struct listing listing = {
		.archive = archive,
		.row = key_row,
		.key = call,
		.context = context,
	};

	return list(&listing,
		"SELECT name,value,first_seen,last_seen,source,dnssec,note"
		" FROM keys WHERE ?1 IS NULL OR name GLOB ?1"
		" ORDER BY name,last_seen DESC,first_seen DESC,value",
		pattern, error);
}

static int64_t column_time(sqlite3_stmt *statement, int at)
{
	return sqlite3_column_type(statement, at) == SQLITE_NULL
		       ? SP_TIME_NONE
		       : sqlite3_column_int64(statement, at);
}

static enum sp_status name_row(struct listing *listing, struct sp_error *error)
{
	sqlite3_stmt *statement = listing->statement;
	struct sp_span answer = sp_archive_column(statement, 5);
	struct sp_archive_name name = {
		.name = sp_archive_column(statement, 0),
		.signatures = (uint64_t)sqlite3_column_int64(statement, 1),
		.first_used = column_time(statement, 2),
		.last_used = column_time(statement, 3),
		.asked = column_time(statement, 4),
	};

	for (int i = SP_ANSWER_FOUND; i <= SP_ANSWER_TIMEOUT; i++)
		if (sp_span_is(answer, sp_answer_name(i)))
			name.answer = (enum sp_answer_status)i;
	return listing->name(listing->context, &name, error);
}

enum sp_status sp_archive_each_missing(struct sp_archive *archive,
	enum sp_status (*call)(void *context,
		const struct sp_archive_name *name, struct sp_error *error),
	void *context, struct sp_error *error)
{
	struct listing listing = {
		.archive = archive,
		.row = name_row,
		.name = call,
		.context = context,
	};

	return list(&listing,
		"SELECT name,signatures,first_used,last_used,asked,answer"
		" FROM names WHERE name NOT IN (SELECT name FROM keys)"
		" ORDER BY name",
		NULL, error);
}
