/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new SQLite file that is filled with rows and appears under its name when
 * it is complete (io/partial.h). What a row holds is written down as bytes by
 * any thread, and read back by the one that fills the file, in order.
 */
#ifndef SP_IO_ROWS_H
#define SP_IO_ROWS_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

#define SP_ROWS_TABLES_MAX 4u
#define SP_ROWS_BATCH 10000u /* rows of one transaction */

struct sp_rows_schema {
	const char *sql; /* makes the tables */
	const char *const *inserts; /* a statement per table */
	size_t count;
};

struct sp_rows;

/* A row of that table begins; its columns follow, in order. */
void sp_rows_begin(struct sp_buffer *out, unsigned table);
void sp_rows_end(struct sp_buffer *out);
void sp_rows_null(struct sp_buffer *out);
void sp_rows_integer(struct sp_buffer *out, int64_t number);
/* A blob is for bytes that are no UTF-8, or hold a NUL. */
void sp_rows_text(struct sp_buffer *out, struct sp_span text, bool blob);
/* The number of this row, from 1, or of the last one that has such a number. */
void sp_rows_next(struct sp_buffer *out);
void sp_rows_last(struct sp_buffer *out);

/* An existing file keeps what it is until commit, and its mode after. */
enum sp_status sp_rows_open(struct sp_rows **rows, const char *path,
	const struct sp_rows_schema *schema, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Whole rows. */
enum sp_status sp_rows_write(struct sp_rows *rows, struct sp_span bytes,
	struct sp_error *error) __attribute__((warn_unused_result));

/* Ends the transaction under way. */
enum sp_status sp_rows_flush(struct sp_rows *rows, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Flushes, syncs and gives the file its name, once. */
enum sp_status sp_rows_commit(struct sp_rows *rows, struct sp_error *error)
	__attribute__((warn_unused_result));

/* Keeps what is there under the partial name, which it returns; or NULL. */
const char *sp_rows_keep(struct sp_rows *rows);

/* Frees; what was neither committed nor kept is removed. NULL is fine. */
void sp_rows_close(struct sp_rows *rows);

#endif
