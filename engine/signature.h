/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DKIM-Signature field: parse, check, write (RFC 6376 3.5; RFC 8301;
 * RFC 8463; RFC 8616 for domain names).
 */
#ifndef SP_ENGINE_SIGNATURE_H
#define SP_ENGINE_SIGNATURE_H

#include "base/buffer.h"
#include "canon/message.h"
#include "crypto/digest.h"
#include "crypto/pkey.h"
#include "engine/domain.h"
#include "engine/tags.h"

struct sp_signature {
	const struct sp_field *field; /* the field it was parsed from */
	enum sp_algorithm algorithm;
	enum sp_canon header_canon;
	enum sp_canon body_canon;
	struct sp_span domain; /* d= as written */
	struct sp_span selector; /* s= as written */
	struct sp_span identity; /* i= decoded, or "@" d= */
	struct sp_span *names; /* h=, in order, trimmed; in the arena */
	size_t name_count;
	struct sp_span body_hash; /* bh= decoded */
	struct sp_span b; /* b= decoded */
	struct sp_span b_area; /* what header.h takes out of the field */
	struct sp_span b_text; /* first 8 characters of b= (RFC 6008) */
	uint64_t body_length; /* l= or SP_LENGTH_NONE */
	bool body_named; /* a=, c=, l= and bh= could all be read: the body hash
			    can be checked whatever else is wrong */
	int64_t timestamp; /* t= or SP_TIME_NONE */
	int64_t expiration; /* x= or SP_TIME_NONE */
	struct sp_span key_name; /* "selector._domainkey.domain", lower case,
				    A-labels, no dot at the end; in the arena */
};

/*
 * Parses and checks the field in the order of docs/DESIGN.md, "Verdicts":
 * size, tag list, version, required tags, their values, algorithm,
 * canonicalization, i= below
 * d=, From in h=, q=, x= after t=, and last whether the DNS can hold the name
 * of the key at all (if not: SP_REASON_KEY_NOT_FOUND and an empty key_name).
 * The first fault goes to *reason, and what could be read is in *signature
 * all the same (empty spans, SP_TIME_NONE and so on where it could not), so
 * that a record can name it. Spans point into the field or the arena. Expiry
 * against the clock is policy.h's. Trouble is SP_NO_MEMORY only.
 *
 * Where the grammar leaves a choice: algorithm, canonicalization and query
 * names compare without case (ABNF strings, RFC 5234 2.3). t=, x= and l= may
 * have up to 76 digits and are clamped (3.5: "infinite"). A bh= of the wrong
 * length is no fault here; it will not match. An h= with more than
 * SP_HEADER_NAMES_MAX names is SP_REASON_TOO_MANY_NAMES, with no names kept;
 * empty names in h= are kept and mean no field.
 */
enum sp_status sp_signature_parse(struct sp_signature *signature,
	struct sp_arena *arena, const struct sp_field *field,
	enum sp_reason *reason) __attribute__((warn_unused_result));

/* The hash of an algorithm: SHA-1 for rsa-sha1, else SHA-256. */
enum sp_digest_algorithm sp_algorithm_digest(enum sp_algorithm algorithm);

/* True when an algorithm is used with keys of this type. */
bool sp_algorithm_fits(enum sp_algorithm algorithm, enum sp_pkey_type type);

/* What a new signature field says. All spans are borrowed for the call. */
struct sp_signature_fields {
	enum sp_algorithm algorithm;
	enum sp_canon header_canon;
	enum sp_canon body_canon;
	struct sp_span domain;
	struct sp_span selector;
	struct sp_span identity; /* undecoded octets; empty: no i= */
	const struct sp_span *names; /* h= */
	size_t name_count;
	struct sp_span body_hash; /* raw digest */
	uint64_t body_length;
	int64_t timestamp;
	int64_t expiration;
	struct sp_span copied_headers; /* ready z= value, or empty */
	bool crlf; /* line ends to fold with */
};

/*
 * Appends "DKIM-Signature: ... b=" to out, folded to lines of at most 77
 * bytes (line end not counted) without splitting a header name, a number or a
 * domain; only one of those that is longer makes a longer line. Continuation
 * lines begin with one space. b= stands last and empty; nothing follows the
 * "=" yet. This is, to the byte, what sp_header_canon_signature() hashes.
 */
void sp_signature_write(
	struct sp_buffer *out, const struct sp_signature_fields *fields);

/*
 * Appends the value of b= to what sp_signature_write() wrote (whose first
 * byte is at offset start of out) and the line end: base64, folded the same
 * way. signature has 1 to SP_PKEY_SIGNATURE_BYTES_MAX bytes.
 */
void sp_signature_write_b(struct sp_buffer *out, size_t start,
	struct sp_span signature, bool crlf);

#endif
