/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as bytes, and bytes into a SQLite file. */
#include "io/rows.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "io/partial.h"

/* A row: its table, its columns, an end. A column: a kind, what it needs. */
enum kind {
	KIND_END,
	KIND_NULL,
	KIND_INTEGER, /* 8 bytes */
	KIND_TEXT, /* a size_t, bytes */
	KIND_BLOB,
	KIND_NEXT,
	KIND_LAST,
};

struct sp_rows {
	struct sp_partial partial;
	bool is_partial;
	sqlite3 *db; /* owned */
	sqlite3_stmt *inserts[SP_ROWS_TABLES_MAX]; /* owned */
	size_t count;
	unsigned pending; /* rows of the transaction under way */
	int64_t number; /* of the last KIND_NEXT */
};

/*
 * Nobody reads the file before it is complete, and one that is not is of no
 * use: no journal, and one sync at the end.
 */
static const char settings[] = "PRAGMA journal_mode=OFF;"
			       "PRAGMA synchronous=OFF;"
			       "PRAGMA locking_mode=EXCLUSIVE;";

void sp_rows_begin(struct sp_buffer *out, unsigned table)
{
	sp_buffer_add_char(out, (char)table);
}

void sp_rows_end(struct sp_buffer *out)
{
	sp_buffer_add_char(out, KIND_END);
}

void sp_rows_null(struct sp_buffer *out)
{
	sp_buffer_add_char(out, KIND_NULL);
}

void sp_rows_integer(struct sp_buffer *out, int64_t number)
{
	sp_buffer_add_char(out, KIND_INTEGER);
	sp_buffer_add(out, sp_span(&number, sizeof(number)));
}

void sp_rows_text(struct sp_buffer *out, struct sp_span text, bool blob)
{
	sp_buffer_add_char(out, blob ? KIND_BLOB : KIND_TEXT);
	sp_buffer_add(out, sp_span(&text.size, sizeof(text.size)));
	sp_buffer_add(out, text);
}

void sp_rows_next(struct sp_buffer *out)
{
	sp_buffer_add_char(out, KIND_NEXT);
}

void sp_rows_last(struct sp_buffer *out)
{
	sp_buffer_add_char(out, KIND_LAST);
}

static enum sp_status fault(
	const struct sp_rows *rows, int code, struct sp_error *error)
{
	if (code == SQLITE_NOMEM)
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some and run again",
			rows->partial.path);
	return sp_error(error, SP_IO, "%s: cannot be written: %s; %s",
		rows->partial.path, sqlite3_errstr(code),
		code == SQLITE_FULL ? "free some space and run again"
				    : "check the device it is on and run "
				      "again");
}

static enum sp_status execute(
	struct sp_rows *rows, const char *sql, struct sp_error *error)
{
	int code = sqlite3_exec(rows->db, sql, NULL, NULL, NULL);

	return code ? fault(rows, code, error) : SP_OK;
}

