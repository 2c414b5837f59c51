/* SPDX-License-Identifier: Apache-2.0 */
/* A private key written into OpenDKIM's KeyTable instead of a file's name. */
#ifndef SP_ENGINE_KEYTEXT_H
#define SP_ENGINE_KEYTEXT_H

#include "crypto/pkey.h"

/*
 * Loads the base64 of a PKCS#8 or PKCS#1 key or of a raw Ed25519 seed; name is
 * for messages. Every buffer that held the secret is wiped.
 */
enum sp_status sp_keytext_parse(struct sp_pkey *key, struct sp_span text,
	const char *name, struct sp_error *error)
	__attribute__((warn_unused_result));

#endif
