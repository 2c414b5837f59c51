/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing and verifying digests, many at a time (RFC 8017 8.2, RFC 8032 5.1,
 * RFC 8463 3): in eight lanes where a kernel takes the job, else with OpenSSL.
 *
 * Jobs queue in slots by key, so that one context serves all jobs of a key in
 * a run, and later runs too: a slot keeps its context until another key needs
 * the slot. A context holds its own reference on the EVP_PKEY, and ids are
 * never given twice, so a slot whose struct sp_pkey is gone is merely unused.
 *
 * No wrong RSA signature leaves. OpenSSL computes with the Chinese remainder
 * theorem, where one flipped bit would give away the factors; its
 * rsa_ossl_mod_exp() (crypto/rsa/rsa_ossl.c) therefore raises every result to
 * e, compares it with its input, and on a mismatch computes again without the
 * theorem. All private operations with p and q end in that check, those of the
 * AVX-512 IFMA code (BN_mod_exp_mont_consttime_x2) too. A second check here
 * would cost 22 us on top of 340 and tell nothing new. What is left to check
 * is that the call succeeded and filled the modulus' length; if not, the
 * context is made anew and the signature once more. The eight lanes check what
 * they made with the public half (crypto/rsa_lanes.c), and what is wrong there
 * is made again here.
 */
#include "crypto/lanes.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "crypto/ed25519.h"
#include "crypto/rsa_lanes.h"
#include "crypto/trouble.h"

#define SLOTS 64u /* per kind; a power of two */
#define HASHES 2u
#define KINDS 2u
#define CROWD 256u /* jobs that go to a kernel in one call */

struct slot {
	uint64_t key_id; /* whose context it is; 0: none */
	enum sp_digest_algorithm hash; /* RSA: set in the context */
	EVP_PKEY_CTX *rsa;
	EVP_MD_CTX *ed25519;
	struct sp_job *first; /* queued */
	struct sp_job **last; /* where the next one is linked */
};

struct sp_lanes {
	EVP_MD *hashes[HASHES];
	struct sp_rsa_lanes *rsa; /* NULL: no kernel */
	struct sp_ed25519 *ed25519;
	size_t queued;
	struct sp_lanes_stats stats;
	struct slot slots[KINDS][SLOTS];
};

struct sp_lanes *sp_lanes_open(void)
{
	return sp_lanes_open_with(sp_rsa_kernel());
}

struct sp_lanes *sp_lanes_open_with(const struct sp_rsa_kernel *rsa)
{
	static const char *const names[HASHES] = {
		[SP_SHA256] = "SHA256",
		[SP_SHA1] = "SHA1",
	};
	struct sp_lanes *lanes = calloc(1, sizeof(*lanes));

	if (!lanes)
		return NULL;
	for (unsigned kind = 0; kind < KINDS; kind++)
		for (unsigned i = 0; i < SLOTS; i++)
			lanes->slots[kind][i].last =
				&lanes->slots[kind][i].first;
	if (rsa)
		lanes->rsa = sp_rsa_lanes_open(rsa);
	lanes->ed25519 = sp_ed25519_open();
	if (!lanes->ed25519) {
		sp_lanes_close(lanes);
		return NULL;
	}
	for (unsigned i = 0; i < HASHES; i++) {
		lanes->hashes[i] = EVP_MD_fetch(NULL, names[i], NULL);
		if (!lanes->hashes[i]) {
			sp_lanes_close(lanes);
			return NULL;
		}
	}
	return lanes;
}

static void slot_clear(struct slot *slot)
{
	EVP_PKEY_CTX_free(slot->rsa);
	EVP_MD_CTX_free(slot->ed25519);
	slot->rsa = NULL;
	slot->ed25519 = NULL;
	slot->key_id = 0;
}

void sp_lanes_close(struct sp_lanes *lanes)
{
	if (!lanes)
		return;
	assert(lanes->queued == 0);
	for (unsigned kind = 0; kind < KINDS; kind++)
		for (unsigned i = 0; i < SLOTS; i++)
			slot_clear(&lanes->slots[kind][i]);
	for (unsigned i = 0; i < HASHES; i++)
		EVP_MD_free(lanes->hashes[i]);
	sp_rsa_lanes_close(lanes->rsa);
	sp_ed25519_close(lanes->ed25519);
	free(lanes);
}

