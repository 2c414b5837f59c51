/* SPDX-License-Identifier: Apache-2.0 */
/* RSA (RFC 8017 3) and Ed25519 keys from random numbers that can be had again,
 * and signing with OpenSSL alone. */
#include "corpus/testkey.h"

#include <err.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_TROUBLE 2
#define EXPONENT 65537u
#define PRIME_BYTES_MAX 512u
#define FACTOR_MAX 2000u
#define SEED_BYTES 32u
#define RECORD_BYTES_MAX 2048u

static void need(bool right, const char *what)
{
	if (!right)
		errx(EXIT_TROUBLE, "%s: OpenSSL cannot", what);
}

static void fill(unsigned char *bytes, size_t size, struct random *random)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)random_below(random, 256);
}

/* Fermat's test, after small factors: enough for numbers that nobody chose to
 * pass it, and many times faster than to be as sure as OpenSSL wants to be. */
static bool is_prime(const BIGNUM *number, BN_CTX *context)
{
	BIGNUM *two = BN_new(), *less = BN_dup(number), *power = BN_new();
	bool prime = true, done;

	for (unsigned factor = 3; prime && factor < FACTOR_MAX; factor += 2)
		prime = BN_mod_word(number, factor) != 0;
	done = two && less && power && BN_set_word(two, 2) &&
	       BN_sub_word(less, 1) &&
	       (!prime || BN_mod_exp_mont(
				  power, two, less, number, context, NULL));
	need(done, "a prime");
	prime = prime && BN_is_one(power);
	BN_free(two);
	BN_free(less);
	BN_free(power);
	return prime;
}

/* The first prime above a random number whose two highest bits are set, less 1
 * no multiple of the exponent. */
static BIGNUM *make_prime(unsigned bits, struct random *random, BN_CTX *context)
{
	unsigned char bytes[PRIME_BYTES_MAX] = {0};
	BIGNUM *prime;

	fill(bytes, bits / 8, random);
	bytes[0] |= 0xc0;
	bytes[bits / 8 - 1] |= 1;
	prime = BN_bin2bn(bytes, (int)(bits / 8), NULL);
	need(prime != NULL, "a prime");
	while (!is_prime(prime, context) || BN_mod_word(prime, EXPONENT) == 1)
		need(BN_add_word(prime, 2), "a prime");
	return prime;
}

/* n, e, d, p, q, d mod p-1, d mod q-1, 1/q mod p */
enum part { N, E, D, P, Q, DP, DQ, QI, PARTS };

static void make_parts(BIGNUM *part[PARTS], unsigned bits,
	struct random *random, BN_CTX *context)
{
	BIGNUM *p1 = BN_new(), *q1 = BN_new(), *phi = BN_new();
	bool made;

	for (unsigned i = 0; i < PARTS; i++)
		part[i] = i == P || i == Q
				  ? make_prime(bits / 2, random, context)
				  : BN_new();
	if (BN_cmp(part[P], part[Q]) < 0)
		BN_swap(part[P], part[Q]);
	made = p1 && q1 && phi && BN_mul(part[N], part[P], part[Q], context) &&
	       BN_set_word(part[E], EXPONENT) &&
	       BN_sub(p1, part[P], BN_value_one()) &&
	       BN_sub(q1, part[Q], BN_value_one()) &&
	       BN_mul(phi, p1, q1, context) &&
	       BN_mod_inverse(part[D], part[E], phi, context) &&
	       BN_mod(part[DP], part[D], p1, context) &&
	       BN_mod(part[DQ], part[D], q1, context) &&
	       BN_mod_inverse(part[QI], part[Q], part[P], context);
	need(made, "an RSA key");
	BN_free(p1);
	BN_free(q1);
	BN_free(phi);
}

