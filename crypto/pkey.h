/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing keys and public keys: load, describe, make, write, wipe; and one
 * signature at a time with OpenSSL, the reference for every lane kernel.
 *
 * A key is read-only once made and may be shared between threads; per-thread
 * state lives in the lanes (crypto/lanes.h). What the lanes add to a key while
 * it is used (crypto/rsa.h) they add atomically.
 */
#ifndef SP_CRYPTO_PKEY_H
#define SP_CRYPTO_PKEY_H

#include <openssl/evp.h>

#include "base/buffer.h"
#include "base/error.h"

#define SP_PKEY_SIGNATURE_BYTES_MAX 1024u /* RSA 8192 */
#define SP_PKEY_FILE_BYTES_MAX (64u << 10)
#define SP_PASSPHRASE_BYTES_MAX 1023u
#define SP_RSA_EXPONENT_BITS_MAX 64u
#define SP_ED25519_BYTES 32u
#define SP_ED25519_SIGNATURE_BYTES 64u

struct sp_rsa;

enum sp_pkey_type { SP_PKEY_RSA, SP_PKEY_ED25519 };

struct sp_pkey {
	enum sp_pkey_type type;
	unsigned bits; /* of the RSA modulus; 256 for Ed25519 */
	size_t signature_bytes; /* RSA: of the modulus; Ed25519: 64 */
	bool private_half; /* it can sign */
	uint64_t id; /* unique in this process, never 0 */
	EVP_PKEY *evp; /* owned */
	struct sp_rsa *rsa; /* owned; for the lanes, or NULL (crypto/rsa.h) */
	/* Ed25519, for the lanes (crypto/ed25519.h): owned; NULL: without. */
	struct sp_ed25519_key *ed25519;
};

/*
 * Where the passphrase of an encrypted key is. The file goes before the
 * variable, and is looked at only for a key that is encrypted; it may be a
 * pipe.
 */
struct sp_pkey_open_options {
	const char *passphrase_file; /* first line is the passphrase; or NULL */
	const char *passphrase_env; /* name of an environment variable */
	bool insecure_permissions; /* accept files others can read */
};

/*
 * Loads a private key for signing from a file: PEM PKCS#1, PEM PKCS#8 (also
 * encrypted), or one line with the base64 of a raw 32-byte Ed25519 seed
 * (RFC 8463 A.2). options may be NULL. SP_CONFIG with words and a remedy for:
 * a key or passphrase file that group or others can read or write, a wrong or
 * missing passphrase, a type other than RSA and Ed25519, RSA below
 * SP_RSA_SIGN_BITS_MIN or above SP_RSA_BITS_MAX, a key whose parts do not
 * belong together (crypto/pkey_check.c). SP_IO for what cannot be read. Every
 * buffer that held the secret is wiped; nothing is ever asked on a terminal.
 * On trouble the key is zeroed.
 */
enum sp_status sp_pkey_open(struct sp_pkey *key, const char *path,
	const struct sp_pkey_open_options *options, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * The same from memory (no permissions to check); name is for messages.
 * passphrase may be NULL.
 */
enum sp_status sp_pkey_parse_private(struct sp_pkey *key, struct sp_span text,
	const char *name, const char *passphrase, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Loads a public key from the decoded p= value of a key record: for RSA a
 * SubjectPublicKeyInfo or a bare PKCS#1 RSAPublicKey, for Ed25519 the raw 32
 * bytes. *reason: SP_REASON_OK, SP_REASON_KEY_SYNTAX, or
 * SP_REASON_KEY_TOO_LARGE (above SP_RSA_BITS_MAX). A modulus that is even or no
 * longer than SP_RSA_EXPONENT_BITS_MAX, an exponent that is even, 1 or longer
 * than that are KEY_SYNTAX; other small keys load: RFC 8301 is the caller's.
 * SP_NO_MEMORY is the only trouble.
 */
enum sp_status sp_pkey_parse_public(struct sp_pkey *key, enum sp_pkey_type type,
	struct sp_span bytes, enum sp_reason *reason)
	__attribute__((warn_unused_result));

/* A new key; bits is for RSA (1024 to 4096, multiple of 8, else SP_CONFIG). */
enum sp_status sp_pkey_generate(struct sp_pkey *key, enum sp_pkey_type type,
	unsigned bits, struct sp_error *error)
	__attribute__((warn_unused_result));

/*
 * Appends the private key as PEM PKCS#8. The buffer then holds a secret: the
 * caller wipes it (OPENSSL_cleanse(out->data, out->room)) before freeing it.
 */
enum sp_status sp_pkey_write_pem(const struct sp_pkey *key,
	struct sp_buffer *out) __attribute__((warn_unused_result));

/*
 * Appends the p= value: base64 of the SubjectPublicKeyInfo (RSA) or of the
 * raw 32 bytes (Ed25519), without white space.
 */
enum sp_status sp_pkey_write_public(const struct sp_pkey *key,
	struct sp_buffer *out) __attribute__((warn_unused_result));

/* Memory that a public key takes, about, with what the lanes add to it. */
size_t sp_pkey_bytes(const struct sp_pkey *key);

/* "rsa" or "ed25519", as in k=. */
const char *sp_pkey_type_name(enum sp_pkey_type type);

/* Frees and wipes; a zeroed key is fine. */
void sp_pkey_free(struct sp_pkey *key);

#endif
