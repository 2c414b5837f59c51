/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (and SHA-1, for verdicts from before RFC 8301) of one message or of
 * many side by side, in pieces of any size.
 *
 * A hasher belongs to one thread. It owns a fixed number of streams; stream i
 * is a digest under way. Feeding many streams in one call is what lane
 * kernels will widen; OpenSSL's EVP is the reference behind it.
 */
#ifndef SP_CRYPTO_DIGEST_H
#define SP_CRYPTO_DIGEST_H

#include "base/span.h"

#define SP_DIGEST_BYTES_MAX 32u
#define SP_HASHER_STREAMS 16u

enum sp_digest_algorithm { SP_SHA256, SP_SHA1 };

/* 32 or 20. */
size_t sp_digest_bytes(enum sp_digest_algorithm algorithm);

struct sp_hasher;

/* NULL when memory or OpenSSL fails. Free with sp_hasher_close (NULL is fine).
 */
struct sp_hasher *sp_hasher_open(void);
void sp_hasher_close(struct sp_hasher *hasher);

/* Starts stream afresh, whatever it was doing. */
enum sp_status sp_hasher_begin(struct sp_hasher *hasher, unsigned stream,
	enum sp_digest_algorithm algorithm) __attribute__((warn_unused_result));

/*
 * Adds pieces[i] to stream i, for all i below count; empty pieces cost
 * nothing. The pieces are read before it returns.
 */
enum sp_status sp_hasher_update(
	struct sp_hasher *hasher, const struct sp_span *pieces, unsigned count)
	__attribute__((warn_unused_result));

/* Ends stream and writes sp_digest_bytes() of its algorithm. */
enum sp_status sp_hasher_finish(struct sp_hasher *hasher, unsigned stream,
	unsigned char *digest) __attribute__((warn_unused_result));

/*
 * The digests of count whole inputs, inputs[i] into digests[i]. What the
 * header stage calls for a batch; any count.
 */
struct sp_digest_job {
	struct sp_span input;
	enum sp_digest_algorithm algorithm;
	unsigned char digest[SP_DIGEST_BYTES_MAX];
};
enum sp_status sp_hasher_run(struct sp_hasher *hasher,
	struct sp_digest_job *const *jobs, size_t count)
	__attribute__((warn_unused_result));

#endif
