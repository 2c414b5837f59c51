/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses in header fields, as far as DKIM needs them (RFC 5322 3.4,
 * RFC 6854, RFC 7489 3.1.1).
 */
#ifndef SP_ENGINE_ADDRESS_H
#define SP_ENGINE_ADDRESS_H

#include "canon/message.h"

/*
 * The addr-spec of the first mailbox in a From (or Sender) value: comments,
 * quoted strings, display names, groups and folding are understood. Copied
 * without comments and folding into the arena. Empty when there is none.
 */
enum sp_status sp_address_first(struct sp_arena *arena, struct sp_span value,
	struct sp_span *address) __attribute__((warn_unused_result));

/* What follows the last "@" of an addr-spec, without a final dot. */
struct sp_span sp_address_domain(struct sp_span address);

/* True when name equals parent or lies below it; without regard to case. */
bool sp_domain_within(struct sp_span name, struct sp_span parent);

/*
 * Alignment of d= with the domain of From. Strict: equal. Relaxed: one lies
 * at or below the other, and the shorter one is not a single label. (The
 * organizational domain proper needs the public suffix list.)
 */
enum sp_alignment sp_domain_alignment(
	struct sp_span signing, struct sp_span from);

#endif
