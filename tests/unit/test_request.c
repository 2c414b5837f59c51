/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a stream: what they may be, and what is wrong with others. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "io/request.h"

static struct sp_arena arena;
static struct sp_envelope envelope;

static void free_all(void)
{
	sp_arena_free(&arena);
}

TestSuite(request, .fini = free_all);

static struct sp_request parse(const char *text)
{
	struct sp_request request = {.record = sp_span_str(text)};

	envelope = (struct sp_envelope){.rcpt_count = 0};
	cr_assert_eq(sp_request_parse(&request, &envelope, &arena), SP_OK);
	return request;
}

Test(request, all_members)
{
	struct sp_request request =
		parse("{\"id\":\"a\\u00e9\",\"mail_from\":\"b@example.com\","
		      "\"rcpt_to\":[\"c@example.net\",\"d@example.org\"],"
		      "\"domain\":\"example.com\",\"selector\":\"s1\"}");

	cr_assert_null(request.fault);
	cr_assert(sp_span_is(request.id, "a\xc3\xa9"));
	cr_assert_not(request.id_is_number);
	cr_assert(sp_span_is(request.domain, "example.com"));
	cr_assert(sp_span_is(request.selector, "s1"));
	cr_assert(sp_span_is(envelope.mail_from, "b@example.com"));
	cr_assert_eq(envelope.rcpt_count, 2);
	cr_assert(sp_span_is(envelope.rcpt_to[0], "c@example.net"));
	cr_assert(sp_span_is(envelope.rcpt_to[1], "d@example.org"));
}

Test(request, least)
{
	struct sp_request request = parse(" { \"id\" : -12 }\n");

	cr_assert_null(request.fault);
	cr_assert(sp_span_is(request.id, "-12"));
	cr_assert(request.id_is_number);
	cr_assert_eq(request.domain.size + request.selector.size, 0);
	request = parse("{\"id\":1,\"mail_from\":\"\",\"rcpt_to\":null,"
			"\"domain\":null,\"selector\":null}");
	cr_assert_null(request.fault);
	cr_assert_eq(envelope.mail_from.size, 0);
	cr_assert_eq(envelope.rcpt_count, 0);
}

Test(request, faults)
{
	static const char *const cases[][2] = {
		{"", "byte 0"},
		{"{", "byte 1"},
		{"[1]", "no JSON object"},
		{"7", "expected"},
		{"{}", "\"id\" is missing"},
		{"{\"domain\":\"a.example\"}", "\"id\" is missing"},
		{"{\"id\":null}", "\"id\""},
		{"{\"id\":\"\"}", "\"id\""},
		{"{\"id\":1.5}", "\"id\""},
		{"{\"id\":true}", "\"id\""},
		{"{\"id\":{}}", "\"id\""},
		{"{\"id\":1,\"id\":2}", "duplicate"},
		{"{\"id\":1} x", "byte"},
		{"{\"id\":\"a\\u0000b\"}", "byte"},
		{"{\"id\":1,\"selctor\":\"s\"}", "\"selctor\" is no member"},
		{"{\"id\":1,\"domain\":7}", "\"domain\""},
		{"{\"id\":1,\"selector\":[]}", "\"selector\""},
		{"{\"id\":1,\"mail_from\":{}}", "\"mail_from\""},
		{"{\"id\":1,\"mail_from\":\"a\\nFrom b\"}", "\"mail_from\""},
		{"{\"id\":1,\"rcpt_to\":\"a@b\"}", "\"rcpt_to\""},
		{"{\"id\":1,\"rcpt_to\":[1]}", "\"rcpt_to\""},
		{"{\"id\":1,\"rcpt_to\":[\"\"]}", "\"rcpt_to\""},
		{"{\"id\":1,\"rcpt_to\":[\"a\\u007fb\"]}", "\"rcpt_to\""},
		{"{\"id\":99999999999999999999}", "byte"},
		{"{\"id\":\"\xff\"}", "byte"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_request request = parse(cases[i][0]);

		cr_assert(request.fault, "%s", cases[i][0]);
		cr_assert(strstr(request.fault, cases[i][1]), "%s: %s",
			cases[i][0], request.fault);
	}
}

Test(request, a_fault_leaves_the_id)
{
	struct sp_request request = parse("{\"domain\":7,\"id\":\"a\"}");

	cr_assert(request.fault);
	cr_assert(sp_span_is(request.id, "a"));
}

Test(request, nul_is_no_end)
{
	struct sp_request request = {.record = sp_span("{\"id\":1}\0", 9)};

	cr_assert_eq(sp_request_parse(&request, &envelope, &arena), SP_OK);
	cr_assert(request.fault);
}

Test(request, longest_id)
{
	char text[SP_REQUEST_ID_BYTES_MAX + 32];
	struct sp_request request;

	snprintf(text, sizeof(text), "{\"id\":\"%0*d\"}",
		(int)SP_REQUEST_ID_BYTES_MAX, 0);
	request = parse(text);
	cr_assert_null(request.fault);
	snprintf(text, sizeof(text), "{\"id\":\"%0*d\"}",
		(int)SP_REQUEST_ID_BYTES_MAX + 1, 0);
	request = parse(text);
	cr_assert(request.fault);
}
