/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of key files and zone files, record by record.
 *
 * A key file has lines "NAME<TAB>VALUE" with the escapes \\ \n \r \t \xHH in
 * the value; a value !NXDOMAIN, !SERVFAIL or !TIMEOUT stands for that answer;
 * lines that begin with "#" or ";" are comments. A zone file is RFC 1035
 * section 5: NAME [TTL] [CLASS] TXT "..." "...", $ORIGIN, $TTL, "@", names
 * left blank, parentheses, ";" comments, \DDD. Records of other types are
 * passed over. Which of the two a line is: of a zone file when what follows
 * the name is [TTL] [CLASS] and a known record type.
 *
 * Names relative to nothing are taken as absolute; but when a record ends in
 * the comment that opendkim-genkey writes ("; ----- DKIM key s1 for
 * example.com"), "s1._domainkey" is understood to be in that domain.
 */
#ifndef SP_IO_ZONEFILE_H
#define SP_IO_ZONEFILE_H

#include "io/resolver.h"

#define SP_ZONE_TTL_S 86400u /* where the file says nothing */
#define SP_ZONE_TTL_MAX_S 0x7fffffffu /* RFC 2181 8 */

struct sp_zone_record {
	struct sp_span name; /* lower case, A-labels, no dot at the end */
	struct sp_span value; /* strings joined; FOUND only */
	enum sp_answer_status status;
	uint32_t ttl_s;
	size_t line; /* where it begins, from 1 */
};

struct sp_zonefile {
	char *at; /* next byte */
	char *end;
	const char *path; /* for messages */
	struct sp_arena *arena; /* for names that are put together */
	size_t line; /* of at, from 1 */
	size_t entry_line; /* where the record under way begins */
	struct sp_span origin; /* no dot at the end; empty: none */
	struct sp_span owner; /* of the record before; empty: none */
	uint32_t ttl_s;
	unsigned depth; /* open parentheses */
	size_t open_line; /* where the last one was opened */
	struct sp_span comment; /* on the record's last line */
};

/*
 * Begins to read. The text is changed while it is read, and names and values
 * point into it or into the arena; all is borrowed.
 */
void sp_zonefile_init(struct sp_zonefile *zone, char *text, size_t size,
	const char *path, struct sp_arena *arena);

/*
 * The next TXT record; *end is true when there is none. SP_CONFIG names
 * PATH:LINE, the fault and what to do; reading cannot go on after it.
 */
enum sp_status sp_zonefile_next(struct sp_zonefile *zone,
	struct sp_zone_record *record, bool *end, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
