/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields and body of a message, without copies (RFC 5322 2.1, 2.2). */
#include "canon/message.h"

#include "base/limits.h"
#include "canon/scan.h"

#define FIELDS_ROOM_FIRST 32u /* most messages have fewer fields */
#define MARKS_MAX 16u /* marked at once: about a header, and not much more */

/* ftext is printable ASCII without colon (RFC 5322 2.2, 3.6.8). */
static size_t name_size(struct sp_span raw)
{
	size_t size = 0;

	while (size < raw.size && raw.data[size] > ' ' &&
		raw.data[size] < 127 && raw.data[size] != ':')
		size++;
	return size;
}

/* WSP between the name, the first size bytes, and the colon is obsolete but
 * still out there (RFC 5322 4.5.8). */
static void field_parse(struct sp_field *field, struct sp_span raw, size_t size)
{
	size_t colon = size;

	while (colon < raw.size && sp_is_wsp(raw.data[colon]))
		colon++;
	field->raw = raw;
	if (size == 0 || colon == raw.size || raw.data[colon] != ':') {
		field->name = sp_span(raw.data, 0);
		field->value = sp_span(raw.data + raw.size, 0);
		return;
	}
	field->name = sp_span(raw.data, size);
	field->value = sp_span_after(raw, colon + 1);
}

struct splitter {
	struct sp_message *message;
	struct sp_arena *arena;
	size_t room; /* of message->fields */
	size_t fields_max;
	size_t header_bytes_max;
};

/* Room for one more field; the array doubles within the arena. */
static struct sp_field *field_next(struct splitter *splitter)
{
	struct sp_message *message = splitter->message;
	size_t room = splitter->room ? splitter->room * 2 : FIELDS_ROOM_FIRST;
	struct sp_field *fields;

	if (message->field_count < splitter->room)
		return &message->fields[message->field_count];
	fields = sp_arena_alloc(splitter->arena, room * sizeof(*fields),
		_Alignof(struct sp_field));
	if (!fields)
		return NULL;
	if (message->field_count)
		memcpy(fields, message->fields,
			message->field_count * sizeof(*fields));
	message->fields = fields;
	splitter->room = room;
	return &fields[message->field_count];
}

/* Takes raw, the bytes behind the last field, as one field. */
static enum sp_status field_add(struct splitter *splitter, struct sp_span raw,
	size_t name_bytes, enum sp_reason *reason)
{
	struct sp_message *message = splitter->message;
	struct sp_field *field;

	if (message->field_count == splitter->fields_max) {
		*reason = SP_REASON_TOO_MANY_FIELDS;
		return SP_OK;
	}
	field = field_next(splitter);
	if (!field)
		return SP_NO_MEMORY;
	field_parse(field, raw, name_bytes);
	message->field_count++;
	message->header.size += raw.size;
	return SP_OK;
}

/* Takes the bytes behind the last field, up to end, as one field. */
static enum sp_status field_close(
	struct splitter *splitter, const char *end, enum sp_reason *reason)
{
	const struct sp_message *message = splitter->message;
	struct sp_span raw = sp_span_between(
		message->header.data + message->header.size, end);

	if (raw.size == 0)
		return SP_OK;
	return field_add(splitter, raw, name_size(raw), reason);
}

/* Takes fields off *rest, up to the empty line or the end. */
static enum sp_status split_header(
	struct splitter *splitter, struct sp_span *rest, enum sp_reason *reason)
{
	size_t left = splitter->header_bytes_max;

	while (rest->size) {
		struct sp_span below = *rest, line;
		bool ended = sp_scan_line(&below, &line);
		enum sp_status status = SP_OK;

		if (ended && line.size == 0)
			break;
		if (!sp_is_wsp(rest->data[0]))
			status = field_close(splitter, rest->data, reason);
		if (status != SP_OK || *reason != SP_REASON_OK)
			return status;
		if (rest->size - below.size > left) {
			*reason = SP_REASON_HEADER_TOO_LARGE;
			return SP_OK;
		}
		left -= rest->size - below.size;
		*rest = below;
	}
	return field_close(splitter, rest->data, reason);
}

/*
 * The same by the marks of a kernel, 64 bytes at a time (canon/scan.h): a field
 * begins where a line begins without white space, and its name ends at the
 * first byte that no name has.
 */
struct outline {
	struct splitter *splitter;
	struct sp_span bytes; /* the message, or what may be header of it */
	const char *name_end; /* of the field that begins behind the last one;
				 NULL: not yet found */
	uint64_t line_begins; /* 1: a line begins with the next block */
	enum sp_status status;
	enum sp_reason reason;
};

static bool is_line_end(struct sp_span bytes, const char *at)
{
	return *at == '\n' ||
	       (*at == '\r' && at + 1 < bytes.data + bytes.size &&
		       at[1] == '\n');
}

/* Closes the field that ends at at. True when there is nothing below it to be
 * looked at: the empty line, trouble, or a limit. */
static bool outline_close(struct outline *outline, const char *at)
{
	struct splitter *splitter = outline->splitter;
	struct sp_span header = splitter->message->header;
	struct sp_span raw = sp_span_between(header.data + header.size, at);

	if (raw.size)
		outline->status = field_add(splitter, raw,
			(size_t)(outline->name_end - raw.data),
			&outline->reason);
	return outline->status || outline->reason != SP_REASON_OK ||
	       is_line_end(outline->bytes, at);
}