void sp_lanes_submit(struct sp_lanes *lanes, struct sp_job *job)
{
	struct slot *slot = &lanes->slots[job->kind][job->key->id % SLOTS];

	assert(job->key->evp && job->key->id);
	assert(job->kind == SP_JOB_VERIFY || job->key->private_half);
	assert(job->key->type == SP_PKEY_ED25519 ||
		job->digest_size == sp_digest_bytes(job->hash));
	job->outcome = SP_JOB_PENDING;
	job->next = NULL;
	*slot->last = job;
	slot->last = &job->next;
	lanes->queued++;
}

static bool rsa_prepare(
	const struct sp_lanes *lanes, struct slot *slot, struct sp_job *job)
{
	int ready = 1;

	if (!slot->rsa) {
		slot->rsa =
			EVP_PKEY_CTX_new_from_pkey(NULL, job->key->evp, NULL);
		if (!slot->rsa)
			return false;
		ready = job->kind == SP_JOB_SIGN
				? EVP_PKEY_sign_init(slot->rsa)
				: EVP_PKEY_verify_init(slot->rsa);
		if (ready != 1 || EVP_PKEY_CTX_set_rsa_padding(
					  slot->rsa, RSA_PKCS1_PADDING) != 1)
			return false;
	} else if (slot->hash == job->hash) {
		return true;
	}
	slot->hash = job->hash;
	return EVP_PKEY_CTX_set_signature_md(
		       slot->rsa, lanes->hashes[job->hash]) == 1;
}

/*
 * A context that is used again with a NULL key keeps its key and costs next to
 * nothing. Given another key OpenSSL 3.0 keeps the old one all the same, so a
 * context must never serve two keys.
 */
static bool ed25519_prepare(struct slot *slot, struct sp_job *job)
{
	EVP_PKEY *key = NULL;

	if (!slot->ed25519) {
		slot->ed25519 = EVP_MD_CTX_new();
		if (!slot->ed25519)
			return false;
		key = job->key->evp;
	}
	if (job->kind == SP_JOB_SIGN)
		return EVP_DigestSignInit(
			       slot->ed25519, NULL, NULL, NULL, key) == 1;
	return EVP_DigestVerifyInit(slot->ed25519, NULL, NULL, NULL, key) == 1;
}

/* Makes the slot's context ready for the job. */
static bool prepare(
	const struct sp_lanes *lanes, struct slot *slot, struct sp_job *job)
{
	bool ready;

	if (slot->key_id != job->key->id)
		slot_clear(slot);
	slot->key_id = job->key->id;
	ready = job->key->type == SP_PKEY_RSA ? rsa_prepare(lanes, slot, job)
					      : ed25519_prepare(slot, job);
	if (!ready)
		slot_clear(slot);
	return ready;
}

static bool sign(
	const struct sp_lanes *lanes, struct slot *slot, struct sp_job *job)
{
	int done;

	job->signature_size = job->key->signature_bytes;
	if (!prepare(lanes, slot, job))
		return false;
	if (job->key->type == SP_PKEY_RSA)
		done = EVP_PKEY_sign(slot->rsa, job->signature,
			&job->signature_size, job->digest, job->digest_size);
	else
		done = EVP_DigestSign(slot->ed25519, job->signature,
			&job->signature_size, job->digest, job->digest_size);
	return done == 1 && job->signature_size == job->key->signature_bytes;
}

static void count_job(struct sp_lanes_stats *stats, const struct sp_job *job)
{
	bool rsa = job->key->type == SP_PKEY_RSA;
	bool signing = job->kind == SP_JOB_SIGN;

	stats->signed_rsa += signing && rsa;
	stats->signed_ed25519 += signing && !rsa;
	stats->verified_rsa += !signing && rsa;
	stats->verified_ed25519 += !signing && !rsa;
}

static void run_sign(
	struct sp_lanes *lanes, struct slot *slot, struct sp_job *job)
{
	bool done = sign(lanes, slot, job);

	if (!done) {
		slot_clear(slot);
		done = sign(lanes, slot, job);
		lanes->stats.faults += done;
		ERR_clear_error();
	}
	job->outcome = done ? SP_JOB_DONE : SP_JOB_ERROR;
	if (!done)
		OPENSSL_cleanse(job->signature, job->key->signature_bytes);
	else
		count_job(&lanes->stats, job);
}

/*
 * A signature of another length than the modulus is wrong (RFC 8017 8.2.2 step
 * 1), as is one that OpenSSL finds not to encode exactly this DigestInfo.
 */
