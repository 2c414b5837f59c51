/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA signatures made and checked eight side by side (RFC 8017 8.2). Belongs to
 * one thread; crypto/lanes.c fills it.
 */
#ifndef SP_CRYPTO_RSA_LANES_H
#define SP_CRYPTO_RSA_LANES_H

#include "crypto/lanes.h"
#include "crypto/rsa.h"

struct sp_rsa_lanes;

/* kernel is borrowed. NULL when there is no memory. Close takes NULL. */
struct sp_rsa_lanes *sp_rsa_lanes_open(const struct sp_rsa_kernel *kernel);
void sp_rsa_lanes_close(struct sp_rsa_lanes *lanes);

/*
 * Does those of the jobs, all of one kind, that lanes do sooner than OpenSSL:
 * their outcome is then SP_JOB_DONE or SP_JOB_WRONG; a signature has been
 * checked with the public half of its key before it was written. The others
 * stay SP_JOB_PENDING. Among these are the signatures that came out wrong, of
 * which nothing has been written; their number is returned.
 */
unsigned sp_rsa_lanes_run(
	struct sp_rsa_lanes *lanes, struct sp_job *const jobs[], size_t count);

#endif
