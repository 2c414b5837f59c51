/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for keys and what is computed with them: whole pages, locked in RAM
 * and left out of core dumps where the system allows, wiped when freed.
 */
#ifndef SP_CRYPTO_SECRET_H
#define SP_CRYPTO_SECRET_H

#include <stddef.h>

/*
 * Zeroed pages for size bytes, or NULL. That they cannot be locked
 * (RLIMIT_MEMLOCK) is no failure: OpenSSL's copy of a key is not locked either.
 */
void *sp_secret_alloc(size_t size);

/* Wipes and frees; NULL is fine. size as it was asked for. */
void sp_secret_free(void *secret, size_t size);

#endif
