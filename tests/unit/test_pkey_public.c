/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys from p= (RFC 6376 3.6.1, RFC 8463 4): forms and limits. */
#include "crypto/pkey.h"

#include "base/limits.h"
#include "tests/unit/keys.h"
#include "tests/unit/parse.h"

TestSuite(pkey_public);

/* Parses the bytes of p= from memory that ends at a page. */
static enum sp_reason reason_of(
	enum sp_pkey_type type, const void *bytes, size_t size)
{
	char *copy = guard_copy(bytes, size);
	struct sp_pkey key;
	enum sp_reason reason = parse_public(&key, type, sp_span(copy, size));

	cr_assert_eq(reason == SP_REASON_OK, key.evp != NULL);
	cr_assert(!key.private_half);
	sp_pkey_free(&key);
	guard_free(copy, size);
	return reason;
}

static size_t load_public(const char *name, unsigned char *bytes)
{
	size_t size;
	char *text = key_text(name, &size);

	cr_assert(sp_base64_decode(bytes, &size, sp_span_str(text)));
	free(text);
	return size;
}

/* RFC 6376 3.6.1 asks for RSAPublicKey, all the world publishes the other. */
Test(pkey_public, reads_both_forms_of_rsa_public_keys)
{
	static const struct {
		const char *file;
		unsigned bits;
	} cases[] = {
		{"rsa512.pub", 512},
		{"rsa1024.pub", 1024},
		{"rsa2048.pub", 2048},
		{"rsa3072.pub", 3072},
		{"rsa4096.pub", 4096},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char info[1024], *bare = NULL;
		size_t size = load_public(cases[i].file, info);
		struct sp_pkey key;
		char text[2048], again[2048];
		int length;

		cr_assert_eq(
			parse_public(&key, SP_PKEY_RSA, sp_span(info, size)),
			SP_REASON_OK);
		cr_assert_eq(key.bits, cases[i].bits);
		cr_assert_eq(key.signature_bytes, cases[i].bits / 8);
		cr_assert(!key.private_half && key.id);
		key_public_text(&key, text);
		length = i2d_PublicKey(key.evp, &bare);
		cr_assert_gt(length, 0);
		sp_pkey_free(&key);
		cr_assert_eq(parse_public(&key, SP_PKEY_RSA,
				     sp_span(bare, (size_t)length)),
			SP_REASON_OK);
		key_public_text(&key, again);
		cr_assert_str_eq(text, again);
		sp_pkey_free(&key);
		OPENSSL_free(bare);
	}
}

Test(pkey_public, refuses_rsa_public_keys_cut_or_with_bytes_behind)
{
	unsigned char bytes[1024];
	size_t size = load_public("rsa1024.pub", bytes);

	for (size_t cut = 0; cut < size; cut++)
		cr_assert_eq(reason_of(SP_PKEY_RSA, bytes, cut),
			SP_REASON_KEY_SYNTAX, "%zu", cut);
	bytes[size] = 0;
	cr_assert_eq(
		reason_of(SP_PKEY_RSA, bytes, size + 1), SP_REASON_KEY_SYNTAX);
	cr_assert_eq(reason_of(SP_PKEY_RSA, bytes, size), SP_REASON_OK);
	cr_assert_eq(
		reason_of(SP_PKEY_ED25519, bytes, size), SP_REASON_KEY_SYNTAX);
}

/* Every length and tag of the structure, altered one at a time. */
Test(pkey_public, refuses_rsa_public_keys_with_a_damaged_frame)
{
	/* SEQUENCE, SEQUENCE, OID, NULL, BIT STRING, SEQUENCE, INTEGER */
	static const size_t frame[] = {0, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17,
		18, 20, 21, 22, 24, 25, 27};
	unsigned char bytes[1024];
	size_t size = load_public("rsa1024.pub", bytes);

	for (size_t i = 0; i < sizeof(frame) / sizeof(frame[0]); i++) {
		bytes[frame[i]] ^= 0x10;
		cr_assert_eq(reason_of(SP_PKEY_RSA, bytes, size),
			SP_REASON_KEY_SYNTAX, "byte %zu", frame[i]);
		bytes[frame[i]] ^= 0x10;
	}
	cr_assert_eq(reason_of(SP_PKEY_RSA, bytes, size), SP_REASON_OK);
}

/* RFC 3279 2.3.1 has NULL parameters; some writers leave them out. */
Test(pkey_public, reads_rsa_algorithms_with_null_parameters_or_none)
{
	enum { FRAME = 3, ALGORITHM = 15 };
	static const unsigned char other[] = {0x05, 0x01, 0x00};
	static const struct {
		size_t size;
		enum sp_reason reason;
	} cases[] = {
		{0, SP_REASON_OK}, /* none */
		{2, SP_REASON_KEY_SYNTAX}, /* NULL, but cut */
		{3, SP_REASON_KEY_SYNTAX}, /* NULL that is not empty */
	};
	unsigned char bytes[1024], made[1024];
	size_t size = load_public("rsa1024.pub", bytes);
	size_t rest = FRAME + ALGORITHM; /* the BIT STRING */

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t at = FRAME + ALGORITHM - 2;

		memcpy(made, bytes, at);
		memcpy(made + at, other, cases[i].size);
		memcpy(made + at + cases[i].size, bytes + rest, size - rest);
		made[2] = (unsigned char)(bytes[2] - 2 + cases[i].size);
		made[FRAME + 1] =
			(unsigned char)(ALGORITHM - 4 + cases[i].size);
		cr_assert_eq(
			reason_of(SP_PKEY_RSA, made, size - 2 + cases[i].size),
			cases[i].reason, "case %zu", i);
	}
}

