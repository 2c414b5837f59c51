/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the key archive share: io/archive*.c and its resolver. */
#ifndef SP_IO_ARCHIVE_PARTS_H
#define SP_IO_ARCHIVE_PARTS_H

#include <sqlite3.h>

#include "io/archive.h"

/* Statements that are kept: io/archive_keys.c has their text. */
enum sp_archive_statement {
	SP_ARCHIVE_FIND,
	SP_ARCHIVE_INSERT,
	SP_ARCHIVE_UPDATE,
	SP_ARCHIVE_NAME,
	SP_ARCHIVE_STATEMENTS,
};

struct sp_archive {
	sqlite3 *db; /* owned */
	char *path; /* owned */
	sqlite3_stmt *statements[SP_ARCHIVE_STATEMENTS]; /* owned, or NULL */
};

/* The fault of a call to SQLite that returned code, in words. */
enum sp_status sp_archive_fault(
	const char *path, int code, struct sp_error *error);

/* A checked connection for reading, without locks of its own. */
enum sp_status sp_archive_connect(sqlite3 **db, const char *path,
	enum sp_archive_mode mode, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Text that the shell can show as TEXT, else as BLOB; the same bytes always
 * the same way, so that equal ones compare equal.
 */
int sp_archive_bind(sqlite3_stmt *statement, int at, struct sp_span bytes);

/* The bytes of a column, TEXT or BLOB. */
struct sp_span sp_archive_column(sqlite3_stmt *statement, int at);

#endif
