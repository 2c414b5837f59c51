/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates in header fields (RFC 5322 3.3, with the obsolete forms of 4.3).
 */
#ifndef SP_ENGINE_DATE_H
#define SP_ENGINE_DATE_H

#include <stdint.h>

#include "base/span.h"

/*
 * Reads a date-time, with comments and folding wherever they may stand, into
 * Unix seconds. Two- and three-digit years and zone names are understood;
 * zone names that mean nothing (4.3: military letters, unknown words) and an
 * absent zone count as UTC. False for what is no date.
 */
bool sp_date_parse(struct sp_span value, int64_t *seconds);

#endif
