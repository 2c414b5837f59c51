/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and SHA-1 (RFC 6376 3.3.1, 3.3.2), by OpenSSL's EVP or, SHA-256, by
 * the kernels of a plan.
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

#include "crypto/sha256.h"

#define ALGORITHMS 2u
#define WHOLE_INPUTS 64u /* side by side in sp_hasher_run() */

struct stream {
	EVP_MD_CTX *contexts[ALGORITHMS]; /* made when first needed */
	EVP_MD_CTX *current; /* one of them, or NULL: nothing under way */
	bool planned; /* SHA-256 is under way in message */
	struct sp_sha256 message;
};

struct whole {
	struct sp_sha256_state state;
	struct sp_sha256_end end;
	unsigned char *digest; /* where it goes */
};

struct sp_hasher {
	EVP_MD *algorithms[ALGORITHMS];
	bool has_plan;
	struct sp_sha256_plan plan;
	struct stream streams[SP_HASHER_STREAMS];
	struct stream single; /* for sp_hasher_run() with EVP */
	struct whole wholes[WHOLE_INPUTS]; /* for sp_hasher_run() with a plan */
	struct sp_sha256_run runs[WHOLE_INPUTS];
};

size_t sp_digest_bytes(enum sp_digest_algorithm algorithm)
{
	return algorithm == SP_SHA1 ? 20 : 32;
}

struct sp_hasher *sp_hasher_open(void)
{
	struct sp_sha256_kernel kernels[SP_SHA256_KERNELS_MAX];
	size_t count = sp_sha256_kernels(kernels);
	struct sp_sha256_plan plan;

	if (!count)
		return sp_hasher_open_plan(NULL);
	sp_sha256_plan(&plan, kernels, count);
	return sp_hasher_open_plan(&plan);
}

struct sp_hasher *sp_hasher_open_plan(const struct sp_sha256_plan *plan)
{
	static const char *const names[ALGORITHMS] = {
		[SP_SHA256] = "SHA256",
		[SP_SHA1] = "SHA1",
	};
	struct sp_hasher *hasher = calloc(1, sizeof(*hasher));

	if (!hasher)
		return NULL;
	hasher->has_plan = plan != NULL;
	if (plan)
		hasher->plan = *plan;
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
	stream_free(&hasher->single);
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
	struct stream *s = &hasher->streams[stream];

	assert(stream < SP_HASHER_STREAMS && algorithm < ALGORITHMS);
	s->planned = hasher->has_plan && algorithm == SP_SHA256;
	if (!s->planned)
		return stream_begin(hasher, s, algorithm);
	s->current = NULL;
	sp_sha256_begin(&s->message);
	return SP_OK;
}

enum sp_status sp_hasher_update(
	struct sp_hasher *hasher, const struct sp_span *pieces, unsigned count)
{
	enum sp_status status = SP_OK;
	size_t runs = 0;

	assert(count <= SP_HASHER_STREAMS);
	for (unsigned i = 0; i < count && status == SP_OK; i++) {
		struct stream *stream = &hasher->streams[i];

		if (!pieces[i].size)
			continue;
		if (stream->planned)
			sp_sha256_feed(&stream->message, pieces[i],
				&hasher->runs[runs++]);
		else
			status = stream_update(stream, pieces[i]);
	}
	sp_sha256_run(&hasher->plan, hasher->runs, runs);
	for (unsigned i = 0; i < count; i++)
		if (pieces[i].size && hasher->streams[i].planned)
			sp_sha256_keep(&hasher->streams[i].message, pieces[i]);
	return status;
}

bool sp_hasher_save(const struct sp_hasher *hasher, unsigned stream,
	struct sp_sha256 *message)
{
	const struct stream *s = &hasher->streams[stream];

	assert(stream < SP_HASHER_STREAMS);
	if (s->planned)
		*message = s->message;
	return s->planned;
}

void sp_hasher_resume(struct sp_hasher *hasher, unsigned stream,
	const struct sp_sha256 *message)
{
	assert(stream < SP_HASHER_STREAMS);
	assert(hasher->streams[stream].planned);
	hasher->streams[stream].message = *message;
}

static void message_finish(const struct sp_hasher *hasher,
	struct sp_sha256 *message, unsigned char *digest)
{
	struct sp_sha256_end end;
	struct sp_sha256_run run = {.state = &message->state};

	run.parts[0].data = end.blocks;
	run.parts[0].blocks =
		sp_sha256_end(&end, message->block, message->bytes);
	sp_sha256_run(&hasher->plan, &run, 1);
	sp_sha256_state_put(&message->state, digest);
}

enum sp_status sp_hasher_finish(
	struct sp_hasher *hasher, unsigned stream, unsigned char *digest)
{
	struct stream *s = &hasher->streams[stream];

	assert(stream < SP_HASHER_STREAMS);
	if (!s->planned)
		return stream_finish(s, digest);
	s->planned = false;
	message_finish(hasher, &s->message, digest);
	return SP_OK;
}

static enum sp_status run_single(
	struct sp_hasher *hasher, struct sp_digest_job *job)
{
	struct stream *single = &hasher->single;
	enum sp_status status = stream_begin(hasher, single, job->algorithm);

	if (status == SP_OK)
		status = stream_update(single, job->input);
	if (status == SP_OK)
		status = stream_finish(single, job->digest);
	return status;
}

static void whole_begin(struct whole *whole, struct sp_sha256_run *run,
	struct sp_digest_job *job)
{
	struct sp_span input = job->input;
	size_t blocks = input.size / SP_SHA256_BLOCK;
	struct sp_span rest = input;

	if (blocks)
		rest = sp_span_after(input, blocks * SP_SHA256_BLOCK);
	sp_sha256_state_init(&whole->state);
	whole->digest = job->digest;
	run->state = &whole->state;
	run->parts[0].data = (const unsigned char *)input.data;
	run->parts[0].blocks = blocks;
	run->parts[1].data = whole->end.blocks;
	run->parts[1].blocks =
		sp_sha256_end(&whole->end, rest.data, input.size);
}

/* Hashes what is in the first count of hasher->runs. */
static void wholes_run(struct sp_hasher *hasher, size_t count)
{
	sp_sha256_run(&hasher->plan, hasher->runs, count);
	for (size_t i = 0; i < count; i++)
		sp_sha256_state_put(
			&hasher->wholes[i].state, hasher->wholes[i].digest);
}

enum sp_status sp_hasher_run(struct sp_hasher *hasher,
	struct sp_digest_job *const *jobs, size_t count)
{
	enum sp_status status = SP_OK;
	size_t wholes = 0;

	for (size_t i = 0; i < count && status == SP_OK; i++) {
		struct sp_digest_job *job = jobs[i];

		assert(job->algorithm < ALGORITHMS);
		if (!hasher->has_plan || job->algorithm != SP_SHA256) {
			status = run_single(hasher, job);
			continue;
		}
		whole_begin(
			&hasher->wholes[wholes], &hasher->runs[wholes], job);
		if (++wholes == WHOLE_INPUTS) {
			wholes_run(hasher, wholes);
			wholes = 0;
		}
	}
	wholes_run(hasher, wholes);
	return status;
}
