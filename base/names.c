/* SPDX-License-Identifier: Apache-2.0 */
/* The names of statuses, verdicts (RFC 8601 2.7.1), reasons, algorithms. */
#include "include/sealpress.h"

#include <assert.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *sp_status_name(enum sp_status status)
{
	static const char *const names[] = {
		[SP_OK] = "ok",
		[SP_NO_MEMORY] = "out of memory",
		[SP_IO] = "input or output failed",
		[SP_CONFIG] = "configuration cannot be used",
		[SP_CRYPTO] = "cryptography failed",
		[SP_STOPPED] = "stopped",
	};

	assert((size_t)status < COUNT(names));
	return names[status];
}

const char *sp_verdict_name(enum sp_verdict verdict)
{
	static const char *const names[] = {
		[SP_PASS] = "pass",
		[SP_POLICY] = "policy",
		[SP_NEUTRAL] = "neutral",
		[SP_FAIL] = "fail",
		[SP_TEMPERROR] = "temperror",
		[SP_PERMERROR] = "permerror",
		[SP_NONE] = "none",
	};

	assert((size_t)verdict < COUNT(names));
	return names[verdict];
}

const char *sp_reason_name(enum sp_reason reason)
{
	static const char *const names[] = {
#define SP_REASON_NAME(id, name) [id] = name,
		SP_REASONS(SP_REASON_NAME)
#undef SP_REASON_NAME
	};

	assert((size_t)reason < COUNT(names));
	return names[reason];
}

const char *sp_algorithm_name(enum sp_algorithm algorithm)
{
	static const char *const names[] = {
		[SP_ALGORITHM_UNKNOWN] = "unknown",
		[SP_ALGORITHM_RSA_SHA1] = "rsa-sha1",
		[SP_ALGORITHM_RSA_SHA256] = "rsa-sha256",
		[SP_ALGORITHM_ED25519_SHA256] = "ed25519-sha256",
	};

	assert((size_t)algorithm < COUNT(names));
	return names[algorithm];
}
