/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One signature on its way to a verdict: the part of verifying that compares
 * signature, key records and body (RFC 6376 6.1.2, 6.1.3; RFC 8301).
 *
 * result->reason is the first fault found so far, and the steps are in the
 * order in which faults name the verdict. legacy_reason goes along with it
 * when result->legacy is set, by the rules from before RFC 8301.
 */
#ifndef SP_ENGINE_CHECK_H
#define SP_ENGINE_CHECK_H

#include "engine/verify.h"

/* Sets both reasons. */
void sp_check_fault(struct sp_result *result, enum sp_reason reason);

/*
 * Judges check->keys. Candidates are left if the verdict hangs on the public
 * keys: not if no record may be used, and not if the body is hashed already
 * and does not fit.
 */
enum sp_status sp_check_keys(struct sp_check *check, struct sp_result *result,
	bool historical, struct sp_arena *arena)
	__attribute__((warn_unused_result));

/* Hands the candidates' jobs to the lanes; the header must be hashed. */
void sp_check_submit(struct sp_check *check, struct sp_lanes *lanes);

/*
 * The verdict. The body must be hashed, and the lanes have run. SP_CRYPTO when
 * it would rest on a job that could not be done.
 */
enum sp_status sp_check_finish(struct sp_check *check, struct sp_result *result)
	__attribute__((warn_unused_result));

#endif
