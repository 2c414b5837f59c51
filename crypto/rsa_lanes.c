/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSASSA-PKCS1-v1_5 in lanes (RFC 8017 8.2): padding, the way into lanes and
 * out, and the check of every signature before it is released.
 */
#include "crypto/rsa_lanes.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/rsa_bytes.h"
#include "crypto/secret.h"

#define HALF (SP_RSA_LANES / 2) /* messages of a private pass */
#define JOBS SP_RSA_LANES /* of two private passes or a public one */
#define STACK_BYTES 8192u
#define HASHES 2u
#define DIGEST_LIMBS 5u /* that a digest reaches into */

/*
 * What stands around the digest in a padded block (RFC 8017 9.2), as limbs, the
 * digest zero; by size and enum sp_digest_algorithm.
 */
struct padding {
	uint64_t limbs[SP_RSA_SIZES][HASHES][SP_RSA_LIMBS_MAX];
};

struct sp_rsa_lanes {
	const struct sp_rsa_kernel *kernel;
	bool openssl_vectors; /* OpenSSL may have them for large primes */
	struct padding padding; /* of the check, which relies on no other */
	/* Whose numbers the lanes of the public pass have; 0: nobody's. */
	uint64_t key_ids[SP_RSA_LANES];
	struct sp_rsa_public_pass public;
	/* Signatures that have not been checked yet are secret as well. */
	unsigned char signatures[JOBS][SP_RSA_BYTES_MAX];
	struct sp_rsa_private_pass private;
};

/* The blocks of all sizes and algorithms, whose digests are zero. */
static void make_padding(struct padding *padding)
{
	static const unsigned char zeros[SP_DIGEST_BYTES_MAX];
	unsigned char block[SP_RSA_BYTES_MAX];

	for (unsigned size = 0; size < SP_RSA_SIZES; size++)
		for (unsigned hash = 0; hash < HASHES; hash++) {
			const unsigned bits = (size + 1) * 1024;
			struct sp_job job = {
				.hash = (enum sp_digest_algorithm)hash,
				.digest = zeros,
			};

			job.digest_size = sp_digest_bytes(job.hash);
			pad(block, &job, bits / 8);
			for (unsigned i = 0; i < sp_rsa_limbs(bits); i++)
				padding->limbs[size][hash][i] =
					limb_of(block, bits / 8, i);
		}
}

struct sp_rsa_lanes *sp_rsa_lanes_open(const struct sp_rsa_kernel *kernel)
{
	struct sp_rsa_lanes *lanes = sp_secret_alloc(sizeof(*lanes));

	if (lanes) {
		lanes->kernel = kernel;
		lanes->openssl_vectors = OPENSSL_version_major() > 3 ||
					 OPENSSL_version_minor() > 0;
		make_padding(&lanes->padding);
	}
	return lanes;
}

void sp_rsa_lanes_close(struct sp_rsa_lanes *lanes)
{
	sp_secret_free(lanes, sizeof(*lanes));
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

/* Wiped with the signatures; the numbers of public keys may stay. */
static void wipe_public(struct sp_rsa_lanes *lanes)
{
	struct sp_rsa_public_pass *pass = &lanes->public;

	OPENSSL_cleanse(pass->signature, sizeof(pass->signature));
	OPENSSL_cleanse(pass->block, sizeof(pass->block));
	OPENSSL_cleanse(
		pass->product, sizeof(pass->product[0]) * 7 * pass->limbs);
}

static const struct sp_rsa_public *numbers_of(const struct sp_pkey *key)
{
	return atomic_load_explicit(
		&key->rsa->public_half, memory_order_acquire);
}

/*
 * The numbers of a key into a lane of the public pass, unless it has them since
 * the last pass, which filled all lanes. Ids of keys are never given twice.
 */
static void put_key(
	struct sp_rsa_lanes *lanes, unsigned lane, const struct sp_pkey *key)
{
	struct sp_rsa_public_pass *pass = &lanes->public;
	const struct sp_rsa_public *numbers = numbers_of(key);

	if (lanes->key_ids[lane] == key->id)
		return;
	lanes->key_ids[lane] = key->id;
	pass->known = false;
	put_limbs(pass->modulus, pass->limbs, lane, numbers->modulus);
	put_limbs(pass->constant, pass->limbs, lane, numbers->constant);
	pass->negative_inverse.lane[lane] = numbers->negative_inverse;
}

/* Does the lane hold the padded digest, to the last bit (RFC 8017 8.2.2)? */
static bool block_matches(const struct sp_rsa_lanes *lanes, unsigned lane,
	const struct sp_job *job)
{
	const struct sp_rsa_public_pass *pass = &lanes->public;
	const uint64_t *padding =
		lanes->padding.limbs[job->key->rsa->size][job->hash];
	uint64_t differences = 0;

	for (unsigned i = 0; i < DIGEST_LIMBS; i++)
		differences |= pass->block[i].lane[lane] ^ padding[i] ^
			       limb_of(job->digest, job->digest_size, i);
	for (unsigned i = DIGEST_LIMBS; i < pass->limbs; i++)
		differences |= pass->block[i].lane[lane] ^ padding[i];
	return differences == 0;
}

/*
 * The signatures in bytes against the jobs' digests and keys. A signature that
 * is not below the modulus is wrong (RFC 8017 5.2.2 step 1); its lane computes
 * something all the same. After a wrong one the keys are put into their lanes
 * again, lest a bit that flipped there stays.
 */
static unsigned check(struct sp_rsa_lanes *lanes, struct sp_job *const jobs[],
	const unsigned char *const signatures[], unsigned count)
{
	struct sp_rsa_public_pass *pass = &lanes->public;
	const unsigned limbs = sp_rsa_limbs(jobs[0]->key->bits);
	const size_t size = jobs[0]->key->signature_bytes;
	unsigned right = 0;

	pass->limbs = limbs;
	for (unsigned i = 0; i < SP_RSA_LANES; i++) {
		unsigned from = i < count ? i : 0;

		put_key(lanes, i, jobs[from]->key);
		put_bytes(pass->signature, limbs, i, signatures[from], size);
	}
	lanes->kernel->open(pass);
	pass->known = true;
	for (unsigned i = 0; i < count; i++)
		if (memcmp(signatures[i], numbers_of(jobs[i]->key)->bytes,
			    size) < 0 &&
			block_matches(lanes, i, jobs[i]))
			right |= 1u << i;
	if (right + 1 != 1u << count)
		memset(lanes->key_ids, 0, sizeof(lanes->key_ids));
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
	wipe_public(lanes);
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
 * at least as good a choice. After 3.0 OpenSSL got vectors for primes of 1536
 * and 2048 bits as well (its pull request 14908): with these large keys are
 * treated as those of 2048 bits are.
 */
static unsigned share_of_lanes(
	enum sp_job_kind kind, unsigned size, unsigned count, bool vectors)
{
	static const unsigned char sign_min[2][SP_RSA_SIZES] = {
		{2, 3, 1, 1}, {2, 3, 3, 3}};
	unsigned left = count % HALF;

	if (kind == SP_JOB_VERIFY)
		return count > 1 ? count : 0;
	return left < sign_min[vectors][size] ? count - left : count;
}

/* Empties the group; returns how many signatures came out wrong. */
static unsigned run_group(struct sp_rsa_lanes *lanes, struct group *group)
{
	const enum sp_job_kind kind = group->jobs[0]->kind;
	const unsigned size = group->jobs[0]->key->rsa->size;
	const unsigned count = share_of_lanes(
		kind, size, group->count, lanes->openssl_vectors);
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
