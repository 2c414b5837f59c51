/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A map from bytes to pointers that only grows: for tables that are loaded
 * once and then asked often. Reading is safe from several threads while
 * nobody adds. A zeroed map is empty and valid.
 */
#ifndef SP_BASE_MAP_H
#define SP_BASE_MAP_H

#include "base/span.h"

struct sp_map_slot {
	struct sp_span key;
	void *value; /* NULL: the slot is free */
};

struct sp_map {
	struct sp_map_slot *slots; /* owned */
	size_t count;
	size_t room; /* 0 or a power of two */
};

/* The value of key, compared byte for byte, or NULL. */
void *sp_map_get(const struct sp_map *map, struct sp_span key);

/*
 * Adds a key that is not there yet. The key's bytes are borrowed until the
 * map is freed; value must not be NULL. SP_OK or SP_NO_MEMORY.
 */
enum sp_status sp_map_add(struct sp_map *map, struct sp_span key, void *value)
	__attribute__((warn_unused_result));

void sp_map_free(struct sp_map *map);

#endif
