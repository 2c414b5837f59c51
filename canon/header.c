/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical header fields (RFC 6376 3.4.1, 3.4.2; the signature: 3.5, 3.7). */
#include "canon/header.h"

#include <assert.h>

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

struct unfolding {
	char *start; /* of the value */
	char *to;
	bool space; /* held back: it counts only between other bytes */
};

/* 3.4.2, steps 2 to 5: a part of the value, unfolded and squeezed. */
static void unfold(struct unfolding *value, struct sp_span text)
{
	struct sp_span line;

	while (text.size) {
		size_t size;

		sp_scan_line(&text, &line);
		size = line.size;
		while (line.size && sp_is_wsp(line.data[0]))
			line = sp_span_after(line, 1);
		value->space |= line.size != size;
		if (line.size == 0)
			continue;
		if (value->space && value->to != value->start)
			*value->to++ = ' ';
		size = line.size;
		while (sp_is_wsp(line.data[line.size - 1]))
			line.size--;
		value->to = sp_scan_squeeze(value->to, line);
		value->space = line.size != size;
	}
}

/* The value comes in two parts, between which the value of b= has stood. */
static void add_relaxed(struct sp_buffer *out, struct sp_span name,
	struct sp_span first, struct sp_span second)
{
	char *to = sp_buffer_reserve(
		out, name.size + 1 + first.size + second.size);
	struct unfolding value;

	if (!to)
		return;
	for (size_t i = 0; i < name.size; i++)
		*to++ = sp_lower(name.data[i]);
	*to++ = ':';
	value = (struct unfolding){.start = to, .to = to};
	unfold(&value, first);
	unfold(&value, second);
	out->size = (size_t)(value.to - out->data);
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

/* Appends the canonical field without cut and without CRLF at its end. */
static void add_field(struct sp_buffer *out, enum sp_canon canon,
	const struct sp_field *field, struct sp_span cut)
{
	const char *end = text_end(field);
	const char *cut_start = cut.data < end ? cut.data : end;
	const char *cut_end = cut.data + cut.size;
	struct sp_span rest =
		sp_span_between(cut_end < end ? cut_end : end, end);

	if (canon == SP_CANON_RELAXED) {
		add_relaxed(out, field->name,
			sp_span_between(field->value.data, cut_start), rest);
		return;
	}
	add_lines(out, sp_span_between(field->raw.data, cut_start));
	add_lines(out, rest);
}

void sp_header_canon(struct sp_buffer *out, enum sp_canon canon,
	const struct sp_field *field)
{
	assert(field->name.size);
	add_field(out, canon, field,
		sp_span(field->raw.data + field->raw.size, 0));
	sp_buffer_add(out, sp_span("\r\n", 2));
}

void sp_header_canon_signature(struct sp_buffer *out, enum sp_canon canon,
	const struct sp_field *field, struct sp_span b_value)
{
	struct sp_span value = field->value;

	assert(field->name.size);
	assert(b_value.data >= value.data);
	assert(b_value.data + b_value.size <= value.data + value.size);
	add_field(out, canon, field, b_value);
}
