/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 (RFC 8032 5.1) in eight lanes: the signing and verifying. */
#include "crypto/ed25519.h"

#include <assert.h>
#include <string.h>

#include "crypto/ed25519_lanes.h"
#include "crypto/scalar25519.h"
#include "crypto/sha512_v8.h"

#define GROUPS (SP_ED25519_BATCH / V8_LANES)

/* A word for each lane, in memory. */
struct column {
	uint64_t lane[V8_LANES];
};

/* Up to 32 jobs; lanes without one of their own do the last one again. */
struct batch {
	struct sp_job *const *jobs;
	size_t count;
	unsigned groups;
	struct ge points[GROUPS];
	struct fe inverses[GROUPS]; /* of the points' z */
	struct sc scalars[GROUPS];
};

static void batch_begin(
	struct batch *batch, struct sp_job *const *jobs, size_t count)
{
	assert(count > 0 && count <= SP_ED25519_BATCH);
	batch->jobs = jobs;
	batch->count = count;
	batch->groups = (unsigned)((count + V8_LANES - 1) / V8_LANES);
}

static struct sp_job *batch_job(
	const struct batch *batch, unsigned group, unsigned lane)
{
	size_t i = (size_t)group * V8_LANES + lane;

	return batch->jobs[i < batch->count ? i : batch->count - 1];
}

/* Inverts all z at the price of one, and three products each. */
static void batch_invert(struct batch *batch)
{
	struct fe products[GROUPS], inverse;

	products[0] = batch->points[0].z;
	for (unsigned g = 1; g < batch->groups; g++)
		products[g] = fe_mul(products[g - 1], batch->points[g].z);
	inverse = fe_invert(products[batch->groups - 1]);
	for (unsigned g = batch->groups - 1; g > 0; g--) {
		batch->inverses[g] = fe_mul(inverse, products[g - 1]);
		inverse = fe_mul(inverse, batch->points[g].z);
	}
	batch->inverses[0] = inverse;
}

/* Bytes of four little-endian words, into a lane and out of it. */
static void put_words(
	struct column words[4], unsigned lane, const unsigned char *bytes)
{
	for (unsigned i = 0; i < 4; i++)
		memcpy(&words[i].lane[lane], bytes + 8 * i, 8);
}

static void get_words(
	unsigned char *bytes, const struct column words[4], unsigned lane)
{
	for (unsigned i = 0; i < 4; i++)
		memcpy(bytes + 8 * i, &words[i].lane[lane], 8);
}

static void load_words(v8 out[4], const struct column words[4])
{
	for (unsigned i = 0; i < 4; i++)
		out[i] = v8_load(words[i].lane);
}

static void store_words(struct column words[4], const v8 in[4])
{
	for (unsigned i = 0; i < 4; i++)
		v8_store(words[i].lane, in[i]);
}

/* A message on its way into a block. */
struct block {
	unsigned char bytes[SHA512_BLOCK_BYTES];
	size_t size;
};

static void block_add(
	struct block *block, const unsigned char *data, size_t size)
{
	memcpy(block->bytes + block->size, data, size);
	block->size += size;
}

/* Pads (RFC 6234 4.2) and transposes. */
static void block_end(
	struct block *block, uint64_t words[16][V8_LANES], unsigned lane)
{
	size_t bits = block->size * 8;

	assert(block->size <= SHA512_ONE_BLOCK_BYTES_MAX);
	block->bytes[block->size] = 0x80;
	block->bytes[SHA512_BLOCK_BYTES - 2] = (unsigned char)(bits >> 8);
	block->bytes[SHA512_BLOCK_BYTES - 1] = (unsigned char)bits;
	for (unsigned i = 0; i < 16; i++) {
		uint64_t word;

		memcpy(&word, block->bytes + 8 * i, 8);
		words[i][lane] = __builtin_bswap64(word);
	}
}

/* The digest as a little-endian number modulo L. */
static struct sc hash_to_scalar(const uint64_t words[16][V8_LANES])
{
	struct sha512_v8 digest;

