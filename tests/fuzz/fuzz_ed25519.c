/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An Ed25519 signature over any short message: the lanes, with the key cold
 * and hot, must say what OpenSSL says.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ed25519_cases.h"
#include "tests/unit/lane_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Key, signature, message, in this order; what is missing is zero. */
static void read_case(
	struct ed25519_case *out, const uint8_t *data, size_t size)
{
	unsigned char bytes[96 + SP_ED25519_MESSAGE_BYTES_MAX] = {0};

	if (size > sizeof(bytes))
		size = sizeof(bytes);
	if (size > 0)
		memcpy(bytes, data, size);
	memcpy(out->public, bytes, 32);
	memcpy(out->signature, bytes + 32, 64);
	out->message_size = size > 96 ? size - 96 : 0;
	memcpy(out->message, bytes + 96, out->message_size);
}

static enum sp_job_outcome judge(const struct lane_ops *ops,
	const struct sp_ed25519_table *base, const struct sp_ed25519_table *hot,
	struct ed25519_case *of)
{
	struct sp_pkey key;
	struct sp_job job, *list[] = {&job};

	ed25519_case_key(&key, of);
	job = ed25519_case_job(&key, of);
	ops->kernel->verify(base, hot, list, 1);
	sp_pkey_free(&key);
	return job.outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_ed25519_table base, hot;
	static bool built;
	const struct lane_ops *const *ops = lane_ops_all();
	struct ed25519_case of;
	enum sp_job_outcome wanted;

	while (ops[1]) /* the fastest */
		ops++;
	if (!built)
		built = (*ops)->kernel->build(&base, NULL);
	read_case(&of, data, size);
	wanted = ed25519_case_is_right(&of) ? SP_JOB_DONE : SP_JOB_WRONG;
	if (judge(*ops, &base, NULL, &of) != wanted)
		abort();
	if ((*ops)->kernel->build(&hot, of.public)) {
		if (judge(*ops, &base, &hot, &of) != wanted)
			abort();
	} else if (wanted != SP_JOB_WRONG) {
		abort();
	}
	return 0;
}
