/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of many messages at once: the choice of kernels, lanes, blocks and
 * padding (FIPS 180-4 5.1.1, 5.2.1, 6.2).
 */
#include "crypto/sha256.h"

#include <assert.h>

_Alignas(64) const uint32_t sp_sha256_constants[64] = {0x428a2f98, 0x71374491,
	0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d,
	0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb,
	0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
	0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb,
	0xbef9a3f7, 0xc67178f2};

/*
 * With n messages left, a step costs what its kernel does plus the best way to
 * do those that it leaves over. Of two equal ways the later kernel's is taken:
 * the wider, which is better when messages are not equally long.
 */
void sp_sha256_plan(struct sp_sha256_plan *plan,
	const struct sp_sha256_kernel *kernels, size_t count)
{
	unsigned total[SP_SHA256_LANES + 1] = {0};

	assert(count > 0);
	for (unsigned n = 1; n <= SP_SHA256_LANES; n++) {
		total[n] = UINT32_MAX;
		for (size_t i = 0; i < count; i++) {
			unsigned lanes = kernels[i].lanes;
			unsigned left = n > lanes ? n - lanes : 0;
			unsigned cost = kernels[i].cost + total[left];

			if (cost > total[n])
				continue;
			total[n] = cost;
			plan->best[n].step = kernels[i].step;
			plan->best[n].lanes = lanes;
		}
	}
}

/* The part that run is at; an empty one at its end. */
static unsigned part_at(const struct sp_sha256_run *run)
{
	return run->parts[0].blocks == 0;
}

/*
 * Steps as many of the live runs as the kernel for this number has lanes, as
 * far as the shortest goes. Lanes that are left over hash the first one's data
 * into a state for nobody.
 */
static void step(const struct sp_sha256_plan *plan,
	struct sp_sha256_run *const *live, unsigned count)
{
	struct sp_sha256_state nobody = {{0}};
	struct sp_sha256_state *states[SP_SHA256_LANES];
	const unsigned char *data[SP_SHA256_LANES];
	unsigned lanes = plan->best[count].lanes;
	unsigned used = count < lanes ? count : lanes;
	size_t blocks = SIZE_MAX;

	for (unsigned i = 0; i < lanes; i++) {
		struct sp_sha256_run *run = live[i < used ? i : 0];
		unsigned part = part_at(run);

		states[i] = i < used ? run->state : &nobody;
		data[i] = run->parts[part].data;
		if (run->parts[part].blocks < blocks)
			blocks = run->parts[part].blocks;
	}
	plan->best[count].step(states, data, blocks);
	for (unsigned i = 0; i < used; i++) {
		unsigned part = part_at(live[i]);

		live[i]->parts[part].data += blocks * SP_SHA256_BLOCK;
		live[i]->parts[part].blocks -= blocks;
	}
}

void sp_sha256_run(const struct sp_sha256_plan *plan,
	struct sp_sha256_run *runs, size_t count)
{
	struct sp_sha256_run *live[SP_SHA256_LANES];
	unsigned width = 0;
	size_t next = 0;

	for (;;) {
		unsigned kept = 0;

		for (unsigned i = 0; i < width; i++)
			if (live[i]->parts[part_at(live[i])].blocks)
				live[kept++] = live[i];
		for (width = kept; width < SP_SHA256_LANES && next < count;
			next++)
			if (runs[next].parts[part_at(&runs[next])].blocks)
				live[width++] = &runs[next];
		if (!width)
			return;
		step(plan, live, width);
	}
}

void sp_sha256_begin(struct sp_sha256 *message)
{
	sp_sha256_state_init(&message->state);
	message->bytes = 0;
}

void sp_sha256_feed(struct sp_sha256 *message, struct sp_span piece,
	struct sp_sha256_run *run)
{
	size_t fill = message->bytes % SP_SHA256_BLOCK;

	*run = (struct sp_sha256_run){.state = &message->state};
	message->bytes += piece.size;
	if (fill) {
		size_t room = SP_SHA256_BLOCK - fill;
		size_t taken = piece.size < room ? piece.size : room;

		memcpy(message->block + fill, piece.data, taken);
		piece = sp_span_after(piece, taken);
		run->parts[0].data = message->block;
		run->parts[0].blocks = taken == room;
	}
	run->parts[1].data = (const unsigned char *)piece.data;
	run->parts[1].blocks = piece.size / SP_SHA256_BLOCK;
}

/* A piece shorter than what is left has completed no block, and is in it. */
void sp_sha256_keep(struct sp_sha256 *message, struct sp_span piece)
{
	size_t fill = message->bytes % SP_SHA256_BLOCK;

	if (fill && fill <= piece.size)
		memcpy(message->block, piece.data + piece.size - fill, fill);
}

size_t sp_sha256_end(
	struct sp_sha256_end *end, const void *rest, uint64_t bytes)
{
	size_t fill = bytes % SP_SHA256_BLOCK;
	size_t count = fill < SP_SHA256_BLOCK - sizeof(bytes) ? 1 : 2;
	unsigned char *stop = end->blocks + count * SP_SHA256_BLOCK;
	uint64_t bits = bytes * 8;

	memset(end->blocks, 0, sizeof(end->blocks));
	if (fill)
		memcpy(end->blocks, rest, fill);
	end->blocks[fill] = 0x80;
	for (; bits; bits >>= 8)
		*--stop = (unsigned char)bits;
	return count;
}

void sp_sha256_state_init(struct sp_sha256_state *state)
{
	*state = (struct sp_sha256_state){{0x6a09e667, 0xbb67ae85, 0x3c6ef372,
		0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sp_sha256_state_put(
	const struct sp_sha256_state *state, unsigned char *digest)
{
	for (unsigned i = 0; i < 8; i++)
		for (unsigned k = 0; k < 4; k++)
			*digest++ = (unsigned char)(state->words[i] >>
						    (24 - 8 * k));
}
