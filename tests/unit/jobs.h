/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs for tests of the lanes. */
#ifndef SP_TESTS_UNIT_JOBS_H
#define SP_TESTS_UNIT_JOBS_H

#include "crypto/lanes.h"

#include <criterion/criterion.h>

static const unsigned char job_digest[32] = "a digest of thirty-two bytes....";

static inline enum sp_job_outcome run_one(
	struct sp_lanes *lanes, struct sp_job *job)
{
	sp_lanes_submit(lanes, job);
	cr_assert_eq(job->outcome, SP_JOB_PENDING);
	sp_lanes_run(lanes);
	return job->outcome;
}

static inline struct sp_job sign_job(
	const struct sp_pkey *key, unsigned char *signature)
{
	return (struct sp_job){
		.kind = SP_JOB_SIGN,
		.key = key,
		.hash = SP_SHA256,
		.digest = job_digest,
		.digest_size = sizeof(job_digest),
		.signature = signature,
	};
}

static inline struct sp_job verify_job(const struct sp_pkey *key,
	unsigned char *signature, size_t signature_size)
{
	struct sp_job job = sign_job(key, signature);

	job.kind = SP_JOB_VERIFY;
	job.signature_size = signature_size;
	return job;
}

#endif
