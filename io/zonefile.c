/* SPDX-License-Identifier: Apache-2.0 */
/* Records of key files and zone files (RFC 1035 5; RFC 6376 3.6.2). */
#include "io/zonefile.h"

#include "io/zonetext.h"
#include "io/zonetype.h"

void sp_zonefile_init(struct sp_zonefile *zone, char *text, size_t size,
	const char *path, struct sp_arena *arena)
{
	*zone = (struct sp_zonefile){
		.path = path,
		.arena = arena,
		.line = 1,
		.ttl_s = SP_ZONE_TTL_S,
	};
	zone->at = text;
	zone->end = text + size;
}

/* The TAB of a key line, or NULL: the line is of a zone file. */
static char *key_line_tab(const struct sp_zonefile *zone, char *line_end)
{
	char *at = zone->at;

	while (at < line_end && *at != '\t' && *at != ' ' && *at != ';' &&
		*at != '"' && *at != '(')
		at++;
	if (at == zone->at || at == line_end || *at != '\t' ||
		*zone->at == '$' ||
		sp_zonetype_follows(sp_span_between(at + 1, line_end)))
		return NULL;
	return at;
}

static enum sp_answer_status key_answer(struct sp_span value)
{
	if (sp_span_is(value, "!NXDOMAIN"))
		return SP_ANSWER_NXDOMAIN;
	if (sp_span_is(value, "!SERVFAIL"))
		return SP_ANSWER_SERVFAIL;
	if (sp_span_is(value, "!TIMEOUT"))
		return SP_ANSWER_TIMEOUT;
	return SP_ANSWER_FOUND;
}

/* NAME<TAB>VALUE */
static enum sp_status key_line(struct sp_zonefile *zone,
	struct sp_zone_record *record, char *tab, char *line_end,
	struct sp_error *error)
{
	struct sp_span raw = sp_span_between(tab + 1, line_end);
	enum sp_status status;
	size_t size;

	if (raw.size && raw.data[raw.size - 1] == '\r')
		raw.size--;
	record->ttl_s = SP_ZONE_TTL_S;
	record->status = key_answer(raw);
	status = sp_zonetext_name(zone, &record->name, zone->at,
		(size_t)(tab - zone->at), sp_span(NULL, 0), error);
	if (status != SP_OK)
		return status;
	if (!sp_zonetext_unescape_key(tab + 1, &size, raw))
		return sp_zonetext_fault(zone, zone->line, error,
			"an escape in the value is none of \\\\ \\n \\r \\t "
			"\\xHH; write \\\\ for a backslash");
	record->value = sp_span(tab + 1, size);
	zone->at = line_end < zone->end ? line_end + 1 : line_end;
	zone->line++;
	return SP_OK;
}

/* $ORIGIN and $TTL; what includes or generates is refused by name. */
static enum sp_status directive(struct sp_zonefile *zone,
	const struct sp_zone_token *name, struct sp_error *error)
{
	struct sp_span word = sp_zonetext_span(name);
	struct sp_zone_token value, more;
	enum sp_status status = sp_zonetext_token(zone, &value, error);

	if (status == SP_OK && value.kind == SP_ZONE_WORD)
		status = sp_zonetext_token(zone, &more, error);
	if (status != SP_OK)
		return status;
	if (value.kind != SP_ZONE_WORD || more.kind != SP_ZONE_END)
		return sp_zonetext_fault(zone, zone->entry_line, error,
			"a \"$\" line needs one value; write \"$ORIGIN NAME.\" "
			"or \"$TTL SECONDS\"");
	if (sp_span_is_nocase(word, "$ORIGIN"))
		return sp_zonetext_name(zone, &zone->origin, value.data,
			value.size, zone->origin, error);
	if (sp_span_is_nocase(word, "$TTL") &&
		sp_zonetype_ttl(sp_zonetext_span(&value), &zone->ttl_s))
		return SP_OK;
	return sp_zonetext_fault(zone, zone->entry_line, error,
		"only \"$ORIGIN NAME.\" and \"$TTL SECONDS\" are understood "
		"here; give an included file by an option of its own");
}

/*
 * The domain in opendkim-genkey's "; ----- DKIM key s1 for example.com", or
 * empty.
 */
static struct sp_span genkey_domain(struct sp_span comment)
{
	struct sp_span before = sp_span(NULL, 0), last = before;
	bool dkim = false;

	if (!sp_span_starts(comment, ";"))
		return last;
	comment = sp_span_trim(sp_span_after(comment, 1));
	if (!sp_span_starts(comment, "-----"))
		return last;
	while (comment.data) {
		struct sp_span word = sp_span_split(&comment, ' ');

		if (!word.size)
			continue;
		dkim |= sp_span_is(word, "DKIM");
		before = last;
		last = word;
	}
	if (!dkim || !sp_span_is(before, "for"))
		return sp_span(NULL, 0);
	if (last.data[last.size - 1] == '.')
		last.size--;
	return last;
}

/* Makes the record's owner name; owner.data NULL: the one before goes on. */
static enum sp_status record_owner(struct sp_zonefile *zone,
	const struct sp_zone_token *owner, struct sp_zone_record *record,
	struct sp_error *error)
{
	struct sp_span origin = zone->origin;
	enum sp_status status = SP_OK;

