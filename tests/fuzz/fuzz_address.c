/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From values (engine/address.h) of any bytes: the address found has two
 * sides and no controls, and is found again in itself, bare or in "<>".
 */
#include <assert.h>
#include <stdint.h>

#include "base/buffer.h"
#include "engine/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sp_span first(struct sp_arena *arena, struct sp_span value)
{
	struct sp_span address;

	assert(sp_address_first(arena, value, &address) == SP_OK);
	return address;
}

static void check_again(struct sp_arena *arena, struct sp_span address)
{
	struct sp_buffer out = {0};

	assert(sp_span_equal(first(arena, address), address));
	sp_buffer_add_str(&out, "Name (comment) <");
	sp_buffer_add(&out, address);
	sp_buffer_add_str(&out, ">, other@example.com");
	assert(sp_span_equal(first(arena, sp_buffer_span(&out)), address));
	sp_buffer_free(&out);
}

static void check_domains(struct sp_span name)
{
	char ascii[SP_DOMAIN_BYTES_MAX + 1];
	char again[SP_DOMAIN_BYTES_MAX + 1];

	assert(sp_domain_equal(name, name));
	if (!sp_domain_to_ascii(ascii, name))
		return;
	assert(strlen(ascii) > 0 && strlen(ascii) <= SP_DOMAIN_BYTES_MAX);
	assert(sp_domain_to_ascii(again, sp_span_str(ascii)));
	assert(strcmp(ascii, again) == 0);
	assert(sp_domain_within(name, sp_span_str(ascii)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sp_arena arena;
	struct sp_span address;

	sp_arena_reset(&arena);
	address = first(&arena, sp_span(data, size));
	check_domains(sp_span(data, size));
	if (!address.size)
		return 0;
	assert(address.size <= size);
	for (size_t i = 0; i < address.size; i++)
		assert((unsigned char)address.data[i] >= 0x20 ||
			address.data[i] == '\t');
	assert(sp_address_domain(address).size);
	check_again(&arena, address);
	check_domains(sp_address_domain(address));
	return 0;
}
