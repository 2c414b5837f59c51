/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (and SHA-1, for verdicts from before RFC 8301) of one message or of
 * many side by side, in pieces of any size.
 *
 * A hasher belongs to one thread. It owns a fixed number of streams; stream i
 * is a digest under way. What is hashed in one call is hashed side by side
 * where the processor can do that (crypto/sha256.h): feed many streams at once.
 * Otherwise, and for SHA-1, OpenSSL's EVP does it, and it is the reference.
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
struct sp_sha256_plan;

/*
 * NULL when memory or OpenSSL fails. Free with sp_hasher_close (NULL is fine).
 * The CPU level (base/cpu.h) is looked at now.
 */
struct sp_hasher *sp_hasher_open(void);

/* The same with SHA-256 as the plan says, NULL: with EVP. The plan is copied.
 */
struct sp_hasher *sp_hasher_open_plan(const struct sp_sha256_plan *plan);

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
 * What stream i has hashed so far, for another stream of any hasher to go on
 * from with sp_hasher_resume(), right after its begin with SP_SHA256. False
 * when it cannot be had, as EVP does the work.
 */
struct sp_sha256;
bool sp_hasher_save(const struct sp_hasher *hasher, unsigned stream,
	struct sp_sha256 *message);
void sp_hasher_resume(struct sp_hasher *hasher, unsigned stream,
	const struct sp_sha256 *message);

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