static enum sp_status open_db(struct sp_rows *rows,
	const struct sp_rows_schema *schema, struct sp_error *error)
{
	int code = sqlite3_open_v2(rows->partial.name, &rows->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	enum sp_status status = code ? fault(rows, code, error) : SP_OK;

	if (status == SP_OK)
		status = execute(rows, settings, error);
	if (status == SP_OK)
		status = execute(rows, schema->sql, error);
	for (size_t i = 0; i < schema->count && status == SP_OK; i++) {
		code = sqlite3_prepare_v3(rows->db, schema->inserts[i], -1,
			SQLITE_PREPARE_PERSISTENT, &rows->inserts[i], NULL);
		if (code)
			status = fault(rows, code, error);
	}
	return status;
}

enum sp_status sp_rows_open(struct sp_rows **rows, const char *path,
	const struct sp_rows_schema *schema, struct sp_error *error)
{
	struct sp_rows *made = calloc(1, sizeof(*made));
	struct stat st;
	bool exists = stat(path, &st) == 0;
	enum sp_status status;

	assert(schema->count <= SP_ROWS_TABLES_MAX);
	*rows = NULL;
	if (!made)
		return sp_error(error, SP_NO_MEMORY,
			"%s: not enough memory; free some and run again", path);
	made->count = schema->count;
	if (exists && !S_ISREG(st.st_mode))
		status = sp_error(error, SP_CONFIG,
			"%s: is no file; a database of SQLite has to be one",
			path);
	else
		status = sp_partial_open(
			&made->partial, path, exists ? &st : NULL, error);
	made->is_partial = status == SP_OK;
	if (status == SP_OK)
		status = open_db(made, schema, error);
	if (status != SP_OK)
		sp_rows_close(made);
	else
		*rows = made;
	return status;
}

/* Takes size bytes off the front of *bytes. */
static const char *take(struct sp_span *bytes, size_t size)
{
	const char *data = bytes->data;

	assert(size <= bytes->size);
	*bytes = sp_span_after(*bytes, size);
	return data;
}

static int bind_bytes(
	sqlite3_stmt *insert, int at, struct sp_span *bytes, bool blob)
{
	const char *data;
	size_t size;

	memcpy(&size, take(bytes, sizeof(size)), sizeof(size));
	data = take(bytes, size);
	if (blob)
		return sqlite3_bind_blob64(
			insert, at, data, size, SQLITE_STATIC);
	return sqlite3_bind_text64(
		insert, at, data, size, SQLITE_STATIC, SQLITE_UTF8);
}

/* Binds the next column; false: the row has no more. */
static bool bind_column(struct sp_rows *rows, sqlite3_stmt *insert, int at,
	struct sp_span *bytes, int *code)
{
	enum kind kind = (enum kind) * take(bytes, 1);
	int64_t number;

	switch (kind) {
	case KIND_END:
		return false;
	case KIND_NULL:
		*code = sqlite3_bind_null(insert, at);
		break;
	case KIND_INTEGER:
		memcpy(&number, take(bytes, sizeof(number)), sizeof(number));
		*code = sqlite3_bind_int64(insert, at, number);
		break;
	case KIND_TEXT:
	case KIND_BLOB:
		*code = bind_bytes(insert, at, bytes, kind == KIND_BLOB);
		break;
	case KIND_NEXT:
		rows->number++;
		*code = sqlite3_bind_int64(insert, at, rows->number);
		break;
	case KIND_LAST:
		*code = sqlite3_bind_int64(insert, at, rows->number);
		break;
	}
	return true;
}

static int write_row(struct sp_rows *rows, struct sp_span *bytes)
{
	unsigned table = (unsigned char)*take(bytes, 1);
	sqlite3_stmt *insert;
	int code = SQLITE_OK;

	assert(table < rows->count);
	insert = rows->inserts[table];
	for (int at = 1; bind_column(rows, insert, at, bytes, &code); at++)
		if (code)
			return code;
	code = sqlite3_step(insert);
	sqlite3_reset(insert);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

enum sp_status sp_rows_write(
	struct sp_rows *rows, struct sp_span bytes, struct sp_error *error)
{
	enum sp_status status = SP_OK;

	while (bytes.size && status == SP_OK) {
		int code;

		if (rows->pending == 0)
			status = execute(rows, "BEGIN", error);
		if (status != SP_OK)
			return status;
		code = write_row(rows, &bytes);
		if (code)
			return fault(rows, code, error);
		if (++rows->pending == SP_ROWS_BATCH)
			status = sp_rows_flush(rows, error);
	}
	return status;
}

enum sp_status sp_rows_flush(struct sp_rows *rows, struct sp_error *error)
{
	if (rows->pending == 0)
		return SP_OK;
	rows->pending = 0;
	return execute(rows, "COMMIT", error);
}

/* Nothing may be buffered when the file gets a name. */
static enum sp_status close_db(struct sp_rows *rows, struct sp_error *error)
{
	enum sp_status status = sp_rows_flush(rows, error);
	int code;

	for (size_t i = 0; i < rows->count; i++) {
		sqlite3_finalize(rows->inserts[i]);
		rows->inserts[i] = NULL;
	}
	code = sqlite3_close(rows->db);
	rows->db = NULL;
	if (status == SP_OK && code)
		status = fault(rows, code, error);
	return status;
}

enum sp_status sp_rows_commit(struct sp_rows *rows, struct sp_error *error)
{
	enum sp_status status = close_db(rows, error);

	return status ? status : sp_partial_commit(&rows->partial, error);
}

const char *sp_rows_keep(struct sp_rows *rows)
{
	struct sp_error error;

	if (close_db(rows, &error) != SP_OK ||
		sp_partial_keep(&rows->partial, &error) != SP_OK)
		return NULL;
	return rows->partial.name;
}

void sp_rows_close(struct sp_rows *rows)
{
	if (!rows)
		return;
	for (size_t i = 0; i < rows->count; i++)
		sqlite3_finalize(rows->inserts[i]);
	sqlite3_close(rows->db);
	if (rows->is_partial)
		sp_partial_free(&rows->partial);
	free(rows);
}
