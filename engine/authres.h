/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Authentication-Results field (RFC 8601; header.b of RFC 6008).
 */
#ifndef SP_ENGINE_AUTHRES_H
#define SP_ENGINE_AUTHRES_H

#include "base/buffer.h"
#include "canon/message.h"

#define SP_AUTHRES_ID_BYTES_MAX 253u /* it is a host name, mostly */
/* A longer value is left out; cut short it would name another domain. */
#define SP_AUTHRES_VALUE_BYTES_MAX 320u

/*
 * True when text can stand as an authserv-id without quotes (RFC 8601 2.2,
 * 2.5): a token, with bytes above 0x7f allowed (RFC 8616 section 6).
 */
bool sp_authres_id_valid(struct sp_span id);

/*
 * Appends a whole field with its line end: "Authentication-Results: ID;
 * dkim=pass (2048-bit key) header.d=... header.i=... header.s=...
 * header.a=... header.b=..." with one dkim= per result, a reason= unless it is
 * pass, or "dkim=none" for count 0, folded below 78 columns. id is valid.
 * Whatever the values hold, the field stays one field: what is no token is
 * quoted, and control bytes are dropped.
 */
void sp_authres_write(struct sp_buffer *out, struct sp_span id,
	const struct sp_result *results, size_t count, bool crlf);

/*
 * True when the field is an Authentication-Results field that claims to be
 * from id and therefore has to be removed before ours is added (RFC 8601
 * section 5). Ids compare without regard to case, U-labels and A-labels being
 * equal. Fields too broken to read the id from count as forged.
 */
bool sp_authres_forged(const struct sp_field *field, struct sp_span id);

#endif
