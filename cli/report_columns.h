/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What records say, once for all formats: X(KIND, NAME, COLUMN, VALUE) for each
 * column, in order. A format has a function add_KIND() for each kind. NAME is
 * that of CSV and JSON; COLUMN is SQLite's, which has messages and signatures
 * in tables of their own.
 *
 * kind     value
 * path     struct sp_span, of any bytes
 * text     struct sp_span, empty: there is none
 * name     const char *, of ours; NULL: there is none
 * number   uint64_t
 * size     the same; 0: there is none
 * length   the same; SP_LENGTH_NONE
 * time     int64_t; SP_TIME_NONE
 * flag     bool
 * hash     unsigned char[32], or NULL
 */
#ifndef SP_CLI_REPORT_COLUMNS_H
#define SP_CLI_REPORT_COLUMNS_H

/* record, a struct sp_record */
#define SP_PLACE_COLUMNS(X) \
	X(path, path, path, record->mail->path) \
	X(number, index, message_index, record->mail->index) \
	X(number, offset, offset, record->mail->offset) \
	X(number, bytes, bytes, record->mail->bytes_total)

#define SP_VERIFIED_COLUMNS(X) \
	SP_PLACE_COLUMNS(X) \
	X(text, message_id, message_id, sp_record_message_id(record)) \
	X(text, from_domain, from_domain, sp_record_from_domain(record)) \
	X(name, message_result, result, sp_record_result(record, false)) \
	X(name, message_reason, reason, \
		sp_reason_name(sp_record_reason(record)))

#define SP_SIGNED_COLUMNS(X) \
	SP_PLACE_COLUMNS(X) \
	X(name, message_result, result, sp_record_result(record, true)) \
	X(name, message_reason, reason, sp_reason_name(record->reason)) \
	X(flag, copied, copied, record->copied)

/* result, a struct sp_result */
#define SP_RESULT_COLUMNS(X) \
	X(text, domain, domain, result->domain) \
	X(text, selector, selector, result->selector) \
	X(text, identity, identity, result->identity) \
	X(name, algorithm, algorithm, sp_result_algorithm(result)) \
	X(name, canon, canon, sp_result_canon(result)) \
	X(text, b, b, result->b) \
	X(size, key_bits, key_bits, result->key_bits) \
	X(hash, key_sha256, key_sha256, \
		result->key_bits ? result->key_sha256 : NULL) \
	X(name, key_source, key_source, \
		sp_key_source_name(result->key_source)) \
	X(name, key_dnssec, key_dnssec, sp_result_dnssec(result)) \
	X(time, key_ttl, key_ttl, result->key_ttl) \
	X(time, key_first_seen, key_first_seen, result->key_first_seen) \
	X(time, key_last_seen, key_last_seen, result->key_last_seen) \
	X(flag, key_testing, key_testing, result->key_testing) \
	X(time, timestamp, timestamp, result->timestamp) \
	X(flag, future_timestamp, future_timestamp, result->future) \
	X(time, expiration, expiration, result->expiration) \
	X(length, body_length, body_length, result->body_length) \
	X(length, body_total, body_total, result->body_total) \
	X(name, result, result, sp_verdict_name(result->verdict)) \
	X(name, reason, reason, sp_reason_name(result->reason)) \
	X(name, body_hash, body_hash, sp_body_hash_name(result->body_hash)) \
	X(name, aligned, aligned, sp_alignment_name(result->alignment))

/* Of --historical; JSON leaves them out otherwise. */
#define SP_LEGACY_COLUMNS(X) \
	X(name, legacy_result, legacy_result, \
		result->legacy ? sp_verdict_name(result->legacy_verdict) \
			       : NULL) \
	X(name, legacy_reason, legacy_reason, \
		result->legacy ? sp_reason_name(result->legacy_reason) : NULL)

/* item, a struct sp_sign_item */
#define SP_ITEM_COLUMNS(X) \
	X(text, domain, domain, item->key->domain) \
	X(text, selector, selector, item->key->selector) \
	X(name, algorithm, algorithm, sp_algorithm_name(item->algorithm)) \
	X(number, signature_bytes, bytes, item->field_bytes)

#endif
