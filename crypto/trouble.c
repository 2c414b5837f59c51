/* SPDX-License-Identifier: Apache-2.0 */
/* The error queue of OpenSSL. */
#include "crypto/trouble.h"

#include <openssl/err.h>

enum sp_status sp_openssl_trouble(void)
{
	enum sp_status status = SP_CRYPTO;
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
		if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
			status = SP_NO_MEMORY;
	return status;
}
