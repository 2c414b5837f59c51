/* SPDX-License-Identifier: Apache-2.0 */
/* Header field names by hash: open addressing, never removed from. */
#include "engine/nameset.h"

#include "base/word.h"

size_t sp_nameset_slots(size_t count)
{
	size_t slots = 8;

	while (slots < count * 2)
		slots *= 2;
	return slots;
}

#define CASE_BITS SP_WORD_EACH(0x20)
#define ODD 0x9e3779b97f4a7c15ULL /* 2^64 by the golden ratio */

/* All of a name of less than eight bytes, some of them twice. */
static uint64_t load_short(struct sp_span name)
{
	const char *last;
	uint32_t head, tail;

	if (name.size == 0)
		return 0;
	last = name.data + name.size - 1;
	if (name.size < sizeof(head))
		return (uint64_t)(unsigned char)name.data[0] |
		       (uint64_t)(unsigned char)name.data[name.size / 2] << 8 |
		       (uint64_t)(unsigned char)*last << 16;
	memcpy(&head, name.data, sizeof(head));
	memcpy(&tail, last - 3, sizeof(tail));
	return head | (uint64_t)tail << 32;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ (word | CASE_BITS)) * ODD;
	return hash ^ hash >> 32;
}

/*
 * Of eight bytes at a time, the last eight of them over again, each with the
 * bit set that tells lower from upper case. In signs that are no letters the
 * bit means something else; that makes equal hashes of unequal names and no
 * harm.
 */
static uint32_t hash_name(struct sp_span name)
{
	uint64_t hash = name.size * ODD;
	size_t at = 0;

	if (name.size < sizeof(hash))
		return (uint32_t)mix(hash, load_short(name));
	for (; name.size - at > sizeof(hash); at += sizeof(hash))
		hash = mix(hash, sp_word_load(name.data + at));
	return (uint32_t)mix(
		hash, sp_word_load(name.data + name.size - sizeof(hash)));
}

/* Names are mostly written alike. */
static bool is_equal(struct sp_span a, struct sp_span b)
{
	return sp_span_equal(a, b) || sp_span_equal_nocase(a, b);
}

/* Where the name is, or the free slot where it belongs. */
static struct sp_nameset_slot *find(
	const struct sp_nameset *set, struct sp_span name, uint32_t hash)
{
	size_t mask = set->slot_count - 1;
	size_t at = hash & mask;
	struct sp_nameset_slot *slot = &set->slots[at];

	while (slot->name.data &&
		(slot->hash != hash || !is_equal(slot->name, name))) {
		at = (at + 1) & mask;
		slot = &set->slots[at];
	}
	return slot;
}

size_t sp_nameset_put(
	struct sp_nameset *set, struct sp_span name, uint32_t index)
{
	uint32_t hash = hash_name(name);
	struct sp_nameset_slot *slot = find(set, name, hash);

	if (!slot->name.data)
		*slot = (struct sp_nameset_slot){name, hash, index};
	return slot->index;
}

size_t sp_nameset_get(const struct sp_nameset *set, struct sp_span name)
{
	struct sp_nameset_slot *slot = find(set, name, hash_name(name));

	return slot->name.data ? slot->index : SP_NAMESET_NONE;
}
