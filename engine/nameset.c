/* SPDX-License-Identifier: Apache-2.0 */
/* Header field names by hash: open addressing, never removed from. */
#include "engine/nameset.h"

size_t sp_nameset_slots(size_t count)
{
	size_t slots = 8;

	while (slots < count * 4)
		slots *= 2;
	return slots;
}

/* Where the name is, or the free slot where it belongs. */
static struct sp_nameset_slot *find(const struct sp_nameset *set,
	struct sp_span name, unsigned long long hash)
{
	size_t mask = set->slot_count - 1;
	size_t at = (size_t)(hash ^ hash >> 32) & mask;
	struct sp_nameset_slot *slot = &set->slots[at];

	while (slot->name.data &&
		(slot->hash != hash ||
			!sp_span_equal_nocase(slot->name, name))) {
		at = (at + 1) & mask;
		slot = &set->slots[at];
	}
	return slot;
}

size_t sp_nameset_put(struct sp_nameset *set, struct sp_span name, size_t index)
{
	unsigned long long hash = sp_span_hash_nocase(name);
	struct sp_nameset_slot *slot = find(set, name, hash);

	if (!slot->name.data)
		*slot = (struct sp_nameset_slot){hash, name, index};
	return slot->index;
}

size_t sp_nameset_get(const struct sp_nameset *set, struct sp_span name)
{
	struct sp_nameset_slot *slot =
		find(set, name, sp_span_hash_nocase(name));

	return slot->name.data ? slot->index : SP_NAMESET_NONE;
}
