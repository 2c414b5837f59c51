/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys for corpora. Those that are made come out of a seed, so that a corpus
 * is the same on every machine: everybody can make them again, and nothing
 * that matters may ever be signed with one.
 */
#ifndef SP_CORPUS_TESTKEY_H
#define SP_CORPUS_TESTKEY_H

#include <openssl/evp.h>

#include "base/buffer.h"
#include "corpus/random.h"

#define TESTKEY_ED25519 0u /* in place of a number of bits */
#define TESTKEY_SIGNATURE_MAX 1024u

struct testkey {
	EVP_PKEY *pkey; /* owned; NULL: not made */
	unsigned bits; /* of RSA, or TESTKEY_ED25519 */
};

/* All end the program with a word when something fails. */
void testkey_make(struct testkey *key, unsigned bits, struct random random);
/* From a file: PEM, not encrypted. */
void testkey_load(struct testkey *key, const char *path);
void testkey_free(struct testkey *key);

/* What a name server says of it (RFC 6376 3.6.1, RFC 8463 4). */
void testkey_add_record(struct sp_buffer *out, const struct testkey *key);

/*
 * Signs text as a= of DKIM asks: rsa-sha256, or rsa-sha1 if sha1;
 * ed25519-sha256. Returns the size of the signature; the same each time.
 */
size_t testkey_sign(const struct testkey *key, bool sha1, struct sp_span text,
	unsigned char signature[TESTKEY_SIGNATURE_MAX]);

#endif
