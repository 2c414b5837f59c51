/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a batch, and its first stage: splitting messages. */
#include "engine/batch.h"

#include <stdlib.h>

#include "io/request.h"

static void resume(struct sp_keywait *wait)
{
	sp_pool_resume(((struct sp_asked *)wait)->slot);
}

struct sp_batch *sp_batch_open(struct sp_pool_slot *slot)
{
	struct sp_batch *batch = calloc(1, sizeof(struct sp_batch));

	if (!batch)
		return NULL;
	batch->asked.slot = slot;
	batch->asked.wait.ready = resume;
	return batch;
}

/* Keys that a run which ended early did not come to use. */
static void put_keys(struct sp_batch *batch)
{
	struct sp_asked *asked = &batch->asked;

	if (asked->keys)
		sp_stages_forget(asked->keys, &asked->held);
	asked->keys = NULL;
}

/* What was written for a Maildir and never got its name. */
static void drop_deliveries(struct sp_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		if (batch->entries[i].delivery)
			sp_delivery_drop(batch->entries[i].delivery);
	batch->count = 0;
}

void sp_batch_close(struct sp_batch *batch)
{
	if (!batch)
		return;
	drop_deliveries(batch);
	put_keys(batch);
	sp_mails_free(&batch->mails);
	sp_arena_free(&batch->arena);
	for (size_t i = 0; i < SP_REPORTS_MAX; i++)
		sp_buffer_free(&batch->reports[i]);
	free(batch);
}

void sp_batch_reset(struct sp_batch *batch)
{
	sp_batch_clear(batch);
	sp_mails_reset(&batch->mails);
}

void sp_batch_clear(struct sp_batch *batch)
{
	put_keys(batch);
	drop_deliveries(batch);
	sp_arena_reset(&batch->arena);
	for (size_t i = 0; i < SP_REPORTS_MAX; i++)
		sp_buffer_clear(&batch->reports[i]);
	batch->entries = NULL;
	batch->last = false;
}

enum sp_status sp_batch_split(
	struct sp_batch *batch, const struct sp_message_limits *limits)
{
	size_t count = batch->mails.count;

	batch->entries = SP_ARENA_ARRAY(&batch->arena, struct sp_entry, count);
	if (!batch->entries)
		return SP_NO_MEMORY;
	batch->count = count;
	for (size_t i = 0; i < count; i++) {
		struct sp_entry *entry = &batch->entries[i];
		enum sp_status status;

		entry->mail = &batch->mails.mail[i];
		if (!sp_entry_readable(entry)) {
			entry->reason = SP_REASON_UNREADABLE;
			continue;
		}
		status = sp_message_split(&entry->message, &batch->arena,
			entry->mail->bytes, limits, &entry->split);
		if (status != SP_OK)
			return status;
		if (entry->mail->request && entry->mail->request->fault)
			entry->split = SP_REASON_RECORD_SYNTAX;
		if (entry->split == SP_REASON_OK && sp_entry_is_cut(entry))
			entry->split = SP_REASON_MESSAGE_SYNTAX;
	}
	return SP_OK;
}
