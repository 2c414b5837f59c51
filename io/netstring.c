/* SPDX-License-Identifier: Apache-2.0 */
/* Netstrings in memory. */
#include "io/netstring.h"

static enum sp_netstring_state bad(
	struct sp_netstring *netstring, size_t at, const char *fault)
{
	netstring->fault_at = at;
	netstring->fault = fault;
	return SP_NETSTRING_BAD;
}

/* LENGTH ":". */
static enum sp_netstring_state parse_head(
	struct sp_netstring *netstring, struct sp_span data, uint64_t max)
{
	size_t at = 0;

	while (at < data.size && sp_is_digit(data.data[at])) {
		unsigned digit = (unsigned)(data.data[at] - '0');

		if (at == 1 && data.data[0] == '0')
			return bad(netstring, 1, "a length begins with 0");
		if (netstring->length > (max - digit) / 10)
			return bad(
				netstring, at, "the length is above the limit");
		netstring->length = 10 * netstring->length + digit;
		at++;
	}
	if (at == data.size)
		return SP_NETSTRING_MORE;
	if (at == 0)
		return bad(netstring, 0, "a length has to stand here");
	if (data.data[at] != ':')
		return bad(netstring, at,
			"a colon has to stand here, behind the length");
	netstring->head = at + 1;
	return SP_NETSTRING_WHOLE;
}

enum sp_netstring_state sp_netstring_parse(
	struct sp_netstring *netstring, struct sp_span data, uint64_t max)
{
	enum sp_netstring_state state;
	struct sp_span rest;

	*netstring = (struct sp_netstring){.head = 0};
	state = parse_head(netstring, data, max);
	if (state != SP_NETSTRING_WHOLE)
		return state;
	rest = sp_span_after(data, netstring->head);
	if (rest.size <= netstring->length)
		return SP_NETSTRING_MORE;
	netstring->bytes = sp_span(rest.data, (size_t)netstring->length);
	netstring->size = netstring->head + netstring->bytes.size + 1;
	if (rest.data[netstring->bytes.size] != ',')
		return bad(netstring, netstring->size - 1,
			"a comma has to stand here, behind what the length "
			"said");
	return SP_NETSTRING_WHOLE;
}

void sp_netstring_add_head(struct sp_buffer *out, uint64_t length)
{
	sp_buffer_add_format(out, "%llu:", (unsigned long long)length);
}
