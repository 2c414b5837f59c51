/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing and checking DKIM-Signature fields (RFC 6376 3.5, 6.1.1). */
#include "engine/signature.h"

#include <string.h>

#include "crypto/base64.h"
#include "engine/address.h"

#define NUMBER_DIGITS_MAX 76u /* 3.5, l=: 1*76DIGIT */
#define B_TEXT_BYTES 8u /* RFC 6008 section 4 */

/* One field being parsed. */
struct parser {
	struct sp_signature *signature;
	struct sp_arena *arena;
	struct sp_tags tags;
	enum sp_reason reason; /* the first fault so far */
	bool canon_unknown;
	bool no_memory;
	/* d= and s= as the DNS knows them, "": not at all */
	char domain[SP_DOMAIN_BYTES_MAX + 1];
	char selector[SP_DOMAIN_BYTES_MAX + 1];
};

static void fault(struct parser *p, enum sp_reason reason)
{
	if (p->reason == SP_REASON_OK)
		p->reason = reason;
}

/* Memory of the arena; NULL is remembered. */
static void *take(struct parser *p, void *memory)
{
	p->no_memory = p->no_memory || !memory;
	return memory;
}

/* The value of a tag; data is NULL when the tag is not there. */
static struct sp_span value_of(const struct parser *p, const char *name)
{
	const struct sp_tag *tag = sp_tags_find(&p->tags, name);

	return tag ? tag->value : sp_span(NULL, 0);
}

/* What the field says behind its colon, without its own line end. */
static struct sp_span list_of(const struct sp_field *field)
{
	struct sp_span text = field->value;

	if (text.size && text.data[text.size - 1] == '\n')
		text.size--;
	else
		return text;
	if (text.size && text.data[text.size - 1] == '\r')
		text.size--;
	return text;
}

static void check_version(struct parser *p)
{
	struct sp_span value = value_of(p, "v");

	if (value.data && !sp_span_is(value, "1"))
		fault(p, SP_REASON_VERSION);
}

static void check_required(struct parser *p)
{
	static const char *const required[] = {
		"v", "a", "b", "bh", "d", "h", "s"};

	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++)
		if (!sp_tags_find(&p->tags, required[i]))
			fault(p, SP_REASON_TAG_MISSING);
}

/* d= or s=. A name too long for the DNS is found out last (make_key_name). */
static struct sp_span read_domain(
	struct parser *p, const char *name, char *ascii)
{
	struct sp_span value = value_of(p, name);

	ascii[0] = '\0';
	if (value.data &&
		sp_domain_convert(ascii, value) == SP_DOMAIN_MALFORMED)
		fault(p, SP_REASON_TAG_SYNTAX);
	return value;
}

/* i=, or its default (3.5). */
static void read_identity(struct parser *p)
{
	struct sp_signature *signature = p->signature;
	struct sp_span value = value_of(p, "i");
	size_t room = value.data ? value.size : signature->domain.size + 1;
	char *text = take(p, sp_arena_alloc(p->arena, room + 1, 1));
	char ascii[SP_DOMAIN_BYTES_MAX + 1];
	size_t size;

	if (!text || (!value.data && !signature->domain.size))
		return;
	if (!value.data) {
		text[0] = '@';
		memcpy(text + 1, signature->domain.data, room - 1);
		signature->identity = sp_span(text, room);
		return;
	}
	size = sp_tag_decode_qp(text, value);
	if (size == SIZE_MAX) {
		fault(p, SP_REASON_TAG_SYNTAX);
		return;
	}
	signature->identity = sp_span(text, size);
	/* Without "@" there is no domain either. */
	if (sp_domain_convert(ascii, sp_address_domain(signature->identity)) ==
		SP_DOMAIN_MALFORMED)
		fault(p, SP_REASON_TAG_SYNTAX);
}

