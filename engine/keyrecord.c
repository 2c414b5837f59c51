/* SPDX-License-Identifier: Apache-2.0 */
/* Key records (RFC 6376 3.6.1, RFC 8463 section 4). */
#include "engine/keyrecord.h"

#include <openssl/sha.h>

#include "crypto/base64.h"

/* The tag list and the tags that decide whether the record is for us. */
static enum sp_reason read_tags(
	struct sp_tags *tags, struct sp_span value, enum sp_pkey_type *type)
{
	const struct sp_tag *version, *key_type;

	if (value.size > SP_KEY_RECORD_BYTES_MAX ||
		sp_tags_parse(tags, value) != SP_REASON_OK)
		return SP_REASON_KEY_SYNTAX;
	version = sp_tags_find(tags, "v");
	if (version && (version != &tags->tag[0] ||
			       !sp_span_is(version->value, "DKIM1")))
		return SP_REASON_KEY_VERSION;
	key_type = sp_tags_find(tags, "k");
	*type = SP_PKEY_RSA;
	if (key_type && sp_span_is_nocase(key_type->value, "ed25519"))
		*type = SP_PKEY_ED25519;
	else if (key_type && !sp_span_is_nocase(key_type->value, "rsa"))
		return SP_REASON_KEY_SYNTAX;
	if (!sp_tags_find(tags, "p"))
		return SP_REASON_KEY_SYNTAX;
	return sp_tags_find(tags, "p")->value.size ? SP_REASON_OK
						   : SP_REASON_KEY_REVOKED;
}

/* h=, s= and t=; what they do not know they ignore. */
static void read_lists(struct sp_keyrecord *record, const struct sp_tags *tags)
{
	const struct sp_tag *hashes = sp_tags_find(tags, "h");
	const struct sp_tag *services = sp_tags_find(tags, "s");
	const struct sp_tag *flags = sp_tags_find(tags, "t");

	record->hash_sha1 = !hashes || sp_tag_list_has(hashes->value, "sha1");
	record->hash_sha256 =
		!hashes || sp_tag_list_has(hashes->value, "sha256");
	record->service_email = !services ||
				sp_tag_list_has(services->value, "email") ||
				sp_tag_list_has(services->value, "*");
	record->testing = flags && sp_tag_list_has(flags->value, "y");
	record->strict = flags && sp_tag_list_has(flags->value, "s");
}

enum sp_status sp_keyrecord_parse(
	struct sp_keyrecord *record, struct sp_span value)
{
	unsigned char bytes[SP_BASE64_DECODED_BYTES(SP_KEY_RECORD_BYTES_MAX)];
	enum sp_status status = SP_OK;
	enum sp_pkey_type type;
	struct sp_tags tags;
	size_t size;

	*record = (struct sp_keyrecord){
		.first_seen = SP_TIME_NONE,
		.last_seen = SP_TIME_NONE,
	};
	record->reason = read_tags(&tags, value, &type);
	if (record->reason == SP_REASON_KEY_SYNTAX ||
		record->reason == SP_REASON_KEY_VERSION)
		return SP_OK;
	read_lists(record, &tags);
	if (record->reason != SP_REASON_OK)
		return SP_OK;
	record->reason = SP_REASON_KEY_SYNTAX;
	if (sp_base64_decode(bytes, &size, sp_tags_find(&tags, "p")->value))
		status = sp_pkey_parse_public(&record->key, type,
			sp_span(bytes, size), &record->reason);
	if (record->reason == SP_REASON_OK)
		SHA256(bytes, size, record->sha256);
	return status;
}

/* base64string (2.10): letters with white space between, up to two "=". */
static bool is_base64string(struct sp_span value)
{
	size_t padding = 0;

	for (size_t i = 0; i < value.size; i++) {
		char c = value.data[i];

		if (sp_is_fws(c))
			continue;
		if (c == '=')
			padding++;
		else if (padding || !(sp_is_alpha(c) || sp_is_digit(c) ||
					    c == '+' || c == '/'))
			return false;
	}
	return padding <= 2;
}

enum sp_reason sp_keyrecord_check(struct sp_span value)
{
	enum sp_pkey_type type;
	struct sp_tags tags;
	enum sp_reason reason = read_tags(&tags, value, &type);

	if (reason == SP_REASON_OK &&
		!is_base64string(sp_tags_find(&tags, "p")->value))
		return SP_REASON_KEY_SYNTAX;
	return reason;
}

enum sp_status sp_keyrecord_write(
	struct sp_buffer *out, const struct sp_pkey *key)
{
	sp_buffer_add_format(
		out, "v=DKIM1; k=%s; p=", sp_pkey_type_name(key->type));
	return sp_pkey_write_public(key, out);
}

void sp_keyrecord_free(struct sp_keyrecord *record)
{
	sp_pkey_free(&record->key);
	*record = (struct sp_keyrecord){0};
}
