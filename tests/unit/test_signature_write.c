/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of engine/signature_write.c and engine/fold.c (RFC 6376 3.5, 3.7). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "canon/header.h"
#include "engine/signature.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAMES_MAX 40u

static const struct sp_span from = {"From", 4};

static struct sp_signature_fields plain(void)
{
	return (struct sp_signature_fields){
		.algorithm = SP_ALGORITHM_RSA_SHA256,
		.header_canon = SP_CANON_RELAXED,
		.body_canon = SP_CANON_RELAXED,
		.domain = sp_span_str("example.com"),
		.selector = sp_span_str("s1"),
		.names = &from,
		.name_count = 1,
		.body_hash = sp_span_str("0123456789abcdef0123456789abcdef"),
		.body_length = SP_LENGTH_NONE,
		.timestamp = SP_TIME_NONE,
		.expiration = SP_TIME_NONE,
		.crlf = true,
	};
}

Test(signature_write, writes_the_tags_in_order_and_folded)
{
	struct sp_span names[] = {sp_span_str("From"), sp_span_str("From"),
		sp_span_str("Subject"), sp_span_str("Date"), sp_span_str("To"),
		sp_span_str("Message-ID"), sp_span_str("MIME-Version"),
		sp_span_str("Content-Type"), sp_span_str("References")};
	struct sp_signature_fields fields = plain();
	struct sp_buffer out = {0};

	fields.names = names;
	fields.name_count = COUNT(names);
	fields.identity = sp_span_str("joe;x@example.com");
	fields.timestamp = 1700000000;
	fields.expiration = 1701000000;
	fields.body_length = 1234;
	fields.copied_headers = sp_span_str("From:joe=40x|Subject:a=20b");
	fields.crlf = false;
	sp_signature_write(&out, &fields);
	sp_signature_write_b(&out, 0, sp_span_str("signature"), false);
	cr_expect(sp_span_is(sp_buffer_span(&out),
			  "DKIM-Signature: v=1; a=rsa-sha256; "
			  "c=relaxed/relaxed; d=example.com; s=s1;\n"
			  " i=joe=3Bx@example.com; t=1700000000; x=1701000000; "
			  "l=1234; h=From:From:\n"
			  " Subject:Date:To:Message-ID:MIME-Version:"
			  "Content-Type:References;\n"
			  " z=From:joe=40x|Subject:a=20b;\n"
			  " bh=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=;\n"
			  " b=c2lnbmF0dXJl\n"),
		"%.*s", SP_SPAN_ARGS(out));
	sp_buffer_free(&out);
}

/* What one random signature is made of. */
struct sample {
	struct sp_signature_fields fields;
	struct sp_span names[NAMES_MAX];
	char name_text[NAMES_MAX][256];
	char domain[300];
	char selector[300];
	char identity[1000];
	struct sp_buffer copied;
	char hash[32];
	char b[1024];
	size_t b_size;
};

/* The same numbers each time. */
static size_t up_to(size_t max)
{
	static uint64_t state = 6376;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(state >> 33) % (max + 1);
}

static struct sp_span random_text(char *to, size_t size, const char *alphabet)
{
	for (size_t i = 0; i < size; i++)
		to[i] = alphabet[up_to(strlen(alphabet) - 1)];
	return sp_span(to, size);
}

static struct sp_span random_domain(char *to, size_t size)
{
	random_text(to, size, "abcxyz019-_");
	for (size_t i = 7; i + 1 < size; i += 8)
		to[i] = '.';
	return sp_span(to, size);
}

static void fill_copied(struct sample *s)
{
	char text[200];

	sp_buffer_clear(&s->copied);
	for (size_t i = 0; i < s->fields.name_count; i++) {
		if (i)
			sp_buffer_add_char(&s->copied, '|');
		sp_buffer_add(&s->copied, s->names[i]);
		sp_buffer_add_char(&s->copied, ':');
		sp_tag_encode_qp(
			&s->copied, random_text(text, up_to(sizeof(text)),
					    "abc def\r\n=;:|\x01\xff"));
	}
}

