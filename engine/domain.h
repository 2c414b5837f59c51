/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domain names and selectors as the DNS knows them (RFC 1035 2.3, RFC 5890,
 * RFC 8616).
 */
#ifndef SP_ENGINE_DOMAIN_H
#define SP_ENGINE_DOMAIN_H

#include "base/limits.h"
#include "base/span.h"

enum sp_domain_form {
	SP_DOMAIN_OK,
	SP_DOMAIN_MALFORMED, /* empty labels, or bytes that no name has */
	SP_DOMAIN_TOO_LONG, /* well formed, but the DNS cannot hold it */
};

/*
 * Writes the A-label form of a domain or selector, lower case and without a
 * final dot, into out (SP_DOMAIN_BYTES_MAX + 1 bytes, NUL at the end). Any
 * number of labels is fine, and "_" may stand in them. U-labels are taken as
 * UTF-8. out is an empty string unless the answer is SP_DOMAIN_OK.
 */
enum sp_domain_form sp_domain_convert(char *out, struct sp_span domain);

/* The same for callers that need not know what is wrong. */
bool sp_domain_to_ascii(char *out, struct sp_span domain);

/*
 * True when both are the same name, U-labels and A-labels being equal. Names
 * that cannot be converted are compared as they are, without regard to case.
 */
bool sp_domain_equal(struct sp_span a, struct sp_span b);

/* True when name equals parent or lies below it, compared the same way. */
bool sp_domain_within(struct sp_span name, struct sp_span parent);

/*
 * Alignment of d= with the domain of From. Strict: equal. Relaxed: one lies
 * at or below the other, and the shorter one is not a single label. (The
 * organizational domain proper needs the public suffix list.)
 */
enum sp_alignment sp_domain_alignment(
	struct sp_span signing, struct sp_span from);

#endif
