/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of many messages at once (FIPS 180-4 5.1.1, 5.2.1, 6.2).
 *
 * A kernel steps a fixed number of lanes, each a message of its own, by equally
 * many blocks. A plan says which kernel to take for how many live lanes. A run
 * is what is to be hashed of one message now: sp_sha256_run() takes any number
 * of them and keeps the lanes filled. Messages in pieces become runs with
 * sp_sha256_feed() and sp_sha256_end().
 */
#ifndef SP_CRYPTO_SHA256_H
#define SP_CRYPTO_SHA256_H

#include <stdint.h>

#include "base/cpu.h"
#include "base/span.h"

#define SP_SHA256_BLOCK 64u
#define SP_SHA256_LANES 16u /* of the widest kernel */

struct sp_sha256_state {
	uint32_t words[8];
};

extern const uint32_t sp_sha256_constants[64]; /* FIPS 180-4 4.2.2 */

/*
 * Hashes blocks blocks from data[i] into states[i], for all lanes i of the
 * kernel; at least one block. Lanes whose results nobody wants may share a
 * state. Data needs no alignment, and not a byte behind it is read.
 */
typedef void sp_sha256_step(struct sp_sha256_state *const *states,
	const unsigned char *const *data, size_t blocks);

struct sp_sha256_kernel {
	const char *name;
	unsigned lanes;
	enum sp_cpu_feature needs;
	unsigned cost; /* of a step by one block on this machine: 0.1 ns */
	sp_sha256_step *step;
};

/*
 * Sets kernels[] to those that may be used here, as base/cpu.h says, fewest
 * lanes first, and returns how many they are (sha256_x86.c, sha256_generic.c).
 */
#define SP_SHA256_KERNELS_MAX 6u
size_t sp_sha256_kernels(struct sp_sha256_kernel *kernels);

/* steps[n] is for n live lanes; steps[0] is not used. */
struct sp_sha256_plan {
	struct {
		sp_sha256_step *step;
		unsigned lanes;
	} best[SP_SHA256_LANES + 1];
};

/*
 * Chooses the kernels with which any number of equally long messages up to
 * SP_SHA256_LANES costs least; count is at least 1. With only one kernel in the
 * list that one is taken, however few the lanes.
 */
void sp_sha256_plan(struct sp_sha256_plan *plan,
	const struct sp_sha256_kernel *kernels, size_t count);

/* Whole blocks of one message, in two parts of which each may be empty. */
struct sp_sha256_run {
	struct sp_sha256_state *state; /* read and written */
	struct {
		const unsigned char *data;
		size_t blocks;
	} parts[2];
};

/*
 * Hashes all runs, any count, refilling a lane as soon as its run ends. The
 * parts are spent. Each run has a state of its own.
 */
void sp_sha256_run(const struct sp_sha256_plan *plan,
	struct sp_sha256_run *runs, size_t count);

/* A message that comes in pieces. */
struct sp_sha256 {
	struct sp_sha256_state state;
	uint64_t bytes; /* so far */
	unsigned char block[SP_SHA256_BLOCK]; /* the first bytes % BLOCK */
};

void sp_sha256_begin(struct sp_sha256 *message);

/*
 * Sets run to the blocks that piece completes. When they have been hashed
 * sp_sha256_keep() keeps what is left of the same piece.
 */
void sp_sha256_feed(struct sp_sha256 *message, struct sp_span piece,
	struct sp_sha256_run *run);
void sp_sha256_keep(struct sp_sha256 *message, struct sp_span piece);

/* The last blocks: what is left of the message and the padding (5.1.1). */
struct sp_sha256_end {
	unsigned char blocks[2 * SP_SHA256_BLOCK];
};

/*
 * Writes the last blocks of a message of bytes bytes and returns how many they
 * are, 1 or 2; rest is its last bytes % SP_SHA256_BLOCK bytes.
 */
size_t sp_sha256_end(
	struct sp_sha256_end *end, const void *rest, uint64_t bytes);

/* FIPS 180-4 5.3.3, and the 32 bytes of the digest. */
void sp_sha256_state_init(struct sp_sha256_state *state);
void sp_sha256_state_put(
	const struct sp_sha256_state *state, unsigned char *digest);

#endif
