/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of zone files (RFC 1035 5.1): tokens, escapes, names. Used by
 * io/zonefile.c only.
 */
#ifndef SP_IO_ZONETEXT_H
#define SP_IO_ZONETEXT_H

#include "io/zonefile.h"

enum sp_zone_token_kind {
	SP_ZONE_END, /* of the record */
	SP_ZONE_WORD,
	SP_ZONE_STRING, /* it stood in quotes */
};

struct sp_zone_token {
	enum sp_zone_token_kind kind;
	char *data; /* escapes as written; in the text */
	size_t size;
	bool at_comment; /* a ";" follows without a blank */
};

static inline struct sp_span sp_zonetext_span(const struct sp_zone_token *token)
{
	return sp_span(token->data, token->size);
}

/* SP_CONFIG, "PATH:LINE: what". */
enum sp_status sp_zonetext_fault(const struct sp_zonefile *zone, size_t line,
	struct sp_error *error, const char *what);

/*
 * The next token of the record. An end of line outside parentheses is
 * SP_ZONE_END and is consumed; inside it is a blank.
 */
enum sp_status sp_zonetext_token(struct sp_zonefile *zone,
	struct sp_zone_token *token, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Undoes \DDD and \X (RFC 1035 5.1) from raw to out, which may be the same
 * place or lie before it. False for an escape that is none.
 */
bool sp_zonetext_unescape(char *out, size_t *size, struct sp_span raw);

/* The same for the escapes of key files: \\ \n \r \t \xHH. */
bool sp_zonetext_unescape_key(char *out, size_t *size, struct sp_span raw);

/*
 * Makes a name of the size bytes at text, in place where that is possible:
 * without escapes, in lower case, A-labels, no dot at the end; relative ones
 * below origin (empty: below nothing).
 */
enum sp_status sp_zonetext_name(struct sp_zonefile *zone, struct sp_span *name,
	char *text, size_t size, struct sp_span origin, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
