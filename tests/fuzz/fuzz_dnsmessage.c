/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS responses: reading one stays within the packet and its limits, and what
 * it brings lies in the packet.
 */
#include <assert.h>
#include <stdlib.h>

#include "io/dnsmessage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sp_dns_reply *reply, size_t size)
{
	size_t bytes = 0;

	assert(reply->count <= SP_DNS_VALUES_MAX);
	assert(reply->kind != SP_DNS_TXT || reply->count);
	assert(reply->kind != SP_DNS_ALIAS || reply->target.size);
	assert(reply->ttl_s <= INT32_MAX);
	for (size_t i = 0; i < reply->count; i++) {
		bytes += reply->values[i].size;
		if (i == 0 || reply->values[i].size == 0 ||
			reply->values[i - 1].size == 0)
			continue;
		assert((unsigned char)reply->values[i - 1].data[0] <=
			(unsigned char)reply->values[i].data[0]);
	}
	assert(bytes <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char text[] = "s._domainkey.example.com";
	struct sp_arena arena = {.chunk_bytes = 4096};
	struct sp_dns_reply reply;
	struct sp_dns_name name;
	unsigned char query[SP_DNS_QUERY_BYTES_MAX];

	assert(sp_dns_name_parse(&name, sp_span_str(text)));
	assert(sp_dns_query_write(query, &name, 1, true) <= sizeof(query));
	if (sp_dns_reply_read(&reply, data, size, &name, &arena) == SP_OK &&
		reply.kind != SP_DNS_BROKEN)
		check(&reply, size);
	/* The input as a name: what can be parsed can be written. */
	if (sp_dns_name_parse(&name, sp_span(data, size)))
		assert(sp_dns_query_write(query, &name, 1, false) <=
			sizeof(query));
	sp_arena_free(&arena);
	return 0;
}
