/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-512 (RFC 6234) of eight messages side by side that fit one block with
 * their padding, which is all that Ed25519 over a digest needs.
 */
#ifndef SP_CRYPTO_SHA512_V8_H
#define SP_CRYPTO_SHA512_V8_H

#include "crypto/v8.h"

#define SHA512_BLOCK_BYTES 128u
#define SHA512_WORDS 8u
#define SHA512_ONE_BLOCK_BYTES_MAX (SHA512_BLOCK_BYTES - 17u)

/* The digests' words, each a number whose first byte is its highest. */
struct sha512_v8 {
	v8 word[SHA512_WORDS];
};

/* From sixteen big-endian words of each padded block, already numbers. */
void sp_sha512_v8(struct sha512_v8 *digest, const uint64_t block[16][V8_LANES]);

#endif
