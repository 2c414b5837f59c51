/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 signatures for tests, right, wrong and odd: what verifiers are known
 * to disagree about, and what OpenSSL alone says of it.
 */
#ifndef SP_TESTS_UNIT_ED25519_CASES_H
#define SP_TESTS_UNIT_ED25519_CASES_H

#include "crypto/ed25519.h"

/* One more than a kernel takes. */
#define ED25519_CASE_MESSAGE_MAX (SP_ED25519_MESSAGE_BYTES_MAX + 1u)

struct ed25519_case {
	unsigned char public[32], signature[64];
	unsigned char message[ED25519_CASE_MESSAGE_MAX];
	size_t message_size;
};

/*
 * Makes the next case; *random (not 0) is the whole state, so that any case
 * can be made again.
 */
void ed25519_case_make(struct ed25519_case *made, uint64_t *random);

/* OpenSSL's answer, by a key and a context that serve nothing else. */
bool ed25519_case_is_right(const struct ed25519_case *of);

/* A key as sp_pkey_parse_public makes it, lane-ready on any machine. */
void ed25519_case_key(struct sp_pkey *key, const struct ed25519_case *of);
struct sp_job ed25519_case_job(
	const struct sp_pkey *key, struct ed25519_case *of);

#endif
