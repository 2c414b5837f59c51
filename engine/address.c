/* SPDX-License-Identifier: Apache-2.0 */
/* The first address of a From field (RFC 5322 3.4, 4.4; RFC 6854). */
#include "engine/address.h"

#include <string.h>

#include "base/limits.h"

/* The words of one mailbox as they come by, put together as an addr-spec. */
struct spec {
	char *text; /* room for the whole value */
	size_t size;
	size_t at; /* where its "@" is, when has_at */
	bool has_at;
	bool bad; /* it cannot be an address */
	bool glue; /* last was "." or "@": the next word belongs to it */
};

struct scanner {
	struct sp_span rest;
	struct spec spec;
	bool angle; /* inside "<>" */
};

static void spec_reset(struct spec *spec)
{
	spec->size = 0;
	spec->has_at = false;
	spec->bad = false;
	spec->glue = true;
}

static bool spec_complete(const struct spec *spec)
{
	return !spec->bad && spec->has_at && spec->at > 0 &&
	       spec->size > spec->at + 1 && spec->text[spec->at + 1] != '.';
}

static void spec_add(struct spec *spec, char c)
{
	spec->text[spec->size++] = c;
}

/* "." or "@" (3.4.1). Dots at odd places are let pass: they are in use. */
static void spec_separator(struct spec *spec, char c)
{
	if (c == '@') {
		spec->bad = spec->bad || spec->has_at;
		spec->has_at = true;
		spec->at = spec->size;
	}
	spec->glue = true;
	spec_add(spec, c);
}

/* "@a,@b" before the ":" of a route (4.4). */
static bool spec_is_route(const struct spec *spec)
{
	return spec->has_at && spec->at == 0;
}

/*
 * A word begins. When it does not belong to what came before, that was a
 * name, unless it was an address already.
 */
static void spec_word(struct scanner *s)
{
	struct spec *spec = &s->spec;

	if (!spec->glue && (s->angle || spec->has_at))
		spec->bad = true;
	else if (!spec->glue)
		spec_reset(spec);
	spec->glue = false;
}

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && !sp_is_fws(c)) || c == 0x7f;
}

/* Everything that ends an atom (3.2.3); bytes above 0x7f are RFC 6532's. */
static bool is_special(char c)
{
	return sp_is_fws(c) || (c && strchr("()<>[]:;@\\,.\"", c));
}

/* "(...)", nested and with quoted pairs (3.2.2); to the end if it is open. */
static void skip_comment(struct scanner *s)
{
	size_t depth = 0;

	do {
		char c = s->rest.data[0];

		s->rest = sp_span_after(s->rest, 1);
		if (c == '\\' && s->rest.size)
			s->rest = sp_span_after(s->rest, 1);
		else if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
	} while (depth && s->rest.size);
}

/*
 * A quoted string or a domain literal, from its opening byte to close, copied
 * as written less the line ends of folding (3.2.4, 3.4.1).
 */
static void take_enclosed(struct scanner *s, char close)
{
	bool quoted = false;

	spec_word(s);
	for (size_t i = 0; s->rest.size; i++) {
		char c = s->rest.data[0];

		s->rest = sp_span_after(s->rest, 1);
		if (c == '\r' || c == '\n')
			continue;
		if (is_control(c) || (c == '@' && close == ']'))
			s->spec.bad = true;
		spec_add(&s->spec, c);
		if (i && c == close && !quoted)
			return;
		quoted = c == '\\' && !quoted;
	}
	s->spec.bad = true; /* never closed */
}

static void take_atom(struct scanner *s)
{
	spec_word(s);
	do {
		char c = s->rest.data[0];

		if (is_control(c))
			s->spec.bad = true;
		spec_add(&s->spec, c);
		s->rest = sp_span_after(s->rest, 1);
	} while (s->rest.size && !is_special(s->rest.data[0]));
}

/* The end of a mailbox. True when it was an address. */
static bool end_mailbox(struct scanner *s)
{
	s->angle = false;
	if (spec_complete(&s->spec))
		return true;
	spec_reset(&s->spec);
	return false;
}

/* One delimiter; true when an address is complete. */
static bool take_delimiter(struct scanner *s)
{
	char c = s->rest.data[0];

	s->rest = sp_span_after(s->rest, 1);
	switch (c) {
	case '<': /* what came before was a name */
		spec_reset(&s->spec);
		s->angle = true;
		return false;
	case '.':
	case '@':
		spec_separator(&s->spec, c);
		return false;
	case ':': /* the end of a route, or of the name of a group */
		if (!s->angle || spec_is_route(&s->spec))
			spec_reset(&s->spec);
		else
			s->spec.bad = true;
		return false;
	case ',':
		if (s->angle && spec_is_route(&s->spec)) {
			spec_reset(&s->spec);
			return false;
		}
		return end_mailbox(s);
	case ';':
	case '>':
		return end_mailbox(s);
	default: /* ")", "]" or "\\" out of place */
		s->spec.bad = true;
		return false;
	}
}

static bool scan(struct scanner *s)
{
	while (s->rest.size) {
		char c = s->rest.data[0];

		if (sp_is_fws(c))
			s->rest = sp_span_after(s->rest, 1);
		else if (c == '(')
			skip_comment(s);
		else if (c == '"')
			take_enclosed(s, '"');
		else if (c == '[')
			take_enclosed(s, ']');
		else if (!is_special(c))
			take_atom(s);
		else if (take_delimiter(s))
			return true;
	}
	return spec_complete(&s->spec);
}

enum sp_status sp_address_first(
	struct sp_arena *arena, struct sp_span value, struct sp_span *address)
{
	struct scanner scanner = {.rest = value};

	*address = sp_span(NULL, 0);
	scanner.spec.text = sp_arena_alloc(arena, value.size + 1, 1);
	if (!scanner.spec.text)
		return SP_NO_MEMORY;
	spec_reset(&scanner.spec);
	if (scan(&scanner))
		*address = sp_span(scanner.spec.text, scanner.spec.size);
	return SP_OK;
}

struct sp_span sp_address_domain(struct sp_span address)
{
	size_t at = address.size;

	while (at && address.data[at - 1] != '@')
		at--;
	if (!at)
		return sp_span(NULL, 0);
	address = sp_span_after(address, at);
	if (address.size && address.data[address.size - 1] == '.')
		address.size--;
	return address;
}

enum sp_status sp_address_check_identity(const char *identity,
	const char *domain, const char *name, struct sp_error *error)
{
	char ascii[SP_DOMAIN_BYTES_MAX + 1];
	struct sp_span own;

	if (!identity)
		return SP_OK;
	own = sp_address_domain(sp_span_str(identity));
	if (!strchr(identity, '@'))
		return sp_error(error, SP_CONFIG,
			"%s: '%s' has no @; write user@domain or @domain", name,
			identity);
	if (!sp_domain_to_ascii(ascii, own))
		return sp_error(error, SP_CONFIG,
			"%s: what follows the @ of '%s' is no domain name",
			name, identity);
	if (domain && !sp_domain_within(own, sp_span_str(domain)))
		return sp_error(error, SP_CONFIG,
			"%s: '%s' is neither in %s nor below it, as RFC 6376 "
			"section 3.5 asks",
			name, identity, domain);
	return SP_OK;
}
