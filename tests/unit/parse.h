/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys and key records, parsed where memory does not fail. */
#ifndef SP_TESTS_UNIT_PARSE_H
#define SP_TESTS_UNIT_PARSE_H

#include <stdlib.h>

#include "engine/keyrecord.h"

static inline enum sp_reason parse_public(
	struct sp_pkey *key, enum sp_pkey_type type, struct sp_span bytes)
{
	enum sp_reason reason;

	if (sp_pkey_parse_public(key, type, bytes, &reason))
		abort();
	return reason;
}

static inline void parse_record(
	struct sp_keyrecord *record, struct sp_span value)
{
	if (sp_keyrecord_parse(record, value))
		abort();
}

#endif
