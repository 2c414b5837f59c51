/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage that canonicalizes and hashes bodies: many messages side by side,
 * each through a small piece of memory, so that what the canonicalizer wrote
 * is hashed while it is in the cache (RFC 6376 3.7, step 1).
 */
#ifndef SP_ENGINE_BODYHASH_H
#define SP_ENGINE_BODYHASH_H

#include "canon/body.h"
#include "crypto/digest.h"
#include "engine/repeats.h"

/* One body hash somebody wants. The three inputs name it; the rest is ours. */
struct sp_body_digest {
	enum sp_canon canon;
	uint64_t limit; /* l= or SP_LENGTH_NONE */
	enum sp_digest_algorithm algorithm;

	bool done;
	uint64_t total; /* octets of the whole canonical body */
	unsigned char digest[SP_DIGEST_BYTES_MAX];
};

/*
 * Adds a wish to a list of at most room, unless an equal one is there, and
 * returns it; NULL when the list is full.
 */
struct sp_body_digest *sp_body_digest_want(struct sp_body_digest *list,
	size_t *count, size_t room, enum sp_canon canon, uint64_t limit,
	enum sp_digest_algorithm algorithm);

struct sp_body_job {
	struct sp_span body; /* the whole body, in memory */
	struct sp_body_digest *digest;
};

/*
 * One per thread; holds SP_HASHER_STREAMS canonicalizers and their pieces of
 * memory. NULL when memory fails.
 */
struct sp_bodyhash;
struct sp_bodyhash *sp_bodyhash_open(void);
void sp_bodyhash_close(struct sp_bodyhash *stage);

/* The hasher it uses, free for other work between calls. */
struct sp_hasher *sp_bodyhash_hasher(struct sp_bodyhash *stage);

/* How often a digest was there already (engine/repeats.h). */
const struct sp_repeats_stats *sp_bodyhash_repeats(
	const struct sp_bodyhash *stage);

/*
 * Does all jobs, several at a time; any count, in any order. No two jobs may
 * have the same digest. Bodies that have come before are not hashed again, as
 * far as they are the same.
 */
enum sp_status sp_bodyhash_run(
	struct sp_bodyhash *stage, const struct sp_body_job *jobs, size_t count)
	__attribute__((warn_unused_result));

/*
 * The same for one body that is too large for memory: begin with what is
 * wanted of it (at most SP_HASHER_STREAMS digests), update with each piece of
 * the body in order, finish. A body that breaks off is simply left: the next
 * begin or run forgets it, and its digests stay not done.
 */
enum sp_status sp_bodyhash_begin(
	struct sp_bodyhash *stage, struct sp_body_digest *digests, size_t count)
	__attribute__((warn_unused_result));
enum sp_status sp_bodyhash_update(struct sp_bodyhash *stage,
	struct sp_span piece) __attribute__((warn_unused_result));
enum sp_status sp_bodyhash_finish(struct sp_bodyhash *stage)
	__attribute__((warn_unused_result));

#endif
