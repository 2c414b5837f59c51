/* SPDX-License-Identifier: Apache-2.0 */
/* Classes, types and times to live in zone files (RFC 1035 3.2, RFC 3597). */
#include "io/zonetype.h"

#include "io/zonefile.h"

bool sp_zonetype_is_type(struct sp_span word)
{
	static const char *const types[] = {"TXT", "A", "AAAA", "NS", "SOA",
		"MX", "CNAME", "DNAME", "PTR", "SRV", "CAA", "SPF", "TLSA",
		"DS", "CDS", "DNSKEY", "CDNSKEY", "RRSIG", "NSEC", "NSEC3",
		"NSEC3PARAM", "NAPTR", "HINFO", "SSHFP", "HTTPS", "SVCB", "LOC",
		"RP", "SMIMEA", "OPENPGPKEY", "URI", "CERT", "AFSDB"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (sp_span_is_nocase(word, types[i]))
			return true;
	/* RFC 3597 */
	return word.size > 4 &&
	       sp_span_is_nocase(sp_span(word.data, 4), "TYPE") &&
	       sp_is_digit(word.data[4]);
}

bool sp_zonetype_is_class(struct sp_span word)
{
	return sp_span_is_nocase(word, "IN") || sp_span_is_nocase(word, "CH") ||
	       sp_span_is_nocase(word, "HS");
}

static unsigned unit_seconds(char c)
{
	switch (sp_lower(c)) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 7 * 86400;
	default:
		return 0;
	}
}

bool sp_zonetype_ttl(struct sp_span word, uint32_t *ttl_s)
{
	uint64_t total = 0, value = 0;

	if (!word.size || !sp_is_digit(word.data[0]))
		return false;
	for (size_t i = 0; i < word.size; i++) {
		char c = word.data[i];

		if (sp_is_digit(c)) {
			value = value * 10 + (unsigned)(c - '0');
		} else if (unit_seconds(c)) {
			total += value * unit_seconds(c);
			value = 0;
		} else {
			return false;
		}
		if (value > SP_ZONE_TTL_MAX_S || total > SP_ZONE_TTL_MAX_S)
			return false;
	}
	total += value;
	if (total > SP_ZONE_TTL_MAX_S)
		return false;
	*ttl_s = (uint32_t)total;
	return true;
}

/* Takes the next word of a line off *rest; empty at the end. */
static struct sp_span next_word(struct sp_span *rest)
{
	size_t size = 0;
	struct sp_span word;

	while (rest->size && sp_is_wsp(rest->data[0]))
		*rest = sp_span_after(*rest, 1);
	while (size < rest->size && !sp_is_wsp(rest->data[size]) &&
		rest->data[size] != '(' && rest->data[size] != '"')
		size++;
	word = sp_span(rest->data, size);
	*rest = sp_span_after(*rest, size);
	return word;
}

bool sp_zonetype_follows(struct sp_span rest)
{
	struct sp_span word = next_word(&rest);
	uint32_t ttl_s;

	for (int i = 0; i < 2; i++)
		if (sp_zonetype_is_class(word) || sp_zonetype_ttl(word, &ttl_s))
			word = next_word(&rest);
	return sp_zonetype_is_type(word) && sp_span_trim(rest).size > 0;
}
