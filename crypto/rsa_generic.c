/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of an RSA kernel elsewhere: none, OpenSSL does it all. */
#include "crypto/rsa_kernel.h"

const struct sp_rsa_kernel *sp_rsa_kernel(void)
{
	return NULL;
}
