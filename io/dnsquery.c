/* SPDX-License-Identifier: Apache-2.0 */
/* DNS queries for TXT (RFC 1035 section 4), with EDNS (RFC 6891). */
#include "io/dnsmessage.h"

#define LABEL_BYTES_MAX 63u
#define FLAG_RD 0x0100u
#define FLAG_AD 0x0020u

enum { TYPE_TXT = 16, TYPE_OPT = 41, CLASS_IN = 1 };

bool sp_dns_name_parse(struct sp_dns_name *name, struct sp_span text)
{
	struct sp_span rest = text;

	name->size = 0;
	if (text.size == 0 || text.size > SP_DNS_NAME_BYTES_MAX - 2)
		return false;
	while (rest.data) {
		struct sp_span label = sp_span_split(&rest, '.');

		if (label.size == 0 || label.size > LABEL_BYTES_MAX)
			return false;
		name->bytes[name->size++] = (unsigned char)label.size;
		for (size_t i = 0; i < label.size; i++)
			name->bytes[name->size++] =
				(unsigned char)sp_lower(label.data[i]);
	}
	name->bytes[name->size++] = 0;
	return true;
}

static unsigned char *put16(unsigned char *out, unsigned value)
{
	out[0] = (unsigned char)(value >> 8);
	out[1] = (unsigned char)value;
	return out + 2;
}

size_t sp_dns_query_write(unsigned char *out, const struct sp_dns_name *name,
	uint16_t id, bool authentic)
{
	unsigned char *at = out;

	at = put16(at, id);
	at = put16(at, FLAG_RD | (authentic ? FLAG_AD : 0));
	at = put16(at, 1); /* question */
	at = put16(at, 0);
	at = put16(at, 0);
	at = put16(at, 1); /* the OPT record */
	memcpy(at, name->bytes, name->size);
	at = put16(at + name->size, TYPE_TXT);
	at = put16(at, CLASS_IN);
	*at++ = 0;
	at = put16(at, TYPE_OPT);
	at = put16(at, SP_DNS_UDP_BYTES);
	memset(at, 0, 6);
	return (size_t)(at + 6 - out);
}
