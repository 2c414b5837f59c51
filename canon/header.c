/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical header fields (RFC 6376 3.4.1, 3.4.2; the signature: 3.5, 3.7). */
#include "canon/header.h"

#include <assert.h>

#include "base/word.h"
#include "canon/scan.h"

/* 3.4.1: as it is, but for line ends, which mean CRLF however stored. */
static void add_lines(struct sp_buffer *out, struct sp_span text)
{
	struct sp_span line;

	while (text.size) {
		bool ended = sp_scan_line(&text, &line);

		sp_buffer_add(out, line);
		if (ended)
			sp_buffer_add(out, sp_span("\r\n", 2));
	}
}

/* Eight bytes in lower case: what is added has its high bit from A on, and is
 * gone again behind Z. */
static uint64_t lower_word(uint64_t word)
{
	uint64_t low = word & SP_WORD_EACH(0x7f);
	uint64_t from_a = low + SP_WORD_EACH(0x80 - 'A');
	uint64_t behind_z = low + SP_WORD_EACH(0x80 - 'Z' - 1);
	uint64_t upper = from_a & ~behind_z & ~word & SP_WORD_HIGH;

	return word | upper >> 2;
}

static char *put_name(char *to, struct sp_span name)
{
	size_t i = 0;

	for (; i + SP_WORD_BYTES <= name.size; i += SP_WORD_BYTES)
		sp_word_store(to + i, lower_word(sp_word_load(name.data + i)));
	for (; i < name.size; i++)
		to[i] = sp_lower(name.data[i]);
	to[i] = ':';
	return to + i + 1;
}

/* Without white space and line ends in front (3.4.2, steps 2 to 5); *white is
 * set when it was not line ends alone. */
static struct sp_span trim_start(struct sp_span text, bool *white)
{
	while (text.size) {
		if (sp_is_wsp(text.data[0]))
			*white = true;
		else if (text.data[0] != '\n' &&
			 (text.size == 1 || text.data[0] != '\r' ||
				 text.data[1] != '\n'))
			break;
		text = sp_span_after(text, 1);
	}
	return text;
}

/* The same at the end. */
static struct sp_span trim_end(struct sp_span text, bool *white)
{
	while (text.size) {
		char last = text.data[text.size - 1];

		if (!sp_is_wsp(last) && last != '\n')
			break;
		*white |= last != '\n';
		text.size--;
		if (last == '\n' && text.size &&
			text.data[text.size - 1] == '\r')
			text.size--;
	}
	return text;
}

/* The value comes in two parts, between which the value of b= has stood. */
static char *put_value(char *to, struct sp_span first, struct sp_span second)
{
	const struct sp_scan_kernel *kernel = sp_scan_kernel();
	bool between = false, around = false;

	first = trim_end(trim_start(first, &around), &between);
	second = trim_end(trim_start(second, &between), &around);
	to = kernel->unfold(to, first);
	if (second.size == 0)
		return to;
	/* White space counts only between other bytes. */
	if (first.size && between)
		*to++ = ' ';
	return kernel->unfold(to, second);
}

/* The canonical field, and behind it end. */
static void add_relaxed(struct sp_buffer *out, struct sp_span name,
	struct sp_span first, struct sp_span second, struct sp_span end)
{
	char *to = sp_buffer_reserve(
		out, name.size + 1 + first.size + second.size + SP_SCAN_ROOM);

	if (!to)
		return;
	to = put_value(put_name(to, name), first, second);
	memcpy(to, end.data, end.size);
	out->size = (size_t)(to - out->data) + end.size;
}

/* The end of the field's text: where its last line end begins. */
static const char *text_end(const struct sp_field *field)
{
	struct sp_span raw = field->raw;

	if (raw.data[raw.size - 1] == '\n')
		raw.size--;
	if (raw.size < field->raw.size && raw.data[raw.size - 1] == '\r')
		raw.size--;
	return raw.data + raw.size;
}

void sp_header_canon(struct sp_buffer *out, enum sp_canon canon,
	const struct sp_field *field)
{
	const struct sp_span crlf = sp_span("\r\n", 2);

	assert(field->name.size);
	if (canon == SP_CANON_RELAXED) {
		add_relaxed(
			out, field->name, field->value, sp_span(NULL, 0), crlf);
		return;
	}
	add_lines(out, sp_span_between(field->raw.data, text_end(field)));
	sp_buffer_add(out, crlf);
}

void sp_header_canon_signature(struct sp_buffer *out, enum sp_canon canon,
	const struct sp_field *field, struct sp_span b_value)
{
	struct sp_span value = field->value;
	const char *cut_end = b_value.data + b_value.size;
	const char *end = text_end(field);

	assert(field->name.size);
	assert(b_value.data >= value.data);
	assert(cut_end <= value.data + value.size);
	if (canon == SP_CANON_RELAXED) {
		add_relaxed(out, field->name,
			sp_span_between(value.data, b_value.data),
			sp_span_between(cut_end, value.data + value.size),
			sp_span("", 0));
		return;
	}
	add_lines(out, sp_span_between(field->raw.data,
			       b_value.data < end ? b_value.data : end));
	add_lines(out, sp_span_between(cut_end < end ? cut_end : end, end));
}
