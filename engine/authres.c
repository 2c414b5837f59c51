/* SPDX-License-Identifier: Apache-2.0 */
/* The Authentication-Results field (RFC 8601 2.2, section 5). */
#include "engine/authres.h"

#include <assert.h>
#include <stdio.h>

#include "base/utf8.h"
#include "engine/domain.h"
#include "engine/fold.h"

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* RFC 2045 5.1, and UTF-8 (RFC 8616 section 6). */
static bool is_token_char(char c)
{
	return !is_control(c) && !strchr(" ()<>@,;:\\\"/[]?=", c);
}

static bool is_token(struct sp_span s)
{
	for (size_t i = 0; i < s.size; i++)
		if (!is_token_char(s.data[i]))
			return false;
	return s.size > 0;
}

bool sp_authres_id_valid(struct sp_span id)
{
	return id.size <= SP_AUTHRES_ID_BYTES_MAX && is_token(id);
}

/* [ [ local-part ] "@" ] domain-name needs no quotes (2.2, pvalue); here
 * with a token for local part, which is less than the grammar has. */
static bool is_pvalue(struct sp_span s)
{
	size_t at = sp_span_find(s, '@');

	if (at == s.size)
		return is_token(s);
	return (at == 0 || is_token(sp_span(s.data, at))) &&
	       is_token(sp_span_after(s, at + 1));
}

/* UTF-8 without the controls that have two bytes (U+0080 to U+009F). */
static bool is_text(struct sp_span value)
{
	for (size_t i = 0; i + 1 < value.size; i++)
		if (value.data[i] == '\xc2' &&
			(unsigned char)value.data[i + 1] < 0xa0)
			return false;
	return sp_utf8_valid(value);
}

/* Without its control bytes; text has room for value. */
static struct sp_span clean(char *text, struct sp_span value)
{
	size_t size = 0;

	for (size_t i = 0; i < value.size; i++)
		if (!is_control(value.data[i]))
			text[size++] = value.data[i];
	return sp_span(text, size);
}

/* Quoted-string (RFC 5322 3.2.4); returns its size. */
static size_t quote(char *out, struct sp_span value)
{
	size_t size = 0;

	out[size++] = '"';
	for (size_t i = 0; i < value.size; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			out[size++] = '\\';
		out[size++] = value.data[i];
	}
	out[size++] = '"';
	return size;
}

/* A word, with room left in its line for the ";" that may come next. */
static void put(struct sp_fold *fold, struct sp_span word)
{
	if (sp_fold_fits(fold, word.size + strlen(" ;")))
		sp_fold_text(fold, sp_span_str(" "));
	else
		sp_fold_break(fold);
	sp_fold_text(fold, word);
}

/* " name=value", or nothing when there is nothing to say. */
static void put_value(
	struct sp_fold *fold, const char *name, struct sp_span value)
{
	char text[SP_AUTHRES_VALUE_BYTES_MAX];
	/* Name, "=", quotes, and every byte escaped. */
	char word[32 + 2 * SP_AUTHRES_VALUE_BYTES_MAX + 2];
	size_t size = strlen(name);

	assert(size < 32);
	if (value.size > SP_AUTHRES_VALUE_BYTES_MAX || !is_text(value))
		return;
	value = clean(text, value);
	if (!value.size)
		return;
	memcpy(word, name, size + 1);
	word[size++] = '=';
	if (is_pvalue(value)) {
		memcpy(word + size, value.data, value.size);
		size += value.size;
	} else {
		size += quote(word + size, value);
	}
	put(fold, sp_span(word, size));
}

static void put_word(struct sp_fold *fold, const char *name, const char *value)
{
	put_value(fold, name, sp_span_str(value));
}