	sp_sha512_v8(&digest, words);
	for (unsigned i = 0; i < SHA512_WORDS; i++)
		digest.word[i] = v8_swap_bytes(digest.word[i]);
	return sc_from_wide(digest.word);
}

/* RFC 8032 5.1.6 step 2: r = SHA-512(prefix, M) */
static struct sc nonce(const struct batch *batch, unsigned group)
{
	uint64_t words[16][V8_LANES];

	for (unsigned i = 0; i < V8_LANES; i++) {
		const struct sp_job *job = batch_job(batch, group, i);
		struct block block = {.size = 0};

		block_add(&block, job->key->ed25519->prefix, SP_ED25519_BYTES);
		block_add(&block, job->digest, job->digest_size);
		block_end(&block, words, i);
	}
	return hash_to_scalar(words);
}

/* RFC 8032 5.1.6 step 4: k = SHA-512(R, A, M), R from the signature */
static struct sc challenge(const struct batch *batch, unsigned group)
{
	uint64_t words[16][V8_LANES];

	for (unsigned i = 0; i < V8_LANES; i++) {
		const struct sp_job *job = batch_job(batch, group, i);
		struct block block = {.size = 0};

		block_add(&block, job->signature, SP_ED25519_BYTES);
		block_add(&block, job->key->ed25519->public, SP_ED25519_BYTES);
		block_add(&block, job->digest, job->digest_size);
		block_end(&block, words, i);
	}
	return hash_to_scalar(words);
}

/* RFC 8032 5.1.6 step 3: R = r B, into the signatures' first half */
static void sign_points(struct batch *batch)
{
	struct column words[FE_WORDS];
	v8 encoded[FE_WORDS];

	batch_invert(batch);
	for (unsigned g = 0; g < batch->groups; g++) {
		ge_encode(encoded, &batch->points[g], batch->inverses[g]);
		store_words(words, encoded);
		for (unsigned i = 0; i < V8_LANES; i++)
			get_words(batch_job(batch, g, i)->signature, words, i);
	}
}

/* RFC 8032 5.1.6 steps 5 and 6: S = r + k s */
static void sign_scalars(struct batch *batch, unsigned group)
{
	struct column words[SC_WORDS];
	v8 scalar[SC_WORDS];
	struct sc k = challenge(batch, group);

	for (unsigned i = 0; i < V8_LANES; i++)
		put_words(words, i,
			batch_job(batch, group, i)->key->ed25519->scalar);
	load_words(scalar, words);
	sc_to_words(scalar,
		sc_mul_add(k, sc_from_words(scalar), batch->scalars[group]));
	store_words(words, scalar);
	for (unsigned i = 0; i < V8_LANES; i++) {
		struct sp_job *job = batch_job(batch, group, i);

		get_words(job->signature + SP_ED25519_BYTES, words, i);
		job->signature_size = SP_ED25519_SIGNATURE_BYTES;
		job->outcome = SP_JOB_DONE;
	}
}

static void sign(const struct sp_ed25519_table *base,
	struct sp_job *const *jobs, size_t count)
{
	struct batch batch;

	batch_begin(&batch, jobs, count);
	for (unsigned g = 0; g < batch.groups; g++) {
		struct ge_raw raw = ge_raw_identity();

		batch.scalars[g] = nonce(&batch, g);
		sp_ed25519_add_base(&raw, base, &batch.scalars[g]);
		batch.points[g] = ge_finish(&raw);
	}
	sign_points(&batch);
	for (unsigned g = 0; g < batch.groups; g++)
		sign_scalars(&batch, g);
}

