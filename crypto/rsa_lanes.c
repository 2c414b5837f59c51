/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSASSA-PKCS1-v1_5 in lanes (RFC 8017 8.2): padding, the way into lanes and
 * out, and the check of every signature before it is released.
 */
#include "crypto/rsa_lanes.h"

#include <endian.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/secret.h"

#define HALF (SP_RSA_LANES / 2) /* messages of a private pass */
#define JOBS SP_RSA_LANES /* of two private passes or a public one */
#define STACK_BYTES 8192u

struct sp_rsa_lanes {
	const struct sp_rsa_kernel *kernel;
	struct sp_rsa_public_pass public;
	/* Signatures that have not been checked yet are secret as well. */
	unsigned char signatures[JOBS][SP_RSA_BYTES_MAX];
	struct sp_rsa_private_pass private;
};

struct sp_rsa_lanes *sp_rsa_lanes_open(const struct sp_rsa_kernel *kernel)
{
	struct sp_rsa_lanes *lanes = sp_secret_alloc(sizeof(*lanes));

	if (lanes)
		lanes->kernel = kernel;
	return lanes;
}

void sp_rsa_lanes_close(struct sp_rsa_lanes *lanes)
{
	sp_secret_free(lanes, sizeof(*lanes));
}

/*
 * Limb i of the number in bytes, highest first. A limb begins at a multiple of
 * four bits, so eight bytes hold it.
 */
static uint64_t limb_of(const unsigned char *bytes, size_t size, unsigned i)
{
	size_t bit = (size_t)i * SP_RSA_LIMB_BITS, skip = bit / 8;
	uint64_t word = 0;

	if (skip + sizeof(word) <= size) {
		memcpy(&word, bytes + size - skip - sizeof(word), sizeof(word));
		word = be64toh(word);
	} else {
		for (size_t at = 0; at + skip < size; at++)
			word = word << 8 | bytes[at];
	}
	return word >> bit % 8 & SP_RSA_LIMB_MASK;
}

static void put_bytes(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const unsigned char *bytes, size_t size)
{
	for (unsigned i = 0; i < limbs; i++)
		to[i].lane[lane] = limb_of(bytes, size, i);
}

static void put_limbs(struct sp_rsa_limb *to, unsigned limbs, unsigned lane,
	const uint64_t *from)
{
	for (unsigned i = 0; i < limbs; i++)
		to[i].lane[lane] = from[i];
}

/* The other way round. */
static void get_bytes(unsigned char *bytes, size_t size,
	const struct sp_rsa_limb *from, unsigned lane)
{
	uint64_t word = 0;
	unsigned have = 0, next = 0;

	while (size > 0) {
		if (have < 8) {
			word |= from[next++].lane[lane] << have;
			have += SP_RSA_LIMB_BITS;
		}
		bytes[--size] = (unsigned char)word;
		word >>= 8;
		have -= 8;
	}
}

