/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which keys does a corpus need? One pass over a source that reads header
 * blocks only and collects the names that sp_verify_begin() would ask for,
 * with how often and for what time (RFC 6376 3.6.2.1).
 */
#ifndef SP_ENGINE_HARVEST_H
#define SP_ENGINE_HARVEST_H

#include "engine/run.h"

/* Distinct names of one harvest; more need several. */
#define SP_HARVEST_NAMES_MAX (4u << 20)

struct sp_harvest_name {
	struct sp_span name; /* as sp_signature.key_name */
	uint64_t signatures;
	int64_t first_used; /* t=, else Date; SP_TIME_NONE: none has any */
	int64_t last_used;
};

struct sp_harvest;

/* Everything is borrowed for the call. */
struct sp_harvest_options {
	struct sp_source *source;
	unsigned jobs;
	const char *reader; /* I/O backend by name, or NULL: the best */
	const struct sp_log *log;
	struct sp_message_limits limits;
	size_t signatures_max; /* of a message; 0: SP_SIGNATURES_MAX */
	size_t names_max; /* 0: SP_HARVEST_NAMES_MAX */
	const atomic_int *stop; /* as in struct sp_run_options */
};

/*
 * SP_OK, or SP_STOPPED with what was found until then, in a harvest to close;
 * another status is trouble, with words and without one. In stats messages,
 * bytes, unreadable and signatures (those that name a key) are counted.
 */
enum sp_status sp_harvest_run(struct sp_harvest **harvest,
	const struct sp_harvest_options *options, struct sp_run_stats *stats,
	struct sp_error *error) __attribute__((warn_unused_result));

/* In the order of names; the harvest's own. */
const struct sp_harvest_name *sp_harvest_names(
	const struct sp_harvest *harvest, size_t *count);

/* The name, or NULL; any thread. */
const struct sp_harvest_name *sp_harvest_find(
	const struct sp_harvest *harvest, struct sp_span name);

void sp_harvest_close(struct sp_harvest *harvest);

#endif
