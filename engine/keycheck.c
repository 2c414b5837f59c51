/* SPDX-License-Identifier: Apache-2.0 */
/* Published keys: what is wrong with them (RFC 6376 3.6.1, RFC 8301). */
#include "engine/keycheck.h"

#define PIECES_MAX 4u /* 24 orders to try */
#define RSA_GOOD_BITS 2048u
#define RSA_TEST_KEY_BITS 1024u /* of both in RFC 6376 */

static const struct {
	const char *word, *words;
	bool fault;
} findings_table[] = {
#define SP_KEYCHECK_ROW(id, word, fault, words) {word, words, fault},
	SP_KEYCHECK_FINDINGS(SP_KEYCHECK_ROW)
#undef SP_KEYCHECK_ROW
};

const char *sp_keycheck_word(unsigned number)
{
	return findings_table[number].word;
}

const char *sp_keycheck_words(unsigned number)
{
	return findings_table[number].words;
}

bool sp_keycheck_is_fault(unsigned number)
{
	return findings_table[number].fault;
}

bool sp_keycheck_has_fault(unsigned findings)
{
	for (unsigned i = 0; i < SP_KEYCHECK_COUNT; i++)
		if (findings & (1u << i) && findings_table[i].fault)
			return true;
	return false;
}

/* The keys of RFC 6376 appendix C and RFC 8463 appendix A. */
static bool is_test_key(struct sp_span p)
{
	static const char *const known[] = {
		"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3"
		"/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItL"
		"a7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6m"
		"cwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB",
		"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3"
		"idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACD"
		"fzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz"
		"BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
		"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (sp_span_is(p, known[i]))
			return true;
	return false;
}

static enum sp_status add_key_findings(
	const struct sp_pkey *key, unsigned *findings)
{
	/* OpenSSL takes 0.1 ms to write an RSA key down: not for nothing. */
	bool alike =
		key->type == SP_PKEY_ED25519 || key->bits == RSA_TEST_KEY_BITS;
	struct sp_buffer p = {.data = NULL};
	enum sp_status status = alike ? sp_pkey_write_public(key, &p) : SP_OK;

	if (is_test_key(sp_buffer_span(&p)))
		*findings |= SP_KEYCHECK_TEST_KEY;
	sp_buffer_free(&p);
	if (key->type != SP_PKEY_RSA)
		return status;
	if (key->bits < SP_RSA_VERIFY_BITS_MIN)
		*findings |= SP_KEYCHECK_TOO_SMALL;
	else if (key->bits < RSA_GOOD_BITS)
		*findings |= SP_KEYCHECK_SMALL;
	return status;
}

/* Of a record that can be used. */
static enum sp_status add_record_findings(
	const struct sp_keyrecord *record, unsigned *findings)
{
	if (!record->hash_sha256)
		*findings |= SP_KEYCHECK_HASH;
	if (!record->service_email)
		*findings |= SP_KEYCHECK_SERVICE;
	return add_key_findings(&record->key, findings);
}

enum sp_status sp_keycheck_record(
	const struct sp_keyrecord *record, unsigned *findings)
{
	*findings = record->testing ? SP_KEYCHECK_TESTING : 0;
	switch (record->reason) {
	case SP_REASON_OK:
		return add_record_findings(record, findings);
	case SP_REASON_KEY_VERSION:
		*findings = SP_KEYCHECK_VERSION;
		break;
	case SP_REASON_KEY_REVOKED:
		*findings |= SP_KEYCHECK_REVOKED;
		break;
	case SP_REASON_KEY_TOO_LARGE:
		*findings |= SP_KEYCHECK_TOO_LARGE;
		break;
	default:
		*findings = SP_KEYCHECK_SYNTAX;
	}
	return SP_OK;
}

/* What the values of a name should be the public half of. */
struct target {
	const struct sp_pkey *key;
	struct sp_buffer p; /* its p= */
};

/* Is it the public half? Without a key to compare with, every record is. */
static enum sp_status compare(const struct target *target,
	const struct sp_keyrecord *record, bool *half)
{
	struct sp_buffer p = {.data = NULL};
	enum sp_status status;

	*half = !target->key;
	if (*half || record->reason || record->key.type != target->key->type)
		return SP_OK;
	status = sp_pkey_write_public(&record->key, &p);
	*half = !status &&
		sp_span_equal(sp_buffer_span(&p), sp_buffer_span(&target->p));
	sp_buffer_free(&p);
	return status;
}

/* Would this text be the right record? */
static bool text_fits(const struct target *target, struct sp_span text)
{
	struct sp_keyrecord record;
	bool fits;

	if (sp_keyrecord_parse(&record, text))
		return false;
	if (compare(target, &record, &fits))
		fits = false;
	sp_keyrecord_free(&record);
	return fits;
}

/* The value without what a web form or a shell left in it. */
static bool fits_unquoted(const struct target *target, struct sp_span value)
{
	struct sp_buffer text = {.data = NULL};
	bool found = false, fits = false;

	for (size_t i = 0; i < value.size; i++) {
		char c = value.data[i];
		bool extra = c == '"' || c == '\\' || c == '\'';

		found |= extra;
		if (!extra)
			sp_buffer_add_char(&text, c);
	}
	if (found && sp_buffer_status(&text) == SP_OK)
		fits = text_fits(target, sp_buffer_span(&text));
	sp_buffer_free(&text);
	return fits;
}

/* The value without any blank, which may have come between its strings. */
static bool fits_without_blanks(
	const struct target *target, struct sp_span value)
{
	struct sp_buffer text = {.data = NULL};
	bool fits;

	for (size_t i = 0; i < value.size; i++)
		if (!sp_is_fws(value.data[i]))
			sp_buffer_add_char(&text, value.data[i]);
	fits = sp_buffer_status(&text) == SP_OK &&
	       text_fits(target, sp_buffer_span(&text));
	sp_buffer_free(&text);
	return fits;
}

/* Its strings in another order: what stands before "v=DKIM1" goes last. */
static bool fits_turned(const struct target *target, struct sp_span value)
{
	struct sp_buffer text = {.data = NULL};
	const char *begin =
		value.size ? memmem(value.data, value.size, "v=DKIM1", 7)
			   : NULL;
	size_t before = begin ? (size_t)(begin - value.data) : 0;
	bool fits;

	if (before == 0)
		return false;
	sp_buffer_add(&text, sp_span_after(value, before));
	sp_buffer_add(&text, sp_span(value.data, before));
	fits = sp_buffer_status(&text) == SP_OK &&
	       text_fits(target, sp_buffer_span(&text));
	sp_buffer_free(&text);
	return fits;
}

/* All values one behind the other, in any order. */
static bool fits_joined(const struct target *target,
	const struct sp_span *values, size_t count, struct sp_buffer *text,
	unsigned used)
{
	size_t size = text->size;

	if (used + 1 == 1u << count)
		return text_fits(target, sp_buffer_span(text));
	for (size_t i = 0; i < count; i++) {
		if (used & (1u << i))
			continue;
		sp_buffer_add(text, values[i]);
		if (text->failed)
			return false;
		if (fits_joined(target, values, count, text, used | (1u << i)))
			return true;
		text->size = size;
	}
	return false;
}

static bool fits_in_pieces(
	const struct target *target, const struct sp_span *values, size_t count)
{
	struct sp_buffer text = {.data = NULL};
	bool fits = count > 1 && count <= PIECES_MAX &&
		    fits_joined(target, values, count, &text, 0);

	sp_buffer_free(&text);
	return fits;
}

/* p= is the beginning of what it should be, and not all of it. */
static bool is_cut(const struct target *target, struct sp_span value)
{
	struct sp_span p = {NULL, 0};
	struct sp_tags tags;

	if (value.size > SP_KEY_RECORD_BYTES_MAX ||
		sp_tags_parse(&tags, value) != SP_REASON_OK)
		return false;
	if (sp_tags_find(&tags, "p"))
		p = sp_tags_find(&tags, "p")->value;
	return p.size && p.size < target->p.size &&
	       memcmp(p.data, target->p.data, p.size) == 0;
}

/* Why a value is not the public half. */
static enum sp_status difference(const struct target *target,
	struct sp_span value, const struct sp_keyrecord *record,
	unsigned *findings)
{
	enum sp_status status = SP_OK;

	if (fits_unquoted(target, value)) {
		*findings = SP_KEYCHECK_QUOTES;
	} else if (fits_without_blanks(target, value) ||
		   fits_turned(target, value)) {
		*findings = SP_KEYCHECK_SPLIT;
	} else if (is_cut(target, value)) {
		*findings = SP_KEYCHECK_CUT;
	} else if (record->reason) {
		status = sp_keycheck_record(record, findings);
		*findings &= ~(unsigned)SP_KEYCHECK_TESTING;
	} else {
		*findings = record->key.type == target->key->type
				    ? SP_KEYCHECK_OTHER
				    : SP_KEYCHECK_TYPE;
	}
	return status;
}

/* What has been found in the values so far. */
struct found {
	bool half; /* one of them is the public half */
	unsigned right; /* of those that are */
	unsigned wrong; /* of those that are not */
};

static enum sp_status check_value(
	const struct target *target, struct sp_span value, struct found *found)
{
	struct sp_keyrecord record;
	enum sp_status status = sp_keyrecord_parse(&record, value);
	unsigned findings = 0;
	bool half = false;

	if (!status)
		status = compare(target, &record, &half);
	if (!status)
		status = half ? sp_keycheck_record(&record, &findings)
			      : difference(target, value, &record, &findings);
	*(half ? &found->right : &found->wrong) |= findings;
	found->half |= half;
	sp_keyrecord_free(&record);
	return status;
}

enum sp_status sp_keycheck_values(const struct sp_span *values, size_t count,
	const struct sp_pkey *key, unsigned *findings)
{
	struct target target = {.key = key};
	struct found found = {.half = false};
	enum sp_status status = SP_OK;

	*findings = SP_KEYCHECK_MISSING;
	if (count == 0)
		return SP_OK;
	if (key)
		status = sp_pkey_write_public(key, &target.p);
	for (size_t i = 0; i < count && !status; i++)
		status = check_value(&target, values[i], &found);
	/* Of records that are pieces of one, that is all there is to say. */
	if (!status && !found.half && fits_in_pieces(&target, values, count))
		found.wrong = SP_KEYCHECK_SPLIT;
	sp_buffer_free(&target.p);
	*findings = (count > 1 ? SP_KEYCHECK_SEVERAL : 0) |
		    (found.half ? found.right : found.wrong);
	return status;
}
