/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which header fields are signed (RFC 6376 5.4, 8.15; RFC 8058; RFC 9477),
 * and which fields a signature's h= means (5.4.2). Names compare without
 * regard to case. Both ways are linear in fields plus names.
 */
#ifndef SP_ENGINE_SELECT_H
#define SP_ENGINE_SELECT_H

#include "base/error.h"
#include "canon/message.h"
#include "engine/nameset.h"

/* One name of a selection, and what to do with it. */
struct sp_select_name {
	struct sp_span name;
	bool oversign; /* one entry more than there are fields */
	bool always; /* listed once even when the field is absent */
};

/* A compiled --headers value; owned, shared read-only. */
struct sp_selection {
	struct sp_select_name *names;
	size_t count;
	bool all; /* every field but the ones that change in transit */
	struct sp_nameset index; /* of names */
	struct sp_nameset excluded; /* with all */
	char *text; /* owned storage of the names */
};

/*
 * Compiles PROFILE or LIST: "default", "opendkim", "ses", "all", or names
 * separated by colons. "+name" oversigns it, "?name" signs it if present; a
 * plain name in a list is signed if present, From always. oversign adds one
 * entry for From and for the other fields that must be unique (RFC 5322 3.6,
 * RFC 2045), of those that are in the selection and have no sign before them.
 * A name given twice counts once, with "+" if either has it. SP_CONFIG names a
 * bad field name, or says that there are more than SP_HEADER_NAMES_MAX.
 */
enum sp_status sp_selection_init(struct sp_selection *selection,
	const char *text, bool oversign, struct sp_error *error)
	__attribute__((warn_unused_result));

void sp_selection_free(struct sp_selection *selection);

/*
 * The names for h= for this message, as many entries as there are fields to
 * sign of each name and one more where oversigned, in the arena; but of
 * DKIM-Signature not one more when several signatures are made with these
 * names: each would forbid the others. Names are
 * spelled as in the selection; those that only "all" chose as in the message,
 * which they borrow. *count is at most SP_HEADER_NAMES_MAX; it is 0 when the
 * message needs more (SP_REASON_TOO_MANY_NAMES is the caller's to say), and
 * in no other case.
 */
enum sp_status sp_selection_apply(const struct sp_selection *selection,
	const struct sp_message *message, size_t signatures,
	struct sp_arena *arena, struct sp_span **names, size_t *count)
	__attribute__((warn_unused_result));

/*
 * The fields h= means, in its order: of several fields of one name the lowest
 * is taken first (5.4.2), and a name with none left gives nothing. fields has
 * room for name_count pointers; *count of them are set.
 */
enum sp_status sp_select_fields(const struct sp_message *message,
	struct sp_arena *arena, const struct sp_span *names, size_t name_count,
	const struct sp_field **fields, size_t *count)
	__attribute__((warn_unused_result));

#endif