Test(pkey_public, refuses_rsa_public_keys_with_an_empty_bit_string)
{
	unsigned char bytes[1024];

	load_public("rsa1024.pub", bytes);
	bytes[1] = 17; /* the short form of the length, one byte less */
	memmove(bytes + 2, bytes + 3, 15);
	bytes[17] = 0x03;
	bytes[18] = 0;
	cr_assert_eq(reason_of(SP_PKEY_RSA, bytes, 19), SP_REASON_KEY_SYNTAX);
}

/* A bare RSAPublicKey with these numbers, written with 4-byte lengths. */
static size_t make_bare(unsigned char *der, const unsigned char *n,
	size_t n_size, const unsigned char *e, size_t e_size)
{
	size_t inner = 6 + n_size + 6 + e_size, at = 0;
	const struct {
		unsigned char tag;
		size_t size;
		const unsigned char *bytes;
	} parts[] = {
		{0x30, inner, NULL},
		{0x02, n_size, n},
		{0x02, e_size, e},
	};

	for (size_t i = 0; i < 3; i++) {
		der[at++] = parts[i].tag;
		der[at++] = 0x84;
		for (int shift = 24; shift >= 0; shift -= 8)
			der[at++] = (unsigned char)(parts[i].size >> shift);
		if (parts[i].bytes) {
			memcpy(der + at, parts[i].bytes, parts[i].size);
			at += parts[i].size;
		}
	}
	return at;
}

Test(pkey_public, bounds_the_numbers_of_an_rsa_public_key)
{
	static const struct {
		unsigned bits; /* of n: the top bit set, the others too */
		bool even;
		size_t e_size;
		unsigned char e[10];
		enum sp_reason reason;
	} cases[] = {
		{1024, false, 3, {1, 0, 1}, SP_REASON_OK},
		{1024, false, 1, {3}, SP_REASON_OK},
		{1024, false, 1, {17}, SP_REASON_OK},
		{1024, false, 8, {0xff, 1, 1, 1, 1, 1, 1, 1}, SP_REASON_OK},
		{1024, false, 9, {0, 0xff, 1, 1, 1, 1, 1, 1, 1}, SP_REASON_OK},
		{1024, false, 9, {1, 0, 0, 0, 0, 0, 0, 0, 1},
			SP_REASON_KEY_SYNTAX},
		{1024, false, 1, {1}, SP_REASON_KEY_SYNTAX},
		{1024, false, 2, {0, 1}, SP_REASON_KEY_SYNTAX},
		{1024, false, 1, {0}, SP_REASON_KEY_SYNTAX},
		{1024, false, 0, {0}, SP_REASON_KEY_SYNTAX},
		{1024, false, 1, {2}, SP_REASON_KEY_SYNTAX},
		{1024, false, 3, {1, 0, 0}, SP_REASON_KEY_SYNTAX},
		{1024, true, 3, {1, 0, 1}, SP_REASON_KEY_SYNTAX},
		{1025, false, 3, {1, 0, 1}, SP_REASON_OK},
		{1031, false, 3, {1, 0, 1}, SP_REASON_OK},
		{8192, false, 3, {1, 0, 1}, SP_REASON_OK},
		{8193, false, 3, {1, 0, 1}, SP_REASON_KEY_TOO_LARGE},
		{8200, true, 3, {1, 0, 1}, SP_REASON_KEY_TOO_LARGE},
		{400000, false, 3, {1, 0, 1}, SP_REASON_KEY_TOO_LARGE},
		{511, false, 3, {1, 0, 1}, SP_REASON_OK},
		{72, false, 3, {1, 0, 1}, SP_REASON_OK},
		{64, false, 3, {1, 0, 1}, SP_REASON_KEY_SYNTAX},
		{1, false, 3, {1, 0, 1}, SP_REASON_KEY_SYNTAX},
		{0, true, 3, {1, 0, 1}, SP_REASON_KEY_SYNTAX},
	};
	static unsigned char n[1 + 400000 / 8], der[400000 / 8 + 100];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n_size = 1 + (cases[i].bits + 7) / 8;
		unsigned top = cases[i].bits % 8;

		memset(n, 0xff, n_size);
		n[0] = 0;
		if (n_size > 1 && top)
			n[1] = (unsigned char)(0xff >> (8 - top));
		if (cases[i].even)
			n[n_size - 1] &= 0xfe;
		cr_assert_eq(reason_of(SP_PKEY_RSA, der,
				     make_bare(der, n, n_size, cases[i].e,
					     cases[i].e_size)),
			cases[i].reason, "case %zu", i);
	}
}

/* RFC 8463 4: the raw key, not a SubjectPublicKeyInfo. */
Test(pkey_public, takes_ed25519_public_keys_of_exactly_32_bytes)
{
	unsigned char bytes[64] = {0};
	struct sp_pkey key;
	size_t size = load_public("ed25519.pub", bytes);

	cr_assert_eq(size, 32);
	for (size_t i = 0; i <= sizeof(bytes); i++)
		cr_assert_eq(reason_of(SP_PKEY_ED25519, bytes, i),
			i == 32 ? SP_REASON_OK : SP_REASON_KEY_SYNTAX);
	cr_assert_eq(parse_public(&key, SP_PKEY_ED25519, sp_span(bytes, 32)),
		SP_REASON_OK);
	cr_assert_eq(key.bits, 256);
	cr_assert_eq(key.signature_bytes, SP_ED25519_SIGNATURE_BYTES);
	sp_pkey_free(&key);
}
