/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C (Castagnoli; RFC 3720 appendix B.4), against bytes that got lost or
 * changed by accident. Not against anybody's will.
 */
#ifndef SP_BASE_CRC32C_H
#define SP_BASE_CRC32C_H

#include <stdint.h>

#include "base/span.h"

/* The checksum of what crc (0: nothing) is the checksum of, and bytes. */
uint32_t sp_crc32c(uint32_t crc, struct sp_span bytes);

/* The same without the processor's help: the truth. */
uint32_t sp_crc32c_portable(uint32_t crc, struct sp_span bytes);

/*
 * What this processor has for it, or NULL (crc32c_x86.c, crc32c_generic.c). It
 * takes and gives the state between bytes, which is the checksum inverted.
 */
typedef uint32_t (*sp_crc32c_step)(uint32_t state, struct sp_span bytes);
sp_crc32c_step sp_crc32c_native(void);

#endif
