/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying one message in steps (RFC 6376 section 6): which signatures there
 * are, what each of them wants, and what was hashed for it.
 */
#include "engine/verify.h"

#include "canon/header.h"
#include "engine/address.h"
#include "engine/check.h"
#include "engine/date.h"
#include "engine/domain.h"
#include "engine/policy.h"
#include "engine/select.h"

/*
 * The time by which a signature is judged. With the message's own, what comes
 * out is the same at any time: by x= when there is no other, and else by the
 * end of all days, which is nearest to the newest key.
 */
static int64_t clock_of(
	const struct sp_verify *verify, const struct sp_signature *signature)
{
	const struct sp_field *date;
	int64_t now;

	if (!verify->options->clock_message)
		return verify->options->now;
	if (signature->timestamp != SP_TIME_NONE)
		return signature->timestamp;
	date = sp_message_find(verify->message, sp_span_str("Date"), 0);
	if (date && sp_date_parse(date->value, &now))
		return now;
	return signature->expiration != SP_TIME_NONE ? signature->expiration
						     : INT64_MAX;
}

static void describe(struct sp_verify *verify, struct sp_result *result,
	const struct sp_signature *signature)
{
	*result = (struct sp_result){
		.legacy = verify->options->historical,
		.domain = signature->domain,
		.selector = signature->selector,
		.identity = signature->identity,
		.b = signature->b_text,
		.algorithm = signature->algorithm,
		.header_canon = signature->header_canon,
		.body_canon = signature->body_canon,
		.key_ttl = SP_TIME_NONE,
		.key_first_seen = SP_TIME_NONE,
		.key_last_seen = SP_TIME_NONE,
		.timestamp = signature->timestamp,
		.expiration = signature->expiration,
		.body_length = signature->body_length,
		.body_total = SP_LENGTH_NONE,
		.alignment = sp_domain_alignment(
			signature->domain, verify->from_domain),
	};
}

static enum sp_status check_begin(struct sp_verify *verify,
	struct sp_arena *arena, size_t i, const struct sp_field *field,
	size_t checked_max)
{
	struct sp_check *check = &verify->checks[i];
	struct sp_result *result = &verify->results[i];
	struct sp_signature *signature = &check->signature;
	enum sp_reason reason;
	enum sp_status status;
	int64_t now;

	status = sp_signature_parse(signature, arena, field, &reason);
	if (status)
		return status;
	describe(verify, result, signature);
	now = clock_of(verify, signature);
	check->now = now;
	result->future = sp_policy_future(signature, now);
	if (i >= checked_max) {
		sp_check_fault(result, SP_REASON_TOO_MANY_SIGNATURES);
		return SP_OK;
	}
	if (!reason)
		reason = sp_policy_expiry(signature, now);
	sp_check_fault(result, reason);
	check->want_key = !reason;
	if (!signature->body_named)
		return SP_OK;
	check->body = sp_body_digest_want(verify->bodies, &verify->body_count,
		checked_max, signature->body_canon, signature->body_length,
		sp_algorithm_digest(signature->algorithm));
	return SP_OK;
}

static enum sp_status find_origin(
	struct sp_verify *verify, struct sp_arena *arena)
{
	const struct sp_message *message = verify->message;
	const struct sp_field *from =
		sp_message_find(message, sp_span_str("From"), 0);
	const struct sp_field *id =
		sp_message_find(message, sp_span_str("Message-ID"), 0);
	struct sp_span address;
	enum sp_status status;

	if (id)
		verify->message_id = sp_field_value_trimmed(id);
	/* Of several, readers see one, and nobody knows which. */
	if (!from || sp_message_find_next(message, from))
		return SP_OK;
	status = sp_address_first(arena, from->value, &address);
	if (!status)
		verify->from_domain = sp_address_domain(address);
	return status;
}

static size_t count_signatures(const struct sp_message *message)
{
	const struct sp_span name = sp_span_str("DKIM-Signature");
	const struct sp_field *field = sp_message_find(message, name, 0);
	size_t count = 0;

	while (field && count < SP_SIGNATURES_LISTED_MAX) {
		count++;
		field = sp_message_find_next(message, field);
	}
	return count;
}

enum sp_status sp_verify_begin(struct sp_verify *verify, struct sp_arena *arena,
	const struct sp_message *message, enum sp_reason split,
	const struct sp_verify_options *options)
{
	const struct sp_span name = sp_span_str("DKIM-Signature");
	size_t checked_max = options->signatures_max ? options->signatures_max
						     : SP_SIGNATURES_MAX;
	enum sp_status status;
	size_t from = 0;

	*verify = (struct sp_verify){
		.options = options,
		.message = message,
		.reason = split ? split : SP_REASON_NO_SIGNATURE,
	};
	verify->verdict = sp_policy_verdict(verify->reason);
	status = find_origin(verify, arena);
	if (status || split)
		return status;
	verify->count = count_signatures(message);
	verify->checks = SP_ARENA_ARRAY(arena, struct sp_check, verify->count);
	verify->results =
		SP_ARENA_ARRAY(arena, struct sp_result, verify->count);
	if (checked_max > verify->count)
		checked_max = verify->count;
	verify->bodies =
		SP_ARENA_ARRAY(arena, struct sp_body_digest, checked_max);
	if (!verify->checks || !verify->results || !verify->bodies)
		return SP_NO_MEMORY;
	for (size_t i = 0; i < verify->count && !status; i++) {
		const struct sp_field *field =
			sp_message_find(message, name, from);

		from = (size_t)(field - message->fields) + 1;
		status = check_begin(verify, arena, i, field, checked_max);
	}
	return status;
}

