/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses in header fields, as far as DKIM needs them (RFC 5322 3.4, 4.4,
 * RFC 6854, RFC 6532). What domain names mean is engine/domain.h.
 */
#ifndef SP_ENGINE_ADDRESS_H
#define SP_ENGINE_ADDRESS_H

#include "base/error.h"
#include "canon/message.h"
#include "engine/domain.h"

/*
 * The addr-spec of the first mailbox in a From (or Sender) value: comments,
 * quoted strings, display names, groups, routes and folding are understood.
 * Copied without comments, folding and white space into the arena; quoted
 * local parts keep their quotes. An address in "<>" counts before one in the
 * name next to it. Passed over: what has no "@" or two of them, an empty
 * side, words side by side, or control bytes. Empty when nothing is left.
 */
enum sp_status sp_address_first(struct sp_arena *arena, struct sp_span value,
	struct sp_span *address) __attribute__((warn_unused_result));

/* What follows the last "@" of an addr-spec, without a final dot. */
struct sp_span sp_address_domain(struct sp_span address);

/*
 * May a signature by domain (d=) name this identity (i=, RFC 6376 3.5)?
 * SP_CONFIG with words, led by name, when it may not: it has no "@", no domain
 * name behind it, or one that neither is domain nor lies below it. domain NULL:
 * of any domain. identity NULL: it names none, as it always may.
 */
enum sp_status sp_address_check_identity(const char *identity,
	const char *domain, const char *name, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
