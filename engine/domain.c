/* SPDX-License-Identifier: Apache-2.0 */
/* Domain names (RFC 1035 2.3, RFC 5890, RFC 8616; RFC 7489 3.1.1). */
#include "engine/domain.h"

#include <idn2.h>

#define LABEL_BYTES_MAX 63u /* RFC 1035 2.3.4 */
/* A U-label needs no more UTF-8 than four bytes for each of its A-label. */
#define UTF8_BYTES_MAX (SP_DOMAIN_BYTES_MAX * 4)

/* Letters, digits, hyphen; and "_", which selectors and hosts do use. */
static bool is_label_char(char c)
{
	return sp_is_alpha(c) || sp_is_digit(c) || c == '-' || c == '_';
}

static bool is_ascii(struct sp_span s)
{
	for (size_t i = 0; i < s.size; i++)
		if ((unsigned char)s.data[i] > 0x7f)
			return false;
	return true;
}

/* Checks a name in A-labels and writes it in lower case. */
static enum sp_domain_form convert_ascii(char *out, struct sp_span name)
{
	bool fits = name.size <= SP_DOMAIN_BYTES_MAX;
	struct sp_span rest = name;

	while (rest.data) {
		struct sp_span label = sp_span_split(&rest, '.');

		if (!label.size)
			return SP_DOMAIN_MALFORMED;
		for (size_t i = 0; i < label.size; i++)
			if (!is_label_char(label.data[i]))
				return SP_DOMAIN_MALFORMED;
		fits = fits && label.size <= LABEL_BYTES_MAX;
	}
	if (!fits)
		return SP_DOMAIN_TOO_LONG;
	for (size_t i = 0; i < name.size; i++)
		out[i] = sp_lower(name.data[i]);
	out[name.size] = '\0';
	return SP_DOMAIN_OK;
}

/* The same for a name with U-labels; libidn2 wants it NUL-terminated. */
static enum sp_domain_form convert_utf8(char *out, struct sp_span name)
{
	uint8_t text[UTF8_BYTES_MAX + 1];
	uint8_t *ascii = NULL;
	enum sp_domain_form form = SP_DOMAIN_MALFORMED;

	if (name.size > UTF8_BYTES_MAX)
		return SP_DOMAIN_TOO_LONG;
	memcpy(text, name.data, name.size);
	text[name.size] = '\0';
	if (memchr(text, '\0', name.size))
		return SP_DOMAIN_MALFORMED;
	switch (idn2_lookup_u8(
		text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)) {
	case IDN2_OK:
		form = convert_ascii(out, sp_span_str((const char *)ascii));
		break;
	case IDN2_TOO_BIG_DOMAIN:
	case IDN2_TOO_BIG_LABEL:
	case IDN2_PUNYCODE_BIG_OUTPUT: /* also a label too long */
		form = SP_DOMAIN_TOO_LONG;
		break;
	default:
		break;
	}
	idn2_free(ascii);
	return form;
}

enum sp_domain_form sp_domain_convert(char *out, struct sp_span domain)
{
	struct sp_span name = domain;

	out[0] = '\0';
	if (name.size && name.data[name.size - 1] == '.')
		name.size--;
	if (!name.size)
		return SP_DOMAIN_MALFORMED;
	return is_ascii(name) ? convert_ascii(out, name)
			      : convert_utf8(out, name);
}

bool sp_domain_to_ascii(char *out, struct sp_span domain)
{
	return sp_domain_convert(out, domain) == SP_DOMAIN_OK;
}

/* True when both could be written as A-labels, else neither is used. */
static bool convert_both(
	struct sp_span *a, char *a_ascii, struct sp_span *b, char *b_ascii)
{
	if (!sp_domain_to_ascii(a_ascii, *a) ||
		!sp_domain_to_ascii(b_ascii, *b))
		return false;
	*a = sp_span_str(a_ascii);
	*b = sp_span_str(b_ascii);
	return true;
}

bool sp_domain_equal(struct sp_span a, struct sp_span b)
{
	char a_ascii[SP_DOMAIN_BYTES_MAX + 1], b_ascii[SP_DOMAIN_BYTES_MAX + 1];

	convert_both(&a, a_ascii, &b, b_ascii);
	return sp_span_equal_nocase(a, b);
}

bool sp_domain_within(struct sp_span name, struct sp_span parent)
{
	char name_ascii[SP_DOMAIN_BYTES_MAX + 1];
	char parent_ascii[SP_DOMAIN_BYTES_MAX + 1];
	size_t above;

	convert_both(&name, name_ascii, &parent, parent_ascii);
	if (!parent.size || !sp_span_ends_nocase(name, parent))
		return false;
	above = name.size - parent.size;
	return above == 0 || name.data[above - 1] == '.';
}

enum sp_alignment sp_domain_alignment(
	struct sp_span signing, struct sp_span from)
{
	struct sp_span shorter;

	if (!signing.size || !from.size)
		return SP_ALIGNED_NO;
	if (sp_domain_equal(signing, from))
		return SP_ALIGNED_STRICT;
	if (sp_domain_within(signing, from))
		shorter = from;
	else if (sp_domain_within(from, signing))
		shorter = signing;
	else
		return SP_ALIGNED_NO;
	return sp_span_find(shorter, '.') < shorter.size ? SP_ALIGNED_RELAXED
							 : SP_ALIGNED_NO;
}