/* A sample whose names have at most name_max bytes, domains domain_max. */
static void fill(struct sample *s, size_t name_max, size_t domain_max)
{
	size_t identity;

	s->fields = plain();
	s->fields.algorithm = SP_ALGORITHM_RSA_SHA1 + up_to(2);
	s->fields.header_canon = up_to(1);
	s->fields.body_canon = up_to(1);
	s->fields.domain = random_domain(s->domain, 1 + up_to(domain_max - 1));
	s->fields.selector =
		random_domain(s->selector, 1 + up_to(domain_max / 4));
	s->fields.name_count = 1 + up_to(NAMES_MAX - 1);
	s->fields.names = s->names;
	for (size_t i = 0; i < s->fields.name_count; i++)
		s->names[i] = random_text(s->name_text[i],
			1 + up_to(name_max - 1), "ABCabc-_09!#=~");
	s->names[up_to(s->fields.name_count - 1)] = from;
	if (up_to(1)) {
		identity = up_to(200);
		random_text(s->identity, identity, "abc@ =;\"|:\xfc\x01");
		s->identity[identity] = '@';
		memcpy(s->identity + identity + 1, s->domain,
			s->fields.domain.size);
		s->fields.identity = sp_span(
			s->identity, identity + 1 + s->fields.domain.size);
	}
	if (up_to(1))
		s->fields.timestamp = (int64_t)up_to(1u << 30);
	if (up_to(1))
		s->fields.expiration = (int64_t)(up_to(1u << 30) + (1u << 30));
	if (up_to(1))
		s->fields.body_length = up_to(1u << 30);
	s->fields.body_hash =
		random_text(s->hash, up_to(1) ? 32 : 20, "a\xffz");
	if (up_to(3) == 0) {
		fill_copied(s);
		s->fields.copied_headers = sp_buffer_span(&s->copied);
	}
	s->fields.crlf = up_to(1);
}

static struct sp_field field_of(struct sp_span raw)
{
	size_t name = strlen("DKIM-Signature");

	return (struct sp_field){.raw = raw,
		.name = sp_span(raw.data, name),
		.value = sp_span_after(raw, name + 1)};
}

static void expect_lines_short(struct sp_span raw, bool crlf)
{
	while (raw.size) {
		struct sp_span line = sp_span_split(&raw, '\n');
		bool cr = line.size && line.data[line.size - 1] == '\r';

		cr_expect_not_null(raw.data, "no line end");
		cr_expect_eq(cr, crlf);
		line.size -= cr;
		cr_expect_leq(line.size, 77, "%.*s", SP_SPAN_ARGS(line));
		cr_expect_not(sp_is_fws(line.data[line.size - 1]));
	}
}

static void expect_says(struct sp_arena *arena, const struct sp_field *field,
	const struct sample *s, struct sp_signature *got)
{
	const struct sp_signature_fields *fields = &s->fields;
	enum sp_reason reason;

	cr_assert_eq(sp_signature_parse(got, arena, field, &reason), SP_OK);
	cr_assert(reason == SP_REASON_OK || reason == SP_REASON_KEY_NOT_FOUND,
		"%s: %.*s", sp_reason_name(reason), SP_SPAN_ARGS(field->raw));
	cr_expect_eq(got->algorithm, fields->algorithm);
	cr_expect_eq(got->header_canon, fields->header_canon);
	cr_expect_eq(got->body_canon, fields->body_canon);
	cr_expect(sp_span_equal(got->domain, fields->domain));
	cr_expect(sp_span_equal(got->selector, fields->selector));
	if (fields->identity.size)
		cr_expect(sp_span_equal(got->identity, fields->identity));
	cr_assert_eq(got->name_count, fields->name_count);
	for (size_t i = 0; i < got->name_count; i++)
		cr_expect(sp_span_equal(got->names[i], fields->names[i]));
	cr_expect(sp_span_equal(got->body_hash, fields->body_hash));
	cr_expect(sp_span_equal(got->b, sp_span(s->b, s->b_size)));
	cr_expect_eq(got->body_length, fields->body_length);
	cr_expect_eq(got->timestamp, fields->timestamp);
	cr_expect_eq(got->expiration, fields->expiration);
}

