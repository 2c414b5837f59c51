/* SPDX-License-Identifier: Apache-2.0 */
/* What the pkey files share among themselves; not for other modules. */
#ifndef SP_CRYPTO_PKEY_PARTS_H
#define SP_CRYPTO_PKEY_PARTS_H

#include "crypto/pkey.h"

/*
 * Fills in *key from evp, a key of this type, which it takes over, whatever the
 * outcome. False when OpenSSL does not know how large it is: memory was short.
 */
bool sp_pkey_adopt(struct sp_pkey *key, enum sp_pkey_type type, EVP_PKEY *evp,
	bool private_half) __attribute__((warn_unused_result));

/*
 * Do the parts of a private key belong together? Words go to error, led by
 * name (pkey_check.c).
 */
enum sp_status sp_pkey_check(const struct sp_pkey *key, const char *name,
	struct sp_error *error) __attribute__((warn_unused_result));

#endif
