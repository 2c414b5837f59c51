/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for keys: locked, not dumped, wiped. */
#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

void *sp_secret_alloc(size_t size)
{
	void *secret = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		return NULL;
	(void)mlock(secret, size);
	(void)madvise(secret, size, MADV_DONTDUMP);
	return secret;
}

void sp_secret_free(void *secret, size_t size)
{
	if (!secret)
		return;
	OPENSSL_cleanse(secret, size);
	munmap(secret, size);
}
