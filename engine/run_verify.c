/* SPDX-License-Identifier: Apache-2.0 */
/* The verifying run (RFC 6376 section 6; RFC 8601 for what it writes). */
#include "engine/run.h"

#include "engine/authres.h"
#include "engine/pass.h"

static enum sp_status begin(struct sp_run *run, struct sp_batch *batch,
	struct sp_entry *entry, struct sp_error *error)
{
	(void)error;
	return sp_verify_begin(&entry->verify, &batch->arena, &entry->message,
		entry->split, &run->verify->verify);
}

static struct sp_body_digest *bodies(struct sp_entry *entry, size_t *count)
{
	*count = entry->verify.body_count;
	return entry->verify.bodies;
}

/*
 * What is read from a descriptor does not wait aside: there are not many. Nor
 * does a part of a batch before others.
 */
static bool may_park(const struct sp_run *run, const struct sp_batch *batch)
{
	if (!sp_keycache_waits(run->verify->keys) || batch->mails.more)
		return false;
	for (size_t i = 0; i < batch->count; i++)
		if (batch->entries[i].mail->large)
			return false;
	return true;
}

/* Keys first, so that they are on their way while bodies are hashed. */
static enum sp_status ask_and_hash(struct sp_run *run, struct sp_worker *worker,
	struct sp_batch *batch, bool *parked, struct sp_error *error)
{
	struct sp_asked *asked = &batch->asked;
	enum sp_status status;

	atomic_store(&asked->wait.left, 1);
	status = sp_stages_ask(&asked->held, &batch->arena, run->verify->keys,
		asked->verifies, asked->count, &asked->wait, error);
	if (status != SP_OK)
		return status;
	asked->keys = run->verify->keys;
	sp_meter_lap(&worker->stages.meter, SP_STAGE_KEYS, 0);
	status = sp_stages_bodies(&worker->stages, &batch->arena,
		asked->verifies, asked->count, error);
	/* In trouble, too, the batch must be there until the keys have come. */
	*parked = !sp_keywait_last(&asked->wait);
	return status;
}

static enum sp_status resume(struct sp_run *run, struct sp_worker *worker,
	struct sp_batch *batch, struct sp_error *error)
{
	struct sp_asked *asked = &batch->asked;

	return sp_stages_judge(&worker->stages, &batch->arena,
		run->verify->keys, &asked->held, asked->verifies, asked->count,
		error);
}

static enum sp_status stages(struct sp_run *run, struct sp_worker *worker,
	struct sp_batch *batch, bool *parked, struct sp_error *error)
{
	struct sp_asked *asked = &batch->asked;
	enum sp_status status;

	asked->count = 0;
	asked->verifies =
		SP_ARENA_ARRAY(&batch->arena, struct sp_verify *, batch->count);
	if (!asked->verifies)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < batch->count; i++)
		if (sp_entry_readable(&batch->entries[i]))
			asked->verifies[asked->count++] =
				&batch->entries[i].verify;
	if (!may_park(run, batch))
		return sp_stages_verify(&worker->stages, &batch->arena,
			run->verify->keys, asked->verifies, asked->count,
			error);
	status = ask_and_hash(run, worker, batch, parked, error);
	if (*parked || status != SP_OK)
		return status;
	return resume(run, worker, batch, error);
}

/* Lists the fields that pretend to be ours (RFC 8601 section 5). */
static enum sp_status find_forged(
	struct sp_entry *entry, struct sp_span id, struct sp_arena *arena)
{
	const struct sp_message *message = &entry->message;
	size_t count = 0;

	for (size_t i = 0; i < message->field_count; i++)
		count += sp_authres_forged(&message->fields[i], id);
	if (count == 0)
		return SP_OK;
	entry->removed = SP_ARENA_ARRAY(arena, const struct sp_field *, count);
	if (!entry->removed)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < message->field_count; i++)
		if (sp_authres_forged(&message->fields[i], id))
			entry->removed[entry->removed_count++] =
				&message->fields[i];
	return SP_OK;
}

static enum sp_status add_authres(struct sp_run *run, struct sp_worker *worker,
	struct sp_batch *batch, struct sp_entry *entry)
{
	struct sp_span id = run->verify->authres_id;
	struct sp_buffer *scratch = &worker->stages.scratch;
	char *copy;

	sp_buffer_clear(scratch);
	sp_authres_write(scratch, id, entry->verify.results,
		entry->verify.count, entry->message.crlf);
	copy = sp_arena_copy(&batch->arena, sp_buffer_span(scratch));
	if (!copy || scratch->failed)
		return SP_NO_MEMORY;
	entry->top = sp_span(copy, scratch->size);
	return SP_OK;
}

/*
 * The copy of a message: forged fields go, ours comes. Of a header that was
 * not split to its end nobody knows what it forges further down, so such a
 * message does not leave.
 */
static enum sp_status make_copy(struct sp_run *run, struct sp_worker *worker,
	struct sp_batch *batch, struct sp_entry *entry)
{
	const struct sp_mail *mail = entry->mail;
	enum sp_status status;

	if (entry->split == SP_REASON_HEADER_TOO_LARGE ||
		entry->split == SP_REASON_TOO_MANY_FIELDS) {
		sp_log(run->options->log, SP_LOG_WARNING,
			"%s:byte %llu: not written, because its header is too "
			"large to be searched for forged fields",
			mail->path.data, (unsigned long long)mail->offset);
		return SP_OK;
	}
	entry->write = true;
	status = find_forged(entry, run->verify->authres_id, &batch->arena);
	/* Above a line that begins with white space ours would be folded in. */
	if (status != SP_OK || sp_entry_is_cut(entry) ||
		(mail->bytes.size && sp_is_wsp(mail->bytes.data[0])))
		return status;
	return add_authres(run, worker, batch, entry);
}

static enum sp_status conclude(struct sp_run *run, struct sp_worker *worker,
	struct sp_batch *batch, struct sp_entry *entry, bool *last)
{
	if (sp_entry_readable(entry))
		entry->reason = entry->verify.reason;
	*last = run->verify->fail_fast &&
		(!sp_entry_readable(entry) || entry->verify.verdict != SP_PASS);
	if (!sp_entry_readable(entry) || run->verify->authres_id.size == 0)
		return SP_OK;
	return make_copy(run, worker, batch, entry);
}

static void record(const struct sp_entry *entry, struct sp_record *out)
{
	out->verify = &entry->verify;
}

static void count(struct sp_run_stats *stats, const struct sp_entry *entry)
{
	sp_count(&stats->verdicts[entry->verify.verdict], 1);
	sp_count(&stats->signatures, entry->verify.count);
}

enum sp_status sp_run_verify(const struct sp_verify_run *run,
	struct sp_run_stats *stats, struct sp_error *error)
{
	static const struct sp_pass pass = {
		.begin = begin,
		.bodies = bodies,
		.stages = stages,
		.resume = resume,
		.conclude = conclude,
		.record = record,
		.count = count,
	};
	struct sp_run all = {
		.pass = &pass,
		.options = &run->run,
		.verify = run,
		.stats = stats,
	};

	return sp_pass_run(&all, error);
}
