/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table with open addressing, at most two thirds full. */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

#define ROOM_MIN 64u

/* The slot that holds key, or the free one where it belongs. */
static struct sp_map_slot *slot_of(const struct sp_map *map, struct sp_span key)
{
	size_t mask = map->room - 1;
	unsigned long long hash = sp_span_hash_nocase(key);
	size_t at = (size_t)(hash ^ (hash >> 32)) & mask;

	while (map->slots[at].value && !sp_span_equal(map->slots[at].key, key))
		at = (at + 1) & mask;
	return &map->slots[at];
}

void *sp_map_get(const struct sp_map *map, struct sp_span key)
{
	return map->room ? slot_of(map, key)->value : NULL;
}

static enum sp_status map_grow(struct sp_map *map)
{
	struct sp_map grown = {.count = map->count};

	grown.room = map->room ? map->room * 2 : ROOM_MIN;
	grown.slots = calloc(grown.room, sizeof(*grown.slots));
	if (!grown.slots)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < map->room; i++)
		if (map->slots[i].value)
			*slot_of(&grown, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = grown;
	return SP_OK;
}

enum sp_status sp_map_add(struct sp_map *map, struct sp_span key, void *value)
{
	struct sp_map_slot *slot;

	assert(value);
	if ((map->count + 1) * 3 > map->room * 2 && map_grow(map) != SP_OK)
		return SP_NO_MEMORY;
	slot = slot_of(map, key);
	assert(!slot->value);
	*slot = (struct sp_map_slot){.key = key, .value = value};
	map->count++;
	return SP_OK;
}

void sp_map_free(struct sp_map *map)
{
	free(map->slots);
	*map = (struct sp_map){0};
}
