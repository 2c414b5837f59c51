/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that come again: a newsletter has the same body for thousands of
 * recipients, or one that differs in its last lines only. A worker keeps the
 * last few bodies; one that equals them byte for byte gets their digest, and
 * one that begins like them goes on from where they part (RFC 6376 3.7 step 1
 * is a function of the bytes, the canonicalization and l= alone).
 *
 * A body that was met once costs a comparison of its first bytes. Only of one
 * whose beginning was met before are the bytes kept, and only now and then
 * where that has not been of use: all mail of some programs begins alike.
 */
#ifndef SP_ENGINE_REPEATS_H
#define SP_ENGINE_REPEATS_H

#include "canon/body.h"
#include "crypto/sha256.h"

struct sp_body_digest; /* engine/bodyhash.h */
struct sp_repeats;

/* Bodies kept at a time, and the largest of which the bytes are. */
#define SP_REPEATS_BODIES 4u
#define SP_REPEATS_BODY_BYTES (256u << 10)

struct sp_repeats_stats {
	uint64_t whole; /* digests taken from an equal body */
	uint64_t begun; /* digests that went on from a common beginning */
	uint64_t bytes; /* of bodies that were not hashed again */
	uint64_t kept_bytes; /* of bodies that were copied to be kept */
};

struct sp_repeats_slot;

/* What is known about one digest that is wanted. Zeroed: nothing. */
struct sp_repeat {
	struct sp_repeats_slot *slot; /* NULL: nothing */
	uint64_t serial; /* of the body that the slot belonged to */
	size_t common; /* bytes that the body has in common with that one */
	bool same; /* all of them, and no more */
	bool later; /* better done when others of the run are */
};

/* One per thread. NULL when memory fails; close takes NULL. */
struct sp_repeats *sp_repeats_open(void);
void sp_repeats_close(struct sp_repeats *repeats);

/*
 * A run is a list of digests: sp_repeats_look() for each in turn, then the
 * others, then sp_repeats_end(). Bodies are borrowed from look to end. A run
 * that is given up is ended as well.
 */

/*
 * Looks what is known. The digest may be done when it returns; else it is to
 * be taken in the order of the list, those that may be done later after the
 * rest.
 */
void sp_repeats_look(struct sp_repeats *repeats, struct sp_repeat *repeat,
	struct sp_span body, struct sp_body_digest *digest);

/* One put off: has its digest been found meanwhile? Then it is done. */
bool sp_repeats_settle(struct sp_repeats *repeats,
	const struct sp_repeat *repeat, struct sp_body_digest *digest);

/*
 * Where to begin: an offset in the body, and, when that is not 0, the states
 * of canonicalizer and hash there.
 */
size_t sp_repeats_start(struct sp_repeats *repeats,
	const struct sp_repeat *repeat, struct sp_body *canon,
	struct sp_sha256 *hash);

/* Where behind start others of the run wish to begin, or 0. */
size_t sp_repeats_stop(const struct sp_repeat *repeat, size_t start);

/* The states at that place. */
void sp_repeats_save(const struct sp_repeat *repeat, size_t offset,
	const struct sp_body *canon, const struct sp_sha256 *hash);

/* The digest is done. */
void sp_repeats_store(
	const struct sp_repeat *repeat, const struct sp_body_digest *digest);

void sp_repeats_end(struct sp_repeats *repeats);

/* Counts since it was opened. */
const struct sp_repeats_stats *sp_repeats_stats(
	const struct sp_repeats *repeats);

#endif
