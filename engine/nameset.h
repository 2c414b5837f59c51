/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of header field names, found by hash without regard to case. Names
 * come from messages, so looking one up must not depend on how many others
 * there are.
 */
#ifndef SP_ENGINE_NAMESET_H
#define SP_ENGINE_NAMESET_H

#include <stdint.h>

#include "base/span.h"

#define SP_NAMESET_NONE SIZE_MAX

/* Small: a set is made for each message, and has to be cleared. */
struct sp_nameset_slot {
	struct sp_span name; /* data is NULL: the slot is free */
	uint32_t hash;
	uint32_t index;
};

struct sp_nameset {
	struct sp_nameset_slot *slots; /* the caller's memory */
	size_t slot_count; /* a power of two, more than the names */
};

/* How many slots hold count names at a low load; at most 4 * count + 8. */
size_t sp_nameset_slots(size_t count);

/*
 * The index of the name, after storing index for it when it is new. name is
 * borrowed as long as the set is used; slots must have been zeroed first.
 */
size_t sp_nameset_put(
	struct sp_nameset *set, struct sp_span name, uint32_t index);

/* The index stored for the name, or SP_NAMESET_NONE. */
size_t sp_nameset_get(const struct sp_nameset *set, struct sp_span name);

#endif
