/* SPDX-License-Identifier: Apache-2.0 */
/* No AVX-512 IFMA here. */
#include "tests/unit/arithmetic.h"

const struct arithmetic *arithmetic_ifma(void)
{
	return NULL;
}
