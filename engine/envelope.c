/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope out of Return-Path and Delivered-To. */
#include "engine/envelope.h"

#include "engine/address.h"

static enum sp_status fill_sender(struct sp_envelope *envelope,
	const struct sp_message *message, struct sp_arena *arena)
{
	const struct sp_field *field =
		sp_message_find(message, sp_span_str("Return-Path"), 0);

	if (!field || envelope->mail_from.size)
		return SP_OK;
	return sp_address_first(arena, field->value, &envelope->mail_from);
}

enum sp_status sp_envelope_fill(struct sp_envelope *envelope,
	const struct sp_message *message, struct sp_arena *arena)
{
	struct sp_span name = sp_span_str("Delivered-To");
	enum sp_status status = fill_sender(envelope, message, arena);
	struct sp_span *list;
	size_t count = 0;

	if (status != SP_OK || envelope->rcpt_count)
		return status;
	list = SP_ARENA_ARRAY(arena, struct sp_span, SP_ENVELOPE_RCPT_MAX);
	if (!list)
		return SP_NO_MEMORY;
	for (const struct sp_field *field = sp_message_find(message, name, 0);
		field && count < SP_ENVELOPE_RCPT_MAX && status == SP_OK;
		field = sp_message_find_next(message, field)) {
		status = sp_address_first(arena, field->value, &list[count]);
		count += list[count].size > 0;
	}
	envelope->rcpt_to = list;
	envelope->rcpt_count = count;
	return status;
}
