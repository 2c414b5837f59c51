/* SPDX-License-Identifier: Apache-2.0 */
/* Why OpenSSL did not do what it should always do. */
#ifndef SP_CRYPTO_TROUBLE_H
#define SP_CRYPTO_TROUBLE_H

#include "base/error.h"

/*
 * Takes all errors off the thread's queue: SP_NO_MEMORY when one of them is
 * about memory, else SP_CRYPTO. So that a "no" is taken for an answer, and want
 * of memory is not.
 */
enum sp_status sp_openssl_trouble(void);

#endif
