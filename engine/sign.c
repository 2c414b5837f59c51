/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing one message in steps (RFC 6376 section 5 and 3.7; RFC 8463).
 */
#include "engine/sign.h"

#include "base/limits.h"
#include "canon/header.h"
#include "engine/address.h"
#include "engine/domain.h"

static enum sp_algorithm algorithm_of(const struct sp_pkey *key)
{
	return key->type == SP_PKEY_RSA ? SP_ALGORITHM_RSA_SHA256
					: SP_ALGORITHM_ED25519_SHA256;
}

/*
 * i=, which must lie at or below d= (3.5), or nobody could verify it. Verifiers
 * compare the two as they are written: as d= is, it is written in A-labels and
 * without a final dot.
 */
static enum sp_status choose_identity(
	struct sp_sign *sign, struct sp_sign_item *item, struct sp_arena *arena)
{
	struct sp_span given = item->key->identity.size
				       ? item->key->identity
				       : sign->options->identity;
	struct sp_span domain = sp_address_domain(given);
	char ascii[SP_DOMAIN_BYTES_MAX + 1];
	size_t local, size;
	char *text;

	if (!given.size)
		return SP_OK;
	if (!sp_domain_to_ascii(ascii, domain) ||
		!sp_domain_within(domain, item->key->domain)) {
		sign->reason = SP_REASON_DOMAIN_MISMATCH;
		return SP_OK;
	}
	local = (size_t)(domain.data - given.data);
	size = strlen(ascii);
	text = sp_arena_alloc(arena, local + size, 1);
	if (!text)
		return SP_NO_MEMORY;
	memcpy(text, given.data, local);
	memcpy(text + local, ascii, size);
	item->identity = sp_span(text, local + size);
	return SP_OK;
}

/*
 * The one From field, or NULL and a reason. Several of them are not signed
 * (RFC 5322 3.6 allows one): a signature would vouch for whichever a reader
 * happens to show.
 */
static const struct sp_field *find_from(
	const struct sp_message *message, enum sp_reason *reason)
{
	const struct sp_field *from =
		sp_message_find(message, sp_span_str("From"), 0);

	if (!from) {
		*reason = SP_REASON_FROM_MISSING;
		return NULL;
	}
	if (sp_message_find_next(message, from)) {
		*reason = SP_REASON_FROM_MULTIPLE;
		return NULL;
	}
	return from;
}

/*
 * A first line that begins with white space is no field; but below ours it
 * would continue it, and no verifier would read what we wrote.
 */
static bool would_continue(const struct sp_message *message)
{
	return message->header.size && sp_is_wsp(message->header.data[0]);
}

/* Chooses the fields, and begins a signature with each key. */
static enum sp_status items_begin(struct sp_sign *sign, struct sp_arena *arena,
	const struct sp_signing_key *keys, size_t count)
{
	const struct sp_sign_options *options = sign->options;
	enum sp_status status = sp_selection_apply(options->selection,
		sign->message, count, arena, &sign->names, &sign->name_count);

	if (status)
		return status;
	if (sign->name_count == 0)
		sign->reason = SP_REASON_TOO_MANY_NAMES;
	if (sign->reason)
		return SP_OK;
	sign->items = SP_ARENA_ARRAY(arena, struct sp_sign_item, count);
	sign->bodies = SP_ARENA_ARRAY(arena, struct sp_body_digest, count);
	if (!sign->items || !sign->bodies)
		return SP_NO_MEMORY;
	sign->item_count = count;
	for (size_t i = 0; i < count && !status; i++) {
		struct sp_sign_item *item = &sign->items[i];

		item->key = &keys[i];
		status = choose_identity(sign, item, arena);
		item->algorithm = algorithm_of(keys[i].key);
		item->body = sp_body_digest_want(sign->bodies,
			&sign->body_count, count, options->body_canon,
			options->body_length,
			sp_algorithm_digest(item->algorithm));
	}
	if (sign->reason)
		sign->item_count = sign->body_count = 0;
	return status;
}

/* Keys by choice, or else by sender; count 0 with a reason. */
static enum sp_status keys_find(struct sp_sign *sign, struct sp_arena *arena,
	struct sp_keyring *keyring, const struct sp_key_choice *choice,
	const struct sp_signing_key **keys, size_t *count,
	struct sp_error *error)
{
	enum sp_status status;

	if (choice) {
		sign->reason = SP_REASON_KEY_UNKNOWN;
		status = sp_keyring_pick(
			keyring, choice, arena, keys, count, error);
	} else {
		sign->reason = sign->from.size ? SP_REASON_NO_KEY_FOR_SENDER
					       : SP_REASON_FROM_SYNTAX;
		status = sp_keyring_find(
			keyring, sign->from, arena, keys, count, error);
	}
	if (*count)
		sign->reason = SP_REASON_OK;
	return status;
}

