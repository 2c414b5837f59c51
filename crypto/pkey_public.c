/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys from the bytes of p= (RFC 6376 3.6.1, RFC 8463 4): RSA as
 * SubjectPublicKeyInfo (RFC 5280 4.1) or as bare RSAPublicKey (RFC 8017
 * A.1.1), Ed25519 as 32 raw bytes.
 *
 * The DER is read here and not by d2i_PUBKEY(): that takes 115 us through
 * OpenSSL 3's decoders where this takes 5, and here the numbers are measured
 * before anything is made of them. Lengths are taken as liberally as OpenSSL
 * does (a long form where a short one would do), the rest is exact.
 */
#include "crypto/pkey.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "base/limits.h"
#include "crypto/pkey_parts.h"
#include "crypto/trouble.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
};

/* 1.2.840.113549.1.1.1 */
static const unsigned char rsa_encryption[] = {
	0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};

static unsigned char octet(struct sp_span s, size_t at)
{
	return (unsigned char)s.data[at];
}

/*
 * Takes one element with this tag off the front of *rest; *content is what is
 * in it. False when there is none or it does not fit.
 */
static bool der_take(
	struct sp_span *rest, enum der_tag tag, struct sp_span *content)
{
	size_t length, used = 2;

	if (rest->size < 2 || octet(*rest, 0) != tag)
		return false;
	length = octet(*rest, 1);
	if (length & 0x80) {
		size_t count = length & 0x7f;

		if (count == 0 || count > sizeof(uint32_t) ||
			count > rest->size - used)
			return false;
		length = 0;
		for (; count; count--)
			length = length << 8 | octet(*rest, used++);
	}
	if (length > rest->size - used)
		return false;
	*content = sp_span(rest->data + used, length);
	*rest = sp_span_after(*rest, used + length);
	return true;
}

/*
 * Takes a positive INTEGER, without its leading zeros. One whose sign bit is
 * set is taken as positive too, as OpenSSL does: it comes from a writer that
 * forgot the zero in front.
 */
static bool der_take_number(struct sp_span *rest, struct sp_span *number)
{
	if (!der_take(rest, DER_INTEGER, number))
		return false;
	while (number->size && number->data[0] == 0)
		*number = sp_span_after(*number, 1);
	return number->size > 0;
}

static size_t number_bits(struct sp_span number)
{
	size_t bits = number.size * 8;

	for (unsigned top = octet(number, 0); !(top & 0x80); top <<= 1)
		bits--;
	return bits;
}

static bool number_odd(struct sp_span number)
{
	return octet(number, number.size - 1) & 1;
}

/* What the two forms of RSA keys have in common, after the outer SEQUENCE. */
static bool read_rsa_numbers(
	struct sp_span rest, struct sp_span *n, struct sp_span *e)
{
	return der_take_number(&rest, n) && der_take_number(&rest, e) &&
	       rest.size == 0;
}

/* AlgorithmIdentifier, subjectPublicKey. */
static bool read_rsa_info(
	struct sp_span rest, struct sp_span *n, struct sp_span *e)
{
	struct sp_span algorithm, oid, null, bits, key;

	if (!der_take(&rest, DER_SEQUENCE, &algorithm) ||
		!der_take(&rest, DER_BIT_STRING, &bits) || rest.size)
		return false;
	if (!der_take(&algorithm, DER_OID, &oid) ||
		!sp_span_equal(
			oid, sp_span(rsa_encryption, sizeof(rsa_encryption))))
		return false;
	/* RFC 3279 2.3.1 wants NULL there; some leave it out. */
	if (algorithm.size && (!der_take(&algorithm, DER_NULL, &null) ||
				      null.size || algorithm.size))
		return false;
	if (bits.size == 0 || bits.data[0] != 0) /* no unused bits */
		return false;
	bits = sp_span_after(bits, 1);
	return der_take(&bits, DER_SEQUENCE, &key) && bits.size == 0 &&
	       read_rsa_numbers(key, n, e);
}

static bool read_rsa(struct sp_span bytes, struct sp_span *n, struct sp_span *e)
{
	struct sp_span content;

	if (!der_take(&bytes, DER_SEQUENCE, &content) || bytes.size ||
		content.size == 0)
		return false;
	if (octet(content, 0) == DER_INTEGER)
		return read_rsa_numbers(content, n, e);
	return read_rsa_info(content, n, e);
}

static EVP_PKEY *make_rsa(struct sp_span n, struct sp_span e)
{
	BIGNUM *modulus =
		BN_bin2bn((const unsigned char *)n.data, (int)n.size, NULL);
	BIGNUM *exponent =
		BN_bin2bn((const unsigned char *)e.data, (int)e.size, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *evp = NULL;

	if (modulus && exponent && build && context &&
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) &&
		OSSL_PARAM_BLD_push_BN(
			build, OSSL_PKEY_PARAM_RSA_E, exponent) &&
		(params = OSSL_PARAM_BLD_to_param(build)) &&
		EVP_PKEY_fromdata_init(context) == 1 &&
		EVP_PKEY_fromdata(context, &evp, EVP_PKEY_PUBLIC_KEY, params) !=
			1)
		evp = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_BLD_free(build);
	BN_free(exponent);
	BN_free(modulus);
	return evp;
}

/*
 * Sizes come first: what a stranger publishes must not cost us much. An even
 * modulus would take OpenSSL off its Montgomery path, e = 1 accepts anything.
 */
static enum sp_reason read_checked(
	struct sp_span bytes, struct sp_span *n, struct sp_span *e)
{
	if (!read_rsa(bytes, n, e))
		return SP_REASON_KEY_SYNTAX;
	if (number_bits(*n) > SP_RSA_BITS_MAX)
		return SP_REASON_KEY_TOO_LARGE;
	if (number_bits(*n) <= SP_RSA_EXPONENT_BITS_MAX || !number_odd(*n))
		return SP_REASON_KEY_SYNTAX;
	if (number_bits(*e) > SP_RSA_EXPONENT_BITS_MAX || !number_odd(*e) ||
		number_bits(*e) == 1)
		return SP_REASON_KEY_SYNTAX;
	return SP_REASON_OK;
}

/* NULL when OpenSSL refuses. */
static EVP_PKEY *make_ed25519(struct sp_span bytes)
{
	/* Any 32 bytes load; those that are no point of the curve verify
	 * nothing. */
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
		(const unsigned char *)bytes.data, bytes.size);
}

/*
 * OpenSSL may have a reason to refuse a stranger's key, which is then its
 * fault. Want of memory is not, and not always said: hence the second try.
 */
enum sp_status sp_pkey_parse_public(struct sp_pkey *key, enum sp_pkey_type type,
	struct sp_span bytes, enum sp_reason *reason)
{
	struct sp_span n, e;

	*key = (struct sp_pkey){0};
	*reason = SP_REASON_OK;
	if (type == SP_PKEY_RSA)
		*reason = read_checked(bytes, &n, &e);
	else if (bytes.size != SP_ED25519_BYTES)
		*reason = SP_REASON_KEY_SYNTAX;
	if (*reason)
		return SP_OK;
	ERR_clear_error();
	for (int i = 0; i < 2; i++) {
		EVP_PKEY *evp = type == SP_PKEY_RSA ? make_rsa(n, e)
						    : make_ed25519(bytes);

		if (evp && sp_pkey_adopt(key, type, evp, false))
			return SP_OK;
	}
	*reason = SP_REASON_KEY_SYNTAX;
	return sp_openssl_trouble() == SP_NO_MEMORY ? SP_NO_MEMORY : SP_OK;
}