/* True when the end of the header has been found, or trouble. */
static bool outline_block(struct outline *outline, const char *from,
	const struct sp_scan_marks *marks, uint64_t there)
{
	uint64_t starts =
		(marks->lf << 1 | outline->line_begins) & ~marks->white & there;

	outline->line_begins = marks->lf >> (SP_SCAN_MARKED - 1);
	if (!outline->name_end && marks->other)
		outline->name_end = from + __builtin_ctzll(marks->other);
	for (; starts; starts &= starts - 1) {
		int i = __builtin_ctzll(starts);
		uint64_t other = marks->other >> i;

		if (outline_close(outline, from + i))
			return true;
		outline->name_end =
			other ? from + i + __builtin_ctzll(other) : NULL;
	}
	return false;
}

/* True when the end of the header has been found, or trouble. */
static bool outline_blocks(struct outline *outline, sp_scan_mark *mark)
{
	struct sp_scan_marks marks[MARKS_MAX];
	struct sp_span rest = outline->bytes;
	char block[SP_SCAN_MARKED] = {0};

	while (rest.size >= SP_SCAN_MARKED) {
		size_t count = rest.size / SP_SCAN_MARKED;

		if (count > MARKS_MAX)
			count = MARKS_MAX;
		mark(marks, rest.data, count);
		for (size_t i = 0; i < count; i++) {
			if (outline_block(outline, rest.data, &marks[i], ~0ULL))
				return true;
			rest = sp_span_after(rest, SP_SCAN_MARKED);
		}
	}
	memcpy(block, rest.data, rest.size);
	mark(marks, block, 1);
	return outline_block(
		outline, rest.data, marks, (1ULL << rest.size) - 1);
}

/*
 * Takes all fields of a header off *rest that ends with an empty line within
 * the limits. Of any other it takes nothing and says false: what there is to
 * say of it takes a look at each line.
 */
static bool outline_header(
	struct splitter *splitter, struct sp_span *rest, sp_scan_mark *mark)
{
	struct sp_message *message = splitter->message;
	struct outline outline = {
		.splitter = splitter,
		.bytes = *rest,
		.line_begins = 1,
		.reason = SP_REASON_OK,
	};

	/* The line end at the end may have two bytes. */
	if (outline.bytes.size > splitter->header_bytes_max + 2)
		outline.bytes.size = splitter->header_bytes_max + 2;
	if (outline_blocks(&outline, mark) && !outline.status &&
		outline.reason == SP_REASON_OK &&
		message->header.size <= splitter->header_bytes_max) {
		*rest = sp_span_after(*rest, message->header.size);
		return true;
	}
	message->field_count = 0;
	message->header.size = 0;
	return false;
}

static bool first_line_is_crlf(struct sp_span bytes)
{
	size_t lf = sp_span_find(bytes, '\n');

	return lf > 0 && lf < bytes.size && bytes.data[lf - 1] == '\r';
}

static bool has_named_field(const struct sp_message *message)
{
	for (size_t i = 0; i < message->field_count; i++)
		if (message->fields[i].name.size)
			return true;
	return false;
}

enum sp_status sp_message_split(struct sp_message *message,
	struct sp_arena *arena, struct sp_span bytes,
	const struct sp_message_limits *limits, enum sp_reason *reason)
{
	return sp_message_split_by(
		sp_scan_kernel(), message, arena, bytes, limits, reason);
}

enum sp_status sp_message_split_by(const struct sp_scan_kernel *kernel,
	struct sp_message *message, struct sp_arena *arena,
	struct sp_span bytes, const struct sp_message_limits *limits,
	enum sp_reason *reason)
{
	struct splitter splitter = {
		.message = message,
		.arena = arena,
		.fields_max = limits && limits->fields_max ? limits->fields_max
							   : SP_FIELDS_MAX,
		.header_bytes_max = limits && limits->header_bytes_max
					    ? limits->header_bytes_max
					    : SP_HEADER_BYTES_MAX,
	};
	struct sp_span rest = bytes, empty;
	enum sp_status status = SP_OK;

	*message = (struct sp_message){
		.header = sp_span(bytes.data, 0),
		.crlf = first_line_is_crlf(bytes),
	};
	*reason = bytes.size ? SP_REASON_OK : SP_REASON_MESSAGE_EMPTY;
	if (bytes.size == 0)
		return SP_OK;
	if (!kernel->mark || !outline_header(&splitter, &rest, kernel->mark))
		status = split_header(&splitter, &rest, reason);
	/* An mbox of tiny messages has 100,000 of them in a batch. */
	if (message->fields)
		sp_arena_trim(arena, message->fields + message->field_count);
	if (status == SP_OK && *reason == SP_REASON_OK &&
		!has_named_field(message))
		*reason = SP_REASON_MESSAGE_SYNTAX;
	if (status != SP_OK || *reason != SP_REASON_OK)
		return status;
	message->has_body = sp_scan_line(&rest, &empty);
	message->body = rest;
	message->body_offset = bytes.size - message->body.size;
	return SP_OK;
}

const struct sp_field *sp_message_find(
	const struct sp_message *message, struct sp_span name, size_t from)
{
	for (size_t i = from; name.size && i < message->field_count; i++)
		if (sp_span_equal_nocase(message->fields[i].name, name))
			return &message->fields[i];
	return NULL;
}

const struct sp_field *sp_message_find_next(
	const struct sp_message *message, const struct sp_field *field)
{
	return sp_message_find(
		message, field->name, (size_t)(field - message->fields) + 1);
}

struct sp_span sp_field_value_trimmed(const struct sp_field *field)
{
	return sp_span_trim(field->value);
}