/* EMSA-PKCS1-v1_5 (RFC 8017 9.2). */
static void pad(unsigned char *block, const struct sp_job *job, size_t size)
{
	/* DigestInfo before the digest, RFC 8017 9.2 note 1. */
	static const unsigned char sha256[] = {0x30, 0x31, 0x30, 0x0d, 0x06,
		0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
		0x05, 0x00, 0x04, 0x20};
	static const unsigned char sha1[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05,
		0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
	const bool new = job->hash == SP_SHA256;
	const size_t info = new ? sizeof(sha256) : sizeof(sha1);
	unsigned char *digest = block + size - job->digest_size;

	block[0] = 0;
	block[1] = 1;
	memset(block + 2, 0xff, (size_t)(digest - block) - info - 3);
	digest[-(ptrdiff_t)info - 1] = 0;
	memcpy(digest - info, new ? sha256 : sha1, info);
	memcpy(digest, job->digest, job->digest_size);
}

/* Puts a message and half a key into a lane; half is 0 for p, 1 for q. */
static void put_private(struct sp_rsa_private_pass *pass, unsigned lane,
	const struct sp_job *job, unsigned half)
{
	const struct sp_rsa_private *key = job->key->rsa->private_half;
	const struct sp_rsa_prime *prime = &key->prime[half];
	const unsigned words =
		(pass->bits + SP_RSA_WORD_BITS - 1) / SP_RSA_WORD_BITS;
	unsigned char block[SP_RSA_BYTES_MAX];

	put_limbs(pass->modulus, pass->limbs, lane, prime->modulus);
	put_limbs(pass->one, pass->limbs, lane, prime->one);
	put_limbs(pass->cube, pass->limbs, lane, prime->cube);
	put_limbs(pass->exponent, words, lane, prime->exponent);
	put_limbs(pass->coefficient, pass->limbs, lane, key->coefficient);
	pass->negative_inverse.lane[lane] = prime->negative_inverse;
	pad(block, job, job->key->signature_bytes);
	put_bytes(pass->block, 2 * pass->limbs, lane, block,
		job->key->signature_bytes);
}

/* Up to four jobs; lanes that are left do the first job again. */
static void run_private(struct sp_rsa_lanes *lanes, struct sp_job *const jobs[],
	unsigned count, unsigned char (*signatures)[SP_RSA_BYTES_MAX])
{
	struct sp_rsa_private_pass *pass = &lanes->private;

	pass->bits = jobs[0]->key->bits / 2;
	pass->limbs = sp_rsa_limbs(pass->bits);
	for (unsigned i = 0; i < HALF; i++) {
		const struct sp_job *job = jobs[i < count ? i : 0];

		put_private(pass, i, job, 0);
		put_private(pass, HALF + i, job, 1);
	}
	lanes->kernel->power(pass);
	lanes->kernel->join(pass);
	for (unsigned i = 0; i < count; i++)
		get_bytes(signatures[i], jobs[i]->key->signature_bytes,
			pass->signature, i);
}

/* What the compiler may have put on the stack while a pass ran. */
static __attribute__((noinline)) void wipe_stack(void)
{
	unsigned char deep[STACK_BYTES];

	OPENSSL_cleanse(deep, sizeof(deep));
}

/* The table comes last and need not be wiped beyond what was used. */
static void wipe_private(struct sp_rsa_lanes *lanes)
{
	struct sp_rsa_private_pass *pass = &lanes->private;

	OPENSSL_cleanse(lanes->signatures, sizeof(lanes->signatures));
	OPENSSL_cleanse(pass, offsetof(struct sp_rsa_private_pass, table) +
				      sizeof(pass->table[0]) *
					      SP_RSA_WINDOWS_MAX * pass->limbs);
	wipe_stack();
}

static void put_public(struct sp_rsa_public_pass *pass, unsigned lane,
	const struct sp_rsa_public *key, const unsigned char *signature,
	size_t size)
{
	put_limbs(pass->modulus, pass->limbs, lane, key->modulus);
	put_limbs(pass->constant, pass->limbs, lane, key->constant);
	pass->negative_inverse.lane[lane] = key->negative_inverse;
	put_bytes(pass->signature, pass->limbs, lane, signature, size);
}

/* Does the lane hold the padded digest, to the last bit (RFC 8017 8.2.2)? */
static bool block_matches(const struct sp_rsa_public_pass *pass, unsigned lane,
	const struct sp_job *job)
{
	const size_t size = job->key->signature_bytes;
	unsigned char block[SP_RSA_BYTES_MAX];
	uint64_t differences = 0;

	pad(block, job, size);
	for (unsigned i = 0; i < pass->limbs; i++)
		differences |=
			pass->block[i].lane[lane] ^ limb_of(block, size, i);
	return differences == 0;
}

/*
 * The signatures in bytes against the jobs' digests and keys. A signature that
 * is not below the modulus is wrong (RFC 8017 5.2.2 step 1); its lane computes
 * something all the same.
 */
static unsigned check(struct sp_rsa_lanes *lanes, struct sp_job *const jobs[],
	const unsigned char *const signatures[], unsigned count)
{
	struct sp_rsa_public_pass *pass = &lanes->public;
	const struct sp_rsa_public *keys[SP_RSA_LANES];
	const size_t size = jobs[0]->key->signature_bytes;
	unsigned right = 0;

	pass->limbs = sp_rsa_limbs(jobs[0]->key->bits);
	for (unsigned i = 0; i < SP_RSA_LANES; i++) {
		unsigned from = i < count ? i : 0;

		keys[i] =
			atomic_load_explicit(&jobs[from]->key->rsa->public_half,
				memory_order_acquire);
		put_public(pass, i, keys[i], signatures[from], size);
	}
	lanes->kernel->open(pass);
	for (unsigned i = 0; i < count; i++)
		if (memcmp(signatures[i], keys[i]->bytes, size) < 0 &&
			block_matches(pass, i, jobs[i]))
			right |= 1u << i;
	return right;
}

/*
 * Signs up to eight jobs of one size. Bit i of what is returned: jobs[i] is
 * signed. Where it is not set a fault has happened.
 */
static unsigned sign(
	struct sp_rsa_lanes *lanes, struct sp_job *const jobs[], unsigned count)
{
	const unsigned char *signatures[JOBS];
	unsigned right;

	for (unsigned i = 0; i < count; i += HALF)
		run_private(lanes, jobs + i,
			count - i < HALF ? count - i : HALF,
			lanes->signatures + i);
	for (unsigned i = 0; i < count; i++)
		signatures[i] = lanes->signatures[i];
	right = check(lanes, jobs, signatures, count);
	for (unsigned i = 0; i < count; i++)
		if (right >> i & 1)
			memcpy(jobs[i]->signature, signatures[i],
				jobs[i]->key->signature_bytes);
	wipe_private(lanes);
	OPENSSL_cleanse(&lanes->public, sizeof(lanes->public));
	return right;
}

static unsigned verify(
	struct sp_rsa_lanes *lanes, struct sp_job *const jobs[], unsigned count)
{
	const unsigned char *signatures[JOBS];

	for (unsigned i = 0; i < count; i++)
		signatures[i] = jobs[i]->signature;
	return check(lanes, jobs, signatures, count);
}

/* Jobs of one kind and one size. */
struct group {
	struct sp_job *jobs[JOBS];
	unsigned count;
};

/*
 * How many of count jobs the lanes take. A pass takes the same time whatever it
 * is filled with, so jobs that would fill less of one than OpenSSL does in that
 * time are left. OpenSSL 3.0 signs with primes of 1024 bits in vectors too.
 * Measured on Zen 4 (docs/CRYPTO.md), which starts one 512-bit multiplication
 * per cycle; none with these instructions starts less, so elsewhere lanes are
 * at least as good a choice.
 */
static unsigned share_of_lanes(
	enum sp_job_kind kind, unsigned size, unsigned count)
{
	static const unsigned char sign_min[SP_RSA_SIZES] = {2, 3, 1, 1};
	unsigned left = count % HALF;

	if (kind == SP_JOB_VERIFY)
		return count > 1 ? count : 0;
	return left < sign_min[size] ? count - left : count;
}

/* Empties the group; returns how many signatures came out wrong. */
static unsigned run_group(struct sp_rsa_lanes *lanes, struct group *group)
{
	const enum sp_job_kind kind = group->jobs[0]->kind;
	const unsigned size = group->jobs[0]->key->rsa->size;
	const unsigned count = share_of_lanes(kind, size, group->count);
	unsigned right, wrong = 0;

	group->count = 0;
	if (count == 0)
		return 0;
	right = kind == SP_JOB_SIGN ? sign(lanes, group->jobs, count)
				    : verify(lanes, group->jobs, count);
	for (unsigned i = 0; i < count; i++) {
		struct sp_job *job = group->jobs[i];

		if (right >> i & 1)
			job->outcome = SP_JOB_DONE;
		else if (kind == SP_JOB_VERIFY)
			job->outcome = SP_JOB_WRONG;
		else
			wrong++;
		if (kind == SP_JOB_SIGN)
			job->signature_size = job->key->signature_bytes;
	}
	return wrong;
}

/* Does the job's key have what lanes need? */
static bool suits_lanes(const struct sp_job *job)
{
	struct sp_rsa *rsa = job->key->rsa;

	if (!rsa)
		return false;
	if (job->kind == SP_JOB_SIGN)
		return rsa->private_half != NULL;
	return job->signature_size == job->key->signature_bytes &&
	       sp_rsa_public(rsa, job->key->evp) != NULL;
}

unsigned sp_rsa_lanes_run(
	struct sp_rsa_lanes *lanes, struct sp_job *const jobs[], size_t count)
{
	struct group groups[SP_RSA_SIZES];
	unsigned wrong = 0;

	for (unsigned size = 0; size < SP_RSA_SIZES; size++)
		groups[size].count = 0;
	for (size_t i = 0; i < count; i++) {
		struct group *group;

		if (!suits_lanes(jobs[i]))
			continue;
		group = &groups[jobs[i]->key->rsa->size];
		group->jobs[group->count++] = jobs[i];
		if (group->count == JOBS)
			wrong += run_group(lanes, group);
	}
	for (unsigned size = 0; size < SP_RSA_SIZES; size++)
		if (groups[size].count > 0)
			wrong += run_group(lanes, &groups[size]);
	return wrong;
}
