/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DKIM-Signature fields (engine/signature.h) with any bytes behind the colon:
 * what is found acceptable is complete, and comes back when it is written and
 * read again; the hashed form does not depend on the value of b=.
 */
#include <assert.h>
#include <stdlib.h>

#include "canon/header.h"
#include "engine/address.h"
#include "engine/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char field_name[] = "DKIM-Signature";

static struct sp_field field_of(struct sp_span raw)
{
	return (struct sp_field){.raw = raw,
		.name = sp_span(raw.data, strlen(field_name)),
		.value = sp_span_after(raw, strlen(field_name) + 1)};
}

static bool signs_from(const struct sp_signature *signature)
{
	for (size_t i = 0; i < signature->name_count; i++)
		if (sp_span_is_nocase(signature->names[i], "from"))
			return true;
	return false;
}

static void check_complete(const struct sp_signature *signature)
{
	struct sp_span value = signature->field->value;

	assert(signature->algorithm != SP_ALGORITHM_UNKNOWN);
	assert(signature->domain.size && signature->selector.size);
	assert(signature->key_name.size);
	assert(signature->key_name.size <= SP_DOMAIN_BYTES_MAX);
	assert(signature->body_hash.size && signature->b.size);
	assert(signature->b_text.size && signature->b_text.size <= 8);
	assert(signature->b_area.data >= value.data);
	assert(signature->b_area.data + signature->b_area.size <=
		value.data + value.size);
	assert(sp_domain_within(
		sp_address_domain(signature->identity), signature->domain));
	assert(signs_from(signature));
}

/* 3.7: with b= emptied beforehand the hashed form is the same. */
static void check_hashed(const struct sp_signature *signature)
{
	struct sp_span raw = signature->field->raw;
	struct sp_span area = signature->b_area;
	struct sp_buffer emptied = {0}, one = {0}, other = {0};
	struct sp_field field;
	size_t at = (size_t)(area.data - raw.data);

	sp_buffer_add(&emptied, sp_span(raw.data, at));
	sp_buffer_add(&emptied, sp_span_after(raw, at + area.size));
	field = field_of(sp_buffer_span(&emptied));
	for (enum sp_canon canon = SP_CANON_SIMPLE; canon <= SP_CANON_RELAXED;
		canon++) {
		sp_buffer_clear(&one);
		sp_buffer_clear(&other);
		sp_header_canon_signature(&one, canon, signature->field, area);
		sp_header_canon_signature(
			&other, canon, &field, sp_span(emptied.data + at, 0));
		assert(sp_span_equal(
			sp_buffer_span(&one), sp_buffer_span(&other)));
	}
	sp_buffer_free(&emptied);
	sp_buffer_free(&one);
	sp_buffer_free(&other);
}

/* Only what the writer promises to take. */
static bool is_writable(const struct sp_signature *signature)
{
	for (size_t i = 0; i < signature->name_count; i++) {
		struct sp_span name = signature->names[i];

		for (size_t j = 0; j < name.size; j++)
			if (sp_is_fws(name.data[j]))
				return false;
		if (!name.size)
			return false;
	}
	return signature->body_hash.size <= SP_DIGEST_BYTES_MAX &&
	       signature->b.size <= SP_PKEY_SIGNATURE_BYTES_MAX;
}

static void check_same(
	const struct sp_signature *a, const struct sp_signature *b)
{
	assert(a->algorithm == b->algorithm);
	assert(a->header_canon == b->header_canon);
	assert(a->body_canon == b->body_canon);
	assert(sp_span_equal(a->domain, b->domain));
	assert(sp_span_equal(a->selector, b->selector));
	assert(sp_span_equal(a->identity, b->identity));
	assert(sp_span_equal(a->body_hash, b->body_hash));
	assert(sp_span_equal(a->b, b->b));
	assert(sp_span_equal(a->key_name, b->key_name));
	assert(a->body_length == b->body_length);
	assert(a->timestamp == b->timestamp);
	assert(a->expiration == b->expiration);
	assert(a->name_count == b->name_count);
	for (size_t i = 0; i < a->name_count; i++)
		assert(sp_span_equal(a->names[i], b->names[i]));
}

static void check_written(
	const struct sp_signature *signature, struct sp_arena *arena)
{
	struct sp_signature_fields fields = {
		.algorithm = signature->algorithm,
		.header_canon = signature->header_canon,
		.body_canon = signature->body_canon,
		.domain = signature->domain,
		.selector = signature->selector,
		.identity = signature->identity,
		.names = signature->names,
		.name_count = signature->name_count,
		.body_hash = signature->body_hash,
		.body_length = signature->body_length,
		.timestamp = signature->timestamp,
		.expiration = signature->expiration,
		.crlf = signature->b.size % 2,
	};
	struct sp_buffer out = {0};
	struct sp_signature again;
	struct sp_field field;
	enum sp_reason reason;

	sp_signature_write(&out, &fields);
	sp_signature_write_b(&out, 0, signature->b, fields.crlf);
	field = field_of(sp_buffer_span(&out));
	assert(sp_signature_parse(&again, arena, &field, &reason) == SP_OK);
	/* Folding adds white space: a full field can grow over the limit. */
	if (reason != SP_REASON_SIGNATURE_TOO_LARGE) {
		assert(reason == SP_REASON_OK);
		check_same(signature, &again);
	}
	sp_buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_arena arena;
	struct sp_buffer raw = {0};
	struct sp_signature signature;
	struct sp_field field;
	enum sp_reason reason;

	sp_arena_reset(&arena);
	sp_buffer_add_str(&raw, field_name);
	sp_buffer_add_char(&raw, ':');
	sp_buffer_add(&raw, sp_span(data, size));
	field = field_of(sp_buffer_span(&raw));
	assert(sp_signature_parse(&signature, &arena, &field, &reason) ==
		SP_OK);
	if (reason == SP_REASON_OK) {
		check_complete(&signature);
		check_hashed(&signature);
		if (is_writable(&signature))
			check_written(&signature, &arena);
	}
	sp_buffer_free(&raw);
	return 0;
}
