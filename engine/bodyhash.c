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

/* Shorter, and lanes would wait for each other more often than a copy costs. */
#define SAME_BYTES_MIN (PIECE_BYTES / 2)

struct stream {
	struct sp_body body;
	struct sp_body_digest *digest; /* NULL: the stream rests */
	struct sp_span rest; /* of the body, not yet canonicalized */
	struct sp_span beyond; /* of the body, behind where states are saved */
	size_t stop; /* offset of beyond in the body */
	const struct sp_repeat *repeat; /* NULL: of a large message */
	bool ended; /* all of the body has gone into the present piece */
};

struct sp_bodyhash {
	struct sp_hasher *hasher; /* owned */
	struct sp_repeats *repeats; /* owned */
	struct sp_repeat *known; /* owned; one for each job of a run */
	size_t known_room;
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
	stage->repeats = sp_repeats_open();
	if (stage->hasher && stage->repeats)
		return stage;
	sp_bodyhash_close(stage);
	return NULL;
}

void sp_bodyhash_close(struct sp_bodyhash *stage)
{
	if (!stage)
		return;
	sp_hasher_close(stage->hasher);
	sp_repeats_close(stage->repeats);
	free(stage->known);
	free(stage);
}

const struct sp_repeats_stats *sp_bodyhash_repeats(
	const struct sp_bodyhash *stage)
{
	return sp_repeats_stats(stage->repeats);
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
	stream->beyond = sp_span(NULL, 0);
	stream->repeat = NULL;
	stream->ended = false;
	return sp_hasher_begin(stage->hasher, i, digest->algorithm);
}

/*
 * The same for a job: goes on from where another body has been, and goes first
 * as far as others wish to begin.
 */
static enum sp_status stream_begin_job(struct sp_bodyhash *stage, unsigned i,
	const struct sp_body_job *job, const struct sp_repeat *repeat)
{
	struct stream *stream = &stage->stream[i];
	enum sp_status status = stream_begin(stage, i, job->digest, job->body);
	struct sp_sha256 hash;
	size_t start, stop;

	if (status != SP_OK)
		return status;
	stream->repeat = repeat;
	start = sp_repeats_start(stage->repeats, repeat, &stream->body, &hash);
	if (start) {
		sp_hasher_resume(stage->hasher, i, &hash);
		stream->rest = sp_span_after(job->body, start);
	}
	stop = sp_repeats_stop(repeat, start);
	if (stop > start && stop < job->body.size) {
		stream->rest = sp_span(job->body.data + start, stop - start);
		stream->beyond = sp_span_after(job->body, stop);
		stream->stop = stop;
	}
	return SP_OK;
}

/* All up to stop is hashed: others may begin here. */
static void stream_pass(struct sp_bodyhash *stage, unsigned i)
{
	struct stream *stream = &stage->stream[i];
	struct sp_sha256 hash;

	if (sp_hasher_save(stage->hasher, i, &hash))
		sp_repeats_save(
			stream->repeat, stream->stop, &stream->body, &hash);
	stream->rest = stream->beyond;
	stream->beyond = sp_span(NULL, 0);
}

/* Sets piece i to the next canonical bytes of what rest holds: where they are,
 * or in memory. */
static void stream_canon(struct sp_bodyhash *stage, unsigned i)
{
	struct stream *stream = &stage->stream[i];

	stage->piece[i] = sp_body_same(
		&stream->body, &stream->rest, SAME_BYTES_MIN, PIECE_BYTES);
	if (stage->piece[i].size)
		return;
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
	if (stream->repeat)
		sp_repeats_store(stream->repeat, digest);
	stream->digest = NULL;
	return SP_OK;
}

/* One turn: the next piece of every live stream, hashed in one call. */
static enum sp_status turn(struct sp_bodyhash *stage, unsigned count)
{
	enum sp_status status;

	for (unsigned i = 0; i < count; i++) {
		struct stream *stream = &stage->stream[i];

		stage->piece[i].size = 0;
		if (!stream->digest)
			continue;
		stream_canon(stage, i);
		if (!stream->rest.size && !stream->beyond.size)
			stream_end(stage, i);
	}
	status = sp_hasher_update(stage->hasher, stage->piece, count);
	for (unsigned i = 0; i < count && !status; i++)
		if (stage->stream[i].digest && !stage->stream[i].rest.size &&
			stage->stream[i].beyond.size)
			stream_pass(stage, i);
	return status;
}

/* A list of jobs, and those of them that are to be done now. */
struct work {
	const struct sp_body_job *jobs;
	const struct sp_repeat *known;
	size_t count;
	size_t next;
	bool later; /* those that were put off, too */
};

/* The next job that there is something to do for, or NULL. */
static const struct sp_body_job *next_job(
	struct sp_bodyhash *stage, struct work *work)
{
	while (work->next < work->count) {
		size_t i = work->next++;
		const struct sp_body_job *job = &work->jobs[i];

		if (job->digest->done || work->known[i].later != work->later)
			continue;
		if (work->later && sp_repeats_settle(stage->repeats,
					   &work->known[i], job->digest))
			continue;
		return job;
	}
	return NULL;
}

/* Gives every stream that rests a job; how many streams are at work. */
static enum sp_status hand_out(
	struct sp_bodyhash *stage, struct work *work, unsigned *width)
{
	enum sp_status status = SP_OK;

	*width = 0;
	for (unsigned i = 0; i < SP_HASHER_STREAMS && !status; i++) {
		const struct sp_body_job *job;

		if (!stage->stream[i].digest && (job = next_job(stage, work)))
			status = stream_begin_job(
				stage, i, job, &work->known[job - work->jobs]);
		if (stage->stream[i].digest)
			*width = i + 1;
	}
	return status;
}

/* Does the work, every stream taking the next job when it is done with one. */
static enum sp_status run_work(struct sp_bodyhash *stage, struct work *work)
{
	unsigned width;
	enum sp_status status;

	for (unsigned i = 0; i < SP_HASHER_STREAMS; i++)
		stage->stream[i].digest = NULL;
	status = hand_out(stage, work, &width);
	while (width && !status) {
		status = turn(stage, width);
		for (unsigned i = 0; i < width && !status; i++)
			if (stage->stream[i].digest && stage->stream[i].ended)
				status = stream_finish(stage, i);
		if (!status)
			status = hand_out(stage, work, &width);
	}
	return status;
}

/* Room to say what is known about count jobs. */
static bool make_room(struct sp_bodyhash *stage, size_t count)
{
	struct sp_repeat *grown;

	if (count <= stage->known_room)
		return true;
	grown = reallocarray(stage->known, count, sizeof(*grown));
	if (!grown)
		return false;
	stage->known = grown;
	stage->known_room = count;
	return true;
}

enum sp_status sp_bodyhash_run(
	struct sp_bodyhash *stage, const struct sp_body_job *jobs, size_t count)
{
	struct work work = {.jobs = jobs, .count = count};
	enum sp_status status;

	stage->streaming = 0;
	if (!make_room(stage, count))
		return SP_NO_MEMORY;
	work.known = stage->known;
	for (size_t i = 0; i < count; i++) {
		jobs[i].digest->done = false;
		sp_repeats_look(stage->repeats, &stage->known[i], jobs[i].body,
			jobs[i].digest);
	}
	status = run_work(stage, &work);
	work.next = 0;
	work.later = true;
	if (status == SP_OK)
		status = run_work(stage, &work);
	sp_repeats_end(stage->repeats);
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
