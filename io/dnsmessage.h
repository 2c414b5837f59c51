/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS messages for one purpose: TXT queries and what comes back (RFC 1035
 * section 4, RFC 6891, RFC 2308). Pure functions over bytes.
 */
#ifndef SP_IO_DNSMESSAGE_H
#define SP_IO_DNSMESSAGE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"

#define SP_DNS_NAME_BYTES_MAX 255u /* in wire form, RFC 1035 2.3.4 */
/* Header, question with the longest name, OPT record. */
#define SP_DNS_QUERY_BYTES_MAX (12u + SP_DNS_NAME_BYTES_MAX + 4u + 11u)

/* A name in wire form: labels with their lengths, lower case, no pointers. */
struct sp_dns_name {
	unsigned char bytes[SP_DNS_NAME_BYTES_MAX];
	size_t size;
};

/* False for what cannot be a name: empty or long labels, too long in all. */
bool sp_dns_name_parse(struct sp_dns_name *name, struct sp_span text);

/*
 * Writes a recursive query for the TXT records of name, with EDNS
 * (SP_DNS_UDP_BYTES). authentic asks for the AD bit (RFC 6840 5.7). Returns
 * the size, at most SP_DNS_QUERY_BYTES_MAX.
 */
size_t sp_dns_query_write(unsigned char *out, const struct sp_dns_name *name,
	uint16_t id, bool authentic);

/* Response codes we tell apart (RFC 1035 4.1.1). */
enum sp_dns_rcode { SP_DNS_NOERROR = 0, SP_DNS_NXDOMAIN = 3 };

enum sp_dns_kind {
	SP_DNS_BROKEN, /* no DNS response to this question */
	SP_DNS_FAILED, /* another rcode than the two above */
	SP_DNS_TXT, /* values */
	SP_DNS_NONE, /* there is no such name, or no TXT record */
	SP_DNS_ALIAS, /* a chain of CNAMEs that ends at target, unanswered */
	SP_DNS_LOOP, /* a chain longer than SP_DNS_CHAIN_MAX */
};

struct sp_dns_reply {
	enum sp_dns_kind kind;
	bool truncated; /* TC: ask again with TCP; the rest may be missing */
	bool authentic; /* AD */
	/* TXT: strings joined, in the arena, sorted so that the order is
	 * the same each time; at most SP_DNS_VALUES_MAX. */
	struct sp_span *values;
	size_t count;
	uint32_t ttl_s; /* least of chain and values; NONE: of the SOA, or 0 */
	struct sp_dns_name target; /* ALIAS */
};

/*
 * Reads a response to the query for name. Only records that the name, or the
 * chain of CNAMEs from it, leads to count. A DNAME counts through the CNAME
 * that the server makes of it (RFC 6672 3.1). SP_NO_MEMORY or SP_OK.
 */
enum sp_status sp_dns_reply_read(struct sp_dns_reply *reply,
	const unsigned char *packet, size_t size,
	const struct sp_dns_name *name, struct sp_arena *arena)
	__attribute__((warn_unused_result));

#endif
