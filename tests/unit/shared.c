/* SPDX-License-Identifier: Apache-2.0 */
/* Files and tables of test data. */
#include "tests/unit/shared.h"

#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/guard.h"

const char *shared_path(const char *format, ...)
{
	static char path[4096];
	const char *root = getenv("SEALPRESS_SHARED");
	int used =
		snprintf(path, sizeof(path), "%s/", root ? root : "../shared");
	va_list args;

	cr_assert_lt((size_t)used, sizeof(path));
	va_start(args, format);
	vsnprintf(path + used, sizeof(path) - (size_t)used, format, args);
	va_end(args);
	return path;
}

struct sp_span text_read(const char *path)
{
	size_t size = 0;
	char *text = test_read_file(path, &size);

	cr_assert_not_null(text, "%s is missing", path);
	return sp_span(text, size);
}

void text_free(struct sp_span text)
{
	free((void *)(uintptr_t)text.data);
}

/* The columns of the next line with something in it. */
static bool next_line(struct shared_table *table)
{
	struct sp_span line;

	do {
		if (!table->rest.data)
			return false;
		line = sp_span_split(&table->rest, '\n');
	} while (!line.size);
	for (size_t i = 0; i < SHARED_COLUMNS_MAX; i++)
		table->column[i] = line.data ? sp_span_split(&line, '\t')
					     : sp_span(NULL, 0);
	return true;
}

void shared_table_open(struct shared_table *table, const char *name)
{
	const char *path = shared_path("conformance/%s", name);
	size_t size = 0;
	char *text = test_read_file(path, &size);

	if (!text)
		cr_skip("no %s: set SEALPRESS_SHARED", path);
	*table = (struct shared_table){
		.text = sp_span(text, size),
		.rest = sp_span(text, size),
	};
	cr_assert(next_line(table), "%s has no heading", path);
}

bool shared_table_next(struct shared_table *table)
{
	bool found = next_line(table);

	table->rows += found;
	return found;
}

void shared_table_close(struct shared_table *table, const char *what)
{
	cr_log_warn("%zu %s", table->rows, what);
	cr_assert_gt(table->rows, 1);
	text_free(table->text);
}
