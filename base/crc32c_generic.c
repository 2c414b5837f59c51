/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C elsewhere: portable code only. */
#include "base/crc32c.h"

#include <stddef.h>

sp_crc32c_step sp_crc32c_native(void)
{
	return NULL;
}
