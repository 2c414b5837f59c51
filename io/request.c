/* SPDX-License-Identifier: Apache-2.0 */
/* Reading requests (RFC 8259). */
#include "io/request.h"

#include <jansson.h>
#include <stdio.h>

/* What is being read. */
struct parse {
	struct sp_request *request;
	struct sp_envelope *envelope;
	struct sp_arena *arena;
	bool no_memory;
};

#define FAULT_BYTES 200u

/* The first fault counts. */
static void __attribute__((format(printf, 2, 3)))
set_fault(struct parse *parse, const char *format, ...)
{
	char text[FAULT_BYTES];
	va_list args;

	if (parse->request->fault)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	parse->request->fault = sp_arena_copy(parse->arena, sp_span_str(text));
	parse->no_memory |= !parse->request->fault;
}

static struct sp_span keep(struct parse *parse, struct sp_span text)
{
	char *copy = sp_arena_copy(parse->arena, text);

	parse->no_memory |= !copy;
	return sp_span(copy, copy ? text.size : 0);
}

static bool has_control(struct sp_span text)
{
	for (size_t i = 0; i < text.size; i++)
		if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f)
			return true;
	return false;
}

/* A string without control characters; they could end a line of ours. */
static bool is_text(json_t *value)
{
	return json_is_string(value) &&
	       !has_control(sp_span(
		       json_string_value(value), json_string_length(value)));
}

/* What a name may be, and null for "not given". */
static struct sp_span text_or_null(
	struct parse *parse, const char *name, json_t *value)
{
	if (json_is_null(value))
		return sp_span(NULL, 0);
	if (!is_text(value)) {
		set_fault(parse, "\"%s\" is no string of printable characters",
			name);
		return sp_span(NULL, 0);
	}
	return keep(parse,
		sp_span(json_string_value(value), json_string_length(value)));
}

static void read_id(struct parse *parse, json_t *value)
{
	struct sp_request *request = parse->request;
	char digits[32];

	if (json_is_integer(value)) {
		snprintf(digits, sizeof(digits), "%lld",
			(long long)json_integer_value(value));
		request->id_is_number = true;
		request->id = keep(parse, sp_span_str(digits));
		return;
	}
	if (!json_is_string(value) || !json_string_length(value) ||
		json_string_length(value) > SP_REQUEST_ID_BYTES_MAX)
		set_fault(parse,
			"\"id\" is neither an integer nor a string of 1 to %u "
			"bytes",
			SP_REQUEST_ID_BYTES_MAX);
	else
		request->id = keep(parse, sp_span(json_string_value(value),
						  json_string_length(value)));
}

static void read_recipients(struct parse *parse, json_t *value)
{
	size_t count = json_array_size(value);
	struct sp_span *list;

	if (json_is_null(value))
		return;
	if (!json_is_array(value)) {
		set_fault(parse, "\"rcpt_to\" is no array of strings");
		return;
	}
	list = SP_ARENA_ARRAY(parse->arena, struct sp_span, count);
	parse->no_memory |= !list;
	for (size_t i = 0; i < count && list; i++) {
		json_t *text = json_array_get(value, i);

		if (!is_text(text) || !json_string_length(text)) {
			set_fault(parse,
				"\"rcpt_to\" holds something that is no "
				"address");
			return;
		}
		list[i] = keep(parse, sp_span(json_string_value(text),
					      json_string_length(text)));
	}
	parse->envelope->rcpt_to = list;
	parse->envelope->rcpt_count = count;
}

static void read_member(struct parse *parse, const char *name, json_t *value)
{
	struct sp_span key = sp_span_str(name);
	struct sp_request *request = parse->request;

	if (sp_span_is(key, "id"))
		read_id(parse, value);
	else if (sp_span_is(key, "mail_from"))
		parse->envelope->mail_from = text_or_null(parse, name, value);
	else if (sp_span_is(key, "rcpt_to"))
		read_recipients(parse, value);
	else if (sp_span_is(key, "domain"))
		request->domain = text_or_null(parse, name, value);
	else if (sp_span_is(key, "selector"))
		request->selector = text_or_null(parse, name, value);
	else
		set_fault(parse,
			"\"%.40s\" is no member of a record; there are id, "
			"mail_from, rcpt_to, domain and selector",
			name);
}

static void read_object(struct parse *parse, json_t *object)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object)) {
		set_fault(parse, "the record is no JSON object");
		return;
	}
	json_object_foreach(object, name, value)
		read_member(parse, name, value);
	if (!json_object_get(object, "id"))
		set_fault(parse, "\"id\" is missing");
}

enum sp_status sp_request_parse(struct sp_request *request,
	struct sp_envelope *envelope, struct sp_arena *arena)
{
	struct parse parse = {
		.request = request, .envelope = envelope, .arena = arena};
	json_error_t error;
	json_t *object = json_loadb(request->record.data, request->record.size,
		JSON_REJECT_DUPLICATES, &error);

	if (object)
		read_object(&parse, object);
	else if (json_error_code(&error) == json_error_out_of_memory)
		parse.no_memory = true;
	else
		set_fault(&parse, "byte %d of the record: %.120s",
			error.position, error.text);
	json_decref(object);
	return parse.no_memory ? SP_NO_MEMORY : SP_OK;
}
