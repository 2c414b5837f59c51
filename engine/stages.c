/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a batch as loops over its messages: bodies, keys, headers,
 * public-key step, results (RFC 6376 sections 5 and 6).
 */
#include "engine/stages.h"

/*
 * Headers wait for others to be hashed side by side with, up to so many bytes
 * and one message more: one of 1 MiB with ten signatures is ten times that.
 */
#define INPUT_BYTES_MAX (2u << 20)

static const char out_of_memory[] = "out of memory; use fewer jobs (-j)";

enum sp_status sp_stages_init(struct sp_stages *stages, struct sp_error *error)
{
	*stages = (struct sp_stages){
		.bodyhash = sp_bodyhash_open(),
		.lanes = sp_lanes_open(),
	};
	if (stages->bodyhash && stages->lanes)
		return SP_OK;
	sp_stages_free(stages);
	return sp_error(error, SP_NO_MEMORY, "%s", out_of_memory);
}

void sp_stages_free(struct sp_stages *stages)
{
	sp_bodyhash_close(stages->bodyhash);
	sp_lanes_close(stages->lanes);
	sp_buffer_free(&stages->scratch);
	sp_arena_free(&stages->inputs);
	*stages = (struct sp_stages){0};
}

static enum sp_status explain(enum sp_status status, struct sp_error *error)
{
	switch (status) {
	case SP_OK:
		return SP_OK;
	case SP_NO_MEMORY:
		return sp_error(error, status, "%s", out_of_memory);
	default:
		return sp_error(error, status,
			"OpenSSL failed; is memory short? Else check its "
			"configuration (openssl.cnf, FIPS mode)");
	}
}

bool sp_stages_stream(struct sp_stages *stages, struct sp_body_digest *bodies,
	size_t body_count, enum sp_status *status)
{
	size_t first = 0;
	size_t count;

	*status = SP_OK;
	while (first < body_count && bodies[first].done)
		first++;
	if (first == body_count)
		return false;
	count = body_count - first;
	if (count > SP_HASHER_STREAMS)
		count = SP_HASHER_STREAMS;
	*status = sp_bodyhash_begin(stages->bodyhash, bodies + first, count);
	return *status == SP_OK;
}

/* A list that is filled up after it has been counted. */
struct body_jobs {
	struct sp_body_job *jobs;
	size_t count;
	uint64_t bytes; /* of the bodies */
};

static void add_bodies(struct body_jobs *list, const struct sp_message *message,
	struct sp_body_digest *bodies, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bodies[i].done)
			continue;
		list->bytes += message->body.size;
		list->jobs[list->count++] = (struct sp_body_job){
			.body = message->body,
			.digest = &bodies[i],
		};
	}
}

/* Takes the digests of all bodies. */
static enum sp_status hash_bodies(
	struct sp_stages *stages, const struct body_jobs *list)
{
	enum sp_status status =
		sp_bodyhash_run(stages->bodyhash, list->jobs, list->count);

	sp_meter_lap(&stages->meter, SP_STAGE_BODIES, list->bytes);
	return status;
}

static enum sp_status sign_bodies(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_sign *const *signs, size_t count)
{
	struct body_jobs list = {0};
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += signs[i]->body_count;
	list.jobs = SP_ARENA_ARRAY(arena, struct sp_body_job, room);
	if (!list.jobs)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (!signs[i]->reason)
			add_bodies(&list, signs[i]->message, signs[i]->bodies,
				signs[i]->body_count);
	return hash_bodies(stages, &list);
}

/* Header digests that are waiting to be taken side by side. */
struct waiting {
	struct sp_digest_job **jobs; /* room for all of the batch */
	size_t count;
};

/* Takes the digests, and the memory of what they are of. */
static enum sp_status waiting_hash(
	struct sp_stages *stages, struct waiting *waiting)
{
	enum sp_status status;
	uint64_t bytes = 0;

