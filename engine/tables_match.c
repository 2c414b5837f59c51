/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries of the signing table match a sender (opendkim.conf(5)). */
#include "engine/tables.h"

#include <stdlib.h>

#include "engine/address.h"
#include "engine/tables_parts.h"

bool sp_tables_glob(struct sp_span pattern, struct sp_span text)
{
	size_t at = 0, in = 0, star = pattern.size, resume = 0;

	while (in < text.size) {
		if (at < pattern.size && pattern.data[at] == '*') {
			star = at++;
			resume = in;
		} else if (at < pattern.size &&
			   pattern.data[at] == text.data[in]) {
			at++;
			in++;
		} else if (star < pattern.size) {
			/* Let the last star match one more byte. */
			at = star + 1;
			in = ++resume;
		} else {
			return false;
		}
	}
	while (at < pattern.size && pattern.data[at] == '*')
		at++;
	return at == pattern.size;
}

enum sp_status sp_tables_sender(struct sp_table_sender *sender,
	struct sp_span address, struct sp_arena *arena)
{
	struct sp_span domain = sp_address_domain(address);
	char ascii[SP_DOMAIN_BYTES_MAX + 1];
	size_t local = address.size;
	char *made;

	*sender = (struct sp_table_sender){0};
	while (local && address.data[local - 1] != '@')
		local--;
	sender->is_domain = sp_domain_to_ascii(ascii, domain);
	if (sender->is_domain)
		domain = sp_span_str(ascii);
	if (!local) {
		/* Without "@" it is no sender at all. */
		domain.size = 0;
		sender->is_domain = false;
	}
	made = sp_arena_alloc(arena, local + domain.size + 1, 1);
	if (!made)
		return SP_NO_MEMORY;
	if (local)
		memcpy(made, address.data, local);
	if (domain.size)
		memcpy(made + local, domain.data, domain.size);
	sender->address = sp_span(made, local + domain.size);
	sp_tables_lower(sender->address);
	sender->local = sp_span(made, local ? local - 1 : 0);
	sender->domain = sp_span(made + local, domain.size);
	return SP_OK;
}

/* The rules found so far. */
struct found {
	const struct sp_tables *tables;
	const struct sp_table_rule **rules;
	size_t count;
	size_t room;
};

static void found_add(struct found *found, const struct sp_table_rule *rule)
{
	for (; rule && found->count < found->room; rule = rule->next)
		found->rules[found->count++] = rule;
}

static void look_up(struct found *found, struct sp_span pattern)
{
	found_add(found, sp_map_get(&found->tables->rules_by_pattern, pattern));
}

/* opendkim.conf(5), SigningTable. scratch: room for the address and 2 more. */
static void match_plain(struct found *found,
	const struct sp_table_sender *sender, char *scratch)
{
	size_t head = sender->local.size + 1; /* "user@" */
	struct sp_span domain = sender->domain, rest;

	look_up(found, sender->address);
	look_up(found, domain);
	memcpy(scratch, sender->address.data, head);
	for (rest = domain; sp_span_find(rest, '.') < rest.size;) {
		rest = sp_span_after(rest, sp_span_find(rest, '.'));
		memcpy(scratch + head, rest.data, rest.size);
		look_up(found, sp_span(scratch, head + rest.size));
		rest = sp_span_after(rest, 1);
	}
	for (rest = domain; sp_span_find(rest, '.') < rest.size;) {
		rest = sp_span_after(rest, sp_span_find(rest, '.'));
		look_up(found, rest);
		rest = sp_span_after(rest, 1);
	}
	scratch[head] = '*';
	look_up(found, sp_span(scratch, head + 1));
	look_up(found, sp_span_str("*"));
}

static int by_line(const void *a, const void *b)
{
	const struct sp_table_rule *const *left = a, *const *right = b;

	return ((*left)->line > (*right)->line) -
	       ((*left)->line < (*right)->line);
}

static void match_wildcards(struct found *found,
	const struct sp_table_sender *sender, char *scratch)
{
	const struct sp_table_rule *rule;

	look_up(found, sender->address);
	scratch[0] = '*';
	scratch[1] = '@';
	memcpy(scratch + 2, sender->domain.data, sender->domain.size);
	look_up(found, sp_span(scratch, 2 + sender->domain.size));
	look_up(found, sp_span_str("*"));
	for (rule = found->tables->globs; rule; rule = rule->next_glob)
		if (found->count < found->room &&
			sp_tables_glob(rule->pattern, sender->address))
			found->rules[found->count++] = rule;
	qsort(found->rules, found->count, sizeof(const struct sp_table_rule *),
		by_line);
}

enum sp_status sp_tables_match(const struct sp_tables *tables,
	const struct sp_table_sender *sender, struct sp_arena *arena,
	const struct sp_table_rule **rules, size_t rules_max, size_t *count)
{
	struct found found = {tables, rules, 0, rules_max};
	char *scratch = sp_arena_alloc(arena, sender->address.size + 2, 1);

	*count = 0;
	if (!scratch)
		return SP_NO_MEMORY;
	if (!sender->domain.size)
		return SP_OK;
	if (tables->wildcards)
		match_wildcards(&found, sender, scratch);
	else
		match_plain(&found, sender, scratch);
	*count = found.count;
	return SP_OK;
}