	if (!owner->data && !zone->owner.size)
		return sp_zonetext_fault(zone, record->line, error,
			"the first record has no name; put its name at the "
			"start of the line");
	if (owner->data && sp_span_is(sp_zonetext_span(owner), "@")) {
		if (!origin.size)
			return sp_zonetext_fault(zone, record->line, error,
				"\"@\" stands for no domain; put \"$ORIGIN "
				"example.com.\" above it");
		zone->owner = origin;
	} else if (owner->data) {
		if (!origin.size && sp_span_ends_nocase(sp_zonetext_span(owner),
					    sp_span_str("._domainkey")))
			origin = genkey_domain(zone->comment);
		status = sp_zonetext_name(zone, &zone->owner, owner->data,
			owner->size, origin, error);
	}
	record->name = zone->owner;
	return status;
}

/*
 * Unquoted, "v=DKIM1; k=rsa; p=..." is "v=DKIM1" and a comment (RFC 1035
 * 5.1): never what was meant.
 */
static bool cut_by_comment(const struct sp_zone_token *token)
{
	return token->kind == SP_ZONE_WORD && token->at_comment &&
	       memchr(token->data, '=', token->size);
}

/* Joins the strings where the first one stands (RFC 6376 3.6.2.2). */
static enum sp_status txt_data(struct sp_zonefile *zone,
	struct sp_zone_record *record, struct sp_error *error)
{
	struct sp_zone_token token;
	char *value = NULL;
	size_t used = 0, size;

	for (;;) {
		enum sp_status status = sp_zonetext_token(zone, &token, error);

		if (status != SP_OK)
			return status;
		if (token.kind == SP_ZONE_END)
			break;
		if (cut_by_comment(&token))
			return sp_zonetext_fault(zone, zone->line, error,
				"the \";\" in this value begins a comment; put "
				"the value in double quotes");
		if (!value)
			value = token.data;
		if (!sp_zonetext_unescape(
			    value + used, &size, sp_zonetext_span(&token)))
			return sp_zonetext_fault(zone, zone->line, error,
				"a backslash must stand before a character or "
				"three digits up to 255; write \\\\ for a "
				"backslash");
		used += size;
	}
	if (!value)
		return sp_zonetext_fault(zone, record->line, error,
			"a TXT record without a string; write \"\" for an "
			"empty one");
	record->value = sp_span(value, used);
	return SP_OK;
}

static enum sp_status pass_over_data(
	struct sp_zonefile *zone, struct sp_error *error)
{
	struct sp_zone_token token;
	enum sp_status status;

	do
		status = sp_zonetext_token(zone, &token, error);
	while (status == SP_OK && token.kind != SP_ZONE_END);
	return status;
}

/* Reads up to the type of the record, which is left in *token. */
static enum sp_status record_type(struct sp_zonefile *zone,
	struct sp_zone_record *record, struct sp_zone_token *token,
	struct sp_error *error)
{
	enum sp_status status;

	for (int i = 0; i < 3; i++) {
		struct sp_span word;

		status = sp_zonetext_token(zone, token, error);
		if (status != SP_OK)
			return status;
		word = sp_zonetext_span(token);
		if (token->kind == SP_ZONE_WORD && sp_zonetype_is_type(word))
			return SP_OK;
		if (token->kind != SP_ZONE_WORD ||
			(!sp_zonetype_is_class(word) &&
				!sp_zonetype_ttl(word, &record->ttl_s)))
			break;
	}
	return sp_zonetext_fault(zone, record->line, error,
		"is neither \"NAME<TAB>VALUE\" nor a record \"NAME IN TXT "
		"\\\"VALUE\\\"\"; correct it, or put \";\" before it");
}

/* One entry of the zone file; *found says that it is a TXT record. */
static enum sp_status zone_entry(struct sp_zonefile *zone,
	struct sp_zone_record *record, bool *found, struct sp_error *error)
{
	bool blank = sp_is_wsp(*zone->at);
	struct sp_zone_token owner = {0}, type;
	enum sp_status status;

	record->ttl_s = zone->ttl_s;
	record->status = SP_ANSWER_FOUND;
	zone->depth = 0;
	zone->comment = sp_span(NULL, 0);
	status = sp_zonetext_token(zone, &owner, error);
	if (status != SP_OK || owner.kind == SP_ZONE_END)
		return status;
	if (owner.data[0] == '$' && !blank)
		return directive(zone, &owner, error);
	if (blank) {
		/* Go back: this token is no name. */
		zone->at = owner.data - (owner.kind == SP_ZONE_STRING);
		owner.data = NULL;
	}
	status = record_type(zone, record, &type, error);
	if (status != SP_OK)
		return status;
	*found = sp_span_is_nocase(sp_zonetext_span(&type), "TXT");
	status = *found ? txt_data(zone, record, error)
			: pass_over_data(zone, error);
	if (status != SP_OK)
		return status;
	return record_owner(zone, &owner, record, error);
}

enum sp_status sp_zonefile_next(struct sp_zonefile *zone,
	struct sp_zone_record *record, bool *end, struct sp_error *error)
{
	while (zone->at < zone->end) {
		struct sp_span rest = sp_span_between(zone->at, zone->end);
		char *line_end = zone->at + sp_span_find(rest, '\n');
		char *tab = key_line_tab(zone, line_end);
		bool found = false;
		enum sp_status status;

		*record = (struct sp_zone_record){.line = zone->line};
		*end = false;
		zone->entry_line = zone->line;
		if (*zone->at == '#') {
			zone->at =
				line_end < zone->end ? line_end + 1 : line_end;
			zone->line++;
			continue;
		}
		if (tab)
			return key_line(zone, record, tab, line_end, error);
		status = zone_entry(zone, record, &found, error);
		if (status != SP_OK || found)
			return status;
	}
	*end = true;
	return SP_OK;
}