/* z= comes back when white space is taken out of it (2.11). */
static void expect_copied(const struct sp_field *field, const struct sample *s)
{
	static char got[65536], wanted[65536];
	struct sp_span list = field->value;
	struct sp_tags tags;
	const struct sp_tag *z;
	size_t size;

	list.size -= list.data[list.size - 1] == '\n';
	list.size -= list.data[list.size - 1] == '\r';
	cr_assert_eq(sp_tags_parse(&tags, list), SP_REASON_OK);
	z = sp_tags_find(&tags, "z");
	cr_assert_eq(z != NULL, s->fields.copied_headers.size > 0);
	if (!z)
		return;
	size = sp_tag_decode_qp(wanted, s->fields.copied_headers);
	if (size == SIZE_MAX) /* a name with "=" in it */
		return;
	cr_expect_eq(sp_tag_decode_qp(got, z->value), size);
	cr_expect_arr_eq(got, wanted, size);
}

/* 3.7: without the value of b=, the field is what was hashed. */
static void expect_hashed(const struct sp_field *field, struct sp_span b_area,
	const struct sp_buffer *hashed)
{
	struct sp_field before = field_of(sp_buffer_span(hashed));
	struct sp_span empty = sp_span(hashed->data + hashed->size, 0);

	for (enum sp_canon canon = SP_CANON_SIMPLE; canon <= SP_CANON_RELAXED;
		canon++) {
		struct sp_buffer one = {0}, other = {0};

		sp_header_canon_signature(&one, canon, &before, empty);
		sp_header_canon_signature(&other, canon, field, b_area);
		cr_expect(sp_span_equal(
			sp_buffer_span(&one), sp_buffer_span(&other)));
		sp_buffer_free(&one);
		sp_buffer_free(&other);
	}
	cr_expect_eq(b_area.data - field->raw.data, (ptrdiff_t)hashed->size);
	cr_expect_arr_eq(field->raw.data, hashed->data, hashed->size);
}

static void write_and_read(struct sample *s, bool short_lines)
{
	static const char junk[] = "Before: it\r\n";
	struct sp_buffer out = {0}, hashed = {0};
	struct sp_arena arena = {0};
	struct sp_signature got;
	struct sp_field field;

	sp_buffer_add_str(&out, junk);
	sp_signature_write(&out, &s->fields);
	sp_signature_write(&hashed, &s->fields);
	cr_assert_eq(out.size - strlen(junk), hashed.size);
	sp_signature_write_b(
		&out, strlen(junk), sp_span(s->b, s->b_size), s->fields.crlf);
	field = field_of(sp_span_after(sp_buffer_span(&out), strlen(junk)));
	if (short_lines)
		expect_lines_short(field.raw, s->fields.crlf);
	expect_says(&arena, &field, s, &got);
	expect_copied(&field, s);
	expect_hashed(&field, got.b_area, &hashed);
	sp_arena_free(&arena);
	sp_buffer_free(&out);
	sp_buffer_free(&hashed);
}

/* Signatures of 1 to 700 bytes, and names of all lengths. */
Test(signature_write, is_read_back_as_it_was_meant)
{
	static struct sample s;

	for (size_t size = 1; size <= 700; size++) {
		s.b_size = size;
		random_text(s.b, size, "a\xffzb\x80");
		fill(&s, 70, 70);
		write_and_read(&s, true);
		fill(&s, 250, 253);
		write_and_read(&s, false);
	}
	sp_buffer_free(&s.copied);
}

/* 5.4: each layout of h=, at every column. */
Test(signature_write, splits_no_name_at_any_column)
{
	static struct sample s;

	s.b_size = 64;
	random_text(s.b, s.b_size, "ab");
	for (size_t size = 1; size <= 75; size++) {
		s.fields = plain();
		s.fields.names = s.names;
		s.fields.name_count = NAMES_MAX;
		for (size_t i = 0; i < NAMES_MAX; i++)
			s.names[i] = random_text(s.name_text[i], size, "x");
		s.names[NAMES_MAX / 2] = from;
		s.fields.crlf = size % 2;
		write_and_read(&s, size < 74);
	}
}
