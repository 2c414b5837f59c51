/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C, four bits at a time where the processor has no instruction. */
#include "base/crc32c.h"

#include "base/cpu.h"

/* The remainder of each four bits, polynomial 0x82f63b78 (reflected). */
static const uint32_t nibbles[16] = {0x00000000, 0x105ec76f, 0x20bd8ede,
	0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78,
	0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a,
	0xf36e6f75};

static uint32_t step(uint32_t state, struct sp_span bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		state ^= (unsigned char)bytes.data[i];
		state = state >> 4 ^ nibbles[state & 15];
		state = state >> 4 ^ nibbles[state & 15];
	}
	return state;
}

uint32_t sp_crc32c_portable(uint32_t crc, struct sp_span bytes)
{
	return ~step(~crc, bytes);
}

uint32_t sp_crc32c(uint32_t crc, struct sp_span bytes)
{
	sp_crc32c_step native = sp_crc32c_native();

	return native ? ~native(~crc, bytes) : ~step(~crc, bytes);
}
