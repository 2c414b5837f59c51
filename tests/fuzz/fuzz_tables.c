/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing tables: reading ends and stays within the text; what matches is what
 * a slow reading of the manual says, in the order of the file. The input is
 * SIGNING-TABLE NUL ADDRESS [NUL KEY-TABLE].
 */
#include <assert.h>
#include <stdlib.h>

#include "engine/tables.h"
#include "engine/tables_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char key_text[] = "a a.example:s:/a\nb b.example:s:/b\n"
			       "% %:s:/keys/%\n";

/* The definition of "*": it matches any text. */
static bool glob_slow(struct sp_span pattern, struct sp_span text)
{
	if (!pattern.size)
		return !text.size;
	if (pattern.data[0] != '*')
		return text.size && text.data[0] == pattern.data[0] &&
		       glob_slow(sp_span_after(pattern, 1),
			       sp_span_after(text, 1));
	for (size_t i = 0; i <= text.size; i++)
		if (glob_slow(
			    sp_span_after(pattern, 1), sp_span_after(text, i)))
			return true;
	return false;
}

static size_t stars(struct sp_span s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.size; i++)
		count += s.data[i] == '*';
	return count;
}

static void check_rules(const struct sp_tables *tables,
	const struct sp_table_sender *sender,
	const struct sp_table_rule *const *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sp_span pattern = rules[i]->pattern;

		if (tables->wildcards) {
			assert(i == 0 || rules[i - 1]->line < rules[i]->line);
			assert(sp_tables_glob(pattern, sender->address));
		}
		if (tables->wildcards && stars(pattern) < 4 &&
			sender->address.size < 50)
			assert(glob_slow(pattern, sender->address));
	}
}

/* Nothing that matches was passed over. */
static void check_globs(const struct sp_tables *tables,
	const struct sp_table_sender *sender, size_t count)
{
	size_t expected = 0;

	for (const struct sp_table_rule *rule = tables->globs; rule;
		rule = rule->next_glob)
		expected += sp_tables_glob(rule->pattern, sender->address);
	for (size_t i = 0; i < tables->rules_by_pattern.room; i++) {
		const struct sp_table_rule *rule =
			tables->rules_by_pattern.slots[i].value;

		for (; rule; rule = rule->next)
			expected +=
				sp_tables_glob(rule->pattern, sender->address);
	}
	assert(expected == count);
}

static void match(const struct sp_tables *tables, struct sp_span address)
{
	enum { MAX = 4096 };
	const struct sp_table_rule **rules =
		calloc(MAX, sizeof(const struct sp_table_rule *));
	struct sp_arena arena = {.chunk_bytes = 4096};
	struct sp_table_sender sender;
	size_t count;

	assert(sp_tables_sender(&sender, address, &arena) == SP_OK);
	assert(sp_tables_match(tables, &sender, &arena, rules, MAX, &count) ==
		SP_OK);
	check_rules(tables, &sender, rules, count);
	if (tables->wildcards && sender.domain.size && count < MAX)
		check_globs(tables, &sender, count);
	if (sender.is_domain) {
		assert(!memchr(sender.domain.data, '/', sender.domain.size));
		assert(sender.domain.data[0] != '.');
	}
	sp_arena_free(&arena);
	free(rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span rest = sp_span(data, size);
	struct sp_span rules = sp_span_split(&rest, '\0');
	struct sp_span address = rest.data ? sp_span_split(&rest, '\0')
					   : sp_span("x@a.example", 11);
	struct sp_span keys = rest.data ? rest : sp_span_str(key_text);

	for (int form = SP_TABLE_AUTO; form <= SP_TABLE_REFILE; form++) {
		struct sp_table_text key_table = {
			keys, "d/keys", SP_TABLE_AUTO};
		struct sp_table_text signing_table = {
			rules, "d/sign", (enum sp_table_form)form};
		struct sp_tables *tables;
		struct sp_error error = {0};
		enum sp_status status = sp_tables_parse(
			&tables, &key_table, &signing_table, &error);

		assert(status == SP_OK || status == SP_CONFIG);
		if (status == SP_OK)
			match(tables, address);
		else
			assert(strchr(error.text, ';'));
		sp_tables_close(tables);
	}
	return 0;
}
