/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signs a message the plain way: RFC 6376 word by word over whole buffers, and
 * OpenSSL. Nothing of engine, canon or crypto is in it, so that what it signs
 * is a second opinion on what they verify.
 */
#ifndef SP_CORPUS_SIGNER_H
#define SP_CORPUS_SIGNER_H

#include "base/buffer.h"
#include "corpus/testkey.h"

#define SIGNER_STYLES 5u

struct signer_plan {
	const struct testkey *key;
	const char *domain; /* d= */
	const char *selector;
	enum sp_canon header_canon;
	enum sp_canon body_canon;
	bool sha1;
	int64_t timestamp; /* t=, or SP_TIME_NONE */
	int64_t expiration; /* x=, or SP_TIME_NONE */
	bool length; /* l=, all of the body */
	unsigned style; /* of writing the field: what varies between signers */
	const char *newline;
};

/* Memory for one message; zeroed, it is ready. */
struct signer {
	struct sp_buffer body, text, names, field;
};

/* Adds to out the field that signs the message. */
void signer_add(struct signer *signer, const struct signer_plan *plan,
	struct sp_span message, struct sp_buffer *out);

void signer_free(struct signer *signer);

#endif
