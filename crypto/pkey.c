/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: made of what OpenSSL has read, described, freed. */
#include "crypto/pkey.h"

#include <stdatomic.h>

#include "crypto/ed25519.h"
#include "crypto/pkey_parts.h"
#include "crypto/rsa.h"

const char *sp_pkey_type_name(enum sp_pkey_type type)
{
	return type == SP_PKEY_RSA ? "rsa" : "ed25519";
}

size_t sp_pkey_bytes(const struct sp_pkey *key)
{
	/* OpenSSL's own was measured (3.0): the object, the modulus, and two
	 * more numbers of that length once it was used. */
	size_t bytes = 640;

	if (key->type == SP_PKEY_RSA)
		bytes += 3 * (size_t)key->bits / 8;
	if (key->rsa)
		bytes += sizeof(*key->rsa) + sizeof(struct sp_rsa_public);
	if (key->ed25519)
		bytes += sizeof(*key->ed25519);
	return bytes;
}

void sp_pkey_free(struct sp_pkey *key)
{
	EVP_PKEY_free(key->evp); /* wipes the private half */
	sp_rsa_close(key->rsa);
	sp_ed25519_key_close(key->ed25519);
	*key = (struct sp_pkey){0};
}

bool sp_pkey_adopt(struct sp_pkey *key, enum sp_pkey_type type, EVP_PKEY *evp,
	bool private_half)
{
	/* Global, because ids must differ between all threads' keys. */
	static atomic_uint_fast64_t last_id;
	bool rsa = type == SP_PKEY_RSA;
	int bits = rsa ? EVP_PKEY_get_bits(evp) : 256;
	int bytes = EVP_PKEY_get_size(evp);

	if (bits <= 0 || bytes <= 0) {
		EVP_PKEY_free(evp);
		return false;
	}
	*key = (struct sp_pkey){
		.type = type,
		.bits = (unsigned)bits,
		.signature_bytes = (size_t)bytes,
		.private_half = private_half,
		.id = atomic_fetch_add(&last_id, 1) + 1,
		.evp = evp,
	};
	if (rsa && sp_rsa_kernel())
		key->rsa = sp_rsa_open(evp, private_half);
	if (!rsa && sp_ed25519_kernel())
		key->ed25519 = sp_ed25519_key_open(evp, private_half);
	return true;
}
