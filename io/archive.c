/* SPDX-License-Identifier: Apache-2.0 */
/* Key archives: the file, its schema, what may be wrong with it. */
#include "io/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/archive_parts.h"

#define BUSY_MS 2000

/*
 * Times are Unix seconds. value is a TXT record with its strings joined: TEXT
 * when it is ASCII, else BLOB. A name that a corpus wants is in names, with
 * or without a key; answer is found, nxdomain, servfail or timeout, and null
 * when it was not asked for.
 */
static const char schema[] =
	"BEGIN IMMEDIATE;"
	"CREATE TABLE IF NOT EXISTS keys("
	"id INTEGER PRIMARY KEY,"
	"name TEXT NOT NULL,"
	"value NOT NULL,"
	"first_seen INTEGER NOT NULL,"
	"last_seen INTEGER NOT NULL,"
	"source TEXT NOT NULL DEFAULT '',"
	"dnssec TEXT NOT NULL DEFAULT 'unknown',"
	"note TEXT NOT NULL DEFAULT '');"
	"CREATE INDEX IF NOT EXISTS keys_by_name ON keys(name);"
	"CREATE TABLE IF NOT EXISTS names("
	"name TEXT PRIMARY KEY NOT NULL,"
	"signatures INTEGER NOT NULL,"
	"first_used INTEGER,"
	"last_used INTEGER,"
	"asked INTEGER,"
	"answer TEXT) WITHOUT ROWID;"
	"PRAGMA application_id=0x53504b41;"
	"PRAGMA user_version=1;"
	"COMMIT;";

/* Both tables with all columns; prepared, never run. */
static const char *const probes[] = {
	"SELECT id,name,value,first_seen,last_seen,source,dnssec,note FROM keys"
	" INDEXED BY keys_by_name WHERE name=?",
	"SELECT name,signatures,first_used,last_used,asked,answer FROM names",
};

static enum sp_status no_memory(const char *path, struct sp_error *error)
{
	return sp_error(
		error, SP_NO_MEMORY, "%s: not enough memory; free some", path);
}

enum sp_status sp_archive_fault(
	const char *path, int code, struct sp_error *error)
{
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return no_memory(path, error);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return sp_error(error, SP_IO,
			"%s: is locked by another program; run again when "
			"that is done",
			path);
	case SQLITE_NOTADB:
		if (!sp_archive_is(path))
			return sp_error(error, SP_CONFIG,
				"%s: is no key archive, and no database of "
				"SQLite at all; give one that 'sealpress keys' "
				"made",
				path);
		/* fall through */
	case SQLITE_CORRUPT:
	case SQLITE_FORMAT:
		return sp_error(error, SP_CONFIG,
			"%s: is damaged (%s); take a copy of it that is not, "
			"or save what is left with sqlite3's .recover",
			path, sqlite3_errstr(code));
	case SQLITE_READONLY:
		return sp_error(error, SP_IO,
			"%s: cannot be written to, or a writer left it half "
			"way; run once as a user who may write it and its "
			"folder",
			path);
	case SQLITE_FULL:
		return sp_error(error, SP_IO,
			"%s: no space is left for it; free some and run again",
			path);
	default:
		return sp_error(error, SP_IO,
			"%s: cannot be used: %s; check the file and the device "
			"it is on",
			path, sqlite3_errstr(code));
	}
}

bool sp_archive_is(const char *path)
{
	static const char magic[16] = "SQLite format 3";
	char head[sizeof(magic)];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool found;

	if (fd < 0)
		return false;
	found = pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
		memcmp(head, magic, sizeof(head)) == 0;
	close(fd);
	return found;
}

static int pragma_number(sqlite3 *db, const char *pragma, int *number)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(db, pragma, -1, &statement, NULL);

	if (code)
		return code;
	code = sqlite3_step(statement);
	*number = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

static enum sp_status check_tables(
	sqlite3 *db, const char *path, struct sp_error *error)
{
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		sqlite3_stmt *statement;
		int code =
			sqlite3_prepare_v2(db, probes[i], -1, &statement, NULL);

		sqlite3_finalize(statement);
		if (code == SQLITE_ERROR)
			return sp_error(error, SP_CONFIG,
				"%s: lacks a table or column of a key archive "
				"(%s); take a copy of it that has all",
				path, sqlite3_errmsg(db));
		if (code)
			return sp_archive_fault(path, code, error);
	}
	return SP_OK;
}

/* Is it an archive, and one we know? */
static enum sp_status check(
	sqlite3 *db, const char *path, struct sp_error *error)
{
	int id, version;
	int code = pragma_number(db, "PRAGMA application_id", &id);

	if (!code)
		code = pragma_number(db, "PRAGMA user_version", &version);
	if (code)
		return sp_archive_fault(path, code, error);
	if (id != SP_ARCHIVE_APPLICATION_ID)
		return sp_error(error, SP_CONFIG,
			"%s: is a database of SQLite but no key archive "
			"(application_id %d); give one that 'sealpress keys' "
			"made",
			path, id);
	if (version > SP_ARCHIVE_VERSION || version < 1)
		return sp_error(error, SP_CONFIG,
			"%s: is a key archive of version %d, and this "
			"sealpress knows version %d; use the sealpress that "
			"made it",
			path, version, SP_ARCHIVE_VERSION);
	return check_tables(db, path, error);
}

