/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key records: the TXT value below selector._domainkey (RFC 6376 3.6.1,
 * RFC 8463 section 4).
 */
#ifndef SP_ENGINE_KEYRECORD_H
#define SP_ENGINE_KEYRECORD_H

#include "crypto/pkey.h"
#include "engine/tags.h"

struct sp_keyrecord {
	enum sp_reason reason; /* SP_REASON_OK: usable, else why not */
	struct sp_pkey key; /* owned; only when reason is OK */
	/* Of the decoded p=; when reason is OK. */
	unsigned char sha256[SP_KEY_SHA256_BYTES];
	bool hash_sha1; /* h= allows it (both when h= is absent) */
	bool hash_sha256;
	bool service_email; /* s= holds "email" or "*", or is absent */
	bool testing; /* t=y */
	bool strict; /* t=s: no subdomain in i= */
	/* From a key archive: when this value was seen; else SP_TIME_NONE. */
	int64_t first_seen, last_seen;
	enum sp_dnssec dnssec;
};

/*
 * Parses one TXT value (its strings joined, SP_KEY_RECORD_BYTES_MAX at most).
 * Faults go to record->reason: KEY_SYNTAX (too long, tag list, p= missing or
 * not a key, unknown k=), KEY_VERSION (v= not DKIM1, or not first),
 * KEY_REVOKED (empty p=), KEY_TOO_LARGE. The flags are there whenever tags
 * and version were right. g=, n= and unknown tags are ignored. Free with
 * sp_keyrecord_free(). SP_NO_MEMORY is the only trouble; then there is nothing
 * to free.
 */
enum sp_status sp_keyrecord_parse(struct sp_keyrecord *record,
	struct sp_span value) __attribute__((warn_unused_result));

/*
 * The syntax alone, with p= no more than looking like base64: SP_REASON_OK,
 * SP_REASON_KEY_SYNTAX, KEY_VERSION or KEY_REVOKED.
 */
enum sp_reason sp_keyrecord_check(struct sp_span value);

/* Appends "v=DKIM1; k=rsa; p=..." for the public half of a key. */
enum sp_status sp_keyrecord_write(struct sp_buffer *out,
	const struct sp_pkey *key) __attribute__((warn_unused_result));

void sp_keyrecord_free(struct sp_keyrecord *record);

#endif