static void read_names(struct parser *p)
{
	struct sp_signature *signature = p->signature;
	struct sp_span rest = value_of(p, "h");
	size_t room = rest.size < SP_HEADER_NAMES_MAX ? rest.size + 1
						      : SP_HEADER_NAMES_MAX;
	struct sp_span *names;
	size_t count = 0;

	if (!rest.data)
		return;
	names = take(p, sp_arena_alloc(p->arena, room * sizeof(*names),
				_Alignof(struct sp_span)));
	while (names && rest.data && count < room)
		names[count++] = sp_span_trim(sp_span_split(&rest, ':'));
	if (rest.data) {
		fault(p, SP_REASON_TOO_MANY_NAMES);
		count = 0;
	}
	if (names)
		sp_arena_trim(p->arena, names + count);
	signature->names = names;
	signature->name_count = count;
}

/* bh= or b=: base64, and not empty. */
static struct sp_span read_base64(struct parser *p, const char *name)
{
	struct sp_span value = value_of(p, name);
	unsigned char *bytes;
	size_t size;

	if (!value.data)
		return value;
	bytes = take(p, sp_arena_alloc(p->arena,
				SP_BASE64_DECODED_BYTES(value.size), 1));
	if (bytes && value.size && sp_base64_decode(bytes, &size, value))
		return sp_span(bytes, size);
	fault(p, SP_REASON_TAG_SYNTAX);
	return sp_span(NULL, 0);
}

/* The first characters of b= without the white space between them. */
static struct sp_span read_b_text(struct parser *p)
{
	struct sp_span value = value_of(p, "b");
	char *text = take(p, sp_arena_alloc(p->arena, B_TEXT_BYTES, 1));
	size_t size = 0;

	for (size_t i = 0; text && i < value.size && size < B_TEXT_BYTES; i++)
		if (!sp_is_fws(value.data[i]))
			text[size++] = value.data[i];
	return sp_span(text, size);
}

/* t=, x=, l=. False when it is not there or no number. */
static bool read_number(struct parser *p, const char *name, int64_t *number)
{
	struct sp_span value = value_of(p, name);

	if (!value.data)
		return false;
	if (sp_tag_number(value, NUMBER_DIGITS_MAX, number))
		return true;
	fault(p, SP_REASON_TAG_SYNTAX);
	return false;
}

/* All that has a syntax of its own. */
static void read_values(struct parser *p)
{
	struct sp_signature *signature = p->signature;
	const struct sp_tag *b = sp_tags_find(&p->tags, "b");
	int64_t number;

	signature->domain = read_domain(p, "d", p->domain);
	signature->selector = read_domain(p, "s", p->selector);
	read_identity(p);
	read_names(p);
	signature->body_hash = read_base64(p, "bh");
	signature->b = read_base64(p, "b");
	signature->b_text = read_b_text(p);
	if (b)
		signature->b_area = b->area;
	if (read_number(p, "t", &number))
		signature->timestamp = number;
	if (read_number(p, "x", &number))
		signature->expiration = number;
	if (read_number(p, "l", &number))
		signature->body_length = (uint64_t)number;
}

static void check_algorithm(struct parser *p)
{
	struct sp_span value = value_of(p, "a");

	for (enum sp_algorithm a = SP_ALGORITHM_RSA_SHA1;
		a <= SP_ALGORITHM_ED25519_SHA256; a++)
		if (sp_span_is_nocase(value, sp_algorithm_name(a)))
			p->signature->algorithm = a;
	if (p->signature->algorithm == SP_ALGORITHM_UNKNOWN)
		fault(p, SP_REASON_ALGORITHM);
}

static void read_canon(
	struct parser *p, struct sp_span name, enum sp_canon *canon)
{
	if (sp_span_is_nocase(name, "relaxed"))
		*canon = SP_CANON_RELAXED;
	else if (sp_span_is_nocase(name, "simple"))
		*canon = SP_CANON_SIMPLE;
	else
		p->canon_unknown = true;
}

/* c=: the part after the slash may be missing, and the whole tag. */
static void check_canon(struct parser *p)
{
	struct sp_span rest = value_of(p, "c");

	if (!rest.data)
		return;
	read_canon(p, sp_span_split(&rest, '/'), &p->signature->header_canon);
	if (rest.data)
		read_canon(p, rest, &p->signature->body_canon);
	if (p->canon_unknown)
		fault(p, SP_REASON_CANON);
}

