/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tag lists and quoted-printable (engine/tags.h) over any bytes: what was
 * found lies in the input in order, and means the same when written again.
 */
#include <assert.h>
#include <stdlib.h>

#include "engine/tags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tag(const struct sp_tag *tag, const char **from)
{
	assert(tag->name.size && sp_is_alpha(tag->name.data[0]));
	assert(*from <= tag->name.data);
	assert(tag->name.data + tag->name.size < tag->area.data);
	assert(tag->value.data >= tag->area.data);
	assert(tag->value.data + tag->value.size <=
		tag->area.data + tag->area.size);
	assert(sp_span_find(tag->area, ';') == tag->area.size);
	*from = tag->area.data + tag->area.size;
	for (size_t i = 0; i < tag->area.size; i++)
		assert((unsigned char)tag->area.data[i] >= 0x20 ||
			sp_is_fws(tag->area.data[i]));
}

static void check_again(const struct sp_tags *tags)
{
	struct sp_buffer out = {0};
	struct sp_tags again;

	for (size_t i = 0; i < tags->count; i++) {
		sp_buffer_add(&out, tags->tag[i].name);
		sp_buffer_add_char(&out, '=');
		sp_buffer_add(&out, tags->tag[i].area);
		sp_buffer_add_char(&out, ';');
	}
	assert(sp_tags_parse(&again, sp_buffer_span(&out)) == SP_REASON_OK);
	assert(again.count == tags->count);
	for (size_t i = 0; i < tags->count; i++) {
		assert(sp_span_equal(again.tag[i].name, tags->tag[i].name));
		assert(sp_span_equal(again.tag[i].value, tags->tag[i].value));
		for (size_t j = 0; j < i; j++)
			assert(!sp_span_equal(
				tags->tag[i].name, tags->tag[j].name));
	}
	sp_buffer_free(&out);
}

static void check_number(struct sp_span value)
{
	int64_t number = -1;

	if (sp_tag_number(value, 76, &number))
		assert(number >= 0 && value.size && value.size <= 76);
	else
		assert(number == -1);
}

static void check_qp(struct sp_span text)
{
	struct sp_buffer out = {0};
	char *decoded;
	size_t size;

	sp_tag_encode_qp(&out, text);
	assert(out.size == sp_tag_qp_size(text));
	decoded = malloc(out.size + 1);
	size = sp_tag_decode_qp(decoded, sp_buffer_span(&out));
	assert(sp_span_equal(sp_span(decoded, size), text));
	free(decoded);
	sp_buffer_free(&out);
	decoded = malloc(text.size + 1);
	size = sp_tag_decode_qp(decoded, text);
	assert(size == SIZE_MAX || size <= text.size);
	free(decoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span text = sp_span(data, size);
	const char *from = text.data;
	struct sp_tags tags;
	enum sp_reason reason = sp_tags_parse(&tags, text);

	for (size_t i = 0; i < tags.count; i++) {
		check_tag(&tags.tag[i], &from);
		check_number(tags.tag[i].value);
		sp_tag_list_has(tags.tag[i].value, "dns/txt");
	}
	assert(reason != SP_REASON_OK || tags.count > 0);
	if (tags.count)
		check_again(&tags);
	check_qp(text);
	return 0;
}
