/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values (RFC 8259 sections 6 and 7). */
#include "cli/json.h"

#include "base/utf8.h"

/* Bytes that stand for themselves inside a string. */
static bool is_plain(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

static void add_control(struct sp_buffer *out, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	char escape[] = "\\u00xx";

	escape[4] = hex[byte >> 4];
	escape[5] = hex[byte & 15];
	sp_buffer_add_str(out, escape);
}

/* Adds the first character of text, which is not plain; returns its size. */
static size_t add_special(struct sp_buffer *out, struct sp_span text)
{
	unsigned char byte = (unsigned char)text.data[0];
	size_t size;

	switch (byte) {
	case '"':
		sp_buffer_add_str(out, "\\\"");
		return 1;
	case '\\':
		sp_buffer_add_str(out, "\\\\");
		return 1;
	case '\n':
		sp_buffer_add_str(out, "\\n");
		return 1;
	case '\r':
		sp_buffer_add_str(out, "\\r");
		return 1;
	case '\t':
		sp_buffer_add_str(out, "\\t");
		return 1;
	default:
		break;
	}
	if (byte < 0x20 || byte == 0x7f) {
		add_control(out, byte);
		return 1;
	}
	size = sp_utf8_bytes(text);
	if (size == 0) {
		sp_buffer_add_str(out, SP_UTF8_REPLACEMENT);
		return 1;
	}
	sp_buffer_add(out, sp_span(text.data, size));
	return size;
}

void sp_json_string(struct sp_buffer *out, struct sp_span text)
{
	sp_buffer_add_char(out, '"');
	while (text.size) {
		size_t plain = 0;

		while (plain < text.size && is_plain(text.data[plain]))
			plain++;
		sp_buffer_add(out, sp_span(text.data, plain));
		text = sp_span_after(text, plain);
		if (text.size)
			text = sp_span_after(text, add_special(out, text));
	}
	sp_buffer_add_char(out, '"');
}

void sp_json_string_or_null(struct sp_buffer *out, struct sp_span text)
{
	if (text.size)
		sp_json_string(out, text);
	else
		sp_buffer_add_str(out, "null");
}

void sp_json_number(struct sp_buffer *out, uint64_t number)
{
	char digits[SP_DIGITS_MAX];

	sp_buffer_add(out, sp_span_digits(digits, number));
}

void sp_json_integer(struct sp_buffer *out, int64_t number)
{
	if (number < 0) {
		sp_buffer_add_char(out, '-');
		sp_json_number(out, -(uint64_t)number);
	} else {
		sp_json_number(out, (uint64_t)number);
	}
}

void sp_json_time(struct sp_buffer *out, int64_t time)
{
	if (time == SP_TIME_NONE)
		sp_buffer_add_str(out, "null");
	else
		sp_json_integer(out, time);
}

void sp_json_bool(struct sp_buffer *out, bool value)
{
	sp_buffer_add_str(out, value ? "true" : "false");
}
