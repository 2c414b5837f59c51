/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of RSA jobs for tests. */
#ifndef SP_TESTS_UNIT_RSA_BATCH_H
#define SP_TESTS_UNIT_RSA_BATCH_H

#include "crypto/lanes.h"
#include "crypto/rsa_kernel.h"

enum { RSA_JOBS = 17 };

/* The kernel under test: the model where the machine has none. */
const struct sp_rsa_kernel *rsa_kernel(void);

/* Gives a key what lanes need, which it has only where there is a kernel. */
void rsa_ready(struct sp_pkey *key);

/* The key of corpus/keys with so many bits. */
void rsa_load(struct sp_pkey *key, unsigned bits);

/* Its public half, used often enough to have lanes. */
void rsa_load_public(struct sp_pkey *public, const struct sp_pkey *key);

/* Jobs, each with a digest and room of its own. */
struct rsa_batch {
	struct sp_job jobs[RSA_JOBS];
	unsigned char digests[RSA_JOBS][32];
	unsigned char signatures[RSA_JOBS][SP_PKEY_SIGNATURE_BYTES_MAX];
};

/* Random digests; keys in turns; now and then SHA-1. */
void rsa_batch_sign(
	struct rsa_batch *batch, struct sp_pkey *keys, unsigned key_count);

void rsa_batch_run(
	struct sp_lanes *lanes, struct rsa_batch *batch, unsigned count);

/* Signs count jobs in lanes and with OpenSSL: the same bytes. */
void rsa_expect_same(struct sp_lanes *ours, struct sp_lanes *theirs,
	struct sp_pkey *keys, unsigned key_count, unsigned count);

#endif