/* RFC 8032 5.1.7 step 1: is S below L? */
static bool is_below_order(const unsigned char *s)
{
	/* L's bytes from the highest: 0x10, fifteen zeros, then these. */
	static const unsigned char low[16] = {0x14, 0xde, 0xf9, 0xde, 0xa2,
		0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3,
		0xed};
	unsigned char order[SP_ED25519_BYTES] = {0x10};

	memcpy(order + 16, low, sizeof(low));
	for (unsigned i = 0; i < SP_ED25519_BYTES; i++)
		if (s[SP_ED25519_BYTES - 1 - i] != order[i])
			return s[SP_ED25519_BYTES - 1 - i] < order[i];
	return false;
}

/* -A of each lane; lanes whose key holds no point are missing. */
static v8_mask negated_keys(
	struct ge *keys, const struct batch *batch, unsigned group)
{
	struct column words[FE_WORDS];
	v8 encoded[FE_WORDS];

	for (unsigned i = 0; i < V8_LANES; i++)
		put_words(words, i,
			batch_job(batch, group, i)->key->ed25519->public);
	load_words(encoded, words);
	return ge_decode_negated(keys, encoded);
}

/* S of each lane. */
static struct sc signature_scalars(const struct batch *batch, unsigned group)
{
	struct column words[SC_WORDS];
	v8 scalar[SC_WORDS];

	for (unsigned i = 0; i < V8_LANES; i++)
		put_words(words, i,
			batch_job(batch, group, i)->signature +
				SP_ED25519_BYTES);
	load_words(scalar, words);
	return sc_from_words(scalar);
}

/*
 * Outcomes of a group: is the encoding of S B - k A the signature's first half
 * (RFC 8032 5.1.7 step 3, without the cofactor, as OpenSSL does)?
 */
static void verify_outcomes(
	const struct batch *batch, unsigned group, v8_mask keys)
{
	struct column words[FE_WORDS];
	v8 encoded[FE_WORDS];

	ge_encode(encoded, &batch->points[group], batch->inverses[group]);
	store_words(words, encoded);
	for (unsigned i = 0; i < V8_LANES; i++) {
		struct sp_job *job = batch_job(batch, group, i);
		unsigned char point[SP_ED25519_BYTES];

		get_words(point, words, i);
		job->outcome = (keys >> i & 1) &&
					       memcmp(point, job->signature,
						       sizeof(point)) == 0 &&
					       is_below_order(job->signature +
							      SP_ED25519_BYTES)
				       ? SP_JOB_DONE
				       : SP_JOB_WRONG;
	}
}

static void verify(const struct sp_ed25519_table *base,
	const struct sp_ed25519_table *hot, struct sp_job *const *jobs,
	size_t count)
{
	struct batch batch;
	v8_mask keys[GROUPS] = {0};

	batch_begin(&batch, jobs, count);
	for (unsigned g = 0; g < batch.groups; g++) {
		struct sc k = challenge(&batch, g);
		struct sc s = signature_scalars(&batch, g);
		struct ge_raw raw = ge_raw_identity();

		keys[g] = (v8_mask)0xff;
		if (hot) {
			sp_ed25519_add_key(&raw, hot, &k);
		} else {
			struct ge key;

			keys[g] = negated_keys(&key, &batch, g);
			sp_ed25519_multiply(&raw, &key, &k);
		}
		sp_ed25519_add_base(&raw, base, &s);
		batch.points[g] = ge_finish(&raw);
	}
	batch_invert(&batch);
	for (unsigned g = 0; g < batch.groups; g++)
		verify_outcomes(&batch, g, keys[g]);
}

static bool build(
	struct sp_ed25519_table *table, const unsigned char *public_key)
{
	struct ge point = ge_base();
	struct column words[FE_WORDS];
	v8 encoded[FE_WORDS];

	if (public_key) {
		for (unsigned i = 0; i < V8_LANES; i++)
			put_words(words, i, public_key);
		load_words(encoded, words);
		if (!ge_decode_negated(&point, encoded))
			return false;
	}
	sp_ed25519_build(table, &point);
	return true;
}

const struct sp_ed25519_kernel sp_ed25519_ifma = {
	.name = "ifma",
	.needs = SP_FEATURE_IFMA,
	.build = build,
	.sign = sign,
	.verify = verify,
};
