/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Test data in files: those of the tree, and those that other projects
 * collected, which are not part of it but in ../shared or $SEALPRESS_SHARED.
 */
#ifndef SP_TESTS_UNIT_SHARED_H
#define SP_TESTS_UNIT_SHARED_H

#include "base/span.h"

/* A path below the shared folder; good until the next call. */
const char *shared_path(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* A whole file, NUL behind it, which must be there. */
struct sp_span text_read(const char *path);
void text_free(struct sp_span text);

#define SHARED_COLUMNS_MAX 16u

/* A table of conformance/, its columns parted by tabs, and the row it is at. */
struct shared_table {
	struct sp_span text;
	struct sp_span rest;
	struct sp_span column[SHARED_COLUMNS_MAX];
	size_t rows;
};

/* Stands before the first row; skips the test when there is no table. */
void shared_table_open(struct shared_table *table, const char *name);

/* The next row; false at the end. Columns it has not are empty. */
bool shared_table_next(struct shared_table *table);

/* Says how many rows there were; they must be more than one. */
void shared_table_close(struct shared_table *table, const char *what);

#endif