static enum sp_job_outcome verify(
	const struct sp_lanes *lanes, struct slot *slot, struct sp_job *job)
{
	int right;

	if (job->signature_size != job->key->signature_bytes)
		return SP_JOB_WRONG;
	ERR_clear_error();
	if (!prepare(lanes, slot, job))
		return SP_JOB_ERROR;
	if (job->key->type == SP_PKEY_RSA)
		right = EVP_PKEY_verify(slot->rsa, job->signature,
			job->signature_size, job->digest, job->digest_size);
	else
		right = EVP_DigestVerify(slot->ed25519, job->signature,
			job->signature_size, job->digest, job->digest_size);
	if (right == 1)
		return SP_JOB_DONE;
	return sp_openssl_trouble() == SP_NO_MEMORY ? SP_JOB_ERROR
						    : SP_JOB_WRONG;
}

static void run_verify(
	struct sp_lanes *lanes, struct slot *slot, struct sp_job *job)
{
	job->outcome = verify(lanes, slot, job);
	if (job->outcome != SP_JOB_DONE)
		ERR_clear_error(); /* it would grow with every bad mail */
	count_job(&lanes->stats, job);
}

/* Jobs of one type on their way to a kernel. */
struct crowd {
	struct sp_job *jobs[CROWD];
	size_t count;
};

/* True when keys of this type go side by side, and this is one of them. */
static bool in_lanes(const struct sp_pkey *key, enum sp_pkey_type type)
{
	return key->type == type && (key->rsa || key->ed25519);
}

static void run_crowd(struct sp_lanes *lanes, struct crowd *crowd,
	enum sp_pkey_type type, enum sp_job_kind kind)
{
	if (type == SP_PKEY_RSA)
		lanes->stats.faults +=
			sp_rsa_lanes_run(lanes->rsa, crowd->jobs, crowd->count);
	else if (kind == SP_JOB_SIGN)
		sp_ed25519_sign(lanes->ed25519, crowd->jobs, crowd->count);
	else
		sp_ed25519_verify(lanes->ed25519, crowd->jobs, crowd->count);
	lanes->stats.fill[kind][type].calls++;
	for (size_t i = 0; i < crowd->count; i++) {
		if (crowd->jobs[i]->outcome == SP_JOB_PENDING)
			continue;
		lanes->stats.eight_lanes++;
		lanes->stats.fill[kind][type].jobs++;
		count_job(&lanes->stats, crowd->jobs[i]);
	}
	crowd->count = 0;
}

/*
 * What can be done side by side of one type, slot after slot: key after key.
 * The rest stays pending.
 */
static void run_type(
	struct sp_lanes *lanes, enum sp_pkey_type type, enum sp_job_kind kind)
{
	struct crowd crowd = {.count = 0};

	for (unsigned i = 0; i < SLOTS; i++) {
		struct sp_job *job = lanes->slots[kind][i].first;

		for (; job; job = job->next) {
			if (!in_lanes(job->key, type))
				continue;
			crowd.jobs[crowd.count++] = job;
			if (crowd.count == CROWD)
				run_crowd(lanes, &crowd, type, kind);
		}
	}
	if (crowd.count > 0)
		run_crowd(lanes, &crowd, type, kind);
}

/* Does what is still pending of a slot's jobs. */
static void run_slot(
	struct sp_lanes *lanes, struct slot *slot, enum sp_job_kind kind)
{
	struct sp_job *job = slot->first;

	slot->first = NULL;
	slot->last = &slot->first;
	while (job) {
		struct sp_job *next = job->next;

		if (job->outcome == SP_JOB_PENDING && kind == SP_JOB_SIGN)
			run_sign(lanes, slot, job);
		else if (job->outcome == SP_JOB_PENDING)
			run_verify(lanes, slot, job);
		job = next;
	}
}

void sp_lanes_run(struct sp_lanes *lanes)
{
	if (lanes->queued == 0)
		return;
	for (unsigned kind = 0; kind < KINDS; kind++) {
		if (lanes->rsa)
			run_type(lanes, SP_PKEY_RSA, (enum sp_job_kind)kind);
		run_type(lanes, SP_PKEY_ED25519, (enum sp_job_kind)kind);
		for (unsigned i = 0; i < SLOTS; i++)
			run_slot(lanes, &lanes->slots[kind][i],
				(enum sp_job_kind)kind);
	}
	lanes->queued = 0;
	lanes->stats.runs++;
}

const struct sp_lanes_stats *sp_lanes_stats(const struct sp_lanes *lanes)
{
	return &lanes->stats;
}
