/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages that a batch passes through, each one a loop over all of its
 * messages (RFC 6376 sections 5 and 6), and the tools a thread needs for it.
 *
 * Sign and verify look alike to the caller:
 *
 *	sp_sign_begin() or sp_verify_begin() for each message;
 *	for a message too large for memory, its body digests by streaming;
 *	sp_stages_sign() or sp_stages_verify() for all of them.
 */
#ifndef SP_ENGINE_STAGES_H
#define SP_ENGINE_STAGES_H

#include "engine/sign.h"
#include "engine/tally.h"
#include "engine/verify.h"

/* The keysets of a batch, from sp_stages_ask() to sp_stages_judge(). */
struct sp_held_keys {
	struct sp_span *names;
	const struct sp_keyset **sets;
	size_t count;
};

/* One per thread. */
struct sp_stages {
	struct sp_bodyhash *bodyhash; /* owned */
	struct sp_lanes *lanes; /* owned */
	struct sp_buffer scratch; /* owned; free for use between calls */
	struct sp_arena inputs; /* owned; headers on their way to a digest */
	struct sp_meter meter; /* of the thread; without a tally at first */
};

/* SP_NO_MEMORY, with nothing left to free. */
enum sp_status sp_stages_init(struct sp_stages *stages, struct sp_error *error)
	__attribute__((warn_unused_result));

/* A zeroed struct is fine. */
void sp_stages_free(struct sp_stages *stages);

/*
 * The body of a message too large for memory, which message->body does not
 * hold: ask sp_stages_stream() for the digests of one pass over the body, feed
 * sp_bodyhash_update(stages->bodyhash, piece) with every piece of it, end
 * with sp_bodyhash_finish(stages->bodyhash). Repeat until it says false;
 * hardly any message needs a second pass. Between two passes, and for
 * messages that want no body hash, nothing is to be read.
 *
 *	while (sp_stages_stream(stages, bodies, body_count, &status)) {
 *		... rewind, update, update, finish ...
 *	}
 *
 * bodies are sign->bodies or verify->bodies. False with *status not SP_OK is
 * trouble.
 */
bool sp_stages_stream(struct sp_stages *stages, struct sp_body_digest *bodies,
	size_t body_count, enum sp_status *status);

/*
 * Signs what sp_sign_begin() began: bodies, headers, private keys, b=.
 * Afterwards each signs[i]->reason says what became of it and ->fields is
 * there when it is SP_REASON_OK. A body digest that is done already is left
 * alone; the others are taken of message->body. Memory comes from the arena,
 * which must hold what begin put there.
 */
enum sp_status sp_stages_sign(struct sp_stages *stages, struct sp_arena *arena,
	struct sp_sign *const *signs, size_t count, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Verifies what sp_verify_begin() began: bodies, keys, headers, public keys,
 * verdicts. The keysets are given back to the cache before it returns.
 */
enum sp_status sp_stages_verify(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_keycache *keys,
	struct sp_verify *const *verifies, size_t count, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * The same in three calls, so that nobody waits for the network in between:
 * asks for the keys, as sp_keycache_begin() does; hashes the bodies; and, when
 * the keys are there, gives the verdicts. Bodies may be hashed and verdicts be
 * given by different threads. After trouble, and for keys that are not judged
 * any more, sp_stages_forget() puts back what is held.
 */
enum sp_status sp_stages_ask(struct sp_held_keys *held, struct sp_arena *arena,
	struct sp_keycache *keys, struct sp_verify *const *verifies,
	size_t count, struct sp_keywait *wait, struct sp_error *error)
	__attribute__((warn_unused_result));
enum sp_status sp_stages_bodies(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_verify *const *verifies, size_t count,
	struct sp_error *error) __attribute__((warn_unused_result));
enum sp_status sp_stages_judge(struct sp_stages *stages, struct sp_arena *arena,
	struct sp_keycache *keys, struct sp_held_keys *held,
	struct sp_verify *const *verifies, size_t count, struct sp_error *error)
	__attribute__((warn_unused_result));
void sp_stages_forget(struct sp_keycache *keys, struct sp_held_keys *held);

#endif
