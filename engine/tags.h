/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tag=value lists (RFC 6376 3.2) and the small syntaxes inside their values:
 * colon lists, numbers, DKIM-quoted-printable (2.11).
 */
#ifndef SP_ENGINE_TAGS_H
#define SP_ENGINE_TAGS_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/limits.h"

struct sp_tag {
	struct sp_span name;
	struct sp_span value; /* FWS trimmed at both ends, kept inside */
	struct sp_span area; /* all between "=" and ";" or the end */
};

struct sp_tags {
	struct sp_tag tag[SP_TAGS_MAX];
	size_t count;
};

/*
 * Parses a whole list, which must outlive *tags. SP_REASON_OK,
 * SP_REASON_TAG_SYNTAX or SP_REASON_TAG_DUPLICATE; on a reason, the tags found
 * before the fault are there. A CRLF or LF counts as folding only before WSP.
 * Bytes above 0x7f may stand in values (RFC 8616), controls may not. More than
 * SP_TAGS_MAX tags is a syntax error. An empty list is one too.
 */
enum sp_reason sp_tags_parse(struct sp_tags *tags, struct sp_span text);

/* By exact name (tag names are case-sensitive), or NULL. */
const struct sp_tag *sp_tags_find(const struct sp_tags *tags, const char *name);

/* True when word is an element of a colon list, without regard to case. */
bool sp_tag_list_has(struct sp_span list, const char *word);

/*
 * Decimal digits only, at most max_digits of them; values above INT64_MAX
 * come out as INT64_MAX (3.5, x=: "must not fail on large values"). False
 * when it is no number.
 */
bool sp_tag_number(struct sp_span value, size_t max_digits, int64_t *number);

/*
 * Decodes DKIM-quoted-printable (2.11) into out (room for value.size) with
 * white space dropped; returns the size, or SIZE_MAX for a syntax error.
 */
size_t sp_tag_decode_qp(char *out, struct sp_span value);

/*
 * Encodes as DKIM-quoted-printable. More is encoded than must be: ";", "|"
 * and ":" so that the text can stand in any list, bytes above 0x7f so that
 * the field stays ASCII.
 */
void sp_tag_encode_qp(struct sp_buffer *out, struct sp_span value);

/* How many bytes sp_tag_encode_qp() adds. */
size_t sp_tag_qp_size(struct sp_span value);

#endif
