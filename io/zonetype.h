/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words between a name and its data in zone files: which are types, which
 * classes, which times. Used by io/zonefile.c only.
 */
#ifndef SP_IO_ZONETYPE_H
#define SP_IO_ZONETYPE_H

#include "base/span.h"

/* A known record type, or TYPE123 (RFC 3597 5). */
bool sp_zonetype_is_type(struct sp_span word);

bool sp_zonetype_is_class(struct sp_span word);

/* "3600" or, as BIND and NSD also take it, "1h30m". */
bool sp_zonetype_ttl(struct sp_span word, uint32_t *ttl_s);

/* Does a line go on with "[TTL] [CLASS] TYPE something"? */
bool sp_zonetype_follows(struct sp_span rest);

#endif
