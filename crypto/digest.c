/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and SHA-1 through OpenSSL's EVP (RFC 6376 3.3.1, 3.3.2).
 *
 * EVP has two costs besides hashing: finding the implementation, done once
 * when a hasher opens, and making a context, avoided by keeping one per stream
 * and algorithm. EVP_DigestInit_ex2() on a context that last had the same
 * algorithm only resets its state.
 */
#include "crypto/digest.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

#define ALGORITHMS 2u

struct stream {
	EVP_MD_CTX *contexts[ALGORITHMS]; /* made when first needed */
	EVP_MD_CTX *current; /* one of them, or NULL: nothing under way */
};

struct sp_hasher {
	EVP_MD *algorithms[ALGORITHMS];
	struct stream streams[SP_HASHER_STREAMS];
	struct stream whole; /* for sp_hasher_run() */
};

size_t sp_digest_bytes(enum sp_digest_algorithm algorithm)
{
	return algorithm == SP_SHA1 ? 20 : 32;
}

struct sp_hasher *sp_hasher_open(void)
{
	static const char *const names[ALGORITHMS] = {
		[SP_SHA256] = "SHA256",
		[SP_SHA1] = "SHA1",
	};
	struct sp_hasher *hasher = calloc(1, sizeof(*hasher));

	if (!hasher)
		return NULL;
	for (unsigned i = 0; i < ALGORITHMS; i++) {
		hasher->algorithms[i] = EVP_MD_fetch(NULL, names[i], NULL);
		if (!hasher->algorithms[i]) {
			sp_hasher_close(hasher);
			return NULL;
		}
	}
	return hasher;
}

static void stream_free(struct stream *stream)
{
	for (unsigned i = 0; i < ALGORITHMS; i++)
		EVP_MD_CTX_free(stream->contexts[i]);
}

void sp_hasher_close(struct sp_hasher *hasher)
{
	if (!hasher)
		return;
	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++)
		stream_free(&hasher->streams[i]);
	stream_free(&hasher->whole);
	for (unsigned i = 0; i < ALGORITHMS; i++)
		EVP_MD_free(hasher->algorithms[i]);
	free(hasher);
}

static enum sp_status stream_begin(const struct sp_hasher *hasher,
	struct stream *stream, enum sp_digest_algorithm algorithm)
{
	EVP_MD_CTX **context = &stream->contexts[algorithm];

	stream->current = NULL;
	if (!*context && !(*context = EVP_MD_CTX_new()))
		return SP_NO_MEMORY;
	if (!EVP_DigestInit_ex2(*context, hasher->algorithms[algorithm], NULL))
		return SP_CRYPTO;
	stream->current = *context;
	return SP_OK;
}

static enum sp_status stream_update(struct stream *stream, struct sp_span piece)
{
	assert(stream->current);
	return EVP_DigestUpdate(stream->current, piece.data, piece.size)
		       ? SP_OK
		       : SP_CRYPTO;
}

static enum sp_status stream_finish(
	struct stream *stream, unsigned char *digest)
{
	EVP_MD_CTX *context = stream->current;

	assert(context);
	stream->current = NULL;
	return EVP_DigestFinal_ex(context, digest, NULL) ? SP_OK : SP_CRYPTO;
}

enum sp_status sp_hasher_begin(struct sp_hasher *hasher, unsigned stream,
	enum sp_digest_algorithm algorithm)
{
	assert(stream < SP_HASHER_STREAMS && algorithm < ALGORITHMS);
	return stream_begin(hasher, &hasher->streams[stream], algorithm);
}

enum sp_status sp_hasher_update(
	struct sp_hasher *hasher, const struct sp_span *pieces, unsigned count)
{
	enum sp_status status = SP_OK;

	assert(count <= SP_HASHER_STREAMS);
	for (unsigned i = 0; i < count && status == SP_OK; i++)
		if (pieces[i].size)
			status = stream_update(&hasher->streams[i], pieces[i]);
	return status;
}

enum sp_status sp_hasher_finish(
	struct sp_hasher *hasher, unsigned stream, unsigned char *digest)
{
	assert(stream < SP_HASHER_STREAMS);
	return stream_finish(&hasher->streams[stream], digest);
}

enum sp_status sp_hasher_run(struct sp_hasher *hasher,
	struct sp_digest_job *const *jobs, size_t count)
{
	struct stream *whole = &hasher->whole;
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < count && status == SP_OK; i++) {
		struct sp_digest_job *job = jobs[i];

		assert(job->algorithm < ALGORITHMS);
		status = stream_begin(hasher, whole, job->algorithm);
		if (status == SP_OK)
			status = stream_update(whole, job->input);
		if (status == SP_OK)
			status = stream_finish(whole, job->digest);
	}
	return status;
}
