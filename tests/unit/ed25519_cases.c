/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 signatures, right, wrong and odd. */
#include "tests/unit/ed25519_cases.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <string.h>

#include "tests/unit/lane_ops.h"
#include "tests/unit/parse.h"

static uint64_t next(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

static void next_bytes(uint64_t *random, unsigned char *out, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (unsigned char)(next(random) >> 24);
}

static void flip(uint64_t *random, unsigned char *bytes, size_t size)
{
	uint64_t bit = next(random) % (size * 8);

	bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
}

/* The points whose order divides 8, by y: in every encoding that is read. */
static const struct {
	unsigned char first, fill, last;
} small_y[] = {
	{0x01, 0x00, 0x00}, /* 1: the identity */
	{0x01, 0x00, 0x80}, /* with a sign that 0 has not */
	{0xec, 0xff, 0x7f}, /* -1, of order 2 */
	{0xec, 0xff, 0xff},
	{0x00, 0x00, 0x00}, /* 0, of order 4 */
	{0x00, 0x00, 0x80},
	{0xed, 0xff, 0x7f}, /* p: 0 again */
	{0xed, 0xff, 0xff},
	{0xee, 0xff, 0x7f}, /* p + 1 */
	{0xee, 0xff, 0xff},
};
static const unsigned char order8[2][32] = {
	{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89,
		0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
		0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
	{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76,
		0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
		0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};
#define SMALL_YS (sizeof(small_y) / sizeof(small_y[0]))

static void small_point(uint64_t *random, unsigned char out[32])
{
	uint64_t i = next(random) % (SMALL_YS + 4);

	if (i >= SMALL_YS) {
		memcpy(out, order8[i & 1], 32);
		out[31] |= i & 2 ? 0x80 : 0;
		return;
	}
	memset(out, small_y[i].fill, 32);
	out[0] = small_y[i].first;
	out[31] = small_y[i].last;
}

/* A number, little-endian, and back. */
static BIGNUM *number(const unsigned char *bytes, size_t size)
{
	BIGNUM *n = BN_lebin2bn(bytes, (int)size, NULL);

	assert(n);
	return n;
}

static void bytes_of(unsigned char out[32], BIGNUM *n)
{
	int size = BN_bn2lebinpad(n, out, 32);

	assert(size == 32);
	(void)size;
	BN_free(n);
}

static BIGNUM *order(void)
{
	BIGNUM *n = NULL;

	BN_hex2bn(&n, "10000000000000000000000000000000"
		      "14def9dea2f79cd65812631a5cf5d3ed");
	assert(n);
	return n;
}

/* scalar B - P, by the arithmetic under test: what comes of it is judged by
 * OpenSSL, and a wrong point would only make a case less odd. */
static void base_minus(unsigned char out[32], const unsigned char scalar[32],
	const unsigned char point[32])
{
	const struct lane_ops *const *ops = lane_ops_all();
	uint64_t in[8][LANES] = {{0}}, encoded[5][LANES];

	for (unsigned i = 0; i < 4; i++) {
		memcpy(&in[i][0], scalar + 8 * i, 8);
		memcpy(&in[4 + i][0], point + 8 * i, 8);
	}
	while (ops[1]) /* the fastest */
		ops++;
	(*ops)->base_minus(encoded, (const uint64_t(*)[LANES])(uintptr_t)in);
	assert(encoded[4][0] == 0);
	for (unsigned i = 0; i < 4; i++)
		memcpy(out + 8 * i, &encoded[i][0], 8);
}

/* SHA-512(R, A, M) modulo L */
static BIGNUM *challenge(const struct ed25519_case *of)
{
	unsigned char text[64 + ED25519_CASE_MESSAGE_MAX], hash[64];
	BN_CTX *context = BN_CTX_new();
	BIGNUM *out, *modulus = order();

	memcpy(text, of->signature, 32);
	memcpy(text + 32, of->public, 32);
	memcpy(text + 64, of->message, of->message_size);
	EVP_Digest(text, 64 + of->message_size, hash, NULL, EVP_sha512(), NULL);
	out = number(hash, 64);
	BN_nnmod(out, out, modulus, context);
	BN_free(modulus);
	BN_CTX_free(context);
	return out;
}

/* As a signer would. */
static void make_right(struct ed25519_case *made, uint64_t *random)
{
	unsigned char seed[32];
	size_t size = 32;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *evp;
	int done;

	next_bytes(random, seed, sizeof(seed));
	evp = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	done = EVP_PKEY_get_raw_public_key(evp, made->public, &size) == 1 &&
	       EVP_DigestSignInit(context, NULL, NULL, NULL, evp) == 1;
	size = 64;
	done = done && EVP_DigestSign(context, made->signature, &size,
			       made->message, made->message_size) == 1;
	assert(done);
	(void)done;
	EVP_PKEY_free(evp);
	EVP_MD_CTX_free(context);
}

/*
 * A = a B - T, R = r B - U, S = r + k a for small T and U: right where k T is
 * U, which a verifier only finds with k reduced exactly and no cofactor. As
 * alone says, a is 0: then A is small itself.
 */
static void make_mixed(struct ed25519_case *made, uint64_t *random, bool alone)
{
	static const unsigned char identity[32] = {1};
	unsigned char a[32] = {0}, r[32], small[32];
	BN_CTX *context = BN_CTX_new();
	BIGNUM *modulus = order(), *k, *n, *s;

	if (!alone)
		next_bytes(random, a, 31);
	next_bytes(random, r, 31);
	small_point(random, small);
	base_minus(made->public, a, small);
	if (alone && next(random) % 2)
		memcpy(made->public, small, 32); /* as odd as it is */
	small_point(random, small);
	base_minus(made->signature, r, next(random) % 2 ? identity : small);
	k = challenge(made);
	n = number(a, 32);
	s = number(r, 32);
	BN_mod_mul(k, k, n, modulus, context);
	BN_mod_add(s, s, k, modulus, context);
	bytes_of(made->signature + 32, s);
	BN_free(k);
	BN_free(n);
	BN_free(modulus);
	BN_CTX_free(context);
}

/* S about L and its multiples; in half the cases what S should be, and L. */
static void make_large(struct ed25519_case *made, uint64_t *random)
{
	BIGNUM *s, *modulus = order();
	uint64_t times = next(random) % 16;

	make_right(made, random);
	s = number(made->signature + 32, 32);
	if (next(random) % 2)
		BN_zero(s);
	BN_mul_word(modulus, times);
	BN_add(s, s, modulus);
	if (next(random) % 4 == 0 && !BN_is_zero(s))
		BN_sub_word(s, 1);
	BN_mask_bits(s, 256);
	bytes_of(made->signature + 32, s);
	BN_free(modulus);
}

static void make_small(struct ed25519_case *made, uint64_t *random)
{
	small_point(random, made->public);
	small_point(random, made->signature);
	memset(made->signature + 32, 0, 32);
}

/* Any bytes; often with a y that is not below p. */
static void make_noise(struct ed25519_case *made, uint64_t *random)
{
	next_bytes(random, made->public, 32);
	next_bytes(random, made->signature, 64);
	made->signature[63] &= 0x1f;
	if (next(random) % 2) {
		memset(made->public, 0xff, 32);
		made->public[0] = (unsigned char)(0xec + next(random) % 20);
		made->public[31] = next(random) % 2 ? 0xff : 0x7f;
	}
}

void ed25519_case_make(struct ed25519_case *made, uint64_t *random)
{
	memset(made, 0, sizeof(*made));
	made->message_size =
		next(random) % 4 ? 32 : next(random) % ED25519_CASE_MESSAGE_MAX;
	next_bytes(random, made->message, made->message_size);
	switch (next(random) % 10) {
	case 0:
		make_small(made, random);
		break;
	case 1:
	case 2:
		make_mixed(made, random, true);
		break;
	case 3:
	case 4:
		make_mixed(made, random, false);
		break;
	case 5:
		make_large(made, random);
		break;
	case 6:
		make_noise(made, random);
		break;
	default:
		make_right(made, random);
	}
	switch (next(random) % 12) {
	case 0:
		flip(random, made->public, 32);
		break;
	case 1:
		flip(random, made->signature, 64);
		break;
	case 2:
		if (made->message_size)
			flip(random, made->message, made->message_size);
		break;
	case 3:
		made->signature[31] ^= 0x80;
		break;
	default:
		break;
	}
}

bool ed25519_case_is_right(const struct ed25519_case *of)
{
	EVP_PKEY *evp = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_ED25519, NULL, of->public, 32);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool right;

	assert(evp && context);
	right = EVP_DigestVerifyInit(context, NULL, NULL, NULL, evp) == 1 &&
		EVP_DigestVerify(context, of->signature, 64, of->message,
			of->message_size) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(evp);
	ERR_clear_error();
	return right;
}

void ed25519_case_key(struct sp_pkey *key, const struct ed25519_case *of)
{
	enum sp_reason reason = parse_public(
		key, SP_PKEY_ED25519, sp_span((const char *)of->public, 32));

	assert(reason == SP_REASON_OK);
	(void)reason;
	if (!key->ed25519)
		key->ed25519 = sp_ed25519_key_open(key->evp, false);
	assert(key->ed25519);
}

struct sp_job ed25519_case_job(
	const struct sp_pkey *key, struct ed25519_case *of)
{
	return (struct sp_job){
		.kind = SP_JOB_VERIFY,
		.key = key,
		.digest = of->message,
		.digest_size = of->message_size,
		.signature = of->signature,
		.signature_size = 64,
	};
}
