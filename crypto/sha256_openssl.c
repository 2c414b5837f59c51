/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 of one message with OpenSSL, for when few lanes are live and there
 * is no SHA-NI. EVP cannot begin with a given state, as lanes must; hence the
 * older interface, which OpenSSL 3 calls deprecated.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha256_kernels.h"

#include <openssl/sha.h>

void sp_sha256_openssl(struct sp_sha256_state *const *states,
	const unsigned char *const *data, size_t blocks)
{
	SHA256_CTX context = {.md_len = SHA256_DIGEST_LENGTH};

	memcpy(context.h, states[0]->words, sizeof(context.h));
	(void)SHA256_Update(&context, data[0], blocks * SP_SHA256_BLOCK);
	memcpy(states[0]->words, context.h, sizeof(context.h));
}
