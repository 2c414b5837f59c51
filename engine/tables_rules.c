/* SPDX-License-Identifier: Apache-2.0 */
/* OpenDKIM's signing table: its entries and their patterns. */
#include "engine/tables_parts.h"

#include "engine/domain.h"

static bool has_star(struct sp_span s)
{
	return sp_span_find(s, '*') < s.size;
}

/* Patterns that one lookup finds: no star, "*", or "*@domain". */
static bool is_simple(struct sp_span pattern)
{
	if (sp_span_starts(pattern, "*@"))
		return !has_star(sp_span_after(pattern, 2)) &&
		       sp_span_find(sp_span_after(pattern, 2), '@') ==
			       pattern.size - 2;
	return !has_star(pattern) || sp_span_is(pattern, "*");
}

/* Stars that only wildcard matching understands. */
static bool needs_wildcards(struct sp_span pattern)
{
	if (sp_span_is(pattern, "*"))
		return false;
	if (sp_span_ends_nocase(pattern, sp_span_str("@*")))
		pattern.size--;
	return has_star(pattern);
}

/* Where the part of a pattern begins that is surely a domain name. */
static size_t domain_part(struct sp_span pattern)
{
	size_t at = pattern.size;

	while (at && pattern.data[at - 1] != '@' && pattern.data[at - 1] != '*')
		at--;
	if (at && pattern.data[at - 1] == '*')
		at += sp_span_find(sp_span_after(pattern, at), '.');
	if (at < pattern.size && pattern.data[at] == '.')
		at++;
	return at;
}

static bool is_ascii(struct sp_span s)
{
	for (size_t i = 0; i < s.size; i++)
		if ((unsigned char)s.data[i] > 0x7f)
			return false;
	return true;
}

/* Lower case; U-labels become A-labels (RFC 8616). NULL: no memory. */
static struct sp_span pattern_normal(
	struct sp_arena *arena, struct sp_span pattern)
{
	size_t at = domain_part(pattern);
	char ascii[SP_DOMAIN_BYTES_MAX + 1];
	size_t size;
	char *made;

	sp_tables_lower(pattern);
	if (is_ascii(pattern) ||
		!sp_domain_to_ascii(ascii, sp_span_after(pattern, at)))
		return pattern;
	size = strlen(ascii);
	made = sp_arena_alloc(arena, at + size, 1);
	if (!made)
		return sp_span(NULL, 0);
	memcpy(made, pattern.data, at);
	memcpy(made + at, ascii, size);
	return sp_span(made, at + size);
}

static enum sp_status rule_fault(const struct sp_tables *tables, size_t line,
	const char *what, struct sp_error *error)
{
	return sp_error(error, SP_CONFIG, "%s:%zu: %s", tables->signing_path,
		line, what);
}

static enum sp_status check_pattern(const struct sp_tables *tables,
	const struct sp_table_line *line, struct sp_error *error)
{
	if (!tables->wildcards && needs_wildcards(line->word))
		return rule_fault(tables, line->number,
			"\"*\" matches nothing here; put \"refile:\" before "
			"the name of the table",
			error);
	if (tables->wildcards && !has_star(line->word) &&
		sp_span_find(line->word, '@') == line->word.size)
		return rule_fault(tables, line->number,
			"without \"@\" this matches no address; write "
			"*@example.com for a whole domain",
			error);
	return SP_OK;
}

/* NAME[:IDENTITY] */
static enum sp_status rule_value(const struct sp_tables *tables,
	struct sp_table_rule *rule, struct sp_span value,
	struct sp_error *error)
{
	struct sp_span name = sp_span_trim(sp_span_split(&value, ':'));

	rule->identity = value.data ? sp_span_trim(value) : sp_span("", 0);
	if (!name.size)
		return rule_fault(tables, rule->line,
			"names no key; write PATTERN NAME, with a NAME of the "
			"key table",
			error);
	if (sp_span_is(name, "%"))
		return SP_OK;
	sp_tables_lower(name);
	rule->key = sp_tables_key(tables, name);
	if (rule->key)
		return SP_OK;
	return sp_error(error, SP_CONFIG,
		"%s:%zu: there is no key %.*s in %s; add it there, or correct "
		"the name",
		tables->signing_path, rule->line,
		name.size < 256 ? (int)name.size : 256, name.data,
		tables->key_path);
}

/* What reading the rules needs to add to both lists at their ends. */
struct rule_list {
	struct sp_tables *tables;
	struct sp_table_rule **glob_end;
	struct sp_map last_by_pattern;
};

static enum sp_status list_rule(
	struct rule_list *list, struct sp_table_rule *rule)
{
	struct sp_tables *tables = list->tables;
	struct sp_table_rule **last;

	if (tables->wildcards && !is_simple(rule->pattern)) {
		*list->glob_end = rule;
		list->glob_end = &rule->next_glob;
		return SP_OK;
	}
	last = sp_map_get(&list->last_by_pattern, rule->pattern);
	if (last) {
		(*last)->next = rule;
		*last = rule;
		return SP_OK;
	}
	last = SP_ARENA_NEW(&tables->arena, struct sp_table_rule *);
	if (!last)
		return SP_NO_MEMORY;
	*last = rule;
	if (sp_map_add(&list->last_by_pattern, rule->pattern, last) != SP_OK)
		return SP_NO_MEMORY;
	return sp_map_add(&tables->rules_by_pattern, rule->pattern, rule);
}

static enum sp_status add_rule(struct rule_list *list,
	const struct sp_table_line *line, struct sp_error *error)
{
	struct sp_tables *tables = list->tables;
	struct sp_table_rule *rule;
	enum sp_status status = check_pattern(tables, line, error);

	if (status != SP_OK)
		return status;
	rule = SP_ARENA_NEW(&tables->arena, struct sp_table_rule);
	if (rule)
		rule->pattern = pattern_normal(&tables->arena, line->word);
	if (!rule || !rule->pattern.data)
		return sp_tables_no_memory(error);
	rule->line = line->number;
	status = rule_value(tables, rule, line->rest, error);
	if (status != SP_OK)
		return status;
	return list_rule(list, rule) == SP_OK ? SP_OK
					      : sp_tables_no_memory(error);
}

static bool any_needs_wildcards(struct sp_span text)
{
	struct sp_table_line line = {0};

	while (sp_tables_next_line(&text, &line))
		if (needs_wildcards(line.word))
			return true;
	return false;
}

enum sp_status sp_tables_read_rules(struct sp_tables *tables,
	enum sp_table_form form, struct sp_error *error)
{
	struct sp_span text = sp_buffer_span(&tables->signing_text);
	struct rule_list list = {tables, &tables->globs, {0}};
	struct sp_table_line line = {0};
	enum sp_status status = SP_OK;

	tables->wildcards =
		form == SP_TABLE_REFILE ||
		(form == SP_TABLE_AUTO && any_needs_wildcards(text));
	while (status == SP_OK && sp_tables_next_line(&text, &line))
		status = add_rule(&list, &line, error);
	sp_map_free(&list.last_by_pattern);
	if (status == SP_OK && !line.word.data)
		return sp_error(error, SP_CONFIG,
			"%s: holds no entry; write PATTERN NAME",
			tables->signing_path);
	return status;
}