	sp_meter_lap(&stages->meter, SP_STAGE_COMPOSE, 0);
	status = sp_hasher_run(sp_bodyhash_hasher(stages->bodyhash),
		waiting->jobs, waiting->count);
	for (size_t i = 0; i < waiting->count; i++)
		bytes += waiting->jobs[i]->input.size;
	waiting->count = 0;
	sp_arena_reset(&stages->inputs);
	sp_meter_lap(&stages->meter, SP_STAGE_HEADERS, bytes);
	return status;
}

/* Writes all headers that are to be signed, and hashes them. */
static enum sp_status sign_headers(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_sign *const *signs, size_t count)
{
	struct waiting waiting = {0};
	enum sp_status status = SP_OK;
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += signs[i]->item_count;
	waiting.jobs = SP_ARENA_ARRAY(arena, struct sp_digest_job *, room);
	if (!waiting.jobs)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < count && !status; i++) {
		struct sp_sign *sign = signs[i];

		status = sp_sign_compose(
			sign, arena, &stages->inputs, &stages->scratch);
		for (size_t j = 0; !sign->reason && j < sign->item_count; j++)
			waiting.jobs[waiting.count++] = &sign->items[j].header;
		if (!status &&
			sp_arena_bytes(&stages->inputs) > INPUT_BYTES_MAX)
			status = waiting_hash(stages, &waiting);
	}
	return status ? status : waiting_hash(stages, &waiting);
}

enum sp_status sp_stages_sign(struct sp_stages *stages, struct sp_arena *arena,
	struct sp_sign *const *signs, size_t count, struct sp_error *error)
{
	struct sp_buffer *scratch = &stages->scratch;
	enum sp_status status = sign_bodies(stages, arena, signs, count);

	if (!status)
		status = sign_headers(stages, arena, signs, count);
	if (status)
		return explain(status, error);
	for (size_t i = 0; i < count; i++)
		sp_sign_submit(signs[i], stages->lanes);
	sp_lanes_run(stages->lanes);
	sp_meter_lap(&stages->meter, SP_STAGE_LANES, 0);
	for (size_t i = 0; i < count && !status; i++)
		status = sp_sign_finish(signs[i], arena, scratch);
	sp_meter_lap(&stages->meter, SP_STAGE_FINISH, 0);
	return explain(status, error);
}

static enum sp_status verify_bodies(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_verify *const *verifies, size_t count)
{
	struct body_jobs list = {0};
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += verifies[i]->body_count;
	list.jobs = SP_ARENA_ARRAY(arena, struct sp_body_job, room);
	if (!list.jobs)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		add_bodies(&list, verifies[i]->message, verifies[i]->bodies,
			verifies[i]->body_count);
	return hash_bodies(stages, &list);
}

/* The names of the keys that are wanted, in order. */
static enum sp_status name_keys(struct sp_held_keys *held,
	struct sp_arena *arena, struct sp_verify *const *verifies, size_t count)
{
	size_t room = 0;
	size_t next = 0;

	*held = (struct sp_held_keys){.count = 0};
	for (size_t i = 0; i < count; i++)
		room += verifies[i]->count;
	held->names = SP_ARENA_ARRAY(arena, struct sp_span, room);
	held->sets = SP_ARENA_ARRAY(arena, const struct sp_keyset *, room);
	if (!held->names || !held->sets)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < verifies[i]->count; j++) {
			struct sp_check *check = &verifies[i]->checks[j];

			if (check->want_key)
				held->names[next++] = check->signature.key_name;
		}
	held->count = next;
	return SP_OK;
}

static void attach_keys(const struct sp_held_keys *held,
	struct sp_verify *const *verifies, size_t count)
{
	size_t next = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < verifies[i]->count; j++)
			if (verifies[i]->checks[j].want_key)
				verifies[i]->checks[j].keys =
					held->sets[next++];
}