/*
 * The message without the field that is being verified, which its own h= never
 * means (3.5, h=). Made when the first h= names DKIM-Signature at all.
 */
struct others {
	struct sp_message message;
	bool made;
};

static enum sp_status others_make(struct others *others,
	const struct sp_message *message, struct sp_arena *arena)
{
	if (others->made)
		return SP_OK;
	others->message = *message;
	others->message.fields =
		SP_ARENA_ARRAY(arena, struct sp_field, message->field_count);
	if (!others->message.fields)
		return SP_NO_MEMORY;
	memcpy(others->message.fields, message->fields,
		message->field_count * sizeof(*message->fields));
	others->made = true;
	return SP_OK;
}

static bool signs_signatures(const struct sp_signature *signature)
{
	for (size_t i = 0; i < signature->name_count; i++)
		if (sp_span_is_nocase(signature->names[i], "DKIM-Signature"))
			return true;
	return false;
}

/* The fields that h= means. */
static enum sp_status select_fields(const struct sp_verify *verify,
	const struct sp_signature *signature, struct others *others,
	struct sp_arena *arena, const struct sp_field **fields, size_t *count)
{
	size_t self = (size_t)(signature->field - verify->message->fields);
	enum sp_status status;

	if (!signs_signatures(signature))
		return sp_select_fields(verify->message, arena,
			signature->names, signature->name_count, fields, count);
	status = others_make(others, verify->message, arena);
	if (status)
		return status;
	others->message.fields[self].name = sp_span(NULL, 0);
	status = sp_select_fields(&others->message, arena, signature->names,
		signature->name_count, fields, count);
	others->message.fields[self].name = signature->field->name;
	return status;
}

/* Writes what the signature was made of, its header hash input (3.7). */
static enum sp_status compose_header(struct sp_verify *verify,
	struct sp_check *check, struct others *others, struct sp_arena *inputs,
	struct sp_buffer *scratch)
{
	const struct sp_signature *signature = &check->signature;
	const struct sp_field **fields = SP_ARENA_ARRAY(
		inputs, const struct sp_field *, signature->name_count);
	enum sp_status status;
	size_t count;
	char *input;

	if (!fields)
		return SP_NO_MEMORY;
	status = select_fields(
		verify, signature, others, inputs, fields, &count);
	if (status)
		return status;
	sp_buffer_clear(scratch);
	for (size_t i = 0; i < count; i++)
		sp_header_canon(scratch, signature->header_canon, fields[i]);
	sp_header_canon_signature(scratch, signature->header_canon,
		signature->field, signature->b_area);
	input = sp_arena_copy(inputs, sp_buffer_span(scratch));
	if (!input || sp_buffer_status(scratch))
		return SP_NO_MEMORY;
	check->header.input = sp_span(input, scratch->size);
	check->header.algorithm = sp_algorithm_digest(signature->algorithm);
	return SP_OK;
}

enum sp_status sp_verify_compose(struct sp_verify *verify,
	struct sp_arena *arena, struct sp_arena *inputs,
	struct sp_buffer *scratch)
{
	struct others others = {.made = false};
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < verify->count && !status; i++) {
		struct sp_check *check = &verify->checks[i];

		if (!check->want_key)
			continue;
		status = sp_check_keys(check, &verify->results[i],
			verify->options->historical, arena);
		if (status || check->candidate_count == 0)
			continue;
		status =
			compose_header(verify, check, &others, inputs, scratch);
		check->jobs = SP_ARENA_ARRAY(
			arena, struct sp_job, check->candidate_count);
		if (!check->jobs)
			status = SP_NO_MEMORY;
	}
	return status;
}

void sp_verify_submit(struct sp_verify *verify, struct sp_lanes *lanes)
{
	for (size_t i = 0; i < verify->count; i++)
		sp_check_submit(&verify->checks[i], lanes);
}

enum sp_status sp_verify_finish(struct sp_verify *verify)
{
	enum sp_status status = SP_OK;

	for (size_t i = 0; i < verify->count && !status; i++) {
		struct sp_result *result = &verify->results[i];

		status = sp_check_finish(&verify->checks[i], result);
		if (i > 0 && result->verdict >= verify->verdict)
			continue;
		verify->verdict = result->verdict;
		verify->reason = result->reason;
	}
	return status;
}
