/* SPDX-License-Identifier: Apache-2.0 */
/* The signing run (RFC 6376 section 5). */
#include "engine/run.h"

#include "engine/pass.h"
#include "io/request.h"

static enum sp_status begin(struct sp_run *run, struct sp_batch *batch,
	struct sp_entry *entry, struct sp_error *error)
{
	const struct sp_request *request = entry->mail->request;
	struct sp_key_choice choice;
	bool chosen =
		request && (request->domain.size || request->selector.size);

	if (chosen)
		choice = (struct sp_key_choice){
			request->domain, request->selector};
	return sp_sign_begin(&entry->sign, &batch->arena, &entry->message,
		entry->split, run->sign->keyring, chosen ? &choice : NULL,
		&run->sign->sign, error);
}

static struct sp_body_digest *bodies(struct sp_entry *entry, size_t *count)
{
	*count = entry->sign.body_count;
	return entry->sign.bodies;
}

static enum sp_status stages(struct sp_run *run, struct sp_worker *worker,
	struct sp_batch *batch, bool *parked, struct sp_error *error)
{
	struct sp_sign **list =
		SP_ARENA_ARRAY(&batch->arena, struct sp_sign *, batch->count);
	size_t count = 0;

	(void)parked;
	(void)run;
	if (!list)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < batch->count; i++)
		if (sp_entry_readable(&batch->entries[i]))
			list[count++] = &batch->entries[i].sign;
	return sp_stages_sign(
		&worker->stages, &batch->arena, list, count, error);
}

static enum sp_status conclude(struct sp_run *run, struct sp_worker *worker,
	struct sp_batch *batch, struct sp_entry *entry, bool *last)
{
	enum sp_on_error on_error = run->sign->on_error;

	(void)worker;
	(void)batch;
	if (sp_entry_readable(entry))
		entry->reason = entry->sign.reason;
	if (entry->reason == SP_REASON_OK) {
		entry->top = entry->sign.fields;
		entry->write = true;
		return SP_OK;
	}
	*last = on_error == SP_ON_ERROR_STOP;
	entry->copied =
		on_error == SP_ON_ERROR_COPY && sp_entry_readable(entry);
	entry->write = entry->copied;
	return SP_OK;
}

static void record(const struct sp_entry *entry, struct sp_record *out)
{
	out->sign = &entry->sign;
}

static void count(struct sp_run_stats *stats, const struct sp_entry *entry)
{
	if (entry->reason != SP_REASON_OK) {
		sp_count(&stats->skipped, 1);
		return;
	}
	sp_count(&stats->signed_messages, 1);
	sp_count(&stats->signatures, entry->sign.item_count);
}

enum sp_status sp_run_sign(const struct sp_sign_run *run,
	struct sp_run_stats *stats, struct sp_error *error)
{
	static const struct sp_pass pass = {
		.begin = begin,
		.bodies = bodies,
		.stages = stages,
		.conclude = conclude,
		.record = record,
		.count = count,
	};
	struct sp_run all = {
		.pass = &pass,
		.options = &run->run,
		.sign = run,
		.stats = stats,
	};

	return sp_pass_run(&all, error);
}