enum sp_status sp_sign_begin(struct sp_sign *sign, struct sp_arena *arena,
	const struct sp_message *message, enum sp_reason split,
	struct sp_keyring *keyring, const struct sp_key_choice *choice,
	const struct sp_sign_options *options, struct sp_error *error)
{
	const struct sp_field *from;
	const struct sp_signing_key *keys;
	enum sp_status status;
	size_t count = 0;

	*sign = (struct sp_sign){
		.options = options,
		.message = message,
		.reason = split,
	};
	if (sign->reason)
		return SP_OK;
	from = find_from(message, &sign->reason);
	if (from && would_continue(message))
		sign->reason = SP_REASON_MESSAGE_SYNTAX;
	if (sign->reason)
		return SP_OK;
	status = sp_address_first(arena, from->value, &sign->from);
	if (status)
		return sp_error(error, status, "out of memory");
	status = keys_find(sign, arena, keyring, choice, &keys, &count, error);
	if (status || count == 0)
		return status;
	status = items_begin(sign, arena, keys, count);
	return status ? sp_error(error, status, "out of memory") : SP_OK;
}

/* What the items of a message share: the signed fields and z=. */
struct shared {
	struct sp_span header; /* canonical */
	struct sp_span copied; /* z= */
};

/* What scratch holds now, copied into the arena; scratch is empty again. */
static enum sp_status keep(
	struct sp_span *kept, struct sp_arena *arena, struct sp_buffer *scratch)
{
	char *copy = sp_arena_copy(arena, sp_buffer_span(scratch));

	if (!copy || sp_buffer_status(scratch))
		return SP_NO_MEMORY;
	*kept = sp_span(copy, scratch->size);
	sp_buffer_clear(scratch);
	return SP_OK;
}

/* z= (3.5): name:value pairs of the signed fields, as they are now. */
static void write_copied(struct sp_buffer *out,
	const struct sp_field *const *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct sp_span value = fields[i]->value;

		while (value.size &&
			(value.data[value.size - 1] == '\n' ||
				value.data[value.size - 1] == '\r'))
			value.size--;
		if (i)
			sp_buffer_add_char(out, '|');
		sp_tag_encode_qp(out, fields[i]->name);
		sp_buffer_add_char(out, ':');
		sp_tag_encode_qp(out, value);
	}
}

static enum sp_status shared_init(struct shared *shared,
	const struct sp_sign *sign, struct sp_arena *inputs,
	struct sp_buffer *scratch)
{
	const struct sp_field **fields = SP_ARENA_ARRAY(
		inputs, const struct sp_field *, sign->name_count);
	enum sp_status status;
	size_t count;

	*shared = (struct shared){0};
	if (!fields)
		return SP_NO_MEMORY;
	status = sp_select_fields(sign->message, inputs, sign->names,
		sign->name_count, fields, &count);
	if (status)
		return status;
	sp_buffer_clear(scratch);
	for (size_t i = 0; i < count; i++)
		sp_header_canon(
			scratch, sign->options->header_canon, fields[i]);
	status = keep(&shared->header, inputs, scratch);
	if (status || !sign->options->copied_headers)
		return status;
	write_copied(scratch, fields, count);
	return keep(&shared->copied, inputs, scratch);
}

static int64_t expiration_of(const struct sp_sign_options *options)
{
	int64_t from = options->timestamp == SP_TIME_NONE ? options->now
							  : options->timestamp;

	if (options->expire_s == SP_TIME_NONE)
		return SP_TIME_NONE;
	return options->expire_s > INT64_MAX - from ? INT64_MAX
						    : from + options->expire_s;
}

/* l= is what of the body was hashed. */
static uint64_t length_of(const struct sp_body_digest *body)
{
	if (body->limit == SP_LENGTH_NONE)
		return SP_LENGTH_NONE;
	return body->limit < body->total ? body->limit : body->total;
}

static enum sp_status write_text(const struct sp_sign *sign,
	struct sp_sign_item *item, const struct shared *shared,
	struct sp_arena *arena, struct sp_buffer *scratch)
{
	const struct sp_sign_options *options = sign->options;
	const struct sp_signature_fields fields = {
		.algorithm = item->algorithm,
		.header_canon = options->header_canon,
		.body_canon = options->body_canon,
		.domain = item->key->domain,
		.selector = item->key->selector,
		.identity = item->identity,
		.names = sign->names,
		.name_count = sign->name_count,
		.body_hash = sp_span(item->body->digest,
			sp_digest_bytes(item->body->algorithm)),
		.body_length = length_of(item->body),
		.timestamp = options->timestamp,
		.expiration = expiration_of(options),
		.copied_headers = shared->copied,
		.crlf = sign->message->crlf,
	};

