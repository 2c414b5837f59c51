/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical header fields, simple and relaxed (RFC 6376 3.4.1, 3.4.2), and
 * the signature field without the value of b= (3.5, 3.7).
 */
#ifndef SP_CANON_HEADER_H
#define SP_CANON_HEADER_H

#include "base/buffer.h"
#include "canon/message.h"

/*
 * Appends the canonical field with its CRLF. simple: the bytes of raw with
 * every line end as CRLF, one added if raw has none. relaxed: lower-case
 * name, colon, unfolded value with runs of white space as one space and none
 * at the ends. The field must have a name.
 */
void sp_header_canon(struct sp_buffer *out, enum sp_canon canon,
	const struct sp_field *field);

/*
 * Appends a DKIM-Signature field (or another that signs itself) in canonical
 * form, with the bytes of b_value taken out and no CRLF at its end, as it is
 * hashed last. b_value lies inside field->value (all that stands between the
 * "=" of b= and the next ";" or the end of the field's value); folding white
 * space around the value goes with it, as in RFC 6376 3.7.
 */
void sp_header_canon_signature(struct sp_buffer *out, enum sp_canon canon,
	const struct sp_field *field, struct sp_span b_value);

#endif
