/* SPDX-License-Identifier: Apache-2.0 */
/* DKIM-Signature fields (RFC 6376 3.5, 3.7, 5), written as various signers do.
 */
#include "corpus/signer.h"

#include <err.h>
#include <inttypes.h>
#include <openssl/evp.h>

#include "corpus/lines.h"
#include "tests/unit/naive_canon.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define EXIT_TROUBLE 2
#define COLUMNS 64u

/* How somebody writes the field. */
struct style {
	const char *name; /* of the field, with the colon and what follows it */
	const char *fold; /* between tags */
	const char *names_fold; /* between some names in h= */
	const char *b_fold; /* within b= */
	bool versions_last; /* the order of tags is free */
	bool identity; /* i= */
	bool query; /* q= */
	bool lower; /* h= in small letters */
	bool oversign; /* From and Subject once more */
};

static const struct style styles[SIGNER_STYLES] = {
	{"DKIM-Signature: ", "\n\t", "", "\n\t ", false, false, false, true,
		true},
	{"DKIM-Signature: ", "\n ", "", "\n ", false, true, true, false, false},
	{"DKIM-Signature:", "\n        ", "\n         ", "\n         ", false,
		false, false, true, false},
	{"DKIM-Signature: ", " ", "", "", true, false, true, true, false},
	{"dkim-signature: ", "\n\t ", " ", "\n\t  ", true, true, false, false,
		true},
};

static const char *const signed_names[] = {"From", "Sender", "Reply-To",
	"Subject", "Date", "Message-ID", "To", "Cc", "MIME-Version",
	"Content-Type", "Content-Transfer-Encoding", "In-Reply-To",
	"References", "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post"};

/* Takes the next field, with its continuation lines, off the header. */
static bool next_field(struct sp_span *rest, struct sp_span *field)
{
	const char *start = rest->data;
	struct sp_span at = *rest;

	if (!at.size || *start == '\n' || *start == '\r')
		return false;
	do {
		size_t line = sp_span_find(at, '\n');

		at = sp_span_after(at, line < at.size ? line + 1 : line);
	} while (at.size && sp_is_wsp(*at.data));
	*field = sp_span_between(start, at.data);
	*rest = at;
	return true;
}

static bool is_signed(struct sp_span name)
{
	for (size_t i = 0; i < COUNT(signed_names); i++)
		if (sp_span_is_nocase(name, signed_names[i]))
			return true;
	return false;
}

static void add_canonical(
	struct sp_buffer *out, enum sp_canon canon, struct sp_span field)
{
	char *to = sp_buffer_reserve(out, 2 * field.size + 4);

	if (to)
		out->size += naive_field(to, canon, field.data, field.size);
}

static void add_name(struct sp_buffer *names, const struct style *style,
	const char *newline, struct sp_span name)
{
	if (names->size > 0)
		sp_buffer_add_char(names, ':');
	if (names->size > 0 && names->size % 3 == 0)
		lines_add(names, newline, "%s", style->names_fold);
	for (size_t i = 0; i < name.size; i++)
		sp_buffer_add_char(names,
			style->lower ? sp_lower(name.data[i]) : name.data[i]);
}

/* Fills names (h=) and text (what is hashed of the fields). Names come once in
 * our messages, so that their order does not matter. Returns the body. */
static struct sp_span add_fields(struct signer *signer,
	const struct signer_plan *plan, struct sp_span message)
{
	const struct style *style = &styles[plan->style % SIGNER_STYLES];
	struct sp_span rest = message, field;

	while (next_field(&rest, &field)) {
		struct sp_span name =
			sp_span(field.data, sp_span_find(field, ':'));

		if (!is_signed(name))
			continue;
		add_name(&signer->names, style, plan->newline, name);
		add_canonical(&signer->text, plan->header_canon, field);
	}
	if (style->oversign) {
		add_name(&signer->names, style, plan->newline,
			sp_span_str("From"));
		add_name(&signer->names, style, plan->newline,
			sp_span_str("Subject"));
	}
	if (rest.size)
		rest = sp_span_after(rest, sp_span_find(rest, '\n') + 1);
	return rest;
}

static const char *algorithm_of(const struct signer_plan *plan)
{
	if (plan->key->bits == TESTKEY_ED25519)
		return "ed25519-sha256";
	return plan->sha1 ? "rsa-sha1" : "rsa-sha256";
}

static void add_base64(struct sp_buffer *out, const unsigned char *bytes,
	size_t size, const char *newline, const char *fold)
{
	char text[TESTKEY_SIGNATURE_MAX * 4 / 3 + 4];
	struct sp_span rest;

	rest = sp_span(text, (size_t)EVP_EncodeBlock(
				     (unsigned char *)text, bytes, (int)size));
	while (*fold && rest.size > COLUMNS) {
		sp_buffer_add(out, sp_span(rest.data, COLUMNS));
		lines_add(out, newline, "%s", fold);
		rest = sp_span_after(rest, COLUMNS);
	}
	sp_buffer_add(out, rest);
}

