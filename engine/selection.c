/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling --headers: profiles, lists and oversigning (RFC 6376 5.4). */
#include <stdlib.h>

#include "base/limits.h"
#include "engine/select.h"

/*
 * Whatever a reader sees or a program acts on. The originator fields and
 * those of RFC 5322 3.6.1 to 3.6.6, MIME, lists (RFC 2369, 2919, 8058: both
 * List-Unsubscribe fields must be signed), feedback (RFC 9477), and what
 * receivers act on without an RFC (Feedback-ID, BIMI-Selector, Autocrypt).
 */
static const char profile_default[] =
	"From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:"
	"Content-Type:Content-Transfer-Encoding:In-Reply-To:References:"
	"Resent-Date:Resent-From:Resent-Sender:Resent-To:Resent-Cc:"
	"Resent-Message-ID:List-Id:List-Help:List-Unsubscribe:"
	"List-Unsubscribe-Post:List-Subscribe:List-Post:List-Owner:"
	"List-Archive:Feedback-ID:CFBL-Address:CFBL-Feedback-ID:"
	"BIMI-Selector:Autocrypt";

/* What OpenDKIM signs without SignHeaders in opendkim.conf(5): the fields
 * RFC 6376 5.4.1 lists. */
static const char profile_opendkim[] =
	"From:Reply-To:Subject:Date:To:Cc:Resent-Date:Resent-From:"
	"Resent-Sender:Resent-To:Resent-Cc:In-Reply-To:References:List-Id:"
	"List-Help:List-Unsubscribe:List-Subscribe:List-Post:List-Owner:"
	"List-Archive";

/* What is seen in h= of signatures that Amazon SES makes (it publishes no
 * list; Message-ID and Date are its own). */
static const char profile_ses[] =
	"From:To:Cc:Reply-To:Subject:Date:Message-ID:In-Reply-To:References:"
	"MIME-Version:Content-Type:Content-Transfer-Encoding:"
	"List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID";

/*
 * "all" leaves out what relays add, change or take away: trace fields
 * (RFC 5322 3.6.7, RFC 8601, 7208, 6376 itself), recipients that are removed
 * on the way, Comments and Keywords (RFC 6376 5.4.1), what receivers stamp on
 * a message, and what mail stores keep in the header. ARC- is in select.c.
 */
static const char excluded[] =
	"Return-Path:Received:Authentication-Results:DKIM-Signature:"
	"DomainKey-Signature:Received-SPF:Delivered-To:X-Original-To:"
	"Envelope-To:X-Envelope-To:X-Delivered-To:Bcc:Resent-Bcc:Comments:"
	"Keywords:BIMI-Location:BIMI-Indicator:X-Spam-Status:X-Spam-Flag:"
	"X-Spam-Level:X-Spam-Score:X-Spam-Report:X-Spam-Checker-Version:"
	"X-Virus-Scanned:X-Virus-Status:Status:X-Status:X-Keywords:X-UID:"
	"X-UIDL:X-IMAP:X-IMAPbase:X-Mozilla-Status:X-Mozilla-Status2:"
	"X-Mozilla-Keys:X-Gmail-Labels:X-GM-THRID:Lines:Content-Length";

/* RFC 5322 3.6 allows one of each; RFC 2045 3 to 6 and 8 mean one. A second
 * MIME-Version or Content-Type would show another body to some readers. */
static const char unique[] =
	"From:Date:Sender:Reply-To:To:Cc:Message-ID:In-Reply-To:References:"
	"Subject:MIME-Version:Content-Type:Content-Transfer-Encoding";

static bool list_has(const char *list, struct sp_span name)
{
	struct sp_span rest = sp_span_str(list);

	while (rest.data)
		if (sp_span_equal_nocase(sp_span_split(&rest, ':'), name))
			return true;
	return false;
}

/* The names of a profile, or NULL: it is not the name of one. */
static const char *profile_list(struct sp_span name)
{
	static const struct {
		const char *name;
		const char *list;
	} profiles[] = {
		{"default", profile_default},
		{"opendkim", profile_opendkim},
		{"ses", profile_ses},
		{"all", unique},
	};

	for (size_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++)
		if (sp_span_is_nocase(name, profiles[i].name))
			return profiles[i].list;
	return NULL;
}

