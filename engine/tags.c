/* SPDX-License-Identifier: Apache-2.0 */
/* Tag=value lists (RFC 6376 3.2) and DKIM-quoted-printable (2.11). */
#include "engine/tags.h"

#include "base/word.h"

/* VALCHAR (3.2), and what UTF-8 adds to it (RFC 8616 section 4). */
static bool is_valchar(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte > 0x20 && byte != 0x7f && byte != ';';
}

/* Are the next eight bytes all of that? */
static bool are_valchars(const char *from)
{
	uint64_t word = sp_word_load(from);
	uint64_t above_space =
		((word & SP_WORD_EACH(0x7f)) + SP_WORD_EACH(0x7f - 0x20)) |
		word;

	return !((~above_space & SP_WORD_HIGH) | sp_word_has(word, 0x7f) |
		 sp_word_has(word, ';'));
}

/* How many there are at the front: b= and h= are little else. */
static size_t count_valchars(struct sp_span s)
{
	size_t count = 0;

	while (s.size - count >= SP_WORD_BYTES && are_valchars(s.data + count))
		count += SP_WORD_BYTES;
	while (count < s.size && is_valchar(s.data[count]))
		count++;
	return count;
}

static bool is_name_char(char c)
{
	return sp_is_alpha(c) || sp_is_digit(c) || c == '_';
}

/* Size of the white space at the front, 0 for none or for a line end that
 * folds nothing: FWS is [*WSP CRLF] 1*WSP (2.8). */
static size_t fws_size(struct sp_span s)
{
	size_t at = 0;

	if (at < s.size && sp_is_wsp(s.data[at]))
		return 1;
	if (at < s.size && s.data[at] == '\r')
		at++;
	if (at < s.size && s.data[at] == '\n')
		at++;
	else
		return 0;
	return at < s.size && sp_is_wsp(s.data[at]) ? at + 1 : 0;
}

static void skip_fws(struct sp_span *rest)
{
	size_t size;

	while ((size = fws_size(*rest)))
		*rest = sp_span_after(*rest, size);
}

/* Takes a tag name off *rest; empty when there is none. */
static struct sp_span take_name(struct sp_span *rest)
{
	struct sp_span name = sp_span(rest->data, 0);

	if (!rest->size || !sp_is_alpha(rest->data[0]))
		return name;
	while (name.size < rest->size && is_name_char(rest->data[name.size]))
		name.size++;
	*rest = sp_span_after(*rest, name.size);
	return name;
}

/* Takes the value up to ";" or the end off *rest. */
static struct sp_span take_area(struct sp_span *rest)
{
	const char *first = rest->data;
	size_t size;

	do {
		*rest = sp_span_after(*rest, count_valchars(*rest));
		size = fws_size(*rest);
		*rest = sp_span_after(*rest, size);
	} while (size);
	return sp_span_between(first, rest->data);
}

/* The tag of this name, which is not empty, or NULL. */
static const struct sp_tag *find(
	const struct sp_tags *tags, struct sp_span name)
{
	for (size_t i = 0; i < tags->count; i++) {
		const struct sp_tag *tag = &tags->tag[i];

		/* Names are a letter or two. */
		if (tag->name.data[0] == name.data[0] &&
			sp_span_equal(tag->name, name))
			return tag;
	}
	return NULL;
}

/* One tag-spec, with the ";" behind it if there is one. */
static enum sp_reason parse_tag(struct sp_tags *tags, struct sp_span *rest)
{
	struct sp_tag tag;

	tag.name = take_name(rest);
	skip_fws(rest);
	if (!tag.name.size || !rest->size || rest->data[0] != '=')
		return SP_REASON_TAG_SYNTAX;
	*rest = sp_span_after(*rest, 1);
	tag.area = take_area(rest);
	tag.value = sp_span_trim(tag.area);
	if (rest->size && rest->data[0] != ';')
		return SP_REASON_TAG_SYNTAX;
	if (find(tags, tag.name))
		return SP_REASON_TAG_DUPLICATE;
	if (tags->count == SP_TAGS_MAX)
		return SP_REASON_TAG_SYNTAX;
	tags->tag[tags->count++] = tag;
	if (rest->size)
		*rest = sp_span_after(*rest, 1);
	return SP_REASON_OK;
}

enum sp_reason sp_tags_parse(struct sp_tags *tags, struct sp_span text)
{
	struct sp_span rest = text;

	tags->count = 0;
	skip_fws(&rest);
	do {
		enum sp_reason reason = parse_tag(tags, &rest);

		if (reason != SP_REASON_OK)
			return reason;
		/* Also behind the last ";", as everywhere else. */
		skip_fws(&rest);
	} while (rest.size);
	return SP_REASON_OK;
}

const struct sp_tag *sp_tags_find(const struct sp_tags *tags, const char *name)
{
	return find(tags, sp_span_str(name));
}

bool sp_tag_list_has(struct sp_span list, const char *word)
{
	struct sp_span rest = list;

	while (rest.data)
		if (sp_span_is_nocase(
			    sp_span_trim(sp_span_split(&rest, ':')), word))
			return true;
	return false;
}

bool sp_tag_number(struct sp_span value, size_t max_digits, int64_t *number)
{
	int64_t sum = 0;

	if (!value.size || value.size > max_digits)
		return false;
	for (size_t i = 0; i < value.size; i++) {
		int digit = value.data[i] - '0';

		if (!sp_is_digit(value.data[i]))
			return false;
		if (sum > (INT64_MAX - digit) / 10)
			sum = INT64_MAX;
		else
			sum = sum * 10 + digit;
	}
	*number = sum;
	return true;
}

static int hex_value(char c)
{
	if (sp_is_digit(c))
		return c - '0';
	c = sp_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octet of "=XX" at the front of s, or -1. */
static int hex_octet(struct sp_span s)
{
	int high = s.size >= 3 ? hex_value(s.data[1]) : -1;
	int low = s.size >= 3 ? hex_value(s.data[2]) : -1;

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

size_t sp_tag_decode_qp(char *out, struct sp_span value)
{
	struct sp_span rest = value;
	size_t size = 0;

	while (rest.size) {
		size_t used = fws_size(rest);

		if (used) {
			rest = sp_span_after(rest, used);
			continue;
		}
		if (!is_valchar(rest.data[0]))
			return SIZE_MAX;
		if (rest.data[0] == '=') {
			int octet = hex_octet(rest);

			if (octet < 0)
				return SIZE_MAX;
			out[size++] = (char)octet;
			used = 3;
		} else {
			out[size++] = rest.data[0];
			used = 1;
		}
		rest = sp_span_after(rest, used);
	}
	return size;
}

/* dkim-safe-char (2.11) less the separators of the lists it can stand in. */
static bool is_plain(char c)
{
	return c > 0x20 && c < 0x7f && !strchr("=;|:", c);
}

void sp_tag_encode_qp(struct sp_buffer *out, struct sp_span value)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < value.size; i++) {
		unsigned char byte = (unsigned char)value.data[i];
		char octet[3] = {'=', hex[byte >> 4], hex[byte & 15]};

		if (is_plain(value.data[i]))
			sp_buffer_add_char(out, value.data[i]);
		else
			sp_buffer_add(out, sp_span(octet, sizeof(octet)));
	}
}

size_t sp_tag_qp_size(struct sp_span value)
{
	size_t size = 0;

	for (size_t i = 0; i < value.size; i++)
		size += is_plain(value.data[i]) ? 1 : 3;
	return size;
}
