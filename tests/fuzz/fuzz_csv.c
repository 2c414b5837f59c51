/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSV (cli/csv.h) over any bytes: reading ends, and what was read is the same
 * after it was written.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "cli/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const struct sp_span *values, size_t count)
{
	struct sp_buffer out = {.data = NULL};
	struct sp_arena arena = {0};
	struct sp_span rest, *again;
	size_t found, line = 0;

	for (size_t i = 0; i < count; i++) {
		if (i)
			sp_buffer_add_char(&out, ',');
		sp_csv_value(&out, values[i]);
	}
	sp_buffer_add_str(&out, "\r\n");
	rest = sp_buffer_span(&out);
	assert(sp_csv_next(&rest, &arena, &again, &found, &line));
	assert(found == count && rest.size == 0 && line > 0);
	for (size_t i = 0; i < count; i++)
		assert(!sp_utf8_valid(values[i]) ||
			sp_span_equal(values[i], again[i]));
	sp_arena_free(&arena);
	sp_buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span rest = sp_span(data, size);
	struct sp_arena arena = {0};
	size_t line = 0;

	while (rest.size) {
		size_t before = rest.size, count;
		struct sp_span *values;

		if (!sp_csv_next(&rest, &arena, &values, &count, &line))
			break;
		assert(rest.size < before);
		assert(count > 0 && count <= SP_CSV_COLUMNS_MAX);
		check_again(values, count);
	}
	sp_arena_free(&arena);
	return 0;
}
