/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonicalizes and hashes bodies, SP_HASHER_STREAMS of them side by side, a
 * small piece of each in turn (RFC 6376 3.4.3, 3.4.4, 3.7 step 1).
 */
#include "engine/bodyhash.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"

/* Of canonical bytes per stream and turn: all of them together stay in L2. */
#define PIECE_BYTES 8192u

struct stream {
	struct sp_body body;
	struct sp_body_digest *digest; /* NULL: the stream rests */
	struct sp_span rest; /* of the body, not yet canonicalized */
	bool ended; /* all of the body has gone into the present piece */
};

struct sp_bodyhash {
	struct sp_hasher *hasher; /* owned */
	struct stream stream[SP_HASHER_STREAMS];
	struct sp_span piece[SP_HASHER_STREAMS]; /* into memory */
	unsigned streaming; /* streams of the large body under way */
	_Alignas(SP_ARENA_ALIGN) char memory[SP_HASHER_STREAMS][PIECE_BYTES];
};

struct sp_body_digest *sp_body_digest_want(struct sp_body_digest *list,
	size_t *count, size_t room, enum sp_canon canon, uint64_t limit,
	enum sp_digest_algorithm algorithm)
{
	struct sp_body_digest *wish;

	for (size_t i = 0; i < *count; i++)
		if (list[i].canon == canon && list[i].limit == limit &&
			list[i].algorithm == algorithm)
			return &list[i];
	if (*count == room)
		return NULL;
	wish = &list[(*count)++];
	*wish = (struct sp_body_digest){
		.canon = canon,
		.limit = limit,
		.algorithm = algorithm,
	};
	return wish;
}

struct sp_bodyhash *sp_bodyhash_open(void)
{
	struct sp_bodyhash *stage =
		aligned_alloc(SP_ARENA_ALIGN, sizeof(*stage));

	if (!stage)
		return NULL;
	memset(stage, 0, sizeof(*stage));
	stage->hasher = sp_hasher_open();
	if (!stage->hasher) {
		free(stage);
		return NULL;
	}
	return stage;
}

void sp_bodyhash_close(struct sp_bodyhash *stage)
{
	if (!stage)
		return;
	sp_hasher_close(stage->hasher);
	free(stage);
}

struct sp_hasher *sp_bodyhash_hasher(struct sp_bodyhash *stage)
{
	return stage->hasher;
}

static enum sp_status stream_begin(struct sp_bodyhash *stage, unsigned i,
	struct sp_body_digest *digest, struct sp_span body)
{
	struct stream *stream = &stage->stream[i];

	digest->done = false;
	sp_body_init(&stream->body, digest->canon, digest->limit);
	stream->digest = digest;
	stream->rest = body;
	stream->ended = false;
	return sp_hasher_begin(stage->hasher, i, digest->algorithm);
}

/* Sets piece i to the next canonical bytes of what rest holds. */
static void stream_canon(struct sp_bodyhash *stage, unsigned i)
{
	struct stream *stream = &stage->stream[i];

	stage->piece[i] = sp_span(
		stage->memory[i], sp_body_update(&stream->body, &stream->rest,
					  stage->memory[i], PIECE_BYTES));
}

/*
 * Adds what the end of the body gives, as far as the present piece has room:
 * mostly a line end or nothing, but a last CR makes all empty lines count.
 */
static void stream_end(struct sp_bodyhash *stage, unsigned i)
{
	struct stream *stream = &stage->stream[i];
	struct sp_span *piece = &stage->piece[i];

	while (!stream->ended && PIECE_BYTES - piece->size >= SP_BODY_OUT_MIN) {
		size_t added = sp_body_finish(&stream->body,
			stage->memory[i] + piece->size,
			PIECE_BYTES - piece->size);

		piece->size += added;
		stream->ended = added == 0;
	}
}

static enum sp_status stream_finish(struct sp_bodyhash *stage, unsigned i)
{
	struct stream *stream = &stage->stream[i];
	struct sp_body_digest *digest = stream->digest;
	enum sp_status status =
		sp_hasher_finish(stage->hasher, i, digest->digest);

	if (status)
		return status;
	digest->total = stream->body.total;
	digest->done = true;
	stream->digest = NULL;
	return SP_OK;
}

/* One turn: the next piece of every live stream, hashed in one call. */
static enum sp_status turn(struct sp_bodyhash *stage, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		stage->piece[i].size = 0;
		if (!stage->stream[i].digest)
			continue;
		stream_canon(stage, i);
		if (!stage->stream[i].rest.size)
			stream_end(stage, i);
	}
	return sp_hasher_update(stage->hasher, stage->piece, count);
}

enum sp_status sp_bodyhash_run(
	struct sp_bodyhash *stage, const struct sp_body_job *jobs, size_t count)
{
	unsigned width =
		count < SP_HASHER_STREAMS ? (unsigned)count : SP_HASHER_STREAMS;
	size_t next = 0;
	size_t done = 0;
	enum sp_status status = SP_OK;

	stage->streaming = 0;
	for (unsigned i = 0; i < width && !status; i++, next++)
		status = stream_begin(
			stage, i, jobs[next].digest, jobs[next].body);
	while (done < count && !status) {
		status = turn(stage, width);
		for (unsigned i = 0; i < width && !status; i++) {
			if (!stage->stream[i].digest || !stage->stream[i].ended)
				continue;
			status = stream_finish(stage, i);
			done++;
			if (status || next == count)
				continue;
			status = stream_begin(
				stage, i, jobs[next].digest, jobs[next].body);
			next++;
		}
	}
	return status;
}

enum sp_status sp_bodyhash_begin(
	struct sp_bodyhash *stage, struct sp_body_digest *digests, size_t count)
{
	enum sp_status status = SP_OK;

	assert(count <= SP_HASHER_STREAMS);
	for (unsigned i = 0; i < count && !status; i++)
		status = stream_begin(stage, i, &digests[i], sp_span(NULL, 0));
	stage->streaming = status ? 0 : (unsigned)count;
	return status;
}

/* Hashes what the streams hold until every rest is empty. */
static enum sp_status drain(struct sp_bodyhash *stage)
{
	bool more = true;
	enum sp_status status = SP_OK;

	while (more && !status) {
		more = false;
		for (unsigned i = 0; i < stage->streaming; i++) {
			stream_canon(stage, i);
			more |= stage->stream[i].rest.size > 0;
		}
		status = sp_hasher_update(
			stage->hasher, stage->piece, stage->streaming);
	}
	return status;
}

enum sp_status sp_bodyhash_update(
	struct sp_bodyhash *stage, struct sp_span piece)
{
	for (unsigned i = 0; i < stage->streaming; i++)
		stage->stream[i].rest = piece;
	return drain(stage);
}

enum sp_status sp_bodyhash_finish(struct sp_bodyhash *stage)
{
	enum sp_status status = SP_OK;
	bool more = stage->streaming > 0;

	while (more && !status) {
		more = false;
		for (unsigned i = 0; i < stage->streaming; i++) {
			stage->piece[i] = sp_span(stage->memory[i], 0);
			stream_end(stage, i);
			more |= !stage->stream[i].ended;
		}
		status = sp_hasher_update(
			stage->hasher, stage->piece, stage->streaming);
	}
	for (unsigned i = 0; i < stage->streaming && !status; i++)
		status = stream_finish(stage, i);
	stage->streaming = 0;
	return status;
}