static size_t count_names(struct sp_span list)
{
	size_t count = 0;

	while (list.data) {
		sp_span_split(&list, ':');
		count++;
	}
	return count;
}

/* RFC 5322 2.2; ";" would end the tag. */
static bool is_field_name(struct sp_span name)
{
	for (size_t i = 0; i < name.size; i++)
		if (name.data[i] <= ' ' || name.data[i] >= 0x7f ||
			name.data[i] == ';')
			return false;
	return name.size > 0;
}

static void add_name(struct sp_selection *selection, struct sp_span name,
	bool oversign, bool always)
{
	size_t at = sp_nameset_put(
		&selection->index, name, (uint32_t)selection->count);
	struct sp_select_name *entry = &selection->names[at];

	if (at == selection->count) {
		selection->count++;
		entry->name = name;
	}
	entry->oversign = entry->oversign || oversign;
	entry->always = entry->always || always;
}

static enum sp_status add_list(struct sp_selection *selection,
	struct sp_span list, bool oversign, struct sp_error *error)
{
	while (list.data) {
		struct sp_span name = sp_span_trim(sp_span_split(&list, ':'));
		char sign = name.size && strchr("+?", name.data[0])
				    ? name.data[0]
				    : '\0';

		if (sign)
			name = sp_span_after(name, 1);
		if (!is_field_name(name))
			return sp_error(error, SP_CONFIG,
				"'%.*s' is no header field name; give a "
				"profile (default, opendkim, ses, all) or "
				"names separated by colons",
				SP_SPAN_ARGS(name));
		if (profile_list(name))
			return sp_error(error, SP_CONFIG,
				"'%.*s' is a profile and stands alone; give "
				"that, or names separated by colons",
				SP_SPAN_ARGS(name));
		add_name(selection, name,
			sign == '+' ||
				(!sign && oversign && list_has(unique, name)),
			sp_span_is_nocase(name, "From"));
	}
	return SP_OK;
}

/* A name set with room for count names. */
static bool nameset_new(struct sp_nameset *set, size_t count)
{
	set->slot_count = sp_nameset_slots(count);
	set->slots = calloc(set->slot_count, sizeof(*set->slots));
	return set->slots;
}

/* Everything allocated for room names and From. */
static bool selection_new(
	struct sp_selection *selection, const char *list, size_t room)
{
	struct sp_span rest = sp_span_str(excluded);

	selection->text = strdup(list);
	selection->names = calloc(room, sizeof(*selection->names));
	if (!selection->text || !selection->names ||
		!nameset_new(&selection->index, room) ||
		!nameset_new(&selection->excluded, count_names(rest)))
		return false;
	while (rest.data)
		sp_nameset_put(
			&selection->excluded, sp_span_split(&rest, ':'), 0);
	return true;
}

enum sp_status sp_selection_init(struct sp_selection *selection,
	const char *text, bool oversign, struct sp_error *error)
{
	const char *profile = profile_list(sp_span_str(text));
	const char *list = profile ? profile : text;
	size_t room = count_names(sp_span_str(list)) + 1;
	enum sp_status status;

	*selection = (struct sp_selection){.all = profile == unique};
	if (room > SP_HEADER_NAMES_MAX)
		return sp_error(error, SP_CONFIG,
			"more than %u header field names; give fewer",
			SP_HEADER_NAMES_MAX - 1);
	if (!selection_new(selection, list, room)) {
		sp_selection_free(selection);
		return sp_error(error, SP_NO_MEMORY, "out of memory");
	}
	status = add_list(
		selection, sp_span_str(selection->text), oversign, error);
	if (status != SP_OK) {
		sp_selection_free(selection);
		return status;
	}
	if (sp_nameset_get(&selection->index, sp_span_str("From")) ==
		SP_NAMESET_NONE)
		add_name(selection, sp_span_str("From"), oversign, true);
	return SP_OK;
}

void sp_selection_free(struct sp_selection *selection)
{
	free(selection->names);
	free(selection->index.slots);
	free(selection->excluded.slots);
	free(selection->text);
	*selection = (struct sp_selection){0};
}
