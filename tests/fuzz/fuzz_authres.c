/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authentication-Results (engine/authres.h). The input is five texts with NUL
 * between them: a field value of somebody else, then d=, i=, s= and b= of a
 * signature. Whatever they are, what is written is one field, claims to be
 * ours, and says one result.
 */
#include <assert.h>
#include <stdlib.h>

#include "engine/authres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char id[] = "mx.example.org";

static bool forged(struct sp_span value)
{
	struct sp_field field = {
		.name = sp_span_str("Authentication-Results"), .value = value};

	return sp_authres_forged(&field, sp_span_str(id));
}

/* Lines continue the field; outside of quotes there is one ";". */
static void check_one_field(struct sp_span text)
{
	size_t semicolons = 0;
	bool quoted = false;

	assert(text.size && text.data[text.size - 1] == '\n');
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];

		if (c == '\n') {
			assert(text.data[i - 1] == '\r');
			assert(i + 1 == text.size || text.data[i + 1] == ' ');
		} else if (c == '\r') {
			assert(text.data[i + 1] == '\n');
		} else {
			assert((unsigned char)c >= 0x20 && c != 0x7f);
		}
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (c == ';' && !quoted)
			semicolons++;
	}
	assert(!quoted);
	assert(semicolons == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_span rest = sp_span(data, size);
	struct sp_span value = sp_span_split(&rest, '\0');
	struct sp_result result = {
		.verdict = SP_FAIL, .reason = SP_REASON_SIGNATURE};
	struct sp_buffer out = {0};
	struct sp_span colon;

	forged(value);
	result.domain = sp_span_split(&rest, '\0');
	result.identity = sp_span_split(&rest, '\0');
	result.selector = sp_span_split(&rest, '\0');
	result.b = sp_span_split(&rest, '\0');
	sp_authres_write(&out, sp_span_str(id), &result, 1, true);
	check_one_field(sp_buffer_span(&out));
	colon = sp_buffer_span(&out);
	assert(forged(sp_span_after(colon, sp_span_find(colon, ':') + 1)));
	sp_buffer_free(&out);
	return 0;
}
