/* SPDX-License-Identifier: Apache-2.0 */
/* The fields that are signed or were signed (RFC 6376 5.4, 5.4.2). */
#include "engine/select.h"

#include <stdint.h>

#include "base/limits.h"

/* h= as it grows; past the limit entries are only counted. */
struct list {
	struct sp_span *names;
	size_t count;
};

static void list_add(struct list *list, struct sp_span name, size_t times)
{
	for (size_t i = 0; i < times; i++, list->count++)
		if (list->count < SP_HEADER_NAMES_MAX)
			list->names[list->count] = name;
}

/* How often each name of the selection is in the message. */
static void count_fields(const struct sp_selection *selection,
	const struct sp_message *message, size_t *present)
{
	for (size_t i = 0; i < message->field_count; i++) {
		size_t at = sp_nameset_get(
			&selection->index, message->fields[i].name);

		if (at != SP_NAMESET_NONE)
			present[at]++;
	}
}

/* RFC 6376 5.4.1 keeps trace information out; "ARC-" is RFC 8617's. */
static bool is_excluded(
	const struct sp_selection *selection, struct sp_span name)
{
	static const char arc[] = "ARC-";

	/* RFC 5322 lets ";" stand in a name; h= would end there. */
	if (!name.size || sp_span_find(name, ';') < name.size)
		return true;
	if (name.size >= strlen(arc) &&
		sp_span_is_nocase(sp_span(name.data, strlen(arc)), arc))
		return true;
	return sp_nameset_get(&selection->excluded, name) != SP_NAMESET_NONE;
}

/* What "all" adds to the names it has: the other fields, top to bottom. */
static void add_others(const struct sp_selection *selection,
	const struct sp_message *message, struct list *list)
{
	for (size_t i = 0; i < message->field_count; i++) {
		struct sp_span name = message->fields[i].name;

		if (!is_excluded(selection, name) &&
			sp_nameset_get(&selection->index, name) ==
				SP_NAMESET_NONE)
			list_add(list, name, 1);
	}
}

enum sp_status sp_selection_apply(const struct sp_selection *selection,
	const struct sp_message *message, size_t signatures,
	struct sp_arena *arena, struct sp_span **names, size_t *count)
{
	const char *own = "DKIM-Signature";
	size_t *present = SP_ARENA_ARRAY(arena, size_t, selection->count);
	size_t room = selection->count * 2 + message->field_count;
	struct list list = {0};

	if (room > SP_HEADER_NAMES_MAX)
		room = SP_HEADER_NAMES_MAX;
	list.names = SP_ARENA_ARRAY(arena, struct sp_span, room);
	if (!present || !list.names)
		return SP_NO_MEMORY;
	count_fields(selection, message, present);
	for (size_t i = 0; i < selection->count; i++) {
		const struct sp_select_name *name = &selection->names[i];
		bool more = name->oversign || (name->always && !present[i]);

		/* The others of these signatures would be that one more. */
		if (signatures > 1 && sp_span_is_nocase(name->name, own))
			more = false;

		list_add(&list, name->name, present[i] + more);
	}
	if (selection->all)
		add_others(selection, message, &list);
	*names = list.names;
	*count = list.count <= SP_HEADER_NAMES_MAX ? list.count : 0;
	return SP_OK;
}

/* Fields of the names in h=, chained by name with the lowest one first. */
struct chains {
	struct sp_nameset set; /* name: its chain */
	const struct sp_field **first; /* by chain */
	const struct sp_field **above; /* by field: the next one up */
	uint32_t *chain; /* by name */
};

static bool chains_init(struct chains *chains, struct sp_arena *arena,
	size_t name_count, size_t field_count)
{
	chains->set.slot_count = sp_nameset_slots(name_count);
	chains->set.slots = SP_ARENA_ARRAY(
		arena, struct sp_nameset_slot, chains->set.slot_count);
	chains->first =
		SP_ARENA_ARRAY(arena, const struct sp_field *, name_count);
	chains->above =
		SP_ARENA_ARRAY(arena, const struct sp_field *, field_count);
	chains->chain = SP_ARENA_ARRAY(arena, uint32_t, name_count);
	return chains->set.slots && chains->first && chains->above &&
	       chains->chain;
}

/* Equal names share the chain of the first of them. */
static void chains_name(
	struct chains *chains, const struct sp_span *names, size_t count)
{
	for (uint32_t i = 0; i < count; i++)
		chains->chain[i] =
			(uint32_t)sp_nameset_put(&chains->set, names[i], i);
}

static void chains_fill(struct chains *chains, const struct sp_message *message)
{
	for (size_t i = 0; i < message->field_count; i++) {
		const struct sp_field *field = &message->fields[i];
		size_t at = sp_nameset_get(&chains->set, field->name);

		/* An empty name in h= does not mean the lines that are no
		 * fields. */
		if (at == SP_NAMESET_NONE || !field->name.size)
			continue;
		chains->above[i] = chains->first[at];
		chains->first[at] = field;
	}
}

enum sp_status sp_select_fields(const struct sp_message *message,
	struct sp_arena *arena, const struct sp_span *names, size_t name_count,
	const struct sp_field **fields, size_t *count)
{
	struct chains chains;

	*count = 0;
	if (!chains_init(&chains, arena, name_count, message->field_count))
		return SP_NO_MEMORY;
	chains_name(&chains, names, name_count);
	chains_fill(&chains, message);
	for (size_t i = 0; i < name_count; i++) {
		const struct sp_field **first = &chains.first[chains.chain[i]];
		const struct sp_field *field = *first;

		if (!field)
			continue;
		*first = chains.above[field - message->fields];
		fields[(*count)++] = field;
	}
	return SP_OK;
}