static EVP_PKEY *make_rsa(unsigned bits, struct random *random)
{
	static const char *const names[PARTS] = {OSSL_PKEY_PARAM_RSA_N,
		OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
	BN_CTX *context = BN_CTX_new();
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params;
	BIGNUM *part[PARTS];
	EVP_PKEY *pkey = NULL;

	need(context && build && maker, "an RSA key");
	make_parts(part, bits, random, context);
	for (unsigned i = 0; i < PARTS; i++)
		need(OSSL_PARAM_BLD_push_BN(build, names[i], part[i]),
			"an RSA key");
	params = OSSL_PARAM_BLD_to_param(build);
	need(params && EVP_PKEY_fromdata_init(maker) == 1 &&
			EVP_PKEY_fromdata(
				maker, &pkey, EVP_PKEY_KEYPAIR, params) == 1,
		"an RSA key");
	for (unsigned i = 0; i < PARTS; i++)
		BN_free(part[i]);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(maker);
	BN_CTX_free(context);
	return pkey;
}

void testkey_make(struct testkey *key, unsigned bits, struct random random)
{
	unsigned char seed[SEED_BYTES];

	*key = (struct testkey){.bits = bits};
	if (bits != TESTKEY_ED25519) {
		key->pkey = make_rsa(bits, &random);
		return;
	}
	fill(seed, sizeof(seed), &random);
	key->pkey = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
	need(key->pkey != NULL, "an Ed25519 key");
}

void testkey_load(struct testkey *key, const char *path)
{
	FILE *file = fopen(path, "re");
	char none[] = "";

	if (!file)
		err(EXIT_TROUBLE, "%s", path);
	*key = (struct testkey){
		.pkey = PEM_read_PrivateKey(file, NULL, NULL, none)};
	fclose(file);
	if (key->pkey && EVP_PKEY_is_a(key->pkey, "RSA"))
		key->bits = (unsigned)EVP_PKEY_get_bits(key->pkey);
	else if (!key->pkey || !EVP_PKEY_is_a(key->pkey, "ED25519"))
		errx(EXIT_TROUBLE,
			"%s: no RSA or Ed25519 key in PEM without passphrase",
			path);
	if (key->bits > 8 * TESTKEY_SIGNATURE_MAX)
		errx(EXIT_TROUBLE, "%s: more than %u bits", path,
			8 * TESTKEY_SIGNATURE_MAX);
}

void testkey_free(struct testkey *key)
{
	EVP_PKEY_free(key->pkey);
	*key = (struct testkey){0};
}

void testkey_add_record(struct sp_buffer *out, const struct testkey *key)
{
	unsigned char base64[RECORD_BYTES_MAX * 4 / 3 + 4];
	unsigned char *der = NULL, raw[SEED_BYTES];
	size_t size = sizeof(raw);

	if (key->bits == TESTKEY_ED25519) {
		need(EVP_PKEY_get_raw_public_key(key->pkey, raw, &size) == 1,
			"a key record");
		EVP_EncodeBlock(base64, raw, (int)size);
	} else {
		int count = i2d_PUBKEY(key->pkey, &der);

		need(count > 0 && count <= (int)RECORD_BYTES_MAX,
			"a key record");
		EVP_EncodeBlock(base64, der, count);
		OPENSSL_free(der);
	}
	sp_buffer_add_format(out, "v=DKIM1; k=%s; p=%s",
		key->bits == TESTKEY_ED25519 ? "ed25519" : "rsa",
		(const char *)base64);
}

size_t testkey_sign(const struct testkey *key, bool sha1, struct sp_span text,
	unsigned char signature[TESTKEY_SIGNATURE_MAX])
{
	const EVP_MD *digest = sha1 ? EVP_sha1() : EVP_sha256();
	unsigned char hash[EVP_MAX_MD_SIZE];
	const void *data = text.data;
	size_t size = text.size, signature_size = TESTKEY_SIGNATURE_MAX;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	/* RFC 8463 3: it is the hash that Ed25519 signs. */
	if (key->bits == TESTKEY_ED25519) {
		need(EVP_Digest(data, size, hash, NULL, digest, NULL) == 1,
			"a hash");
		data = hash;
		size = (size_t)EVP_MD_get_size(digest);
		digest = NULL;
	}
	need(context &&
			EVP_DigestSignInit(
				context, NULL, digest, NULL, key->pkey) == 1 &&
			EVP_DigestSign(context, signature, &signature_size,
				data, size) == 1,
		"a signature");
	EVP_MD_CTX_free(context);
	return signature_size;
}
