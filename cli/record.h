/* SPDX-License-Identifier: Apache-2.0 */
/* What reports of every format say of a message in the same words. */
#ifndef SP_CLI_RECORD_H
#define SP_CLI_RECORD_H

#include "engine/run.h"
#include "io/resolver.h"

/*
 * "result" of a record. Verifying: the best verdict; "temperror" for a
 * message that could not be read. Signing: "signed"; "skipped" when no key is
 * meant for its sender; else "error".
 */
const char *sp_record_result(const struct sp_record *record, bool signing);

/* "reason" of a record. */
enum sp_reason sp_record_reason(const struct sp_record *record);

/* True for a message that did not sign or verify. */
bool sp_record_failed(const struct sp_record *record);

/* True for a message that could not be read. */
bool sp_record_unreadable(const struct sp_record *record);

/* True when octets follow those that l= covers (RFC 6376 8.2). */
bool sp_result_partial(const struct sp_result *result);

/* Names of enumerators as reports have them; NULL for "not known". */
const char *sp_key_source_name(enum sp_key_source source);
const char *sp_body_hash_name(enum sp_body_hash hash);
const char *sp_alignment_name(enum sp_alignment alignment);
/* "relaxed/simple" */
const char *sp_canon_name(enum sp_canon header, enum sp_canon body);

/* What records say; NULL or empty for "not known". */
struct sp_span sp_record_message_id(const struct sp_record *record);
struct sp_span sp_record_from_domain(const struct sp_record *record);
const char *sp_result_algorithm(const struct sp_result *result);
const char *sp_result_canon(const struct sp_result *result);
const char *sp_result_dnssec(const struct sp_result *result);

/* A SHA-256 in hexadecimal. */
#define SP_RECORD_HASH_LETTERS (2 * SP_KEY_SHA256_BYTES)
void sp_record_hash(
	char text[SP_RECORD_HASH_LETTERS], const unsigned char *hash);

#endif