/* Writes all headers that were signed, and hashes them. */
static enum sp_status verify_headers(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_verify *const *verifies, size_t count)
{
	struct waiting waiting = {0};
	enum sp_status status = SP_OK;
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += verifies[i]->count;
	waiting.jobs = SP_ARENA_ARRAY(arena, struct sp_digest_job *, room);
	if (!waiting.jobs)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < count && !status; i++) {
		struct sp_verify *verify = verifies[i];

		status = sp_verify_compose(
			verify, arena, &stages->inputs, &stages->scratch);
		for (size_t j = 0; j < verify->count; j++)
			if (verify->checks[j].candidate_count)
				waiting.jobs[waiting.count++] =
					&verify->checks[j].header;
		if (!status &&
			sp_arena_bytes(&stages->inputs) > INPUT_BYTES_MAX)
			status = waiting_hash(stages, &waiting);
	}
	return status ? status : waiting_hash(stages, &waiting);
}

/* Everything while the keys are held. */
static enum sp_status verify_held(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_verify *const *verifies, size_t count)
{
	enum sp_status status = verify_headers(stages, arena, verifies, count);

	if (status)
		return status;
	for (size_t i = 0; i < count; i++)
		sp_verify_submit(verifies[i], stages->lanes);
	sp_lanes_run(stages->lanes);
	sp_meter_lap(&stages->meter, SP_STAGE_LANES, 0);
	for (size_t i = 0; i < count && !status; i++)
		status = sp_verify_finish(verifies[i]);
	return status;
}

/* What the cache met, in words; nothing is held then. */
static enum sp_status explain_keys(struct sp_keycache *keys,
	struct sp_held_keys *held, enum sp_status status,
	struct sp_error *error)
{
	held->count = 0;
	if (status == SP_NO_MEMORY)
		return explain(status, error);
	sp_keycache_explain(keys, error);
	return status;
}

enum sp_status sp_stages_ask(struct sp_held_keys *held, struct sp_arena *arena,
	struct sp_keycache *keys, struct sp_verify *const *verifies,
	size_t count, struct sp_keywait *wait, struct sp_error *error)
{
	enum sp_status status = name_keys(held, arena, verifies, count);

	if (!status)
		status = sp_keycache_begin(keys, held->names, held->count,
			held->sets, wait, arena);
	return status ? explain_keys(keys, held, status, error) : SP_OK;
}

enum sp_status sp_stages_bodies(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_verify *const *verifies, size_t count,
	struct sp_error *error)
{
	return explain(verify_bodies(stages, arena, verifies, count), error);
}

void sp_stages_forget(struct sp_keycache *keys, struct sp_held_keys *held)
{
	sp_keycache_put(keys, held->sets, held->count);
	held->count = 0;
}

enum sp_status sp_stages_judge(struct sp_stages *stages, struct sp_arena *arena,
	struct sp_keycache *keys, struct sp_held_keys *held,
	struct sp_verify *const *verifies, size_t count, struct sp_error *error)
{
	enum sp_status status =
		sp_keycache_settle(keys, held->sets, held->count);

	sp_meter_lap(&stages->meter, SP_STAGE_KEYS, 0);
	if (!status) {
		attach_keys(held, verifies, count);
		status = verify_held(stages, arena, verifies, count);
	}
	sp_stages_forget(keys, held);
	sp_meter_lap(&stages->meter, SP_STAGE_FINISH, 0);
	return explain(status, error);
}

enum sp_status sp_stages_verify(struct sp_stages *stages,
	struct sp_arena *arena, struct sp_keycache *keys,
	struct sp_verify *const *verifies, size_t count, struct sp_error *error)
{
	struct sp_held_keys held;
	enum sp_status status = verify_bodies(stages, arena, verifies, count);

	if (!status)
		status = name_keys(&held, arena, verifies, count);
	if (status)
		return explain(status, error);
	status = sp_keycache_get(keys, held.names, held.count, held.sets);
	if (status)
		return explain_keys(keys, &held, status, error);
	return sp_stages_judge(
		stages, arena, keys, &held, verifies, count, error);
}
