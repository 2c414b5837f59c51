/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes split into parts that are the whole message again; every field
 * has the form canon/message.h promises, and comes out of canonicalization as
 * the naive reading of RFC 6376 3.4 says, with and without a part cut out as
 * for b= (3.5). Every kernel finds the same fields as the scalar code.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
#include "canon/header.h"
#include "canon/scan.h"
#include "tests/unit/naive_canon.h"

#define NAIVE_BYTES_MAX 4096u /* it is quadratic */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_field(const struct sp_field *field, bool first)
{
	struct sp_span raw = field->raw;

	assert(raw.size);
	assert(first || !sp_is_wsp(raw.data[0]));
	for (size_t i = 0; i + 1 < raw.size; i++)
		assert(raw.data[i] != '\n' || sp_is_wsp(raw.data[i + 1]));
	for (size_t i = 0; i < field->name.size; i++)
		assert(field->name.data[i] > ' ' && field->name.data[i] < 127 &&
			field->name.data[i] != ':');
	if (field->name.size) {
		assert(field->name.data == raw.data);
		assert(field->value.data[-1] == ':');
	}
	assert(field->value.data + field->value.size == raw.data + raw.size);
}

static void check_canon(const struct sp_field *field, enum sp_canon canon)
{
	struct sp_span raw = field->raw;
	struct sp_buffer out = {0};
	char *expected = calloc(2, raw.size + 2);
	size_t size = naive_field(expected, canon, raw.data, raw.size);

	sp_header_canon(&out, canon, field);
	assert(sp_span_equal(sp_buffer_span(&out), sp_span(expected, size)));
	sp_buffer_free(&out);
	free(expected);
}

/* Cuts what is between the first "=" and the next ";" or the end. */
static void check_signature(const struct sp_field *field, enum sp_canon canon)
{
	struct sp_span value = field->value;
	size_t at = sp_span_find(value, '=');
	struct sp_span b_value, left, behind;
	struct sp_buffer out = {0}, text = {0};
	char *expected;
	size_t size;

	if (at == value.size)
		return;
	b_value = sp_span_after(value, at + 1);
	behind = sp_span_after(b_value, sp_span_find(b_value, ';'));
	b_value.size -= behind.size;
	left = sp_span_between(field->raw.data, b_value.data);
	sp_buffer_add(&text, left);
	sp_buffer_add(&text, behind);
	expected = calloc(2, text.size + 2);
	size = naive_field(expected, canon, text.data, text.size);
	sp_header_canon_signature(&out, canon, field, b_value);
	assert(sp_span_equal(
		sp_buffer_span(&out), sp_span(expected, size - 2)));
	sp_buffer_free(&out);
	sp_buffer_free(&text);
	free(expected);
}

static void check_parts(const struct sp_message *message, struct sp_span bytes)
{
	const char *at = bytes.data;

	for (size_t i = 0; i < message->field_count; i++) {
		const struct sp_field *field = &message->fields[i];

		assert(field->raw.data == at);
		at += field->raw.size;
		check_field(field, i == 0);
		if (!field->name.size || field->raw.size > NAIVE_BYTES_MAX)
			continue;
		check_canon(field, SP_CANON_SIMPLE);
		check_canon(field, SP_CANON_RELAXED);
		check_signature(field, SP_CANON_SIMPLE);
		check_signature(field, SP_CANON_RELAXED);
	}
	assert(message->header.data == bytes.data);
	assert(message->header.data + message->header.size == at);
}

static void check_body(const struct sp_message *message, struct sp_span bytes)
{
	const char *end = message->header.data + message->header.size;
	struct sp_span gap = sp_span_between(end, message->body.data);

	assert(message->body.data + message->body.size ==
		bytes.data + bytes.size);
	assert(message->body_offset == bytes.size - message->body.size);
	assert(message->has_body
			? sp_span_is(gap, "\n") || sp_span_is(gap, "\r\n")
			: gap.size == 0 && message->body.size == 0);
}

/* Every kernel unfolds what is between the white space at its ends alike. */
static void check_unfold(
	const struct sp_scan_kernel *kernel, const struct sp_field *field)
{
	struct sp_span text = sp_field_value_trimmed(field);
	size_t room = text.size + SP_SCAN_ROOM;
	char *expected = malloc(room), *got = malloc(room);
	size_t size =
		(size_t)(sp_scan_unfold_scalar(expected, text) - expected);

	assert((size_t)(kernel->unfold(got, text) - got) == size);
	assert(memcmp(got, expected, size) == 0);
	free(expected);
	free(got);
}

/* Every kernel finds the same. */
static void check_kernels(const struct sp_message *message,
	enum sp_reason expected, struct sp_arena *arena, struct sp_span bytes)
{
	for (size_t i = 0; sp_scan_kernels[i]; i++) {
		struct sp_message other;
		enum sp_reason reason;

		if (!sp_scan_runs(sp_scan_kernels[i]))
			continue;
		assert(sp_message_split_by(sp_scan_kernels[i], &other, arena,
			       bytes, NULL, &reason) == SP_OK);
		assert(reason == expected);
		assert(other.field_count == message->field_count);
		assert(other.body.data == message->body.data);
		for (size_t k = 0; k < other.field_count; k++) {
			assert(memcmp(&other.fields[k], &message->fields[k],
				       sizeof(other.fields[k])) == 0);
			check_unfold(sp_scan_kernels[i], &other.fields[k]);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_arena arena = {.chunk_bytes = 4096};
	struct sp_span bytes = sp_span(data, size);
	struct sp_message_limits limits = {0};
	struct sp_message message;
	enum sp_reason reason;

	assert(sp_message_split(&message, &arena, bytes, NULL, &reason) ==
		SP_OK);
	check_kernels(&message, reason, &arena, bytes);
	check_parts(&message, bytes);
	if (reason == SP_REASON_OK)
		check_body(&message, bytes);
	else
		assert(!message.has_body && message.body.size == 0);

	/* One less of anything than there is does not pass. */
	limits.fields_max = message.field_count - 1;
	if (reason == SP_REASON_OK && limits.fields_max) {
		assert(sp_message_split(&message, &arena, bytes, &limits,
			       &reason) == SP_OK);
		assert(reason == SP_REASON_TOO_MANY_FIELDS);
		check_parts(&message, bytes);
	}
	sp_arena_free(&arena);
	return 0;
}