/* Could all be read that the body hash depends on (3.7, step 1)? */
static bool body_is_named(const struct parser *p, enum sp_reason list)
{
	const struct sp_signature *signature = p->signature;
	bool length_known = signature->body_length != SP_LENGTH_NONE ||
			    !value_of(p, "l").data;

	return !list && signature->body_hash.size && length_known &&
	       signature->algorithm != SP_ALGORITHM_UNKNOWN &&
	       !p->canon_unknown;
}

/* i= must be d= or lie below it (6.1.1). */
static void check_identity(struct parser *p)
{
	const struct sp_signature *signature = p->signature;
	struct sp_span domain = sp_address_domain(signature->identity);

	if (value_of(p, "i").data &&
		!sp_domain_within(domain, signature->domain))
		fault(p, SP_REASON_DOMAIN_MISMATCH);
}

static void check_names(struct parser *p)
{
	const struct sp_signature *signature = p->signature;

	for (size_t i = 0; i < signature->name_count; i++)
		if (sp_span_is_nocase(signature->names[i], "from"))
			return;
	fault(p, SP_REASON_FROM_NOT_SIGNED);
}

static void check_query(struct parser *p)
{
	struct sp_span value = value_of(p, "q");

	if (value.data && !sp_tag_list_has(value, "dns/txt"))
		fault(p, SP_REASON_QUERY);
}

static void check_times(struct parser *p)
{
	const struct sp_signature *signature = p->signature;

	if (signature->timestamp != SP_TIME_NONE &&
		signature->expiration != SP_TIME_NONE &&
		signature->expiration < signature->timestamp)
		fault(p, SP_REASON_EXPIRY_ORDER);
}

/* Where the key is (3.6.2.1). */
static void make_key_name(struct parser *p)
{
	static const char middle[] = "._domainkey.";
	size_t selector_size = strlen(p->selector);
	size_t domain_size = strlen(p->domain);
	size_t size = selector_size + strlen(middle) + domain_size;
	char *name;

	if (!selector_size || !domain_size || size > SP_DOMAIN_BYTES_MAX) {
		fault(p, SP_REASON_KEY_NOT_FOUND);
		return;
	}
	name = take(p, sp_arena_alloc(p->arena, size + 1, 1));
	if (!name)
		return;
	p->signature->key_name = sp_span(name, size);
	name = stpcpy(stpcpy(name, p->selector), middle);
	memcpy(name, p->domain, domain_size + 1);
}

enum sp_status sp_signature_parse(struct sp_signature *signature,
	struct sp_arena *arena, const struct sp_field *field,
	enum sp_reason *reason)
{
	struct parser p;
	enum sp_reason list;

	/* One by one: most of it is room, and need not be cleared. */
	p.signature = signature;
	p.arena = arena;
	p.reason = SP_REASON_OK;
	p.canon_unknown = false;
	p.no_memory = false;
	*signature = (struct sp_signature){
		.field = field,
		.body_length = SP_LENGTH_NONE,
		.timestamp = SP_TIME_NONE,
		.expiration = SP_TIME_NONE,
	};
	*reason = SP_REASON_SIGNATURE_TOO_LARGE;
	if (field->raw.size > SP_SIGNATURE_BYTES_MAX)
		return SP_OK;
	list = sp_tags_parse(&p.tags, list_of(field));
	fault(&p, list);
	check_version(&p);
	check_required(&p);
	read_values(&p);
	check_algorithm(&p);
	check_canon(&p);
	check_identity(&p);
	check_names(&p);
	check_query(&p);
	check_times(&p);
	make_key_name(&p);
	signature->body_named = body_is_named(&p, list);
	*reason = p.reason;
	return p.no_memory ? SP_NO_MEMORY : SP_OK;
}

enum sp_digest_algorithm sp_algorithm_digest(enum sp_algorithm algorithm)
{
	return algorithm == SP_ALGORITHM_RSA_SHA1 ? SP_SHA1 : SP_SHA256;
}

bool sp_algorithm_fits(enum sp_algorithm algorithm, enum sp_pkey_type type)
{
	switch (algorithm) {
	case SP_ALGORITHM_RSA_SHA1:
	case SP_ALGORITHM_RSA_SHA256:
		return type == SP_PKEY_RSA;
	case SP_ALGORITHM_ED25519_SHA256:
		return type == SP_PKEY_ED25519;
	default:
		return false;
	}
}