static void put_result(struct sp_fold *fold, const struct sp_result *result)
{
	char comment[32];

	sp_fold_text(fold, sp_span_str(";"));
	sp_fold_break(fold);
	sp_fold_text(fold, sp_span_str("dkim="));
	sp_fold_text(fold, sp_span_str(sp_verdict_name(result->verdict)));
	if (result->key_bits) {
		snprintf(comment, sizeof(comment), "(%u-bit key)",
			result->key_bits);
		put(fold, sp_span_str(comment));
	}
	if (result->verdict != SP_PASS)
		put_word(fold, "reason", sp_reason_name(result->reason));
	put_value(fold, "header.d", result->domain);
	put_value(fold, "header.i", result->identity);
	put_value(fold, "header.s", result->selector);
	if (result->algorithm != SP_ALGORITHM_UNKNOWN)
		put_word(
			fold, "header.a", sp_algorithm_name(result->algorithm));
	put_value(fold, "header.b", result->b);
}

void sp_authres_write(struct sp_buffer *out, struct sp_span id,
	const struct sp_result *results, size_t count, bool crlf)
{
	struct sp_fold fold = sp_fold_begin(out, out->size, crlf);

	assert(sp_authres_id_valid(id));
	sp_fold_text(&fold, sp_span_str("Authentication-Results:"));
	put(&fold, id);
	for (size_t i = 0; i < count; i++)
		put_result(&fold, &results[i]);
	if (!count) {
		sp_fold_text(&fold, sp_span_str(";"));
		put(&fold, sp_span_str("dkim=none"));
	}
	sp_fold_end(&fold);
}

/* White space and comments (RFC 5322 3.2.2). False: a comment stays open. */
static bool skip_cfws(struct sp_span *rest)
{
	size_t depth = 0;

	while (rest->size) {
		char c = rest->data[0];

		if (c == '(')
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (c == '\\' && depth && rest->size > 1)
			*rest = sp_span_after(*rest, 1);
		else if (!depth && !sp_is_fws(c))
			break;
		*rest = sp_span_after(*rest, 1);
	}
	return depth == 0;
}

/* A quoted string without quotes and folding into text (room for *rest). */
static bool take_quoted(
	struct sp_span *rest, char *text, size_t room, struct sp_span *id)
{
	size_t size = 0;

	for (;;) {
		char c;

		*rest = sp_span_after(*rest, 1);
		if (!rest->size || size == room)
			return false;
		c = rest->data[0];
		if (c == '"')
			break;
		if (c == '\\' && rest->size > 1) {
			*rest = sp_span_after(*rest, 1);
			c = rest->data[0];
		}
		if (c != '\r' && c != '\n')
			text[size++] = c;
	}
	*rest = sp_span_after(*rest, 1);
	*id = sp_span(text, size);
	return true;
}

static bool take_token(struct sp_span *rest, struct sp_span *id)
{
	*id = sp_span(rest->data, 0);
	while (id->size < rest->size && is_token_char(rest->data[id->size]))
		id->size++;
	*rest = sp_span_after(*rest, id->size);
	return id->size > 0;
}

/* authserv-id and what may follow it: [CFWS version] [CFWS] (";" or end). */
static bool take_id(
	struct sp_span *rest, char *text, size_t room, struct sp_span *id)
{
	struct sp_span version;

	if (!skip_cfws(rest) || !rest->size)
		return false;
	if (rest->data[0] == '"') {
		if (!take_quoted(rest, text, room, id))
			return false;
	} else if (!take_token(rest, id)) {
		return false;
	}
	if (!skip_cfws(rest))
		return false;
	if (rest->size && sp_is_digit(rest->data[0]) &&
		(!take_token(rest, &version) || !skip_cfws(rest)))
		return false;
	return !rest->size || rest->data[0] == ';';
}

bool sp_authres_forged(const struct sp_field *field, struct sp_span id)
{
	char text[SP_AUTHRES_ID_BYTES_MAX];
	struct sp_span rest = field->value;
	struct sp_span claimed;

	if (!sp_span_is_nocase(field->name, "Authentication-Results"))
		return false;
	if (!take_id(&rest, text, sizeof(text), &claimed))
		return true;
	return sp_domain_equal(claimed, id);
}
