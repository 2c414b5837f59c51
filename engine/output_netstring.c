/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves of a message that came down a netstring stream. */
#include "engine/output.h"

#include "io/large.h"
#include "io/netstring.h"

/* The bytes that the content stands for. */
static uint64_t content_bytes(const struct sp_content *content)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < content->count; i++)
		bytes += content->parts[i].iov_len;
	if (content->large)
		bytes += content->large->bytes - content->rest_offset;
	return bytes;
}

/* The message, its new fields, or nothing of it. */
static enum sp_status prepare(struct sp_entry *entry, bool fields_only,
	struct sp_arena *arena, struct sp_buffer *scratch)
{
	struct iovec *part;

	entry->content = (struct sp_content){.parts = NULL};
	if (entry->write && !fields_only)
		return sp_output_prepare(
			entry, SP_OUTPUT_MESSAGE, arena, scratch, 0);
	if (!entry->write || entry->top.size == 0)
		return SP_OK;
	part = SP_ARENA_NEW(arena, struct iovec);
	if (!part)
		return SP_NO_MEMORY;
	*part = (struct iovec){
		(void *)(uintptr_t)entry->top.data, entry->top.size};
	entry->content = (struct sp_content){.parts = part, .count = 1};
	return SP_OK;
}

enum sp_status sp_output_answer(struct sp_entry *entry, struct sp_span record,
	bool fields_only, struct sp_arena *arena, struct sp_buffer *scratch)
{
	enum sp_status status = prepare(entry, fields_only, arena, scratch);
	struct sp_content *content = &entry->content;
	size_t count = content->count + 1;
	struct iovec *parts = SP_ARENA_ARRAY(arena, struct iovec, count);
	char *head;

	if (status != SP_OK)
		return status;
	sp_buffer_clear(scratch);
	sp_netstring_add_head(scratch, record.size);
	sp_buffer_add(scratch, record);
	sp_buffer_add_char(scratch, ',');
	sp_netstring_add_head(scratch, content_bytes(content));
	head = sp_arena_copy(arena, sp_buffer_span(scratch));
	if (!head || !parts || scratch->failed)
		return SP_NO_MEMORY;
	parts[0] = (struct iovec){head, scratch->size};
	for (size_t i = 1; i < count; i++)
		parts[i] = content->parts[i - 1];
	content->parts = parts;
	content->count = count;
	entry->write = true;
	return SP_OK;
}
