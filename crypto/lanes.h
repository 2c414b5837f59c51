/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs in, jobs out: the signing and verifying of digests, grouped so that
 * many run side by side.
 *
 * A struct sp_lanes belongs to one thread. Submit as many jobs as there are,
 * then run: every submitted job is then done. Keys are shared; what a thread
 * needs per key is kept here between runs, for the keys used last, and does
 * not depend on the struct sp_pkey staying: a key may be freed once its jobs
 * are done. No wrong RSA signature leaves: each one is checked with the public
 * half first (OpenSSL's CRT checks its own result; see lanes.c).
 *
 * RSA jobs of one size run eight side by side where there is a kernel for that,
 * whatever their keys; what does not fit, and a job that would be alone, goes
 * to OpenSSL. The bytes are the same.
 */
#ifndef SP_CRYPTO_LANES_H
#define SP_CRYPTO_LANES_H

#include "crypto/digest.h"
#include "crypto/pkey.h"

enum sp_job_kind { SP_JOB_SIGN, SP_JOB_VERIFY };

enum sp_job_outcome {
	SP_JOB_PENDING,
	SP_JOB_DONE, /* signed, or the signature is right */
	SP_JOB_WRONG, /* the signature does not belong to digest and key */
	SP_JOB_ERROR, /* not done: OpenSSL or memory failed */
};

/* The caller's, unmoved until done. */
struct sp_job {
	enum sp_job_kind kind;
	enum sp_job_outcome outcome;
	const struct sp_pkey *key; /* borrowed until done */
	enum sp_digest_algorithm hash; /* of the digest: its DigestInfo */
	const unsigned char *digest; /* borrowed until done */
	size_t digest_size; /* RSA: sp_digest_bytes(hash); Ed25519: any */
	unsigned char *signature; /* read or written; key->signature_bytes
				     room when signing */
	size_t signature_size; /* read, or set once signed */
	struct sp_job *next; /* the lanes' own */
};

struct sp_lanes;
struct sp_rsa_kernel;

struct sp_lanes_stats {
	uint64_t signed_rsa, signed_ed25519;
	uint64_t verified_rsa, verified_ed25519;
	uint64_t eight_lanes; /* of all these, done side by side */
	uint64_t faults; /* signatures that failed and were made again */
	uint64_t runs;
	/* How full the lanes were: calls of a kernel, and jobs it did; by
	 * enum sp_job_kind and enum sp_pkey_type. */
	struct {
		uint64_t calls, jobs;
	} fill[2][2];
};

/* NULL when memory or OpenSSL fails. Close takes NULL; nothing may be queued.
 */
struct sp_lanes *sp_lanes_open(void);

/*
 * The same with this RSA kernel (crypto/rsa_kernel.h) in place of the best one;
 * NULL: none, OpenSSL does it all. For tests and benchmarks.
 */
struct sp_lanes *sp_lanes_open_with(const struct sp_rsa_kernel *rsa);

void sp_lanes_close(struct sp_lanes *lanes);

/*
 * Queues the job. RSA jobs are PKCS#1 v1.5 over the digest with the exact
 * DigestInfo (RFC 8017 8.2; one without the NULL parameters is wrong); Ed25519
 * jobs sign the digest's bytes (RFC 8463 section 3). A job that signs needs a
 * key with its private half.
 */
void sp_lanes_submit(struct sp_lanes *lanes, struct sp_job *job);

/* Does all that is queued; afterwards each outcome says how it went. */
void sp_lanes_run(struct sp_lanes *lanes);

const struct sp_lanes_stats *sp_lanes_stats(const struct sp_lanes *lanes);

#endif