	sp_signature_write(scratch, &fields);
	return keep(&item->text, arena, scratch);
}

/* The signature field as it is hashed, after all others (3.7). */
static void write_own(
	struct sp_buffer *out, enum sp_canon canon, struct sp_span text)
{
	size_t colon = sp_span_find(text, ':');
	const struct sp_field field = {
		.raw = text,
		.name = sp_span(text.data, colon),
		.value = sp_span_after(text, colon + 1),
	};

	sp_header_canon_signature(
		out, canon, &field, sp_span_after(text, text.size));
}

static enum sp_status item_compose(const struct sp_sign *sign,
	struct sp_sign_item *item, const struct shared *shared,
	struct sp_arena *arena, struct sp_arena *inputs,
	struct sp_buffer *scratch)
{
	size_t signature_bytes = item->key->key->signature_bytes;
	enum sp_status status = write_text(sign, item, shared, arena, scratch);

	if (status)
		return status;
	sp_buffer_add(scratch, shared->header);
	write_own(scratch, sign->options->header_canon, item->text);
	status = keep(&item->header.input, inputs, scratch);
	if (status)
		return status;
	item->header.algorithm = sp_algorithm_digest(item->algorithm);
	item->signature = sp_arena_alloc(arena, signature_bytes, 1);
	return item->signature ? SP_OK : SP_NO_MEMORY;
}

enum sp_status sp_sign_compose(struct sp_sign *sign, struct sp_arena *arena,
	struct sp_arena *inputs, struct sp_buffer *scratch)
{
	struct shared shared;
	enum sp_status status;

	if (sign->reason)
		return SP_OK;
	status = shared_init(&shared, sign, inputs, scratch);
	for (size_t i = 0; i < sign->item_count && !status; i++) {
		struct sp_sign_item *item = &sign->items[i];

		status = item_compose(
			sign, item, &shared, arena, inputs, scratch);
		/* Nobody would read it (z= of a huge header, for one). */
		if (!status && item->text.size > SP_SIGNATURE_BYTES_MAX)
			sign->reason = SP_REASON_SIGNATURE_TOO_LARGE;
	}
	return status;
}

void sp_sign_submit(struct sp_sign *sign, struct sp_lanes *lanes)
{
	if (sign->reason)
		return;
	for (size_t i = 0; i < sign->item_count; i++) {
		struct sp_sign_item *item = &sign->items[i];

		item->job = (struct sp_job){
			.kind = SP_JOB_SIGN,
			.key = item->key->key,
			.hash = item->header.algorithm,
			.digest = item->header.digest,
			.digest_size = sp_digest_bytes(item->header.algorithm),
			.signature = item->signature,
			.signature_size = item->key->key->signature_bytes,
		};
		sp_lanes_submit(lanes, &item->job);
	}
}

/*
 * A message at the limits would be beyond them with its signatures, and nobody
 * would verify it. Who has raised that of fields knows what is read there; that
 * of bytes is the highest there is.
 */
static enum sp_reason check_room(const struct sp_sign *sign, size_t bytes)
{
	size_t fields = sign->message->field_count;

	if (fields <= SP_FIELDS_MAX &&
		fields + sign->item_count > SP_FIELDS_MAX)
		return SP_REASON_TOO_MANY_FIELDS;
	if (sign->message->header.size + bytes > SP_HEADER_BYTES_MAX)
		return SP_REASON_HEADER_TOO_LARGE;
	return SP_REASON_OK;
}

enum sp_status sp_sign_finish(
	struct sp_sign *sign, struct sp_arena *arena, struct sp_buffer *scratch)
{
	if (sign->reason)
		return SP_OK;
	sp_buffer_clear(scratch);
	for (size_t i = 0; i < sign->item_count; i++) {
		struct sp_sign_item *item = &sign->items[i];
		size_t start = scratch->size;

		if (item->job.outcome != SP_JOB_DONE) {
			sign->reason = SP_REASON_SIGNING_FAILED;
			return SP_OK;
		}
		sp_buffer_add(scratch, item->text);
		sp_signature_write_b(scratch, start,
			sp_span(item->signature, item->job.signature_size),
			sign->message->crlf);
		item->field_bytes = scratch->size - start;
	}
	sign->reason = check_room(sign, scratch->size);
	if (sign->reason)
		return SP_OK;
	return keep(&sign->fields, arena, scratch);
}
