/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers in bytes and in lanes (RFC 8017 4), and the padded block that is
 * signed (RFC 8017 9.2). Only for crypto/rsa_lanes.c.
 */
#ifndef SP_CRYPTO_RSA_BYTES_H
#define SP_CRYPTO_RSA_BYTES_H

#include <endian.h>
#include <string.h>

#include "crypto/lanes.h"
#include "crypto/rsa_kernel.h"

/* The eight bytes of a number, highest first, that end so many before its end.
 */
static inline uint64_t word_before(
	const unsigned char *bytes, size_t size, size_t skip)
{
	uint64_t word;

	memcpy(&word, bytes + size - skip - sizeof(word), sizeof(word));
	return be64toh(word);
}

/*
 * Limb i of the number in bytes, highest first. A limb begins at a multiple of
 * four bits, so eight bytes hold it.
 */
static inline uint64_t limb_of(
	const unsigned char *bytes, size_t size, unsigned i)
{
	size_t bit = (size_t)i * SP_RSA_LIMB_BITS, skip = bit / 8;
	uint64_t word = 0;

	if (skip + sizeof(word) <= size)
		word = word_before(bytes, size, skip);
	else
		for (size_t at = 0; at + skip < size; at++)
			word = word << 8 | bytes[at];
	return word >> bit % 8 & SP_RSA_LIMB_MASK;
}

static inline void put_bytes(struct sp_rsa_limb *to, unsigned limbs,
	unsigned lane, const unsigned char *bytes, size_t size)
{
	for (unsigned i = 0; i < limbs; i++)
		to[i].lane[lane] = limb_of(bytes, size, i);
}

static inline void put_limbs(struct sp_rsa_limb *to, unsigned limbs,
	unsigned lane, const uint64_t *from)
{
	for (unsigned i = 0; i < limbs; i++)
		to[i].lane[lane] = from[i];
}

/* The other way round. */
static inline void get_bytes(unsigned char *bytes, size_t size,
	const struct sp_rsa_limb *from, unsigned lane)
{
	uint64_t word = 0;
	unsigned have = 0, next = 0;

	while (size > 0) {
		if (have < 8) {
			word |= from[next++].lane[lane] << have;
			have += SP_RSA_LIMB_BITS;
		}
		bytes[--size] = (unsigned char)word;
		word >>= 8;
		have -= 8;
	}
}

/* EMSA-PKCS1-v1_5 (RFC 8017 9.2). */
static inline void pad(
	unsigned char *block, const struct sp_job *job, size_t size)
{
	/* DigestInfo before the digest, RFC 8017 9.2 note 1. */
	static const unsigned char sha256[] = {0x30, 0x31, 0x30, 0x0d, 0x06,
		0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
		0x05, 0x00, 0x04, 0x20};
	static const unsigned char sha1[] = {0x30, 0x21, 0x30, 0x09, 0x06, 0x05,
		0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14};
	const bool new = job->hash == SP_SHA256;
	const size_t info = new ? sizeof(sha256) : sizeof(sha1);
	unsigned char *digest = block + size - job->digest_size;

	block[0] = 0;
	block[1] = 1;
	memset(block + 2, 0xff, (size_t)(digest - block) - info - 3);
	digest[-(ptrdiff_t)info - 1] = 0;
	memcpy(digest - info, new ? sha256 : sha1, info);
	memcpy(digest, job->digest, job->digest_size);
}

#endif