static void add_body_hash(struct signer *signer, const struct signer_plan *plan,
	struct sp_span body, size_t *length)
{
	char *canonical = sp_buffer_reserve(&signer->body, 2 * body.size + 4);
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned size;

	if (!canonical)
		return;
	*length = naive_body(canonical, plan->body_canon, body.data, body.size);
	if (EVP_Digest(canonical, *length, hash, &size,
		    plan->sha1 ? EVP_sha1() : EVP_sha256(), NULL) != 1)
		errx(EXIT_TROUBLE, "a hash: OpenSSL cannot");
	sp_buffer_add_str(&signer->field, "bh=");
	add_base64(&signer->field, hash, size, plan->newline, "");
	sp_buffer_add_str(&signer->field, ";");
}

/* c= may be left out where it says what is meant anyway (RFC 6376 3.5). */
static void add_canon(struct sp_buffer *out, const struct signer_plan *plan)
{
	bool header = plan->header_canon == SP_CANON_RELAXED;
	bool body = plan->body_canon == SP_CANON_RELAXED;

	if (!header && !body && plan->style % 2)
		return;
	sp_buffer_add_format(out, " c=%s%s;", header ? "relaxed" : "simple",
		body              ? "/relaxed"
		: plan->style % 2 ? ""
				  : "/simple");
}

static void add_tags(struct signer *signer, const struct signer_plan *plan,
	const struct style *style)
{
	struct sp_buffer *field = &signer->field;

	sp_buffer_add_str(field, style->name);
	if (!style->versions_last)
		sp_buffer_add_str(field, "v=1; ");
	sp_buffer_add_format(field, "a=%s;", algorithm_of(plan));
	add_canon(field, plan);
	lines_add(field, plan->newline, "%sd=%s; s=%s;", style->fold,
		plan->domain, plan->selector);
	if (style->versions_last)
		sp_buffer_add_str(field, " v=1;");
	if (style->identity)
		lines_add(field, plan->newline, "%si=@%s;", style->fold,
			plan->domain);
	if (style->query)
		sp_buffer_add_str(field, " q=dns/txt;");
	if (plan->timestamp != SP_TIME_NONE)
		sp_buffer_add_format(field, " t=%" PRId64 ";", plan->timestamp);
	if (plan->expiration != SP_TIME_NONE)
		sp_buffer_add_format(
			field, " x=%" PRId64 ";", plan->expiration);
}

void signer_add(struct signer *signer, const struct signer_plan *plan,
	struct sp_span message, struct sp_buffer *out)
{
	const struct style *style = &styles[plan->style % SIGNER_STYLES];
	struct sp_buffer *field = &signer->field;
	unsigned char signature[TESTKEY_SIGNATURE_MAX];
	struct sp_span body;
	size_t length = 0, size;

	sp_buffer_clear(&signer->body);
	sp_buffer_clear(&signer->text);
	sp_buffer_clear(&signer->names);
	sp_buffer_clear(field);
	body = add_fields(signer, plan, message);
	add_tags(signer, plan, style);
	lines_add(field, plan->newline, "%s", style->fold);
	sp_buffer_add_str(field, "h=");
	sp_buffer_add(field, sp_buffer_span(&signer->names));
	sp_buffer_add_str(field, ";");
	lines_add(field, plan->newline, "%s", style->fold);
	add_body_hash(signer, plan, body, &length);
	if (plan->length)
		sp_buffer_add_format(field, " l=%zu;", length);
	lines_add(field, plan->newline, "%sb=", style->fold);
	/* RFC 6376 3.7: the last of it, with b= empty and without CRLF. */
	add_canonical(&signer->text, plan->header_canon, sp_buffer_span(field));
	if (signer->text.size < 2 || sp_buffer_status(&signer->text) != SP_OK ||
		sp_buffer_status(&signer->body) != SP_OK)
		errx(EXIT_TROUBLE, "out of memory");
	signer->text.size -= 2;
	size = testkey_sign(plan->key, plan->sha1,
		sp_buffer_span(&signer->text), signature);
	add_base64(field, signature, size, plan->newline, style->b_fold);
	sp_buffer_add_str(field, plan->newline);
	sp_buffer_add(out, sp_buffer_span(field));
}

void signer_free(struct signer *signer)
{
	sp_buffer_free(&signer->body);
	sp_buffer_free(&signer->text);
	sp_buffer_free(&signer->names);
	sp_buffer_free(&signer->field);
}
