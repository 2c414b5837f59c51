/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the DKIM-Signature field (RFC 6376 3.5, 3.7). */
#include "engine/signature.h"

#include <assert.h>

#include "crypto/base64.h"
#include "engine/fold.h"

static void put(struct sp_fold *fold, const char *text)
{
	sp_fold_text(fold, sp_span_str(text));
}

/* The next tag begins, and size bytes of it must not be torn apart. */
static void begin_tag(struct sp_fold *fold, size_t size)
{
	if (sp_fold_fits(fold, size + 1))
		put(fold, " ");
	else
		sp_fold_break(fold);
}

/* "name=value;" in one piece; name has its "=". */
static void put_tag(
	struct sp_fold *fold, const char *name, struct sp_span value)
{
	begin_tag(fold, strlen(name) + value.size + 1);
	put(fold, name);
	sp_fold_text(fold, value);
	put(fold, ";");
}

static void put_number(struct sp_fold *fold, const char *name, uint64_t number)
{
	char digits[SP_DIGITS_MAX];

	put_tag(fold, name, sp_span_digits(digits, number));
}

static void put_canon(
	struct sp_fold *fold, enum sp_canon header, enum sp_canon body)
{
	static const char *const names[2][2] = {
		{"simple/simple", "simple/relaxed"},
		{"relaxed/simple", "relaxed/relaxed"},
	};

	put_tag(fold, "c=", sp_span_str(names[header][body]));
}

/* Quoted-printable, which may be folded but better is not (2.11). */
static void put_identity(struct sp_fold *fold, struct sp_span identity)
{
	begin_tag(fold, strlen("i=;") + sp_tag_qp_size(identity));
	put(fold, "i=");
	for (size_t i = 0; i < identity.size; i++) {
		struct sp_span byte = sp_span(identity.data + i, 1);
		size_t size = sp_tag_qp_size(byte);

		if (!sp_fold_fits(fold, size + 1))
			sp_fold_break(fold);
		sp_tag_encode_qp(fold->out, byte);
		fold->column += size;
	}
	put(fold, ";");
}

static void put_names(
	struct sp_fold *fold, const struct sp_span *names, size_t count)
{
	assert(count > 0);
	begin_tag(fold, strlen("h=") + names[0].size + 1);
	put(fold, "h=");
	for (size_t i = 0; i < count; i++) {
		if (i && !sp_fold_fits(fold, names[i].size + 1))
			sp_fold_break(fold);
		sp_fold_text(fold, names[i]);
		put(fold, i + 1 < count ? ":" : ";");
	}
}

/* "name:value" elements with "|" between them; a line for each if it fits. */
static void put_copied_headers(struct sp_fold *fold, struct sp_span copied)
{
	struct sp_span rest = copied;

	sp_fold_break(fold);
	put(fold, "z=");
	while (rest.data) {
		struct sp_span copy = sp_span_split(&rest, '|');
		size_t whole = sp_span_find(copy, ':') + 1;

		if (!sp_fold_fits(fold, copy.size + 1) &&
			copy.data != copied.data)
			sp_fold_break(fold);
		sp_fold_qp(fold, copy, whole);
		sp_fold_piece(fold, sp_span_str(rest.data ? "|" : ";"));
	}
}

static void put_body_hash(struct sp_fold *fold, struct sp_span hash)
{
	char text[SP_BASE64_ENCODED_BYTES(SP_DIGEST_BYTES_MAX)];

	assert(hash.size <= SP_DIGEST_BYTES_MAX);
	put_tag(fold, "bh=", sp_span(text, sp_base64_encode(text, hash)));
}

void sp_signature_write(
	struct sp_buffer *out, const struct sp_signature_fields *fields)
{
	struct sp_fold fold = sp_fold_begin(out, out->size, fields->crlf);

	put(&fold, "DKIM-Signature: v=1;");
	put_tag(&fold, "a=", sp_span_str(sp_algorithm_name(fields->algorithm)));
	put_canon(&fold, fields->header_canon, fields->body_canon);
	put_tag(&fold, "d=", fields->domain);
	put_tag(&fold, "s=", fields->selector);
	if (fields->identity.size)
		put_identity(&fold, fields->identity);
	if (fields->timestamp != SP_TIME_NONE)
		put_number(&fold, "t=", (uint64_t)fields->timestamp);
	if (fields->expiration != SP_TIME_NONE)
		put_number(&fold, "x=", (uint64_t)fields->expiration);
	if (fields->body_length != SP_LENGTH_NONE)
		put_number(&fold, "l=", fields->body_length);
	put_names(&fold, fields->names, fields->name_count);
	if (fields->copied_headers.size)
		put_copied_headers(&fold, fields->copied_headers);
	put_body_hash(&fold, fields->body_hash);
	sp_fold_break(&fold);
	put(&fold, "b=");
}

void sp_signature_write_b(struct sp_buffer *out, size_t start,
	struct sp_span signature, bool crlf)
{
	char text[SP_BASE64_ENCODED_BYTES(SP_PKEY_SIGNATURE_BYTES_MAX)];
	struct sp_fold fold = sp_fold_begin(out, start, crlf);
	struct sp_span rest;

	assert(signature.size && signature.size <= SP_PKEY_SIGNATURE_BYTES_MAX);
	rest = sp_span(text, sp_base64_encode(text, signature));
	while (rest.size) {
		size_t size = rest.size;

		if (!sp_fold_fits(&fold, 1))
			sp_fold_break(&fold);
		if (!sp_fold_fits(&fold, size))
			size = SP_FOLD_COLUMNS - fold.column;
		sp_fold_text(&fold, sp_span(rest.data, size));
		rest = sp_span_after(rest, size);
	}
	sp_fold_end(&fold);
}
