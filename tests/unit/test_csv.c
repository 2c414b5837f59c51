/* SPDX-License-Identifier: Apache-2.0 */
/* CSV (RFC 4180 section 2): what is written is what is read. */
#include "cli/csv.h"

#include <criterion/criterion.h>

/* Reads all records of text; values are joined by "|", records by "/". */
static bool read_all(const char *text, char *out, size_t *line)
{
	struct sp_span rest = sp_span_str(text);
	struct sp_arena arena = {0};
	bool good = true;

	*line = 0;
	*out = '\0';
	while (rest.size && good) {
		struct sp_span *values;
		size_t count;

		good = sp_csv_next(&rest, &arena, &values, &count, line);
		for (size_t i = 0; i < count && good; i++) {
			strncat(out, values[i].data, values[i].size);
			strcat(out, i + 1 < count ? "|" : "/");
		}
	}
	sp_arena_free(&arena);
	return good;
}

Test(csv, records_and_values)
{
	static const struct {
		const char *text, *values;
		size_t lines;
	} cases[] = {
		{"a,b\r\nc,d\r\n", "a|b/c|d/", 2},
		{"a,b\nc,d", "a|b/c|d/", 2},
		{"\"a,b\",c\n", "a,b|c/", 1},
		{"\"a\"\"b\",\"\"\n", "a\"b|/", 1},
		{"\"a\r\nb\",c\n", "a\r\nb|c/", 2},
		{",\n", "|/", 1},
		{"\n", "/", 1},
		{" a ,b", " a |b/", 1},
	};
	char values[256];
	size_t line;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert(read_all(cases[i].text, values, &line), "%zu", i);
		cr_expect_str_eq(values, cases[i].values);
		cr_expect_eq(line, cases[i].lines, "%zu", i);
	}
}

Test(csv, what_is_none)
{
	static const char *const cases[] = {"\"a", "a\"b,c\n", "\"a\"b,c\n",
		"a\rb\n", "\"\"\"", "\"a\" ,b"};
	char values[256];
	size_t line;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_not(
			read_all(cases[i], values, &line), "%s", cases[i]);
}

Test(csv, more_columns_than_anybody_has)
{
	char text[4 * SP_CSV_COLUMNS_MAX], values[256];
	size_t line;

	memset(text, ',', sizeof(text));
	text[SP_CSV_COLUMNS_MAX - 1] = '\0';
	cr_expect(read_all(text, values, &line));
	text[SP_CSV_COLUMNS_MAX - 1] = ',';
	text[SP_CSV_COLUMNS_MAX] = '\0';
	cr_expect_not(read_all(text, values, &line));
}

Test(csv, what_is_written_is_read)
{
	static const char *const texts[] = {"", "plain", "a,b", "\"", "\"\"",
		" a", "a ", "a\r\nb", "\xc3\xa9"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sp_buffer out = {.data = NULL};
		struct sp_arena arena = {0};
		struct sp_span rest, *values;
		size_t count, line = 0;

		sp_csv_value(&out, sp_span_str(texts[i]));
		sp_buffer_add_str(&out, ",x\r\n");
		rest = sp_buffer_span(&out);
		cr_assert(sp_csv_next(&rest, &arena, &values, &count, &line));
		cr_expect_eq(count, 2);
		cr_expect(sp_span_is(values[0], texts[i]), "%zu", i);
		cr_expect_eq(rest.size, 0);
		sp_arena_free(&arena);
		sp_buffer_free(&out);
	}
}
