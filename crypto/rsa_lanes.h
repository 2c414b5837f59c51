/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Up to eight RSA signatures made or checked side by side (RFC 8017 8.2).
 * Belongs to one thread; crypto/lanes.c fills it.
 */
#ifndef SP_CRYPTO_RSA_LANES_H
#define SP_CRYPTO_RSA_LANES_H

#include "crypto/lanes.h"
#include "crypto/rsa.h"

#define SP_RSA_PRIVATE_JOBS 4u /* fill one private pass */
#define SP_RSA_PUBLIC_JOBS 8u /* fill one public pass */
#define SP_RSA_JOBS_MAX 8u

struct sp_rsa_lanes;

/* kernel is borrowed. NULL when there is no memory. Close takes NULL. */
struct sp_rsa_lanes *sp_rsa_lanes_open(const struct sp_rsa_kernel *kernel);
void sp_rsa_lanes_close(struct sp_rsa_lanes *lanes);

/*
 * Signs count jobs (1 to SP_RSA_JOBS_MAX) whose keys are of one size and have
 * key->rsa->private_half. Bit i of what is returned: jobs[i]->signature holds
 * the signature, checked with the public half of the key. Where the bit is not
 * set a fault has happened, and nothing has been written.
 */
unsigned sp_rsa_lanes_sign(struct sp_rsa_lanes *lanes,
	struct sp_job *const jobs[], unsigned count);

/*
 * Checks the signatures of count jobs (1 to SP_RSA_JOBS_MAX) whose keys are of
 * one size and have key->rsa->public_half; each signature is as long as the
 * modulus. Bit i of what is returned: jobs[i]->signature is right.
 */
unsigned sp_rsa_lanes_verify(struct sp_rsa_lanes *lanes,
	struct sp_job *const jobs[], unsigned count);

#endif