static int open_flags(enum sp_archive_mode mode)
{
	switch (mode) {
	case SP_ARCHIVE_WRITE:
		return SQLITE_OPEN_READWRITE;
	case SP_ARCHIVE_CREATE:
		return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	case SP_ARCHIVE_READ:
		break;
	}
	return SQLITE_OPEN_READONLY;
}

/* A file without a page: SQLite has made it, or somebody else just now. */
static bool is_new(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

/* Opens and reads a first page. SQLite itself opens nearly everything. */
static int open_db(sqlite3 **db, const char *path, enum sp_archive_mode mode)
{
	int version;
	int code = sqlite3_open_v2(
		path, db, open_flags(mode) | SQLITE_OPEN_NOMUTEX, NULL);

	if (!code)
		code = sqlite3_extended_result_codes(*db, 1);
	if (!code)
		code = sqlite3_busy_timeout(*db, BUSY_MS);
	if (!code)
		code = pragma_number(*db, "PRAGMA schema_version", &version);
	if (!code)
		return SQLITE_OK;
	sqlite3_close(*db);
	*db = NULL;
	return code;
}

/* A journal left by a writer that died is played back by a writer only. */
static int open_recovered(sqlite3 **db, const char *path)
{
	int code = open_db(db, path, SP_ARCHIVE_WRITE);

	if (code)
		return SQLITE_READONLY;
	sqlite3_close(*db);
	return open_db(db, path, SP_ARCHIVE_READ);
}

static enum sp_status connect_file(sqlite3 **db, const char *path,
	enum sp_archive_mode mode, struct sp_error *error)
{
	int code = open_db(db, path, mode);

	if (code == SQLITE_READONLY_ROLLBACK && mode == SP_ARCHIVE_READ)
		code = open_recovered(db, path);
	if (!code && mode == SP_ARCHIVE_CREATE && is_new(path))
		code = sqlite3_exec(*db, schema, NULL, NULL, NULL);
	if (code)
		return sp_archive_fault(path, code, error);
	return check(*db, path, error);
}

enum sp_status sp_archive_connect(sqlite3 **db, const char *path,
	enum sp_archive_mode mode, struct sp_error *error)
{
	struct stat st;
	enum sp_status status;

	*db = NULL;
	if (stat(path, &st) != 0) {
		if (errno != ENOENT || mode != SP_ARCHIVE_CREATE)
			return sp_error(error, SP_IO,
				"%s: cannot be opened: %m; check its name and "
				"who may read it",
				path);
	} else if (!S_ISREG(st.st_mode)) {
		return sp_error(error, SP_CONFIG,
			"%s: is no file; a key archive is one", path);
	} else if (st.st_size == 0 && mode != SP_ARCHIVE_CREATE) {
		return sp_error(error, SP_CONFIG,
			"%s: is empty; give an archive that 'sealpress keys' "
			"made",
			path);
	}
	status = connect_file(db, path, mode, error);
	if (status != SP_OK) {
		sqlite3_close(*db);
		*db = NULL;
	}
	return status;
}

enum sp_status sp_archive_open(struct sp_archive **archive, const char *path,
	enum sp_archive_mode mode, struct sp_error *error)
{
	struct sp_archive *made = calloc(1, sizeof(*made));
	enum sp_status status;

	*archive = NULL;
	if (made)
		made->path = strdup(path);
	if (!made || !made->path) {
		free(made);
		return no_memory(path, error);
	}
	status = sp_archive_connect(&made->db, path, mode, error);
	if (status != SP_OK) {
		sp_archive_close(made);
		return status;
	}
	*archive = made;
	return SP_OK;
}

void sp_archive_close(struct sp_archive *archive)
{
	if (!archive)
		return;
	for (size_t i = 0; i < SP_ARCHIVE_STATEMENTS; i++)
		sqlite3_finalize(archive->statements[i]);
	sqlite3_close(archive->db);
	free(archive->path);
	free(archive);
}

const char *sp_archive_path(const struct sp_archive *archive)
{
	return archive->path;
}

static enum sp_status execute(
	struct sp_archive *archive, const char *sql, struct sp_error *error)
{
	int code = sqlite3_exec(archive->db, sql, NULL, NULL, NULL);

	return code ? sp_archive_fault(archive->path, code, error) : SP_OK;
}

enum sp_status sp_archive_begin(
	struct sp_archive *archive, struct sp_error *error)
{
	return execute(archive, "BEGIN IMMEDIATE", error);
}

enum sp_status sp_archive_commit(
	struct sp_archive *archive, struct sp_error *error)
{
	return execute(archive, "COMMIT", error);
}
