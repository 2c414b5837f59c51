/* SPDX-License-Identifier: Apache-2.0 */
/* The words of records (docs/sealpress.1, "REPORTS"; RFC 8601 2.7.1). */
#include "cli/record.h"

const char *sp_record_result(const struct sp_record *record, bool signing)
{
	if (!signing)
		return sp_verdict_name(record->verify ? record->verify->verdict
						      : SP_TEMPERROR);
	if (record->reason == SP_REASON_OK)
		return "signed";
	return record->reason == SP_REASON_NO_KEY_FOR_SENDER ? "skipped"
							     : "error";
}

enum sp_reason sp_record_reason(const struct sp_record *record)
{
	return record->verify ? record->verify->reason : record->reason;
}

bool sp_record_failed(const struct sp_record *record)
{
	if (record->verify)
		return record->verify->verdict != SP_PASS;
	return record->reason != SP_REASON_OK;
}

bool sp_record_unreadable(const struct sp_record *record)
{
	return record->mail->trouble != 0;
}

bool sp_result_partial(const struct sp_result *result)
{
	return result->body_length != SP_LENGTH_NONE &&
	       result->body_total != SP_LENGTH_NONE &&
	       result->body_length < result->body_total;
}

const char *sp_key_source_name(enum sp_key_source source)
{
	static const char *const names[] = {
		[SP_KEY_SOURCE_NONE] = NULL,
		[SP_KEY_SOURCE_FILE] = "file",
		[SP_KEY_SOURCE_ARCHIVE] = "archive",
		[SP_KEY_SOURCE_DNS] = "dns",
	};

	return names[source];
}

const char *sp_body_hash_name(enum sp_body_hash hash)
{
	static const char *const names[] = {
		[SP_BODY_HASH_NOT_CHECKED] = "not-checked",
		[SP_BODY_HASH_MATCH] = "match",
		[SP_BODY_HASH_MISMATCH] = "mismatch",
	};

	return names[hash];
}

const char *sp_alignment_name(enum sp_alignment alignment)
{
	static const char *const names[] = {
		[SP_ALIGNED_NO] = "no",
		[SP_ALIGNED_RELAXED] = "relaxed",
		[SP_ALIGNED_STRICT] = "strict",
	};

	return names[alignment];
}

const char *sp_canon_name(enum sp_canon header, enum sp_canon body)
{
	static const char *const names[2][2] = {
		{"simple/simple", "simple/relaxed"},
		{"relaxed/simple", "relaxed/relaxed"},
	};

	return names[header][body];
}

struct sp_span sp_record_message_id(const struct sp_record *record)
{
	return record->verify ? record->verify->message_id : sp_span(NULL, 0);
}

struct sp_span sp_record_from_domain(const struct sp_record *record)
{
	return record->verify ? record->verify->from_domain : sp_span(NULL, 0);
}

const char *sp_result_algorithm(const struct sp_result *result)
{
	return result->algorithm == SP_ALGORITHM_UNKNOWN
		       ? NULL
		       : sp_algorithm_name(result->algorithm);
}

const char *sp_result_canon(const struct sp_result *result)
{
	return result->reason == SP_REASON_CANON
		       ? NULL
		       : sp_canon_name(
				 result->header_canon, result->body_canon);
}

const char *sp_result_dnssec(const struct sp_result *result)
{
	return result->key_source == SP_KEY_SOURCE_NONE
		       ? NULL
		       : sp_dnssec_name(result->key_dnssec);
}

void sp_record_hash(
	char text[SP_RECORD_HASH_LETTERS], const unsigned char *hash)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SP_KEY_SHA256_BYTES; i++) {
		text[2 * i] = digits[hash[i] >> 4];
		text[2 * i + 1] = digits[hash[i] & 15];
	}
}
