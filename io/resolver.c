/* SPDX-License-Identifier: Apache-2.0 */
/* The words for answers, as reports and key archives write them. */
#include "io/resolver.h"

const char *sp_answer_name(enum sp_answer_status status)
{
	static const char *const names[] = {
		[SP_ANSWER_UNKNOWN] = NULL,
		[SP_ANSWER_FOUND] = "found",
		[SP_ANSWER_NXDOMAIN] = "nxdomain",
		[SP_ANSWER_SERVFAIL] = "servfail",
		[SP_ANSWER_TIMEOUT] = "timeout",
	};

	return names[status];
}

const char *sp_dnssec_name(enum sp_dnssec dnssec)
{
	static const char *const names[] = {
		[SP_DNSSEC_UNKNOWN] = "unknown",
		[SP_DNSSEC_INSECURE] = "insecure",
		[SP_DNSSEC_SECURE] = "secure",
	};

	return names[dnssec];
}
